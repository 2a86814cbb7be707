//! From a plan to one new layer: packages are unpacked over the image as dpkg would, and
//! dpkg's records rewritten; no code of the image or of a package is run.
mod certificates;
mod conffiles;
pub mod document;
mod layer_writer;
mod records;
mod stage;
mod subject_hash;
mod unpack;
mod vanished;

#[cfg(test)]
pub(crate) use conffiles::md5_hex;
pub use layer_writer::NewLayer;

use crate::archive::deb::Deb;
use crate::dpkg::accounts::Accounts;
use crate::dpkg::{Database, Diversions, Installed, PathFilters, StatOverrides};
use crate::image::ImageView;
use crate::image::spill::Spill;
use crate::{BlobStore, Job, PatchError};
use stage::Stage;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use unpack::{Unpacked, Unpacker};

/// One package to bring to its new version.
pub struct Upgrade<'a> {
    pub installed: &'a Installed,
    pub deb: Deb,
}

/// Packages unpacked at the same time.
const WORKERS: usize = 2;

/// Makes the layer that brings the packages to their new versions, and stores it. `notes` gets
/// sentences for a person.
pub fn make_layer(
    view: &ImageView<'_>,
    database: &Database,
    upgrades: &[Upgrade<'_>],
    store: &dyn BlobStore,
    directory: &Path,
    notes: &mut Vec<String>,
    job: &Job<'_>,
) -> Result<NewLayer, PatchError> {
    let accounts = Accounts::read(view)?;
    let unpacker = Unpacker {
        view,
        diversions: Diversions::read(view)?,
        stat_overrides: StatOverrides::read(view, &accounts)?,
        filters: PathFilters::read(view)?,
        accounts,
    };
    let unpacked = unpack_all(&unpacker, upgrades, directory, job)?;
    job.check()?;
    let mut stage = Stage::new(
        view,
        unpacked
            .iter()
            .map(|one| one.newest_mtime)
            .max()
            .unwrap_or(0),
    );
    for (upgrade, one) in upgrades.iter().zip(&unpacked) {
        for (path, entry) in &one.entries {
            stage.put(path.clone(), entry.clone());
        }
        let package = &upgrade.installed.package;
        notes.extend(one.notes.iter().map(|note| format!("{package}: {note}")));
    }
    vanished::remove(
        &mut stage,
        database,
        upgrades,
        &unpacked,
        &unpacker.diversions,
    )?;
    records::write(&mut stage, database, upgrades, &unpacked)?;
    certificates::update(&mut stage, upgrades, notes)?;
    layer_writer::write(view, stage.finish(), store, job)
}

fn unpack_all(
    unpacker: &Unpacker<'_>,
    upgrades: &[Upgrade<'_>],
    directory: &Path,
    job: &Job<'_>,
) -> Result<Vec<Unpacked>, PatchError> {
    // The largest first, so that no thread is left with it at the end.
    let mut order: Vec<usize> = (0..upgrades.len()).collect();
    order.sort_by_key(|at| std::cmp::Reverse(upgrades[*at].installed_size()));
    let next = AtomicUsize::new(0);
    let failed = AtomicBool::new(false);
    let work = || -> Result<Vec<(usize, Unpacked)>, PatchError> {
        let spill = Arc::new(Spill::create(directory)?);
        let mut done = Vec::new();
        while let Some(at) = order.get(next.fetch_add(1, Ordering::Relaxed)).copied() {
            if failed.load(Ordering::Relaxed) {
                break;
            }
            let one = unpacker.unpack(&upgrades[at], &spill, job);
            failed.fetch_or(one.is_err(), Ordering::Relaxed);
            done.push((at, one?));
        }
        Ok(done)
    };
    let results: Vec<_> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..WORKERS).map(|_| scope.spawn(work)).collect();
        workers
            .into_iter()
            .map(|worker| worker.join().expect("a worker does not panic"))
            .collect()
    });
    let mut unpacked = Vec::new();
    for result in results {
        unpacked.extend(result?);
    }
    unpacked.sort_by_key(|(at, _)| *at);
    Ok(unpacked.into_iter().map(|(_, one)| one).collect())
}

impl Upgrade<'_> {
    /// In KiB, as the package says.
    fn installed_size(&self) -> u64 {
        let size = self.deb.control().get("Installed-Size").unwrap_or_default();
        size.trim().parse().unwrap_or_default()
    }
}
