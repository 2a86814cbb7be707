//! The desk of the task service: every definition and every run, saved as it changes.
use super::files::{FileError, JsonFolder};
use super::roles::Roles;
use super::run::{
    AGENT_LOST, Order, Outcome, Run, RunKind, TIMED_OUT, TaskValue, TimerTrigger, override_values,
};
use super::task::{Edit, InvalidTask, Task};
use crate::Clock;
use crate::logs::LogFolder;
use chrono::{DateTime, TimeDelta, Utc};
use drydock_domain::run::RunStatus;
use drydock_domain::task_log::RunnerLine;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{Notify, mpsc, watch};
use tokio_util::sync::CancellationToken;

/// How the runner works.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Runs at the same time.
    pub agents: usize,
    /// The trigger task's pause after every ten scans that it queued.
    pub batch_pause: TimeDelta,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            agents: 2,
            batch_pause: TimeDelta::seconds(30),
        }
    }
}

/// Tasks, runs, their logs, and the role assignments that the runs' identities need.
pub struct Desk {
    /// When the sandbox first opened its desk here: the registry's creation date.
    pub opened_at: DateTime<Utc>,
    pub roles: Roles,
    pub logs: LogFolder,
    pub settings: Settings,
    task_files: JsonFolder<Task>,
    run_files: JsonFolder<Run>,
    clock: Arc<dyn Clock>,
    book: Mutex<Book>,
    queue: mpsc::UnboundedSender<u64>,
    queued: Mutex<Option<mpsc::UnboundedReceiver<u64>>>,
    timers_changed: Notify,
    /// Counts the changes of runs.
    changes: watch::Sender<u64>,
}

#[derive(Default)]
struct Book {
    /// By name in lower case, as ARM compares names.
    tasks: BTreeMap<String, Task>,
    runs: BTreeMap<u64, Run>,
    /// Of the runs that an agent has: cancelling one stops its work.
    under_way: HashMap<u64, CancellationToken>,
}

/// What `schedule` is asked for besides the task.
pub struct RunRequest {
    pub kind: RunKind,
    pub timer: Option<TimerTrigger>,
    pub overrides: Vec<TaskValue>,
    pub is_archive_enabled: bool,
    /// Object id of whoever asks.
    pub by: String,
}

