//! What the logs of runs say, each read once.
use crate::Answer;
use crate::runs::facts::KEPT_BACK;
use chrono::{DateTime, TimeDelta, Utc};
use drydock_azure::{Azure, LogTail, RegistryId};
use drydock_domain::run::Run;
use drydock_domain::selection::{IMAGE_LIMIT, SelectionLine};
use drydock_domain::task_log::LogLine;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};

/// After this long a finished run's log gets no more lines, whether or not it says that it ended.
const SETTLED: TimeDelta = TimeDelta::minutes(2);
/// Enough for the lines of a trigger with 100 images; a log that repeats itself is cut.
const TEXT_LIMIT: usize = 64 << 10;

/// The telling lines of logs, by run.
#[derive(Default)]
pub(crate) struct RunLogs {
    kept: Mutex<HashMap<String, Arc<Kept>>>,
    /// Runs that a log names and Azure no longer knows.
    lost: Mutex<HashSet<String>>,
}

/// One log, read as far as it went.
struct Kept {
    reader: tokio::sync::Mutex<Reader>,
    text: Mutex<Arc<str>>,
}

struct Reader {
    tail: LogTail,
    /// The bytes of a line that is not yet whole.
    line: Vec<u8>,
    text: String,
    /// Of a selection, that are kept.
    n_rows: usize,
    is_complete: bool,
}

impl RunLogs {
    /// Reads what is new in a run's log.
    pub(crate) async fn refresh(
        &self,
        azure: &Azure,
        registry: &RegistryId,
        run: &Run,
        now: DateTime<Utc>,
    ) -> Answer<()> {
        let kept = self.keep(azure, registry, &run.id);
        let mut reader = kept.reader.lock().await;
        if reader.is_complete {
            return Ok(());
        }
        let piece = reader.tail.read_now().await?;
        reader.feed(&piece.bytes);
        let is_settled = run
            .finished_at
            .is_some_and(|finished_at| now - finished_at > SETTLED);
        if piece.complete || (run.status.is_finished() && is_settled) {
            reader.end();
        }
        *lock(&kept.text) = reader.text.as_str().into();
        Ok(())
    }

    /// The telling lines so far; empty for a run that was never read.
    pub(crate) fn text(&self, run_id: &str) -> Arc<str> {
        lock(&self.kept)
            .get(run_id)
            .map_or_else(|| "".into(), |kept| lock(&kept.text).clone())
    }

    /// Lets go of the runs that are no longer listed.
    pub(crate) fn retain(&self, listed: &[Run]) {
        let listed: HashSet<&str> = listed.iter().map(|run| run.id.as_str()).collect();
        lock(&self.kept).retain(|id, _| listed.contains(id.as_str()));
    }

    pub(crate) fn is_lost(&self, run_id: &str) -> bool {
        lock(&self.lost).contains(run_id)
    }

    pub(crate) fn lose(&self, run_id: &str) {
        lock(&self.lost).insert(run_id.to_owned());
    }

    fn keep(&self, azure: &Azure, registry: &RegistryId, run_id: &str) -> Arc<Kept> {
        let new = || {
            Arc::new(Kept {
                reader: tokio::sync::Mutex::new(Reader {
                    tail: azure.log(registry, run_id, 0),
                    line: Vec::new(),
                    text: String::new(),
                    n_rows: 0,
                    is_complete: false,
                }),
                text: Mutex::new("".into()),
            })
        };
        lock(&self.kept)
            .entry(run_id.to_owned())
            .or_insert_with(new)
            .clone()
    }
}

impl Reader {
    fn feed(&mut self, bytes: &[u8]) {
        for byte in bytes {
            if *byte == b'\n' {
                self.end_line();
            } else if self.line.len() < TEXT_LIMIT {
                self.line.push(*byte);
            }
        }
    }

    fn end(&mut self) {
        self.end_line();
        self.is_complete = true;
    }

    /// Keeps a line that somebody reads: the tasks' own, the selection as far as it may be long, and
    /// those that tell of an error or of what the patcher kept back.
    fn end_line(&mut self) {
        let line = String::from_utf8_lossy(&self.line);
        let line = line.trim_end();
        let tells = match SelectionLine::parse(line) {
            Some(SelectionLine::Frame) => true,
            Some(SelectionLine::Row) => {
                self.n_rows += 1;
                self.n_rows <= IMAGE_LIMIT + 1
            }
            None => {
                LogLine::parse(line).is_some()
                    || line.contains(KEPT_BACK)
                    || line.to_ascii_lowercase().contains("error")
            }
        };
        if tells && self.text.len() + line.len() < TEXT_LIMIT {
            self.text.push_str(line);
            self.text.push('\n');
        }
        self.line.clear();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}
