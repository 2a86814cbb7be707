//! Signed Debian archives: which suites an image belongs to, what they offer, and the
//! packages themselves.
mod cache;
pub mod changelog;
mod compression;
mod config;
pub mod deb;
mod fetch;
mod index;
mod keys;
#[cfg(test)]
mod live;
mod places;
mod release;
pub mod sources;
mod stanza;
mod suite;
#[cfg(test)]
mod tests;

pub use config::{ArchiveConfig, Rewrite};
pub use index::PackageIndex;
pub use sources::AptSource;
pub use stanza::PackageStanza;

use crate::{Job, OsRelease, PatchError};
use cache::Cache;
use chrono::{DateTime, Utc};
use fetch::Fetcher;
use keys::KeyRing;
use places::Place;
use release::FileEntry;
use std::path::PathBuf;
use suite::{Loaded, SuiteLoader};

/// No package of an image's operating system is larger.
const DEB_LIMIT_BYTES: u64 = 1024 * 1024 * 1024;

/// Fetches, verifies and caches indexes and packages. One for the process; calls may run
/// at the same time on several threads. Its calls block: keep them out of async code.
#[derive(Debug)]
pub struct Archive {
    cache: Cache,
    config: ArchiveConfig,
    fetcher: Fetcher,
    keys: KeyRing,
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
#[derive(Debug, Default)]
pub struct Suites {
    pub suites: Vec<Suite>,
    /// The apt entry of each suite, in the same order.
    pub sources: Vec<AptSource>,
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
        let mut keys = KeyRing::built_in();
        for path in &config.key_files {
            keys.add_file(path)?;
        }
        Ok(Self {
            cache: Cache::new(cache_dir)?,
            fetcher: Fetcher::new(config.connect_timeout, config.read_timeout),
            config,
            keys,
        })
    }

    pub fn config(&self) -> &ArchiveConfig {
        &self.config
    }

    /// The suites that an image of this release and architecture (`amd64`) is updated from:
    /// by its own apt sources, else the machine's, else the configured ones. The first of
    /// these places that answers is used alone. Fails where none does, and at once where a
    /// signature is wrong: somebody may be in between.
    pub fn suites_for(
        &self,
        apt_sources: &[AptSource],
        os: &OsRelease,
        architecture: &str,
        job: &Job,
    ) -> Result<Suites, PatchError> {
        let mut failures: Vec<String> = Vec::new();
        let mut first = None;
        for place in places::in_order(apt_sources, os, &self.config) {
            match self.load_place(&place, os, architecture, job) {
                Ok(mut suites) if !suites.suites.is_empty() => {
                    if !failures.is_empty() {
                        suites.notes.push(format!(
                            "Used {} instead: {}.",
                            place.name,
                            failures.join("; ")
                        ));
                    }
                    return Ok(suites);
                }
                Ok(suites) => failures.push(describe_skipped(place.name, &suites)),
                Err(error) if is_passing(&error) => {
                    failures.push(error.to_string());
                    first.get_or_insert(error);
                }
                Err(error) => return Err(error),
            }
        }
        Err(first.unwrap_or_else(|| no_archive(os, &failures)))
    }

    fn load_place(
        &self,
        place: &Place,
        os: &OsRelease,
        architecture: &str,
        job: &Job,
    ) -> Result<Suites, PatchError> {
        let mut suites = Suites::default();
        for source in &place.sources {
            job.check()?;
            let skip = |why: String| SkippedSource {
                source: format!("{} {}", source.uri, source.suite),
                why,
            };
            if let Some(why) = places::refusal(source, place, os, architecture, &self.config) {
                suites.skipped.push(skip(why));
                continue;
            }
            match self.load_source(source, architecture, job) {
                Ok(Loaded::Suite(suite)) => {
                    suites.notes.extend(suite.release.staleness.clone());
                    suites.suites.push(suite);
                    suites.sources.push(source.clone());
                }
                Ok(Loaded::NotForThisImage(why)) => suites.skipped.push(skip(why)),
                Ok(Loaded::UnknownKey(why)) if !places::is_security(&source.suite, os) => {
                    suites
                        .skipped
                        .push(skip(format!("{why}: not patchable by the built-in engine")));
                }
                Ok(Loaded::UnknownKey(why)) => {
                    let url = format!("{} {}", source.uri, source.suite);
                    return Err(PatchError::Untrusted { url, why });
                }
                // Suites between the release and its security fixes are taken down first.
                Err(PatchError::NotFound { url }) if source.suite.ends_with("-updates") => {
                    suites.skipped.push(skip(format!("{url} is not there")));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(suites)
    }

    fn load_source(
        &self,
        source: &AptSource,
        architecture: &str,
        job: &Job,
    ) -> Result<Loaded, PatchError> {
        let base_url = places::address(&source.uri, &self.config);
        let toy_keys = places::toy_keys(&source.uri, &self.config)?;
        let keys = toy_keys.as_ref().unwrap_or(&self.keys);
        self.loader(keys).load(source, &base_url, architecture, job)
    }

    /// The package's file, from the cache or fetched into it; size and SHA-256 are those of
    /// the signed index, checked each time.
    pub fn fetch_deb(
        &self,
        suite: &Suite,
        package: &PackageStanza,
        job: &Job,
    ) -> Result<PathBuf, PatchError> {
        let entry = FileEntry {
            sha256: package.sha256.clone(),
            size_bytes: package.size_bytes,
        };
        let is_digest = entry.sha256.len() == 64
            && entry
                .sha256
                .bytes()
                .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
        let leaves_root = package.filename.split('/').any(|part| part == "..");
        if !is_digest || leaves_root || package.filename.is_empty() {
            return Err(PatchError::Corrupt {
                what: format!("the entry of {} in {}", package.package, suite.label),
                why: "its Filename or SHA256 cannot be used".into(),
            });
        }
        let url = format!("{}{}", suite.base_url, package.filename);
        self.loader(&self.keys)
            .fetch_object(&url, &entry, DEB_LIMIT_BYTES, job)
    }

    fn loader<'a>(&'a self, keys: &'a KeyRing) -> SuiteLoader<'a> {
        SuiteLoader {
            cache: &self.cache,
            fetcher: &self.fetcher,
            config: &self.config,
            keys,
        }
    }
}

/// Another place may help.
fn is_passing(error: &PatchError) -> bool {
    matches!(
        error,
        PatchError::Unreachable { .. } | PatchError::NotFound { .. }
    )
}

fn describe_skipped(place: &str, suites: &Suites) -> String {
    let skipped: Vec<String> = suites
        .skipped
        .iter()
        .map(|skipped| format!("{} ({})", skipped.source, skipped.why))
        .collect();
    match skipped.is_empty() {
        true => format!("{place} name no archive"),
        false => format!("{place} name no usable archive: {}", skipped.join(", ")),
    }
}

fn no_archive(os: &OsRelease, failures: &[String]) -> PatchError {
    let release = if os.codename.is_empty() {
        &os.pretty_name
    } else {
        &os.codename
    };
    PatchError::Settings {
        what: "archive sources".into(),
        why: format!(
            "no archive of {release} is known: {}; name one in the settings",
            failures.join("; ")
        ),
    }
}
