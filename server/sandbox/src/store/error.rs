//! Why the store refuses or fails.
use super::{Reference, files};
use drydock_domain::tag::{Digest, RepositoryName, Tag};
use std::io;
use uuid::Uuid;

/// What a caller of the store can meet. The routes turn each into the specification's code.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("there is no repository '{0}' in this registry")]
    RepositoryUnknown(RepositoryName),
    #[error("there is no manifest '{reference}' in the repository '{repository}'")]
    ManifestUnknown {
        repository: RepositoryName,
        reference: Reference,
    },
    #[error("there is no tag '{tag}' in the repository '{repository}'")]
    TagUnknown {
        repository: RepositoryName,
        tag: Tag,
    },
    #[error("there is no blob {digest} in the repository '{repository}'")]
    BlobUnknown {
        repository: RepositoryName,
        digest: Digest,
    },
    #[error(
        "there is no upload {id} for the repository '{repository}'; it has ended, was cancelled, was too large for the disk, or was left alone for more than a day"
    )]
    UploadUnknown {
        repository: RepositoryName,
        id: Uuid,
    },
    #[error("another request is writing to the upload {0}; wait for its answer")]
    UploadBusy(Uuid),
    #[error("the content has the digest {actual}, and {claimed} was claimed; nothing was stored")]
    DigestMismatch { claimed: Digest, actual: Digest },
    #[error("{0} is not supported: this registry stores content under sha256 digests")]
    DigestUnsupported(Digest),
    #[error("the manifest is not valid: {0}")]
    ManifestInvalid(String),
    #[error(
        "the manifest names content that is not in the repository '{repository}': {}; push it first",
        .missing.iter().map(Missing::to_string).collect::<Vec<_>>().join(", ")
    )]
    ContentMissing {
        repository: RepositoryName,
        missing: Vec<Missing>,
    },
    #[error(
        "the chunk begins at byte {claimed}, and the upload holds {held}; go on from where it is"
    )]
    OffsetMismatch { claimed: u64, held: u64 },
    #[error(
        "the blob {digest} is in use by the manifest {manifest} in '{repository}'; delete that first"
    )]
    BlobInUse {
        repository: RepositoryName,
        digest: Digest,
        manifest: Digest,
    },
    /// ACR's own sentence: its clients and their users look for it.
    #[error(
        "The operation is disallowed on this registry, repository or image. View troubleshooting steps at https://aka.ms/acr/faq/#why-does-my-pull-or-push-request-fail-with-disallowed-operation"
    )]
    Locked,
    #[error(
        "the disk that holds the registry is full; nothing of this upload was kept: free some room, and push again"
    )]
    DiskFull,
    #[error("the registry's store failed: {0}")]
    Io(#[source] io::Error),
}

impl From<io::Error> for StoreError {
    fn from(error: io::Error) -> Self {
        if files::is_full(&error) {
            Self::DiskFull
        } else {
            Self::Io(error)
        }
    }
}

/// For callers that speak of files: the patcher and the makers of samples.
impl From<StoreError> for io::Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Io(error) => error,
            StoreError::DiskFull => Self::new(io::ErrorKind::StorageFull, error),
            other => Self::other(other),
        }
    }
}

/// Something that a manifest names and its repository does not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// `config`, `layer 2`, `manifest 0`.
    pub role: String,
    pub digest: Digest,
}

impl std::fmt::Display for Missing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.role, self.digest)
    }
}
