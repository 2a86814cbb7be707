//! The ids that an update fixes, from the changelog between the two versions of its source.
use crate::archive::deb::{Changelog, Deb};
use crate::archive::{Archive, changelog};
use crate::plan::Candidate;
use crate::{Job, PatchError};
use flate2::Compression;
use std::collections::{BTreeMap, HashMap};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Source, its old and its new version.
type Step = (String, String, String);

#[derive(Clone, Debug, Default)]
pub struct IdsBySource {
    ids: HashMap<Step, Vec<String>>,
}

impl IdsBySource {
    pub fn of(&self, candidate: &Candidate<'_>) -> &[String] {
        self.ids.get(&step(candidate)).map_or(&[], Vec::as_slice)
    }
}

/// Packages whose changelogs are read at the same time.
const WORKERS: usize = 4;
/// Links from one package's documentation to another's that are followed.
const LINKS: usize = 4;

/// Reads one changelog for each source, from the smallest of its packages that carries it.
pub fn find(
    archive: &Archive,
    cache_dir: &Path,
    candidates: &[Candidate<'_>],
    job: &Job<'_>,
) -> Result<IdsBySource, PatchError> {
    let mut by_step: BTreeMap<Step, Vec<&Candidate<'_>>> = BTreeMap::new();
    for candidate in candidates {
        by_step.entry(step(candidate)).or_default().push(candidate);
    }
    for group in by_step.values_mut() {
        group.sort_by_key(|candidate| candidate.offer.size_bytes);
    }
    let reader = Reader {
        archive,
        directory: cache_dir.join("changelogs"),
        job,
    };
    std::fs::create_dir_all(&reader.directory).map_err(PatchError::io(format!(
        "making {}",
        reader.directory.display()
    )))?;
    let steps: Vec<(&Step, &Vec<&Candidate<'_>>)> = by_step.iter().collect();
    let ids = in_parallel(WORKERS, &steps, |(step, group)| {
        job.check()?;
        let text = reader.changelog(group)?;
        Ok((
            (*step).clone(),
            changelog::ids_between(&text, &step.1, &step.2),
        ))
    })?;
    Ok(IdsBySource {
        ids: ids.into_iter().collect(),
    })
}

fn step(candidate: &Candidate<'_>) -> Step {
    let (installed, offer) = (candidate.installed, &candidate.offer);
    (
        offer.source.clone(),
        installed.source_version.clone(),
        offer.source_version.clone(),
    )
}

struct Reader<'a> {
    archive: &'a Archive,
    directory: PathBuf,
    job: &'a Job<'a>,
}

impl Reader<'_> {
    /// The changelog of a source; empty where none of its packages carries one.
    fn changelog(&self, group: &[&Candidate<'_>]) -> Result<String, PatchError> {
        let cached = self.directory.join(format!("{}.gz", group[0].offer.sha256));
        if let Some(text) = read_cached(&cached) {
            return Ok(text);
        }
        for candidate in group {
            if let Some(text) = self.changelog_of(candidate)? {
                self.write_cached(&cached, &text)?;
                return Ok(text);
            }
        }
        Ok(String::new())
    }

    fn changelog_of(&self, candidate: &Candidate<'_>) -> Result<Option<String>, PatchError> {
        let mut offer = candidate.offer.clone();
        for _ in 0..LINKS {
            let path = self.archive.fetch_deb(candidate.suite, &offer, self.job)?;
            match Deb::open(&path)?.changelog()? {
                Changelog::Text(text) => return Ok(Some(text)),
                Changelog::Missing => return Ok(None),
                Changelog::SameAs(package) => {
                    let version = &candidate.offer.source_version;
                    let linked = candidate.suite.index.find(&package);
                    let mut linked = linked.filter(|one| one.source_version == *version);
                    match linked.next() {
                        Some(next) => offer = next,
                        None => return Ok(None),
                    }
                }
            }
        }
        Ok(None)
    }

    /// Whole or not at all: another process may read at the same time.
    fn write_cached(&self, path: &Path, text: &str) -> Result<(), PatchError> {
        let what = || format!("writing {}", path.display());
        let file =
            tempfile::NamedTempFile::new_in(&self.directory).map_err(PatchError::io(what()))?;
        let mut packed = flate2::write::GzEncoder::new(file, Compression::fast());
        let file = packed
            .write_all(text.as_bytes())
            .and_then(|()| packed.finish());
        file.map_err(PatchError::io(what()))?
            .persist(path)
            .map_err(|error| PatchError::io(what())(error.error))?;
        Ok(())
    }
}

/// A cached text that cannot be read is made again.
fn read_cached(path: &Path) -> Option<String> {
    let mut text = String::new();
    let file = std::fs::File::open(path).ok()?;
    flate2::read::GzDecoder::new(file)
        .read_to_string(&mut text)
        .ok()?;
    Some(text)
}

/// Does the work for each item on some threads; the first error ends it.
pub fn in_parallel<I: Sync, T: Send>(
    workers: usize,
    items: &[I],
    work: impl Fn(&I) -> Result<T, PatchError> + Sync,
) -> Result<Vec<T>, PatchError> {
    let next = AtomicUsize::new(0);
    let failed = AtomicBool::new(false);
    let worker = || -> Result<Vec<(usize, T)>, PatchError> {
        let mut done = Vec::new();
        while !failed.load(Ordering::Relaxed) {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(at) else { break };
            let result = work(item);
            failed.fetch_or(result.is_err(), Ordering::Relaxed);
            done.push((at, result?));
        }
        Ok(done)
    };
    let results: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..workers.min(items.len()))
            .map(|_| scope.spawn(worker))
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().expect("a worker does not panic"))
            .collect()
    });
    let mut done = Vec::new();
    for result in results {
        done.extend(result?);
    }
    done.sort_by_key(|(at, _)| *at);
    Ok(done.into_iter().map(|(_, result)| result).collect())
}
