//! Uploads under way: a file that grows, and outlives a restart.
use super::{
    StoreError,
    blobs::{BlobFiles, check_claim, digest_of},
    files,
};
use chrono::{DateTime, TimeDelta, Utc};
use drydock_domain::tag::{Digest, RepositoryName};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::{
    collections::HashMap,
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use uuid::Uuid;

/// An upload that nobody finished in this time is forgotten at the next start.
const ABANDONED_AFTER: TimeDelta = TimeDelta::days(1);

/// `uploads/<id>` holds what has arrived, `uploads/<id>.json` whose it is. The offset is the
/// length of the file, so a restart loses nothing; the running hash is only kept in memory and
/// is made again from the file when it is missing.
pub(super) struct Uploads {
    directory: PathBuf,
    sessions: Mutex<HashMap<Uuid, Slot>>,
}

enum Slot {
    Idle(Session),
    /// A request has taken the session and will bring it back.
    Busy(RepositoryName),
}

struct Session {
    repository: RepositoryName,
    held: u64,
    /// Of the first `held` bytes.
    hasher: Option<Sha256>,
}

#[derive(Serialize, Deserialize)]
struct Record {
    repository: RepositoryName,
    started_at: DateTime<Utc>,
}

impl Uploads {
    pub fn open(root: &Path, now: DateTime<Utc>) -> io::Result<Self> {
        let directory = root.join("uploads");
        fs::create_dir_all(&directory)?;
        let mut sessions = HashMap::new();
        for entry in files::list(&directory)? {
            let path = entry.path();
            let id = path.file_stem().and_then(|stem| stem.to_str());
            let Some(id) = id.and_then(|stem| Uuid::parse_str(stem).ok()) else {
                continue;
            };
            match load(&directory, id, now) {
                Some(session) => {
                    sessions.insert(id, Slot::Idle(session));
                }
                None => fs::remove_file(&path)?,
            }
        }
        Ok(Self {
            directory,
            sessions: Mutex::new(sessions),
        })
    }

    /// Removes every upload under way below `root`, however young. Returns how many bytes that
    /// freed. Nobody may have the store open.
    pub fn discard(root: &Path) -> io::Result<u64> {
        let mut freed_bytes = 0;
        for entry in files::list(&root.join("uploads"))? {
            freed_bytes += entry.metadata()?.len();
            fs::remove_file(entry.path())?;
        }
        Ok(freed_bytes)
    }

    pub fn begin(&self, repository: &RepositoryName, now: DateTime<Utc>) -> io::Result<Uuid> {
        let id = Uuid::new_v4();
        let content = self.directory.join(id.to_string());
        File::create_new(&content)?;
        let record = Record {
            repository: repository.clone(),
            started_at: now,
        };
        let record = serde_json::to_vec(&record)?;
        if let Err(error) = files::write_private(&record_path(&self.directory, id), &record) {
            files::remove(&content)?;
            return Err(error);
        }
        let session = Session {
            repository: repository.clone(),
            held: 0,
            hasher: Some(Sha256::new()),
        };
        self.sessions().insert(id, Slot::Idle(session));
        Ok(id)
    }

    /// How many bytes have arrived.
    pub fn held(&self, repository: &RepositoryName, id: Uuid) -> Result<u64, StoreError> {
        match self.sessions().get(&id) {
            Some(Slot::Idle(session)) if session.repository == *repository => Ok(session.held),
            Some(Slot::Busy(owner)) if owner == repository => {
                Ok(fs::metadata(self.directory.join(id.to_string()))?.len())
            }
            _ => Err(unknown(repository, id)),
        }
    }

    /// Takes the upload for one request's bytes.
    pub fn append(
        self: &Arc<Self>,
        repository: &RepositoryName,
        id: Uuid,
        claimed_offset: Option<u64>,
    ) -> Result<Appender, StoreError> {
        let session = self.take(repository, id)?;
        let held = session.held;
        let path = self.directory.join(id.to_string());
        let mut appender = Appender {
            uploads: self.clone(),
            id,
            session: Some(session),
            file: None,
        };
        match claimed_offset {
            Some(claimed) if claimed != held => {
                return Err(StoreError::OffsetMismatch { claimed, held });
            }
            _ => {}
        }
        appender.file = Some(OpenOptions::new().append(true).open(path)?);
        Ok(appender)
    }

    pub fn cancel(&self, repository: &RepositoryName, id: Uuid) -> Result<(), StoreError> {
        self.take(repository, id)?;
        self.forget(id)?;
        Ok(())
    }

    fn take(&self, repository: &RepositoryName, id: Uuid) -> Result<Session, StoreError> {
        let mut sessions = self.sessions();
        match sessions.get_mut(&id) {
            Some(Slot::Idle(session)) if session.repository == *repository => {
                let taken = std::mem::replace(
                    session,
                    Session {
                        repository: repository.clone(),
                        held: 0,
                        hasher: None,
                    },
                );
                sessions.insert(id, Slot::Busy(repository.clone()));
                Ok(taken)
            }
            Some(Slot::Busy(owner)) if owner == repository => Err(StoreError::UploadBusy(id)),
            _ => Err(unknown(repository, id)),
        }
    }

    fn forget(&self, id: Uuid) -> io::Result<()> {
        self.sessions().remove(&id);
        files::remove(&self.directory.join(id.to_string()))?;
        files::remove(&record_path(&self.directory, id))
    }

    /// A panic while the lock was held cannot leave the map half-changed: each change is one call.
    fn sessions(&self) -> MutexGuard<'_, HashMap<Uuid, Slot>> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes one request's bytes. Dropping it gives the upload back with what has arrived, and the
/// client can go on from there, unless the disk was full: that ends the upload.
pub struct Appender {
    uploads: Arc<Uploads>,
    id: Uuid,
    session: Option<Session>,
    file: Option<File>,
}

impl Appender {
    pub fn held(&self) -> u64 {
        self.session.as_ref().map_or(0, |session| session.held)
    }

    /// Ends the upload: its content becomes the blob `claimed`. A digest that does not fit ends
    /// it as well, without a blob.
    pub(super) fn finish(mut self, blobs: &BlobFiles, claimed: &Digest) -> Result<u64, StoreError> {
        let path = self.uploads.directory.join(self.id.to_string());
        let hasher = match self
            .session
            .as_mut()
            .and_then(|session| session.hasher.take())
        {
            Some(hasher) => hasher,
            None => hash_file(&path)?,
        };
        let held = self.held();
        let actual = digest_of(hasher);
        if let Err(refusal) = check_claim(Some(claimed), &actual) {
            self.session = None;
            self.uploads.forget(self.id)?;
            return Err(refusal);
        }
        if let Err(error) = blobs.adopt(&path, &actual) {
            self.give_room_back(&error);
            return Err(error.into());
        }
        self.session = None;
        self.uploads.forget(self.id)?;
        Ok(held)
    }

    /// On a full disk the bytes that did arrive are what is in the way of the next attempt: the
    /// upload ends, and the client begins a new one.
    fn give_room_back(&mut self, error: &io::Error) {
        if !files::is_full(error) {
            return;
        }
        self.session = None;
        self.file = None;
        if let Err(error) = self.uploads.forget(self.id) {
            tracing::warn!(%error, "an upload that the disk had no room for could not be removed");
        }
    }
}

impl Write for Appender {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let (Some(session), Some(file)) = (&mut self.session, &mut self.file) else {
            return Err(io::Error::other("the upload has ended"));
        };
        let written = match file.write(buffer) {
            Ok(written) => written,
            Err(error) => {
                self.give_room_back(&error);
                return Err(error);
            }
        };
        if let Some(hasher) = &mut session.hasher {
            hasher.update(&buffer[..written]);
        }
        session.held += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Appender {
    fn drop(&mut self) {
        if let Some(session) = self.session.take() {
            self.uploads.sessions().insert(self.id, Slot::Idle(session));
        }
    }
}

fn load(directory: &Path, id: Uuid, now: DateTime<Utc>) -> Option<Session> {
    let record = fs::read(record_path(directory, id)).ok()?;
    let record: Record = serde_json::from_slice(&record).ok()?;
    let held = fs::metadata(directory.join(id.to_string())).ok()?.len();
    (now - record.started_at < ABANDONED_AFTER).then_some(Session {
        repository: record.repository,
        held,
        hasher: None,
    })
}

fn hash_file(path: &Path) -> io::Result<Sha256> {
    let mut file = File::open(path)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 256 * 1024];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hasher),
            read => hasher.update(&buffer[..read]),
        }
    }
}

fn record_path(directory: &Path, id: Uuid) -> PathBuf {
    directory.join(format!("{id}.json"))
}

fn unknown(repository: &RepositoryName, id: Uuid) -> StoreError {
    StoreError::UploadUnknown {
        repository: repository.clone(),
        id,
    }
}
