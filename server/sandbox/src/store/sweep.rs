//! Removes at start what no manifest needs: mark and sweep. Content younger than a day stays,
//! because a client may have pushed it and not yet the manifest.
use super::{
    blobs::BlobFiles,
    files,
    index::{Index, Records},
};
use drydock_domain::tag::Digest;
use std::{
    collections::HashSet,
    fs, io,
    time::{Duration, SystemTime},
};

const GRACE: Duration = Duration::from_secs(24 * 3600);

pub(super) fn sweep(
    blobs: &BlobFiles,
    records: &Records,
    index: &mut Index,
    now: SystemTime,
) -> io::Result<()> {
    unlink_unused(records, index, now)?;
    let mut needed = HashSet::<&Digest>::new();
    for entry in index.repositories.values() {
        needed.extend(&entry.blobs);
        needed.extend(entry.manifests.keys());
    }
    let mut freed_bytes = 0;
    for (digest, metadata) in blobs.list()? {
        if !needed.contains(&digest) && is_old(&metadata, now) {
            files::remove(&blobs.path(&digest))?;
            freed_bytes += metadata.len();
        }
    }
    if freed_bytes > 0 {
        tracing::info!(freed_bytes, "removed content that no repository holds");
    }
    Ok(())
}

/// A repository gives up the blobs that none of its manifests names.
fn unlink_unused(records: &Records, index: &mut Index, now: SystemTime) -> io::Result<()> {
    for (name, entry) in &mut index.repositories {
        let manifests = entry.manifests.values();
        let used: HashSet<_> = manifests.flat_map(|record| &record.summary.blobs).collect();
        let unused: Vec<_> = entry
            .blobs
            .iter()
            .filter(|digest| !used.contains(digest))
            .cloned()
            .collect();
        for digest in unused {
            if is_old(&fs::metadata(records.blob(name, &digest))?, now) {
                records.remove_blob(name, &digest)?;
                entry.blobs.remove(&digest);
            }
        }
    }
    Ok(())
}

fn is_old(metadata: &fs::Metadata, now: SystemTime) -> bool {
    let age = metadata
        .modified()
        .ok()
        .and_then(|at| now.duration_since(at).ok());
    age.is_some_and(|age| age > GRACE)
}
