//! A sandbox that another process runs: where it is, and what a client needs to use it.
use crate::{Endpoints, SandboxError, arm::LabelScope, identity::Identity, store::files, tls};
use serde::{Deserialize, Serialize};
use std::{
    fs, io,
    net::SocketAddr,
    path::{Path, PathBuf},
};

/// What the process that runs a sandbox left for others to find.
pub struct RunningSandbox {
    pub endpoints: Endpoints,
    pub identity: Identity,
    /// The certificate that clients have to trust, in PEM.
    pub ca_file: PathBuf,
    /// The sandbox's own folder.
    pub directory: PathBuf,
}

/// Below the sandbox's folder: where it is, while it listens.
const ADDRESS_FILE: &str = "address";

/// What that file says.
#[derive(Serialize, Deserialize)]
struct Place {
    address: SocketAddr,
    domain_label_scope: LabelScope,
}

impl RunningSandbox {
    /// # Errors
    /// No sandbox runs on `data_dir`, or its files cannot be read.
    pub fn find(data_dir: &Path) -> Result<Self, SandboxError> {
        let directory = data_dir.join("sandbox");
        let stopped = || SandboxError::NotRunning {
            path: data_dir.to_owned(),
        };
        let storage = |source| SandboxError::Storage {
            path: directory.clone(),
            source,
        };
        if !is_locked(&directory).map_err(storage)? {
            return Err(stopped());
        }
        let place = match fs::read(directory.join(ADDRESS_FILE)) {
            Ok(place) => place,
            // It is about to listen, or about to end.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(stopped()),
            Err(error) => return Err(storage(error)),
        };
        let place: Place = serde_json::from_slice(&place).map_err(|error| storage(error.into()))?;
        let identity = Identity::load_or_create(&directory).map_err(storage)?;
        let (scope, port) = (place.domain_label_scope, place.address.port());
        Ok(Self {
            endpoints: Endpoints::new(&identity, scope, port),
            identity,
            ca_file: directory.join(tls::FOLDER).join(tls::PUBLIC_FILE),
            directory,
        })
    }
}

/// Tells others where the sandbox listens.
pub(crate) fn announce(
    directory: &Path,
    address: SocketAddr,
    domain_label_scope: LabelScope,
) -> io::Result<()> {
    let place = Place {
        address,
        domain_label_scope,
    };
    let place = serde_json::to_vec(&place)?;
    files::write_private(&directory.join(ADDRESS_FILE), &place)
}

/// Nobody is told any longer.
pub(crate) fn withdraw(directory: &Path) {
    if let Err(error) = files::remove(&directory.join(ADDRESS_FILE)) {
        tracing::warn!(%error, "the sandbox's address stays in its folder");
    }
}

/// A process that was killed leaves its address, and its lock goes with it.
fn is_locked(directory: &Path) -> io::Result<bool> {
    match fs::File::open(directory.join("lock")) {
        Ok(file) => match file.try_lock_shared() {
            Ok(()) => Ok(false),
            Err(fs::TryLockError::WouldBlock) => Ok(true),
            Err(fs::TryLockError::Error(error)) => Err(error),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}
