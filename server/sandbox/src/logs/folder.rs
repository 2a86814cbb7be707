//! The log files of runs: appended to line by line while a run goes on, never changed.
use crate::Clock;
use crate::store::files;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

/// Where the logs are: one file for each run, named by its id.
pub struct LogFolder {
    path: PathBuf,
    clock: Arc<dyn Clock>,
}

/// What a reader needs to know of a log before its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogFacts {
    pub size_bytes: u64,
    /// Each line was appended as one block.
    pub blocks: u64,
    pub modified_at: SystemTime,
}

/// The log of a run under way. Every line ends with CR LF.
pub struct RunLog {
    run_id: String,
    file: Mutex<Option<File>>,
    clock: Arc<dyn Clock>,
}

impl LogFolder {
    pub fn open(path: PathBuf, clock: Arc<dyn Clock>) -> io::Result<Self> {
        std::fs::create_dir_all(&path)?;
        Ok(Self { path, clock })
    }

    /// Opens the log of a run for appending. Until its first line there is no file, as there is
    /// no blob.
    pub fn append(&self, run_id: &str) -> io::Result<RunLog> {
        let mut options = OpenOptions::new();
        let file = options
            .create(true)
            .append(true)
            .open(self.path_of(run_id))?;
        Ok(RunLog {
            run_id: run_id.to_owned(),
            file: Mutex::new(Some(file)),
            clock: self.clock.clone(),
        })
    }

    /// `None` until the first line was written.
    pub fn facts(&self, run_id: &str) -> io::Result<Option<LogFacts>> {
        let mut file = match File::open(self.path_of(run_id)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            opened => opened?,
        };
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        if bytes.is_empty() {
            return Ok(None);
        }
        Ok(Some(LogFacts {
            size_bytes: bytes.len() as u64,
            blocks: bytes.iter().filter(|byte| **byte == b'\n').count() as u64,
            modified_at: file.metadata()?.modified()?,
        }))
    }

    pub fn path_of(&self, run_id: &str) -> PathBuf {
        self.path.join(format!("{run_id}.log"))
    }

    /// Removes the log of a run that is gone.
    pub fn remove(&self, run_id: &str) -> io::Result<()> {
        files::remove(&self.path_of(run_id))
    }

    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl RunLog {
    /// What a program in a step prints: as it is, split where it holds several lines.
    pub fn line(&self, text: &str) {
        for line in text.split('\n') {
            self.write(&format!("{}\r\n", line.trim_end_matches('\r')));
        }
    }

    /// What the runner itself says, with the time in front: `2025/04/22 21:54:17 …`.
    pub fn stamped(&self, text: &str) {
        let now = self.clock.now().format("%Y/%m/%d %H:%M:%S");
        self.line(&format!("{now} {text}"));
    }

    /// A disk that is full must not stop a run from ending: the loss of the log is said once, in
    /// the process's own log.
    fn write(&self, text: &str) {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(open) = file.as_mut() else { return };
        if let Err(error) = open.write_all(text.as_bytes()) {
            tracing::error!(run_id = self.run_id, %error, "the log of a run cannot be written; the rest of it is lost");
            *file = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;

    #[test]
    fn lines_end_with_cr_lf_and_only_the_runner_writes_the_time() {
        let directory = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::at("2025-04-22T21:54:17.9Z".parse().unwrap()));
        let folder = LogFolder::open(directory.path().join("logs"), clock).unwrap();
        assert_eq!(folder.facts("ca1").unwrap(), None);
        let log = folder.append("ca1").unwrap();
        assert_eq!(folder.facts("ca1").unwrap(), None);
        log.stamped("Executing step ID: a");
        log.line("one\r\ntwo");
        let text = std::fs::read_to_string(folder.path_of("ca1")).unwrap();
        assert_eq!(
            text,
            "2025/04/22 21:54:17 Executing step ID: a\r\none\r\ntwo\r\n"
        );
        folder.append("ca1").unwrap().line("three");
        let facts = folder.facts("ca1").unwrap().unwrap();
        assert_eq!((facts.size_bytes, facts.blocks), (text.len() as u64 + 7, 4));
    }
}
