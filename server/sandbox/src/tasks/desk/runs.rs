//! Runs: queued, given to agents, ended.
use super::{Desk, DeskError};
use crate::tasks::files::FileError;
use crate::tasks::run::{
    AGENT_LOST, Order, Outcome, Run, RunKind, TIMED_OUT, TaskValue, TimerTrigger, override_values,
};
use crate::tasks::task::Task;
use drydock_domain::run::RunStatus;
use drydock_domain::task_log::RunnerLine;
use serde_json::Value;
use std::sync::PoisonError;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

/// What `schedule` is asked for besides the task.
pub struct RunRequest {
    pub kind: RunKind,
    pub timer: Option<TimerTrigger>,
    pub overrides: Vec<TaskValue>,
    pub is_archive_enabled: bool,
    /// Object id of whoever asks.
    pub by: String,
}

/// A run without a task: its definition comes with the request.
pub struct QuickRequest {
    pub kind: RunKind,
    pub platform: Value,
    pub agent_configuration: Value,
    pub order: Order,
    pub is_archive_enabled: bool,
    /// Object id of whoever asks.
    pub by: String,
}

impl Desk {
    /// Queues a run of a task.
    pub fn schedule(&self, task: &Task, request: RunRequest) -> Result<Run, DeskError> {
        if !task.is_enabled() {
            return Err(DeskError::Disabled(task.name.clone()));
        }
        let quick = QuickRequest {
            kind: request.kind,
            platform: task.properties["platform"].clone(),
            agent_configuration: task.properties["agentConfiguration"].clone(),
            order: order(task, &request.overrides),
            is_archive_enabled: request.is_archive_enabled,
            by: request.by,
        };
        Ok(self.queue(quick, Some(task.name.clone()), request.timer)?)
    }

    /// Queues a run without a task.
    pub fn schedule_quick(&self, request: QuickRequest) -> Result<Run, FileError> {
        self.queue(request, None, None)
    }

    fn queue(
        &self,
        request: QuickRequest,
        task: Option<String>,
        timer: Option<TimerTrigger>,
    ) -> Result<Run, FileError> {
        let now = self.clock.now();
        let mut book = self.lock();
        let run = Run {
            sequence: book.last_sequence + 1,
            status: RunStatus::Queued,
            kind: request.kind,
            task,
            timer,
            created_at: now,
            started_at: None,
            finished_at: None,
            updated_at: now,
            platform: request.platform,
            agent_configuration: request.agent_configuration,
            output_images: Vec::new(),
            is_archive_enabled: request.is_archive_enabled,
            error: None,
            queued_by: request.by,
            order: Some(request.order),
        };
        self.run_files.write(&run.id(), &run)?;
        book.last_sequence = run.sequence;
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
        let wanted = runs.map(|(_, run)| run).filter(|run| wanted(run));
        wanted.take(limit).cloned().collect()
    }

    /// Removes runs that have ended, with their logs; answers how many there were.
    pub(in crate::tasks) fn remove_runs(
        &self,
        is_due: impl Fn(&Run) -> bool,
    ) -> Result<usize, FileError> {
        let mut book = self.lock();
        let due = book.runs.values();
        let due = due.filter(|run| run.status.is_finished() && is_due(run));
        let due: Vec<u64> = due.map(|run| run.sequence).collect();
        if due.is_empty() {
            return Ok(0);
        }
        self.number_files.write("runs", &book.last_sequence)?;
        for sequence in &due {
            let Some(id) = book.runs.get(sequence).map(Run::id) else {
                continue;
            };
            self.logs.remove(&id).map_err(|cause| FileError {
                path: self.logs.path_of(&id),
                cause: cause.into(),
            })?;
            self.run_files.delete(&id)?;
            book.runs.remove(sequence);
        }
        self.changed();
        Ok(due.len())
    }

    /// Whether a run is kept for ever. `None` when there is no such run.
    pub fn set_archived(&self, sequence: u64, archived: bool) -> Result<Option<Run>, FileError> {
        let mut book = self.lock();
        let Some(run) = book.runs.get_mut(&sequence) else {
            return Ok(None);
        };
        let mut changed = run.clone();
        changed.is_archive_enabled = archived;
        self.run_files.write(&changed.id(), &changed)?;
        *run = changed.clone();
        self.changed();
        Ok(Some(changed))
    }

