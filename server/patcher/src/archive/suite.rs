//! One suite: its signed Release, and the indexes that the Release names.
use super::cache::Cache;
use super::compression;
use super::fetch::Fetcher;
use super::keys::{KeyRing, SignatureError};
use super::release::{FileEntry, Release};
use super::{AptSource, ArchiveConfig, PackageIndex, Suite};
use crate::{Job, PatchError};
use sha2::{Digest, Sha256};
use std::io::{BufReader, Read};
use std::path::PathBuf;

const RELEASE_LIMIT_BYTES: u64 = 16 * 1024 * 1024;
const INDEX_LIMIT_BYTES: u64 = 256 * 1024 * 1024;
const UNPACKED_INDEX_LIMIT_BYTES: u64 = 1024 * 1024 * 1024;

/// Loads suites from one kind of place with one set of keys.
pub(super) struct SuiteLoader<'a> {
    pub cache: &'a Cache,
    pub fetcher: &'a Fetcher,
    pub config: &'a ArchiveConfig,
    pub keys: &'a KeyRing,
}

/// What came of one source that is no failure of the whole.
pub(super) enum Loaded {
    Suite(Suite),
    /// No key that we know signs it: somebody else's archive.
    UnknownKey(String),
    /// apt takes nothing from it of its own accord, or it is another release's.
    NotForThisImage(String),
}

