//! What a package had and its new version has no more.
use crate::PatchError;
use crate::apply::Upgrade;
use crate::apply::stage::{Change, Stage};
use crate::apply::unpack::Unpacked;
use crate::dpkg::database::owned_paths;
use crate::dpkg::{Database, Diversions};
use crate::image::ImageView;
use std::collections::{BTreeSet, HashMap, HashSet};

/// Removes files that no package has any more, then the directories that are empty without
/// them, then bytecode of Python files that have changed.
pub fn remove(
    stage: &mut Stage<'_>,
    database: &Database,
    upgrades: &[Upgrade<'_>],
    unpacked: &[Unpacked],
    diversions: &Diversions,
) -> Result<(), PatchError> {
    let mut paths = Paths {
        view: stage.view,
        parents: HashMap::new(),
    };
    let mut candidates: BTreeSet<String> = BTreeSet::new();
    for upgrade in upgrades {
        let installed = upgrade.installed;
        for path in owned_paths(stage.view, installed)? {
            let is_conffile = installed
                .conffiles
                .iter()
                .any(|conffile| conffile.path == path);
            if !is_conffile {
                candidates.insert(paths.canonical(diversions.divert(&path, &installed.package))?);
            }
        }
    }
    for (upgrade, one) in upgrades.iter().zip(unpacked) {
        for path in &one.list {
            candidates
                .remove(&paths.canonical(diversions.divert(path, &upgrade.installed.package))?);
        }
    }
    if !candidates.is_empty() {
        let upgraded: HashSet<_> = upgrades
            .iter()
            .map(|one| std::ptr::from_ref(one.installed))
            .collect();
        for other in database
            .present()
            .filter(|one| !upgraded.contains(&std::ptr::from_ref(*one)))
        {
            for path in owned_paths(stage.view, other)? {
                candidates.remove(&paths.canonical(diversions.divert(&path, &other.package))?);
            }
        }
    }
    remove_candidates(stage, &candidates);
    remove_stale_bytecode(stage);
    Ok(())
}

fn remove_candidates(stage: &mut Stage<'_>, candidates: &BTreeSet<String>) {
    let view = stage.view;
    // Deepest first, so that a directory comes after what is in it.
    for path in candidates.iter().rev() {
        let Some(node) = view.node_at(path) else {
            continue;
        };
        if node.is_directory() {
            if stage.below(path).is_empty() {
                stage.remove(path);
            }
        } else if !is_link_to_directory(view, path) {
            stage.remove(path);
        }
    }
}

/// Lists name `/lib` as a directory where a merged image has a link: it is not the package's.
fn is_link_to_directory(view: &ImageView<'_>, path: &str) -> bool {
    let target = view
        .resolve(path)
        .ok()
        .and_then(|target| view.node_at(&target));
    view.node_at(path)
        .is_some_and(|node| node.symlink().is_some())
        && target.is_some_and(|node| node.is_directory())
}

/// Python makes it again; it would only grow stale otherwise.
fn remove_stale_bytecode(stage: &mut Stage<'_>) {
    let mut stale = Vec::new();
    for (path, change) in stage.changes() {
        let Some((directory, module)) = path
            .strip_suffix(".py")
            .and_then(|path| path.rsplit_once('/'))
        else {
            continue;
        };
        let caches = format!("{directory}/__pycache__");
        let prefix = format!("{caches}/{module}.cpython-");
        let is_there = stage.view.node_at(path).is_some();
        if is_there && matches!(change, Change::Put(_) | Change::Remove) {
            let cached = stage.view.below(&caches).map(|(path, _)| path.to_owned());
            stale.extend(cached.filter(|path| path.starts_with(&prefix)));
        }
    }
    for path in stale {
        if stage.change(&path).is_none() {
            stage.remove(&path);
        }
    }
}

/// Lists go directory by directory: each parent's links are followed once.
struct Paths<'a> {
    view: &'a ImageView<'a>,
    parents: HashMap<String, String>,
}

impl Paths<'_> {
    fn canonical(&mut self, path: &str) -> Result<String, PatchError> {
        let Some((parent, name)) = path.rsplit_once('/') else {
            return Ok(path.to_owned());
        };
        if let Some(parent) = self.parents.get(parent) {
            return Ok(format!("{parent}/{name}"));
        }
        let resolved = self.view.resolve(parent)?;
        let path = crate::image::view::join(&resolved, name);
        if !resolved.is_empty() {
            self.parents.insert(parent.to_owned(), resolved);
        }
        Ok(path)
    }
}
