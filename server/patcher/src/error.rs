//! What can go wrong, as the branches that a caller takes.
use crate::printable::printable;
use std::error::Error;
use std::io;

/// Every failure of the patcher. Each names what failed, where, and where it helps, what to do.
/// Whatever an image or an archive put into the words is [`printable`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PatchError {
    /// The caller's own wish.
    #[error("cancelled")]
    Cancelled,
    /// A setting that cannot be used.
    #[error("the setting {} cannot be used: {}", printable(.what), printable(.why))]
    Settings { what: String, why: String },
    /// An image's or a tag's name that cannot be used, in a whole sentence.
    #[error("{}", printable(.0))]
    Name(String),
    /// No answer, or one that says "later": worth another try.
    #[error("{} cannot be reached: {}; check the network, or name a mirror in the settings", printable(.url), printable(.why))]
    Unreachable { url: String, why: String },
    /// The archive answered that it has no such file.
    #[error(
        "{} is not there; the suite may have moved to an archive of old releases: \
         name an address that carries it in the settings", printable(.url))]
    NotFound { url: String },
    /// A signature is absent, wrong, or by a key that nobody gave us.
    #[error("{} is not trusted: {}", printable(.url), printable(.why))]
    Untrusted { url: String, why: String },
    /// An index whose dates do not fit today's.
    #[error("{} is out of date: {}", printable(.url), printable(.why))]
    Expired { url: String, why: String },
    /// Bytes that are not what a signed index says, or not what their format says.
    #[error("{} is damaged: {}", printable(.what), printable(.why))]
    Corrupt { what: String, why: String },
    /// A bound that guards against hostile input.
    #[error("{} is larger than the limit of {limit_bytes} bytes", printable(.what))]
    TooLarge { what: String, limit_bytes: u64 },
    /// An image that breaks its own format or tries to leave its root.
    #[error("the image cannot be used: {}: {}", printable(.what), printable(.why))]
    Image { what: String, why: String },
    /// Something is where a record should be, and cannot be read: no image is clean because of it.
    #[error("the image could not be scanned: {} {}", printable(.path), printable(.why))]
    Unreadable { path: String, why: String },
    /// An operating system or layout that this engine does not know.
    #[error("{} is not supported: {}", printable(.what), printable(.why))]
    Unsupported { what: String, why: String },
    /// After patching, a planned package is not at the planned version.
    #[error("{} should be at {} after patching, but {}", printable(.package), printable(.planned), printable(.found))]
    NotAtPlannedVersion {
        package: String,
        planned: String,
        found: String,
    },
    /// The disk or the blob store.
    #[error("{}: {}", printable(.what), printable(&causes(.cause)))]
    Io {
        what: String,
        /// Told as a part of this error's text, so it is no source of it: whoever prints the
        /// sources too would say it twice.
        cause: io::Error,
    },
}

impl PatchError {
    /// For `map_err`: `read(path).map_err(PatchError::io(format!("reading {path}")))`.
    pub fn io(what: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let what = what.into();
        move |cause| Self::Io { what, cause }
    }

    /// For `map_err` where reading `what` failed: bytes that cannot be decoded are damage,
    /// anything else is the disk.
    pub fn reading(what: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let what = what.into();
        move |cause| match cause.kind() {
            io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof | io::ErrorKind::Other => {
                Self::Corrupt {
                    what,
                    why: causes(&cause),
                }
            }
            _ => Self::Io { what, cause },
        }
    }
}

/// An error with its causes, none of them twice.
pub(crate) fn causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let reason = cause.to_string();
        if !text.contains(&reason) {
            text = format!("{text}: {reason}");
        }
        next = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_cause_is_said_once_even_with_the_sources() {
        let missing = tempfile::tempfile_in("/nowhere/at/all").map(|_| ());
        let named = tempfile::NamedTempFile::new_in("/nowhere/at/all").map(|_| ());
        for failed in [missing, named] {
            let error = PatchError::io("making a file")(failed.unwrap_err());
            assert!(error.source().is_none());
            let text = error.to_string();
            assert_eq!(text.matches("No such file").count(), 1, "{text}");
            assert!(text.matches("at path").count() <= 1, "{text}");
        }
    }

    #[test]
    fn what_an_image_wrote_is_shown_without_its_control_characters() {
        let error = PatchError::Image {
            what: "layer, etc/\u{1b}[2Jpasswd".into(),
            why: "it\nlies".into(),
        };
        assert_eq!(
            error.to_string(),
            r"the image cannot be used: layer, etc/\x1b[2Jpasswd: it\x0alies"
        );
    }
}