impl SuiteLoader<'_> {
    /// `base_url` is the source's address after rewrites, without a slash at its end.
    pub fn load(
        &self,
        source: &AptSource,
        base_url: &str,
        architecture: &str,
        job: &Job,
    ) -> Result<Loaded, PatchError> {
        let label = source.suite.trim_end_matches('/').to_owned();
        let dists = format!("{base_url}/dists/{label}");
        let url = format!("{dists}/InRelease");
        let (text, answer) = self.release_text(&url, job)?;
        let verified = match self.keys.verify(&text, job.now) {
            Ok(verified) => verified,
            Err(error @ SignatureError::UnknownKey(_)) => {
                return Ok(Loaded::UnknownKey(error.to_string()));
            }
            Err(error) => {
                return Err(PatchError::Untrusted {
                    url,
                    why: error.to_string(),
                });
            }
        };
        let release = Release::parse(&url, &verified.text)?;
        if !release.is_suite(&label) {
            let why = format!("it is the Release of {}, not of {label}", release.codename);
            return Err(PatchError::Untrusted { url, why });
        }
        if release.not_automatic {
            return Ok(Loaded::NotForThisImage(
                "apt installs from it only where it is asked to".into(),
            ));
        }
        release.check_dates(
            &url,
            job.now,
            self.config.allow_expired || self.config.offline,
        )?;
        if !release.architectures.iter().any(|one| one == architecture) {
            let why = format!("it has no packages for {architecture}");
            return Ok(Loaded::NotForThisImage(why));
        }
        let index = self.index(source, &release, &dists, architecture, job)?;
        if let Answer::Fetched = answer {
            // Kept only now: a Release whose index cannot be had is not a good one.
            self.cache.store_release(&url, job.now, &text)?;
        }
        let mut info = release.info(&label, verified.signed_by, job.now, self.config.stale_after);
        if let Answer::Unreachable(why) = answer {
            info.staleness = Some(why);
        }
        Ok(Loaded::Suite(Suite {
            is_security: release.is_security(&label),
            label,
            release: info,
            index,
            base_url: format!("{base_url}/"),
        }))
    }

    /// A recent Release from the cache, else the archive's, else the last good one.
    fn release_text(&self, url: &str, job: &Job) -> Result<(String, Answer), PatchError> {
        let cached = self.cache.find_release(url);
        let is_local = url.starts_with("file:");
        if let Some((fetched_at, text)) = &cached {
            let age = (job.now - *fetched_at).to_std().unwrap_or_default();
            if !is_local && !self.config.offline && age < self.config.refresh_after {
                return Ok((text.clone(), Answer::Recent));
            }
        }
        let fetched = if self.config.offline && !is_local {
            Err(PatchError::Unreachable {
                url: url.to_owned(),
                why: "the settings say to stay offline".into(),
            })
        } else {
            self.fetcher.get(url, RELEASE_LIMIT_BYTES, job)
        };
        match (fetched, cached) {
            (Ok(content), _) => {
                let text = String::from_utf8(content).map_err(|_| PatchError::Untrusted {
                    url: url.to_owned(),
                    why: "it is no text".into(),
                })?;
                Ok((text, Answer::Fetched))
            }
            (Err(PatchError::Unreachable { why, .. }), Some((fetched_at, text))) => {
                let note = format!(
                    "{url} did not answer ({why}); its index of {} is used.",
                    fetched_at.format("%F %H:%M UTC")
                );
                job.say(&note);
                Ok((text, Answer::Unreachable(note)))
            }
            (Err(error), _) => Err(error),
        }
    }

    fn index(
        &self,
        source: &AptSource,
        release: &Release,
        dists: &str,
        architecture: &str,
        job: &Job,
    ) -> Result<PackageIndex, PatchError> {
        let mut text = String::new();
        let separate_all = (!release.all_in_each_architecture).then_some("all");
        for component in &source.components {
            for architecture in [Some(architecture), separate_all].into_iter().flatten() {
                let part = self.component(component, architecture, release, dists, job)?;
                // Most suites are one part, and a copy of it is tens of megabytes.
                if text.is_empty() {
                    text = part;
                } else {
                    text += &part;
                }
            }
        }
        PackageIndex::from_condensed(text)
            .map_err(PatchError::reading(format!("{dists}: its index")))
    }

    /// One `Packages` file, condensed; empty where the Release lists none.
    fn component(
        &self,
        component: &str,
        architecture: &str,
        release: &Release,
        dists: &str,
        job: &Job,
    ) -> Result<String, PatchError> {
        // Debian's security archive was `updates/main` where the files are below `main`.
        let component = component.strip_prefix("updates/").unwrap_or(component);
        let plain = format!("{component}/binary-{architecture}/Packages");
        let listed = [".xz", ".gz", ""].iter().find_map(|ending| {
            let path = format!("{plain}{ending}");
            release.find_file(&path).map(|entry| (path, entry))
        });
        let Some((path, entry)) = listed else {
            return Ok(String::new());
        };
        if let Some(text) = self.cache.find_index(&entry.sha256) {
            return Ok(text);
        }
        let url = if release.acquire_by_hash {
            let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
            format!("{dists}/{folder}/by-hash/SHA256/{}", entry.sha256)
        } else {
            format!("{dists}/{path}")
        };
        let content = self.fetch_checked(&url, entry, INDEX_LIMIT_BYTES, job)?;
        let text = condense(&url, &path, &content, release.find_file(&plain))?;
        self.cache.store_index(&entry.sha256, &text)?;
        Ok(text)
    }

    /// Fetches a file that a signed index names, and checks its size and digest.
    pub fn fetch_checked(
        &self,
        url: &str,
        entry: &FileEntry,
        limit_bytes: u64,
        job: &Job,
    ) -> Result<Vec<u8>, PatchError> {
        if entry.size_bytes > limit_bytes {
            return Err(PatchError::TooLarge {
                what: url.to_owned(),
                limit_bytes,
            });
        }
        if self.config.offline && !url.starts_with("file:") {
            return Err(PatchError::Unreachable {
                url: url.to_owned(),
                why: "it is not in the cache, and the settings say to stay offline".into(),
            });
        }
        let damaged = |why: String| PatchError::Corrupt {
            what: url.to_owned(),
            why,
        };
        let content = match self.fetcher.get(url, entry.size_bytes, job) {
            Err(PatchError::TooLarge { .. }) => {
                return Err(damaged(format!(
                    "it is larger than the {} bytes that the signed index says",
                    entry.size_bytes
                )));
            }
            other => other?,
        };
        if content.len() as u64 != entry.size_bytes {
            let (found, wanted) = (content.len(), entry.size_bytes);
            return Err(damaged(format!(
                "it has {found} bytes where the signed index says {wanted}; try another mirror"
            )));
        }
        let found = hex::encode(Sha256::digest(&content));
        if found != entry.sha256 {
            return Err(damaged(format!(
                "its SHA-256 is {found} where the signed index says {}; try another mirror",
                entry.sha256
            )));
        }
        Ok(content)
    }

    /// A package's file, from the cache or fetched into it.
    pub fn fetch_object(
        &self,
        url: &str,
        entry: &FileEntry,
        limit_bytes: u64,
        job: &Job,
    ) -> Result<PathBuf, PatchError> {
        if let Some(path) = self.cache.find(&entry.sha256)? {
            return Ok(path);
        }
        let content = self.fetch_checked(url, entry, limit_bytes, job)?;
        self.cache.store(&entry.sha256, &content)
    }
}

/// How a Release came to us.
enum Answer {
    Fetched,
    Recent,
    /// Not at all: the last good one, and a sentence that says so.
    Unreachable(String),
}

fn condense(
    url: &str,
    path: &str,
    content: &[u8],
    unpacked: Option<&FileEntry>,
) -> Result<String, PatchError> {
    let limit = unpacked.map_or(UNPACKED_INDEX_LIMIT_BYTES, |entry| {
        entry.size_bytes.min(UNPACKED_INDEX_LIMIT_BYTES)
    });
    let decoded = compression::decode(path, content, limit).map_err(PatchError::reading(url))?;
    let mut decoded = Counted {
        content: decoded,
        count: 0,
    };
    let text = PackageIndex::condense(BufReader::with_capacity(256 * 1024, &mut decoded))
        .map_err(PatchError::reading(url))?;
    match unpacked {
        Some(entry) if entry.size_bytes != decoded.count => Err(PatchError::Corrupt {
            what: url.to_owned(),
            why: format!(
                "it unpacks to {} bytes where the signed index says {}",
                decoded.count, entry.size_bytes
            ),
        }),
        _ => Ok(text),
    }
}

struct Counted<R> {
    content: R,
    count: u64,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let length = self.content.read(buffer)?;
        self.count += length as u64;
        Ok(length)
    }
}
