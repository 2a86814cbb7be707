//! Which finished runs are archived: by registry and run, the digest of the record.
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A folder for each registry and a file for each run, which holds a digest. What is read once is
/// kept in memory.
pub(crate) struct Shelf {
    folder: PathBuf,
    kept: Mutex<BTreeMap<String, BTreeMap<String, String>>>,
}

impl Shelf {
    pub(crate) fn new(folder: PathBuf) -> Self {
        Self {
            folder,
            kept: Mutex::default(),
        }
    }

    /// Runs with the digests of their records.
    pub(crate) fn runs(&self, registry: &str) -> io::Result<BTreeMap<String, String>> {
        let key = registry.to_ascii_lowercase();
        if let Some(kept) = self.lock().get(&key) {
            return Ok(kept.clone());
        }
        let read = read(&self.folder.join(&key))?;
        Ok(self.lock().entry(key).or_insert(read).clone())
    }

    pub(crate) fn find(&self, registry: &str, run_id: &str) -> io::Result<Option<String>> {
        if let Some(kept) = self.lock().get(&registry.to_ascii_lowercase()) {
            return Ok(kept.get(run_id).cloned());
        }
        Ok(self.runs(registry)?.remove(run_id))
    }

    /// From now on the run is archived.
    pub(crate) fn add(&self, registry: &str, run_id: &str, digest: &str) -> io::Result<()> {
        if !is_file_name(run_id) {
            return Err(io::Error::other("a run's id is no name for a file"));
        }
        let mut runs = self.runs(registry)?;
        let key = registry.to_ascii_lowercase();
        let folder = self.folder.join(&key);
        std::fs::create_dir_all(&folder)?;
        let mut file = tempfile::NamedTempFile::new_in(&folder)?;
        file.write_all(digest.as_bytes())?;
        file.as_file().sync_all()?;
        file.persist(folder.join(run_id))?;
        runs.insert(run_id.to_owned(), digest.to_owned());
        self.lock().insert(key, runs);
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, BTreeMap<String, String>>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn read(folder: &Path) -> io::Result<BTreeMap<String, String>> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
        Err(error) => return Err(error),
    };
    let mut runs = BTreeMap::new();
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if is_file_name(&name) {
            runs.insert(name, std::fs::read_to_string(entry.path())?);
        }
    }
    Ok(runs)
}

/// As Azure's ids are: letters and digits. Temporary files have a dot.
fn is_file_name(run_id: &str) -> bool {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    (1..=128).contains(&run_id.len()) && run_id.bytes().all(known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_on_the_shelf_outlives_the_process() {
        let folder = tempfile::tempdir().unwrap();
        let shelf = Shelf::new(folder.path().to_owned());
        assert_eq!(shelf.find("Reg", "ca1").unwrap(), None);
        shelf.add("Reg", "ca1", "sha256:aa").unwrap();
        assert!(shelf.add("Reg", "../ca1", "sha256:aa").is_err());
        for shelf in [shelf, Shelf::new(folder.path().to_owned())] {
            let found = shelf.find("reg", "ca1").unwrap();
            assert_eq!(found.as_deref(), Some("sha256:aa"));
            assert_eq!(shelf.find("other", "ca1").unwrap(), None);
        }
    }
}
