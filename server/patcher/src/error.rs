//! What can go wrong, as the branches that a caller takes.
use std::io;

/// Every failure of the patcher. Each names what failed, where, and where it helps, what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PatchError {
    /// The caller's own wish.
    #[error("cancelled")]
    Cancelled,
    /// A setting that cannot be used.
    #[error("the setting {what} cannot be used: {why}")]
    Settings { what: String, why: String },
    /// No answer, or one that says "later": worth another try.
    #[error("{url} cannot be reached: {why}; check the network, or name a mirror in the settings")]
    Unreachable { url: String, why: String },
    /// The archive answered that it has no such file.
    #[error(
        "{url} is not there; the suite may have moved to an archive of old releases: \
         name an address that carries it in the settings"
    )]
    NotFound { url: String },
    /// A signature is absent, wrong, or by a key that nobody gave us.
    #[error("{url} is not trusted: {why}")]
    Untrusted { url: String, why: String },
    /// An index whose dates do not fit today's.
    #[error("{url} is out of date: {why}")]
    Expired { url: String, why: String },
    /// Bytes that are not what a signed index says, or not what their format says.
    #[error("{what} is damaged: {why}")]
    Corrupt { what: String, why: String },
    /// A bound that guards against hostile input.
    #[error("{what} is larger than the limit of {limit_bytes} bytes")]
    TooLarge { what: String, limit_bytes: u64 },
    /// An image that breaks its own format or tries to leave its root.
    #[error("the image cannot be used: {what}: {why}")]
    Image { what: String, why: String },
    /// Something is where a record should be, and cannot be read: no image is clean because of it.
    #[error("the image could not be scanned: {path} {why}")]
    Unreadable { path: String, why: String },
    /// An operating system or layout that this engine does not know.
    #[error("{what} is not supported: {why}")]
    Unsupported { what: String, why: String },
    /// After patching, a planned package is not at the planned version.
    #[error("{package} should be at {planned} after patching, but {found}")]
    NotAtPlannedVersion {
        package: String,
        planned: String,
        found: String,
    },
    /// The disk or the blob store.
    #[error("{what}: {source}")]
    Io {
        what: String,
        #[source]
        source: io::Error,
    },
}

impl PatchError {
    /// For `map_err`: `read(path).map_err(PatchError::io(format!("reading {path}")))`.
    pub fn io(what: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let what = what.into();
        move |source| Self::Io { what, source }
    }

    /// For `map_err` where reading `what` failed: bytes that cannot be decoded are damage,
    /// anything else is the disk.
    pub fn reading(what: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let what = what.into();
        move |source| match source.kind() {
            io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof | io::ErrorKind::Other => {
                Self::Corrupt {
                    what,
                    why: source.to_string(),
                }
            }
            _ => Self::Io { what, source },
        }
    }
}