/// Why the desk refuses.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    #[error(transparent)]
    Invalid(#[from] InvalidTask),
    #[error("The task '{0}' is disabled: enable it before starting a run of it.")]
    Disabled(String),
    #[error("The run '{id}' has ended as {status}: only a run that has not ended can be canceled.", status = .status.as_str())]
    Finished { id: String, status: RunStatus },
    #[error(transparent)]
    File(#[from] FileError),
}

impl Desk {
    /// Reads what an earlier process left under `directory`. A run that was under way then has
    /// lost its agent and fails; a queued one is queued again.
    pub fn open(
        directory: &Path,
        clock: Arc<dyn Clock>,
        settings: Settings,
    ) -> Result<Self, FileError> {
        let task_files = JsonFolder::<Task>::open(directory.join("tasks"))?;
        let run_files = JsonFolder::<Run>::open(directory.join("runs"))?;
        let log_path = directory.join("logs");
        let logs = LogFolder::open(log_path.clone(), clock.clone()).map_err(|cause| FileError {
            path: log_path,
            cause: cause.into(),
        })?;
        let tasks = task_files.load()?.into_iter();
        let runs = run_files.load()?.into_iter();
        let book = Book {
            tasks: tasks
                .map(|task| (task.name.to_ascii_lowercase(), task))
                .collect(),
            runs: runs.map(|run| (run.sequence, run)).collect(),
            under_way: HashMap::new(),
        };
        let (queue, queued) = mpsc::unbounded_channel();
        let dates = JsonFolder::<DateTime<Utc>>::open(directory.join("dates"))?;
        let opened_at = match dates.load()?.pop() {
            Some(opened_at) => opened_at,
            None => {
                let now = clock.now();
                dates.write("opened", &now)?;
                now
            }
        };
        let desk = Self {
            opened_at,
            roles: Roles::open(directory)?,
            logs,
            settings,
            task_files,
            run_files,
            clock,
            book: Mutex::new(book),
            queue,
            queued: Mutex::new(Some(queued)),
            timers_changed: Notify::new(),
            changes: watch::Sender::new(0),
        };
        desk.recover()?;
        Ok(desk)
    }

    fn recover(&self) -> Result<(), FileError> {
        let runs: Vec<(u64, RunStatus)> = self
            .lock()
            .runs
            .values()
            .map(|run| (run.sequence, run.status))
            .collect();
        for (sequence, status) in runs {
            match status {
                RunStatus::Queued => self.enqueue(sequence),
                RunStatus::Started | RunStatus::Running => {
                    let outcome = Outcome::Failed(AGENT_LOST.to_owned());
                    self.write_last_line(sequence, &outcome);
                    self.finish(sequence, &outcome)?;
                }
                _ => {}
            }
        }
        Ok(())
    }

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

    /// Queues a run of a task.
    pub fn schedule(&self, task: &Task, request: RunRequest) -> Result<Run, DeskError> {
        if !task.is_enabled() {
            return Err(DeskError::Disabled(task.name.clone()));
        }
        let now = self.clock.now();
        let mut book = self.lock();
        let run = Run {
            sequence: book.runs.keys().next_back().map_or(1, |last| last + 1),
            status: RunStatus::Queued,
            kind: request.kind,
            task: Some(task.name.clone()),
            timer: request.timer,
            created_at: now,
            started_at: None,
            finished_at: None,
            updated_at: now,
            platform: task.properties["platform"].clone(),
            agent_configuration: task.properties["agentConfiguration"].clone(),
            output_images: Vec::new(),
            is_archive_enabled: request.is_archive_enabled,
            error: None,
            queued_by: request.by,
            order: Some(order(task, &request.overrides)),
        };
        self.run_files.write(&run.id(), &run)?;
        book.runs.insert(run.sequence, run.clone());
        self.enqueue(run.sequence);
        self.changed();
        Ok(run)
    }

    pub fn find_run(&self, id: &str) -> Option<Run> {
        self.lock().runs.get(&Run::parse_id(id)?).cloned()
    }

    /// Newest first, at most `limit`, only those that were queued before run number `before`.
    pub fn list_runs(
        &self,
        before: Option<u64>,
        limit: usize,
        wanted: impl Fn(&Run) -> bool,
    ) -> Vec<Run> {
        let book = self.lock();
        let runs = book.runs.range(..before.unwrap_or(u64::MAX)).rev();
        runs.map(|(_, run)| run)
            .filter(|run| wanted(run))
            .take(limit)
            .cloned()
            .collect()
    }

    pub fn set_archived(&self, sequence: u64, archived: bool) -> Result<Option<Run>, FileError> {
        self.update(sequence, |run| run.is_archive_enabled = archived)
    }

    /// Stops a run: at once when it waits, else as soon as its work has stopped.
    pub fn cancel(&self, sequence: u64) -> Result<(), DeskError> {
        let (status, stop) = {
            let book = self.lock();
            let status = book
                .runs
                .get(&sequence)
                .map_or(RunStatus::Unknown, |run| run.status);
            (status, book.under_way.get(&sequence).cloned())
        };
        if status.is_finished() {
            let id = format!("ca{sequence}");
            return Err(DeskError::Finished { id, status });
        }
        if let Some(stop) = stop {
            stop.cancel();
            return Ok(());
        }
        self.write_last_line(sequence, &Outcome::Canceled);
        self.finish(sequence, &Outcome::Canceled)?;
        Ok(())
    }

    /// Gives a queued run to an agent; `None` when it was canceled meanwhile.
    pub(super) fn claim(
        &self,
        sequence: u64,
        parent: &CancellationToken,
    ) -> Option<(Run, CancellationToken)> {
        let stop = parent.child_token();
        let mut book = self.lock();
        let run = book
            .runs
            .get_mut(&sequence)
            .filter(|run| run.status == RunStatus::Queued)?;
        run.start(self.clock.now());
        let run = run.clone();
        book.under_way.insert(sequence, stop.clone());
        self.changed();
        self.save_run(&run);
        Some((run, stop))
    }

    pub(super) fn begin_steps(&self, sequence: u64) {
        let now = self.clock.now();
        if let Err(error) = self.update(sequence, |run| run.begin_steps(now)) {
            tracing::error!(%error, "the state of a run could not be saved");
        }
    }

    /// Ends a run. The state in memory changes even when the disk refuses: a client must see the
    /// end, and after a restart the run counts as one that lost its agent.
    pub(super) fn finish(&self, sequence: u64, outcome: &Outcome) -> Result<(), FileError> {
        let now = self.clock.now();
        self.lock().under_way.remove(&sequence);
        self.update(sequence, |run| {
            if !run.status.is_finished() {
                run.finish(outcome, now);
            }
        })?;
        Ok(())
    }

    pub(super) fn update(
        &self,
        sequence: u64,
        change: impl FnOnce(&mut Run),
    ) -> Result<Option<Run>, FileError> {
        let mut book = self.lock();
        let Some(run) = book.runs.get_mut(&sequence) else {
            return Ok(None);
        };
        change(run);
        let run = run.clone();
        self.changed();
        self.run_files.write(&run.id(), &run)?;
        Ok(Some(run))
    }

    /// The line that ends a log, written before the state says that the run has ended: whoever
    /// sees the end finds the whole log.
    pub(super) fn write_last_line(&self, sequence: u64, outcome: &Outcome) {
        let book = self.lock();
        let Some(run) = book
            .runs
            .get(&sequence)
            .filter(|run| !run.status.is_finished())
        else {
            return;
        };
        let took = self.clock.now() - run.started_at.unwrap_or(run.created_at);
        let (id, elapsed) = (run.id(), took.to_std().unwrap_or_default());
        let failed = |error| {
            RunnerLine::RunFailed {
                id: &id,
                elapsed,
                error,
            }
            .to_string()
        };
        let line = match outcome {
            Outcome::Succeeded => RunnerLine::RunSucceeded { id: &id, elapsed }.to_string(),
            Outcome::Failed(why) => failed(why),
            Outcome::TimedOut => failed(TIMED_OUT),
            Outcome::Canceled => format!("Run ID: {id} was canceled after {}s", elapsed.as_secs()),
        };
        match self.logs.append(&id) {
            Ok(log) => log.line(&format!("\n{line}")),
            Err(error) => {
                tracing::error!(run_id = id, %error, "the log of a run could not be ended")
            }
        }
    }

    /// Yields each time that a run was queued or has changed its state; a slow reader sees several
    /// changes as one.
    pub fn watch_runs(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    fn changed(&self) {
        self.changes.send_modify(|count| *count += 1);
    }

    /// Where the queued runs come out; taken once, by the runner.
    pub(super) fn take_queue(&self) -> Option<mpsc::UnboundedReceiver<u64>> {
        self.queued
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
    }

    /// Returns when a task was written or deleted since the last call.
    pub(super) async fn timers_changed(&self) {
        self.timers_changed.notified().await;
    }

    fn enqueue(&self, sequence: u64) {
        // The runner is gone only when the sandbox shuts down: the run is queued at the next start.
        let _ = self.queue.send(sequence);
    }

    fn save_run(&self, run: &Run) {
        if let Err(error) = self.run_files.write(&run.id(), run) {
            tracing::error!(%error, "the state of a run could not be saved");
        }
    }

    fn lock(&self) -> MutexGuard<'_, Book> {
        // Every change under the lock is a single insert or field: a panic leaves the book whole.
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn order(task: &Task, overrides: &[TaskValue]) -> Order {
    let step = task.step();
    let text = |member: &str| step.get(member).and_then(Value::as_str).map(str::to_owned);
    let values = step
        .get("values")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    let values: Vec<TaskValue> = values
        .filter_map(|value| serde_json::from_value(value.clone()).ok())
        .collect();
    Order {
        step_type: text("type").unwrap_or_default(),
        encoded_content: text("encodedTaskContent"),
        values: override_values(&values, overrides),
        timeout_seconds: task.timeout().as_secs(),
        principal_id: task
            .identity
            .as_ref()
            .and_then(|identity| identity.principal_id),
    }
}
