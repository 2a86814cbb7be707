//! What images hold, found out of their own layers: each digest once, and kept for good.
mod compare;
mod download;
mod inside;
mod job;
mod read;
mod scan;

pub(crate) use inside::Target;

use download::Downloads;
use drydock_domain::lineage::{Lookup, Progress};
use drydock_patcher::Engine;
use job::{Desk, Running};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;
use tokio::sync::Semaphore;

/// How long an answer waits for work that may be quick; after it, the answer is how far it is.
const PATIENCE: Duration = Duration::from_secs(1);
/// The longest that one image is worked on.
const TIME_LIMIT: Duration = Duration::from_secs(600);

/// The facts that are known, in a folder by digest, and the work to know more.
pub(crate) struct ImageFacts {
    folder: PathBuf,
    engine: Option<Arc<Engine>>,
    desk: Desk,
    /// One image at a time: a page that compares two must not take the machine.
    turn: Semaphore,
    /// Alive while somebody waits or works: an original and its patches share their layers.
    downloads: Mutex<Weak<Downloads>>,
}

impl ImageFacts {
    pub(crate) fn new(folder: PathBuf) -> Self {
        Self {
            folder,
            engine: None,
            desk: Desk::default(),
            turn: Semaphore::new(1),
            downloads: Mutex::default(),
        }
    }

    /// Looks for vulnerabilities with this engine.
    pub(crate) fn scan_with(&mut self, engine: Arc<Engine>) {
        self.engine = Some(engine);
        self.sweep();
    }

    /// Takes away what a process that was killed left behind.
    fn sweep(&self) {
        for entry in std::fs::read_dir(&self.folder)
            .into_iter()
            .flatten()
            .flatten()
        {
            if entry
                .file_name()
                .to_string_lossy()
                .starts_with(download::PREFIX)
            {
                let _ = std::fs::remove_dir_all(entry.path());
            }
        }
    }

    /// The answer that is kept under `name`, else the work to find it: started once, whoever asks,
    /// and waited for a little.
    async fn look<T: DeserializeOwned>(
        &self,
        name: &str,
        is_good: impl Fn(&T) -> bool,
        work: impl FnOnce(Running),
    ) -> Lookup<T> {
        if let Some(kept) = self.kept(name).filter(&is_good) {
            return Lookup::Found(kept);
        }
        let mut job = self.desk.join(name, work);
        let ended = job.wait_for(|state| state.ended.is_some());
        let _ = tokio::time::timeout(PATIENCE, ended).await;
        let state = job.borrow().clone();
        match state.ended {
            None => Lookup::Underway(state.progress),
            Some(Err(why)) => {
                self.desk.leave(name);
                Lookup::Failed(why)
            }
            Some(Ok(())) => {
                self.desk.leave(name);
                match self.read_back(name) {
                    Ok(kept) => Lookup::Found(kept),
                    Err(why) => Lookup::Failed(why),
                }
            }
        }
    }

    /// The same, however long it takes; `hear` is told how far it is.
    async fn wait_for<T: DeserializeOwned>(
        &self,
        name: &str,
        is_good: impl Fn(&T) -> bool,
        work: impl FnOnce(Running),
        hear: &(dyn Fn(Progress) + Send + Sync),
    ) -> Result<T, String> {
        if let Some(kept) = self.kept(name).filter(&is_good) {
            return Ok(kept);
        }
        let mut job = self.desk.join(name, work);
        loop {
            let state = job.borrow_and_update().clone();
            if let Some(ended) = state.ended {
                self.desk.leave(name);
                return ended.and_then(|()| self.read_back(name));
            }
            hear(state.progress);
            // The end of the work is told before its sender goes away.
            let _ = job.changed().await;
        }
    }

    fn read_back<T: DeserializeOwned>(&self, name: &str) -> Result<T, String> {
        let path = self.folder.join(name);
        let unreadable = || format!("{} cannot be read back", path.display());
        self.kept(name).ok_or_else(unreadable)
    }

    fn kept<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        let bytes = std::fs::read(self.folder.join(name)).ok()?;
        serde_json::from_slice(&bytes).ok()
    }

    fn keep(&self, name: &str, value: &impl Serialize) -> Result<(), String> {
        let written = write(&self.folder, name, value);
        written.map_err(|error| format!("{} cannot be written: {error}", self.folder.display()))
    }

    fn downloads(&self) -> Result<Arc<Downloads>, String> {
        let mut kept = self
            .downloads
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(downloads) = kept.upgrade() {
            return Ok(downloads);
        }
        let made = Downloads::new(&self.folder).map_err(|error| {
            format!("no folder for layers in {}: {error}", self.folder.display())
        })?;
        let made = Arc::new(made);
        *kept = Arc::downgrade(&made);
        Ok(made)
    }
}

fn write(folder: &Path, name: &str, value: &impl Serialize) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    serde_json::to_writer(&mut file, value)?;
    file.flush()?;
    file.persist(folder.join(name))?;
    Ok(())
}

fn doing(what: impl Into<String>) -> Progress {
    Progress {
        doing: what.into(),
        ..Progress::default()
    }
}
