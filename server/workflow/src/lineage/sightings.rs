//! Where each tag pointed whenever somebody looked: a registry forgets it, and a rollback needs it.
use crate::{Answer, WorkflowError};
use chrono::{DateTime, Utc};
use drydock_domain::lineage::{RepositoryLineage, Sighting};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::Mutex;

/// Moves of one tag that are kept: a nightly patch of ten years.
const KEPT_MOVES: usize = 4000;

/// A file for each repository, written when a tag was seen to have moved.
pub(crate) struct Sightings {
    folder: PathBuf,
    writing: Arc<Mutex<()>>,
}

/// By tag, oldest first; the same digest never twice in a row.
type Seen = BTreeMap<String, Vec<Sighting>>;

impl Sightings {
    pub(crate) fn new(folder: PathBuf) -> Self {
        Self {
            folder,
            writing: Arc::default(),
        }
    }

    /// Adds what the tags point to now; answers with everything that was ever seen.
    pub(crate) async fn add(
        &self,
        registry: &str,
        lineage: &RepositoryLineage,
        now: DateTime<Utc>,
    ) -> Answer<Vec<(String, Sighting)>> {
        let name = format!("{}/{}", registry.to_ascii_lowercase(), lineage.repository);
        let path = self
            .folder
            .join(format!("{}.json", hex::encode(Sha256::digest(name))));
        let mut tags = Vec::new();
        for node in lineage
            .images
            .iter()
            .flat_map(|it| it.node.iter().chain(&it.patches))
        {
            let at = node.updated_at.unwrap_or(now);
            tags.push((node.tag.clone(), node.digest.clone(), at));
        }
        let writing = self.writing.clone().lock_owned().await;
        let shown = path.display().to_string();
        let added = tokio::task::spawn_blocking(move || {
            let _writing = writing;
            add(&path, tags)
        });
        let added = added.await.map_err(io::Error::other).flatten();
        added.map_err(|error| WorkflowError::Internal {
            what: format!("the history of tags in {shown} cannot be kept: {error}"),
            source: Some(Box::new(error)),
        })
    }
}

fn add(
    path: &Path,
    tags: Vec<(String, String, DateTime<Utc>)>,
) -> io::Result<Vec<(String, Sighting)>> {
    let mut seen: Seen = match std::fs::read(path) {
        Ok(bytes) => serde_json::from_slice(&bytes)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Seen::new(),
        Err(error) => return Err(error),
    };
    let mut is_new = false;
    for (tag, digest, at) in tags {
        let moves = seen.entry(tag).or_default();
        if moves.last().is_none_or(|last| last.digest != digest) {
            moves.push(Sighting {
                digest,
                at: Some(at),
            });
            let surplus = moves.len().saturating_sub(KEPT_MOVES);
            moves.drain(..surplus);
            is_new = true;
        }
    }
    if is_new {
        write(path, &seen)?;
    }
    let of_tag = |(tag, moves): (String, Vec<Sighting>)| {
        moves
            .into_iter()
            .map(move |sighting| (tag.clone(), sighting))
    };
    Ok(seen.into_iter().flat_map(of_tag).collect())
}

fn write(path: &Path, seen: &Seen) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    serde_json::to_writer(&mut file, seen)?;
    file.flush()?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_move_is_kept_and_standing_still_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tags/a.json");
        let at = |second| DateTime::from_timestamp(second, 0).unwrap();
        let look = |digest: &str, second| {
            let tags = vec![("1-patched".to_owned(), digest.to_owned(), at(second))];
            add(&path, tags).unwrap()
        };
        look("a", 1);
        look("a", 2);
        look("b", 3);
        let seen = look("a", 4);
        let told: Vec<_> = seen
            .iter()
            .map(|(_, it)| (it.digest.as_str(), it.at))
            .collect();
        let expected = [("a", Some(at(1))), ("b", Some(at(3))), ("a", Some(at(4)))];
        assert_eq!(told, expected);
    }
}
