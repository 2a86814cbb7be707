//! The desk of the task service: every definition and every run, saved as it changes.
mod definitions;
mod runs;

pub use runs::{QuickRequest, RunRequest, registry_identity};

use super::files::{FileError, JsonFolder};
use super::roles::Roles;
use super::run::{AGENT_LOST, Outcome, Run};
use super::task::{InvalidTask, Task};
use crate::Clock;
use crate::logs::{LogFolder, SourceFolder};
use chrono::{DateTime, TimeDelta, Utc};
use drydock_domain::run::RunStatus;
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
    /// What was uploaded for quick runs.
    pub sources: SourceFolder,
    pub settings: Settings,
    task_files: JsonFolder<Task>,
    run_files: JsonFolder<Run>,
    /// The highest number that a run had which is gone: numbers are given once.
    number_files: JsonFolder<u64>,
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
    /// The number of the newest run there ever was.
    last_sequence: u64,
    /// Of the runs that an agent has: cancelling one stops its work.
    under_way: HashMap<u64, CancellationToken>,
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
        let source_path = directory.join("sources");
        let sources = SourceFolder::open(source_path.clone()).map_err(|cause| FileError {
            path: source_path,
            cause: cause.into(),
        })?;
        let tasks = task_files.load()?.into_iter();
        let runs = run_files.load()?.into_iter();
        let number_files = JsonFolder::<u64>::open(directory.join("numbers"))?;
        let mut book = Book {
            last_sequence: number_files.load()?.into_iter().max().unwrap_or_default(),
            tasks: tasks
                .map(|task| (task.name.to_ascii_lowercase(), task))
                .collect(),
            runs: runs.map(|run| (run.sequence, run)).collect(),
            under_way: HashMap::new(),
        };
        let newest = book.runs.keys().next_back().copied().unwrap_or_default();
        book.last_sequence = book.last_sequence.max(newest);
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
            sources,
            settings,
            task_files,
            run_files,
            number_files,
            clock,
            book: Mutex::new(book),
            queue,
            queued: Mutex::new(Some(queued)),
            timers_changed: Notify::new(),
            changes: watch::Sender::new(0),
        };
        desk.recover();
        Ok(desk)
    }

    fn recover(&self) {
        let runs: Vec<Run> = self.lock().runs.values().cloned().collect();
        for run in runs {
            match run.status {
                RunStatus::Queued => self.enqueue(run.sequence),
                RunStatus::Started | RunStatus::Running => {
                    self.end(run.sequence, &Outcome::Failed(AGENT_LOST.to_owned()));
                }
                _ => {}
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Book> {
        // Every change under the lock is a single insert or field: a panic leaves the book whole.
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