    /// Stops a run: at once when it waits, else as soon as its work has stopped.
    pub fn cancel(&self, sequence: u64) -> Result<(), DeskError> {
        let mut book = self.lock();
        if let Some(stop) = book.under_way.get(&sequence) {
            stop.cancel();
            return Ok(());
        }
        let Some(run) = book.runs.get_mut(&sequence) else {
            return Ok(());
        };
        if run.status.is_finished() {
            let (id, status) = (run.id(), run.status);
            return Err(DeskError::Finished { id, status });
        }
        self.end_run(run, &Outcome::Canceled);
        Ok(())
    }

    /// Gives a queued run to an agent; `None` when it was canceled meanwhile.
    pub(in crate::tasks) fn claim(
        &self,
        sequence: u64,
        parent: &CancellationToken,
    ) -> Option<(Run, CancellationToken)> {
        let mut book = self.lock();
        let run = book.runs.get_mut(&sequence)?;
        if run.status != RunStatus::Queued {
            return None;
        }
        run.start(self.clock.now());
        self.save(run);
        let (run, stop) = (run.clone(), parent.child_token());
        book.under_way.insert(sequence, stop.clone());
        Some((run, stop))
    }

    pub(in crate::tasks) fn begin_steps(&self, sequence: u64) {
        let now = self.clock.now();
        self.update(sequence, |run| run.begin_steps(now));
    }

    /// Ends a run whose work has stopped.
    pub(in crate::tasks) fn end(&self, sequence: u64, outcome: &Outcome) {
        let mut book = self.lock();
        book.under_way.remove(&sequence);
        if let Some(run) = book.runs.get_mut(&sequence) {
            self.end_run(run, outcome);
        }
    }

    /// Changes the record of a run under way.
    pub(in crate::tasks) fn update(&self, sequence: u64, change: impl FnOnce(&mut Run)) {
        if let Some(run) = self.lock().runs.get_mut(&sequence) {
            change(run);
            self.save(run);
        }
    }

    /// The log's last line comes before the state that says so: whoever sees the end of a run finds
    /// the whole log.
    fn end_run(&self, run: &mut Run, outcome: &Outcome) {
        let now = self.clock.now();
        let elapsed = now - run.started_at.unwrap_or(run.created_at);
        let (id, elapsed) = (run.id(), elapsed.to_std().unwrap_or_default());
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
            // Without the word that the az extension takes for a fault of the image: the run's own
            // `runErrorMessage` is then what its readers show.
            Outcome::Failed(why) if why == AGENT_LOST => {
                format!("Run ID: {id} failed after {}s. {why}", elapsed.as_secs())
            }
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
        run.finish(outcome, now);
        self.save(run);
    }

    /// The state in memory counts even when the disk refuses: a client must see how a run goes on,
    /// and after a restart it is one that lost its agent.
    fn save(&self, run: &Run) {
        if let Err(error) = self.run_files.write(&run.id(), run) {
            tracing::error!(%error, "the state of a run could not be saved");
        }
        self.changed();
    }

    /// Yields each time that a run was queued or has changed its state; a slow reader sees several
    /// changes as one.
    pub fn watch_runs(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    fn changed(&self) {
        self.changes.send_modify(|count| *count += 1);
    }

    pub(super) fn enqueue(&self, sequence: u64) {
        // The runner is gone only when the sandbox shuts down: the run is queued at the next start.
        let _ = self.queue.send(sequence);
    }

    /// Where the queued runs come out; taken once, by the runner.
    pub(in crate::tasks) fn take_queue(&self) -> Option<mpsc::UnboundedReceiver<u64>> {
        let mut queued = self.queued.lock().unwrap_or_else(PoisonError::into_inner);
        queued.take()
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
        task_file: text("taskFilePath"),
        source: None,
        values: override_values(&values, overrides),
        timeout_seconds: task.timeout().as_secs(),
        principal_id: task
            .identity
            .as_ref()
            .and_then(|identity| identity.principal_id),
        registry_identity: task
            .properties
            .get("credentials")
            .and_then(registry_identity),
    }
}

/// Whom a task or a request names under `credentials` for signing in to the registry.
pub fn registry_identity(credentials: &Value) -> Option<String> {
    let identity = credentials["sourceRegistry"]["identity"].as_str();
    identity.filter(|name| !name.is_empty()).map(str::to_owned)
}
