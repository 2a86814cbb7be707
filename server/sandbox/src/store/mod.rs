//! The registry's store: repositories, tags, manifests and blobs on disk, an index of them in
//! memory. Every change is a file written aside, synced and renamed, so that a process that dies
//! leaves the old state or the new one. Calls block; async callers use `spawn_blocking`.
mod attributes;
mod blobs;
mod delete;
mod error;
pub mod files;
mod index;
mod manifest;
mod push;
mod read;
mod record;
mod sweep;
mod uploads;

pub use attributes::{AttributeChange, Attributes};
pub use error::{Missing, StoreError};
pub use manifest::{DOCKER_LIST, DOCKER_MANIFEST, MAX_MANIFEST_BYTES, OCI_INDEX, OCI_MANIFEST};
pub use push::{BlobUpload, Blobs, Pushed};
pub use read::{Manifest, StoredBlob};
pub use record::{
    Child, Deleted, ManifestRecord, ManifestSummary, Reference, RepositoryFacts, TagRecord,
};
pub use uploads::Appender;

use crate::Clock;
use blobs::BlobFiles;
use drydock_domain::tag::RepositoryName;
use index::{Index, Records};
use std::{
    hash::{BuildHasher, RandomState},
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
};
use uploads::Uploads;

/// One registry. Reads see each change whole; changes of one repository follow one another.
pub struct Registry {
    root: PathBuf,
    clock: Arc<dyn Clock>,
    blobs: BlobFiles,
    uploads: Arc<Uploads>,
    records: Records,
    index: RwLock<Index>,
    /// A change locks the stripe of its repository while it writes to the disk, and the index
    /// only for the moment in which the change shows.
    stripes: [Mutex<()>; 64],
    stripe_of: RandomState,
}

impl Registry {
    /// Reads what is under `root`, or begins there, and sweeps what nobody needs any more.
    ///
    /// # Errors
    /// The folder cannot be used, or a record in it cannot be read.
    pub fn open(root: &Path, clock: Arc<dyn Clock>) -> io::Result<Self> {
        std::fs::create_dir_all(root)?;
        let blobs = BlobFiles::open(root)?;
        let records = Records::open(root)?;
        let mut index = records.load()?;
        sweep::sweep(&blobs, &records, &mut index, clock.now().into())?;
        Ok(Self {
            root: root.to_owned(),
            uploads: Arc::new(Uploads::open(root, clock.now())?),
            clock,
            blobs,
            records,
            index: RwLock::new(index),
            stripes: [const { Mutex::new(()) }; 64],
            stripe_of: RandomState::new(),
        })
    }

    /// Removes every upload under way below `root`: what a full disk can spare, since its client
    /// pushes it again. Returns how many bytes that freed. Nobody may have the store open.
    ///
    /// # Errors
    /// A file cannot be removed.
    pub fn discard_uploads(root: &Path) -> io::Result<u64> {
        Uploads::discard(root)
    }

    fn lock(&self, repository: &RepositoryName) -> MutexGuard<'_, ()> {
        let stripe = self.stripe_of.hash_one(repository) as usize % self.stripes.len();
        let stripe = &self.stripes[stripe];
        // The lock guards no data of its own: after a panic the disk is as whole as after a kill.
        stripe.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The index is changed by single calls that do not panic half-way, so a poisoned lock tells
    /// nothing.
    fn index(&self) -> RwLockReadGuard<'_, Index> {
        self.index.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn index_mut(&self) -> RwLockWriteGuard<'_, Index> {
        self.index.write().unwrap_or_else(PoisonError::into_inner)
    }
}
