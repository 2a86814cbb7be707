//! Task definitions.
use super::{Book, Desk, DeskError};
use crate::tasks::files::FileError;
use crate::tasks::task::{Edit, Task};
use serde_json::Value;

impl Desk {
    pub fn list_tasks(&self) -> Vec<Task> {
        self.lock().tasks.values().cloned().collect()
    }

    pub fn find_task(&self, name: &str) -> Option<Task> {
        self.lock().tasks.get(&name.to_ascii_lowercase()).cloned()
    }

    /// The flag tells whether the task is new.
    pub fn put_task(
        &self,
        name: &str,
        body: &Value,
        location: &str,
        edit: &Edit,
    ) -> Result<(Task, bool), DeskError> {
        let mut book = self.lock();
        let existing = book.tasks.get(&name.to_ascii_lowercase());
        let is_new = existing.is_none();
        let task = Task::put(name, body, existing, location, edit)?;
        self.save_task(&mut book, &task)?;
        Ok((task, is_new))
    }

    /// `None` when there is no such task.
    pub fn patch_task(
        &self,
        name: &str,
        body: &Value,
        edit: &Edit,
    ) -> Result<Option<Task>, DeskError> {
        let mut book = self.lock();
        let Some(existing) = book.tasks.get(&name.to_ascii_lowercase()) else {
            return Ok(None);
        };
        let task = existing.patch(body, edit)?;
        self.save_task(&mut book, &task)?;
        Ok(Some(task))
    }

    /// Whether there was such a task. Its runs stay.
    pub fn delete_task(&self, name: &str) -> Result<bool, FileError> {
        let key = name.to_ascii_lowercase();
        let mut book = self.lock();
        self.task_files.delete(&key)?;
        let existed = book.tasks.remove(&key).is_some();
        self.timers_changed.notify_one();
        Ok(existed)
    }

    fn save_task(&self, book: &mut Book, task: &Task) -> Result<(), FileError> {
        let key = task.name.to_ascii_lowercase();
        self.task_files.write(&key, task)?;
        book.tasks.insert(key, task.clone());
        self.timers_changed.notify_one();
        Ok(())
    }

    /// Returns when a task was written or deleted since the last call.
    pub(in crate::tasks) async fn timers_changed(&self) {
        self.timers_changed.notified().await;
    }
}
