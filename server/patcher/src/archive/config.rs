//! Where archives are, and how strictly their dates are read.
use super::AptSource;
use std::path::PathBuf;
use std::time::Duration;

/// Settings of the archive client. No address is compiled in: without an image's own
/// sources, the machine's and `sources`, there is nothing to fetch from.
#[derive(Clone, Debug)]
pub struct ArchiveConfig {
    /// Used where neither the image's own sources nor the machine's can be.
    pub sources: Vec<AptSource>,
    /// The machine's apt settings, `/etc/apt`; `None` leaves them out.
    pub machine_apt_dir: Option<PathBuf>,
    /// Applied to every address, the first that fits.
    pub rewrites: Vec<Rewrite>,
    /// Files with OpenPGP public keys (binary or armoured) that are trusted as well.
    pub key_files: Vec<PathBuf>,
    /// Folder of the toy archive, where one is or may be made: its address is served from
    /// there, and its key is trusted for that address only.
    pub toy_dir: Option<PathBuf>,
    /// Accept an index past its `Valid-Until`.
    pub allow_expired: bool,
    /// An index without `Valid-Until` that is older than this is flagged, not refused.
    pub stale_after: Duration,
    /// A fetched Release is used for this long before the archive is asked again.
    pub refresh_after: Duration,
    /// Never use the network: the last good indexes and packages only.
    pub offline: bool,
    pub connect_timeout: Duration,
    /// Without a byte for this long, a transfer is given up.
    pub read_timeout: Duration,
}

impl Default for ArchiveConfig {
    fn default() -> Self {
        Self {
            sources: Vec::new(),
            machine_apt_dir: Some(PathBuf::from("/etc/apt")),
            rewrites: Vec::new(),
            key_files: Vec::new(),
            toy_dir: None,
            allow_expired: false,
            stale_after: Duration::from_secs(30 * 24 * 3600),
            refresh_after: Duration::from_secs(300),
            offline: false,
            connect_timeout: Duration::from_secs(10),
            read_timeout: Duration::from_secs(30),
        }
    }
}

/// An address that begins with `from` is fetched from `to` instead: a mirror.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rewrite {
    pub from: String,
    pub to: String,
}
