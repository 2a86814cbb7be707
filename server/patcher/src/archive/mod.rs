//! Signed Debian archives: which suites an image belongs to, what they offer, and the
//! packages themselves.
pub mod changelog;
mod config;
pub mod deb;
mod index;
pub mod sources;
mod stanza;

pub use config::{ArchiveConfig, Rewrite};
pub use index::PackageIndex;
pub use sources::AptSource;
pub use stanza::PackageStanza;

use crate::{Job, OsRelease, PatchError};
use chrono::{DateTime, Utc};
use std::path::PathBuf;

/// Fetches, verifies and caches indexes and packages. One for the process; calls may run
/// at the same time on several threads.
pub struct Archive {
    cache_dir: PathBuf,
    config: ArchiveConfig,
}

/// One suite of one archive, verified: its Release is signed by a key that we know, and its
/// index is the one that the Release names.
#[derive(Debug)]
pub struct Suite {
    /// `bookworm-security`.
    pub label: String,
    pub is_security: bool,
    pub release: ReleaseInfo,
    pub index: PackageIndex,
    /// Where `Filename` starts from; ends with a slash.
    pub base_url: String,
}

/// What the signed Release file says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleaseInfo {
    /// `Debian`, `Ubuntu`.
    pub origin: String,
    pub codename: String,
    pub date: DateTime<Utc>,
    pub valid_until: Option<DateTime<Utc>>,
    /// Fingerprint of the key (or subkey) that signed it, in capital hexadecimal digits.
    pub signed_by: String,
    /// A sentence where the index may be behind: older than the limit without a
    /// `Valid-Until`, or read from the cache because the archive did not answer.
    pub staleness: Option<String>,
}

/// The suites of an image, and what was left out.
#[derive(Debug)]
pub struct Suites {
    pub suites: Vec<Suite>,
    pub skipped: Vec<SkippedSource>,
    /// Sentences for a person: where the addresses came from, what is stale.
    pub notes: Vec<String>,
}

/// An apt source that the built-in engine does not patch from, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SkippedSource {
    /// `https://deb.nodesource.com/node_20.x nodistro`.
    pub source: String,
    pub why: String,
}

impl Archive {
    /// Nothing is fetched yet; `cache_dir` is made where it is missing.
    pub fn new(cache_dir: PathBuf, config: ArchiveConfig) -> Result<Self, PatchError> {
        std::fs::create_dir_all(&cache_dir)
            .map_err(PatchError::io(format!("making {}", cache_dir.display())))?;
        Ok(Self { cache_dir, config })
    }

    /// The suites that an image of this release and architecture (`amd64`) is updated from:
    /// by its own apt sources, else the machine's, else the configured ones.
    pub fn suites_for(
        &self,
        apt_sources: &[AptSource],
        os: &OsRelease,
        architecture: &str,
        job: &Job,
    ) -> Result<Suites, PatchError> {
        let _ = (apt_sources, os, architecture, job, &self.config);
        Err(PatchError::Unsupported {
            what: "suites".into(),
            why: "not written yet".into(),
        })
    }

    /// The package's file, from the cache or fetched into it; size and SHA-256 are those of
    /// the signed index, checked each time.
    pub fn fetch_deb(
        &self,
        suite: &Suite,
        package: &PackageStanza,
        job: &Job,
    ) -> Result<PathBuf, PatchError> {
        let _ = (suite, package, job, &self.cache_dir);
        Err(PatchError::Unsupported {
            what: "fetching".into(),
            why: "not written yet".into(),
        })
    }
}
