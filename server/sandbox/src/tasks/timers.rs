//! Timer triggers: each occurrence of each enabled timer queues one run of its task.
use super::desk::RunRequest;
use super::run::{RunKind, TimerTrigger};
use super::task::{Task, Timer};
use crate::State;
use chrono::{DateTime, Utc};
use std::collections::HashMap;
use std::sync::Arc;

/// The next occurrence of every timer, by task, timer and schedule: a changed schedule is another
/// timer, which begins now.
struct Agenda {
    /// What fell into the time before is gone, as it is in ACR.
    since: DateTime<Utc>,
    next: HashMap<(String, String, String), DateTime<Utc>>,
}

/// Runs until the sandbox shuts down. Only occurrences after `since` are fired.
pub async fn watch(state: Arc<State>, since: DateTime<Utc>) {
    let mut agenda = Agenda::new(since);
    loop {
        let now = state.clock.now();
        let tasks = state.desk.list_tasks();
        for (task, timer, occurrence) in agenda.take_due(&tasks, now) {
            fire(&state, task, &timer, occurrence);
        }
        tokio::select! {
            () = state.shutdown.cancelled() => return,
            () = state.desk.timers_changed() => {}
            () = wait(&state, agenda.earliest()) => {}
        }
    }
}

impl Agenda {
    fn new(since: DateTime<Utc>) -> Self {
        let next = HashMap::new();
        Self { since, next }
    }

    /// The occurrences that have come, each with its next one noted from `now` on: a clock that
    /// jumps over several fires the first of them, once. A timer that is not noted yet begins when
    /// its task was written.
    fn take_due<'a>(
        &mut self,
        tasks: &'a [Task],
        now: DateTime<Utc>,
    ) -> Vec<(&'a Task, Timer, DateTime<Utc>)> {
        let mut next = HashMap::new();
        let mut due = Vec::new();
        for task in tasks {
            for timer in task.timers() {
                let key = (
                    task.name.clone(),
                    timer.name.clone(),
                    timer.schedule.clone(),
                );
                let noted = self.next.get(&key).copied();
                let noted =
                    noted.or_else(|| timer.cron.next_after(task.modified_at.max(self.since)));
                let passed = noted.filter(|occurrence| *occurrence <= now);
                let following = match passed {
                    None => noted,
                    Some(_) => timer.cron.next_after(now),
                };
                if let Some(occurrence) = following {
                    next.insert(key, occurrence);
                }
                if let Some(occurrence) = passed {
                    due.push((task, timer, occurrence));
                }
            }
        }
        self.next = next;
        due
    }

    fn earliest(&self) -> Option<DateTime<Utc>> {
        self.next.values().min().copied()
    }
}

fn fire(state: &State, task: &Task, timer: &Timer, occurrence: DateTime<Utc>) {
    let request = RunRequest {
        kind: RunKind::AutoRun,
        timer: Some(TimerTrigger {
            name: timer.name.clone(),
            occurrence,
        }),
        overrides: Vec::new(),
        is_archive_enabled: false,
        by: task.modified_by.clone(),
    };
    match state.desk.schedule(task, request) {
        Ok(run) => tracing::info!(task = task.name, run_id = run.id(), "a timer queued a run"),
        Err(error) => tracing::error!(task = task.name, %error, "a timer could not queue its run"),
    }
}

async fn wait(state: &State, until: Option<DateTime<Utc>>) {
    match until {
        Some(instant) => state.clock.sleep_until(instant).await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tasks::task::Edit;
    use serde_json::json;

    fn task(schedule: &str, written_at: &str) -> Task {
        let body = json!({"properties": {
            "step": {"type": "EncodedTask", "encodedTaskContent": "eA=="},
            "trigger": {"timerTriggers": [{"name": "t", "schedule": schedule}]},
        }});
        let edit = Edit {
            at: written_at.parse().unwrap(),
            by: String::new(),
        };
        Task::put("some-task", &body, None, "local", &edit).unwrap()
    }

    fn due(agenda: &mut Agenda, tasks: &[Task], now: &str) -> Vec<String> {
        let due = agenda.take_due(tasks, now.parse().unwrap());
        due.iter()
            .map(|(.., occurrence)| occurrence.format("%m-%d %H:%M").to_string())
            .collect()
    }

    #[test]
    fn an_occurrence_is_due_once_and_not_before_its_instant() {
        let tasks = [task("0 12 */7 * *", "2025-01-01T00:00:00Z")];
        // Noon of the 1st has passed before the process began.
        let mut agenda = Agenda::new("2026-01-01T12:00:00Z".parse().unwrap());
        assert!(due(&mut agenda, &tasks, "2026-01-01T12:00:00Z").is_empty());
        assert!(due(&mut agenda, &tasks, "2026-01-08T11:59:59Z").is_empty());
        assert_eq!(
            due(&mut agenda, &tasks, "2026-01-08T12:00:00Z"),
            ["01-08 12:00"]
        );
        assert!(due(&mut agenda, &tasks, "2026-01-08T12:00:30Z").is_empty());
        assert_eq!(
            due(&mut agenda, &tasks, "2026-02-20T00:00:00Z"),
            ["01-15 12:00"]
        );
        assert_eq!(
            agenda.earliest(),
            Some("2026-02-22T12:00:00Z".parse().unwrap())
        );
    }

    #[test]
    fn a_changed_schedule_begins_when_it_was_written() {
        let mut agenda = Agenda::new("2026-01-01T00:00:00Z".parse().unwrap());
        let noon = [task("0 12 * * *", "2025-01-01T00:00:00Z")];
        assert!(due(&mut agenda, &noon, "2026-01-01T00:00:00Z").is_empty());
        let changed = [task("0 6 * * *", "2026-01-01T07:00:00Z")];
        assert!(due(&mut agenda, &changed, "2026-01-01T13:00:00Z").is_empty());
        // The watcher may see a new task only after its first occurrence.
        let slow = [task("30 5 * * *", "2026-01-02T05:00:00Z")];
        assert_eq!(
            due(&mut agenda, &slow, "2026-01-02T05:30:01Z"),
            ["01-02 05:30"]
        );
        assert!(due(&mut agenda, &[], "2026-01-03T06:00:00Z").is_empty());
        assert_eq!(agenda.earliest(), None);
    }
}
