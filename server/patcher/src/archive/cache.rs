//! Files on disk by their SHA-256, and the last good Release of each suite.
use crate::PatchError;
use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// A condensed index begins with the digest of the rest and a line feed.
const INDEX_HEAD_BYTES: usize = 65;

/// Nothing in it is half-written: a file gets its name when it is whole.
#[derive(Debug)]
pub(super) struct Cache {
    dir: PathBuf,
}

impl Cache {
    pub fn new(dir: PathBuf) -> Result<Self, PatchError> {
        for part in ["objects", "indexes", "releases"] {
            let part = dir.join(part);
            fs::create_dir_all(&part)
                .map_err(PatchError::io(format!("making {}", part.display())))?;
        }
        Ok(Self { dir })
    }

    /// The file if it is here and still what its name says; a damaged one is removed.
    pub fn find(&self, sha256: &str) -> Result<Option<PathBuf>, PatchError> {
        let path = self.object_path(sha256);
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed("opening", &path)(error)),
        };
        if digest(file).map_err(failed("reading", &path))? == sha256 {
            return Ok(Some(path));
        }
        fs::remove_file(&path).map_err(failed("removing the damaged", &path))?;
        Ok(None)
    }

    /// Stores what has been checked to have this digest.
    pub fn store(&self, sha256: &str, content: &[u8]) -> Result<PathBuf, PatchError> {
        let path = self.object_path(sha256);
        self.write(&path, content)?;
        Ok(path)
    }

    /// A condensed index made from the file of this digest; `None` where it is not here or
    /// is damaged, so that it is made again.
    pub fn find_index(&self, sha256: &str) -> Option<String> {
        let mut content = fs::read(self.index_path(sha256)).ok()?;
        let (head, text) = content.split_at_checked(INDEX_HEAD_BYTES)?;
        if head[..INDEX_HEAD_BYTES - 1] != *hex::encode(Sha256::digest(text)).as_bytes() {
            return None;
        }
        // In place: an index is tens of megabytes.
        content.drain(..INDEX_HEAD_BYTES);
        String::from_utf8(content).ok()
    }

    pub fn store_index(&self, sha256: &str, text: &str) -> Result<(), PatchError> {
        let mut content = hex::encode(Sha256::digest(text)).into_bytes();
        content.push(b'\n');
        content.extend_from_slice(text.as_bytes());
        self.write(&self.index_path(sha256), &content)
    }

    /// The last good `InRelease` of an address, and when it was fetched.
    pub fn find_release(&self, url: &str) -> Option<(DateTime<Utc>, String)> {
        let content = fs::read_to_string(self.release_path(url)).ok()?;
        let (fetched_at, text) = content.split_once('\n')?;
        Some((fetched_at.parse().ok()?, text.to_owned()))
    }

    pub fn store_release(
        &self,
        url: &str,
        at: DateTime<Utc>,
        text: &str,
    ) -> Result<(), PatchError> {
        let content = format!("{}\n{text}", at.to_rfc3339());
        self.write(&self.release_path(url), content.as_bytes())
    }

    fn write(&self, path: &Path, content: &[u8]) -> Result<(), PatchError> {
        let parent = path.parent().unwrap_or(&self.dir);
        let write = || -> io::Result<()> {
            fs::create_dir_all(parent)?;
            let mut file = tempfile::NamedTempFile::new_in(parent)?;
            file.write_all(content)?;
            file.persist(path)?;
            Ok(())
        };
        write().map_err(failed("writing", path))
    }

    fn object_path(&self, sha256: &str) -> PathBuf {
        self.dir.join("objects").join(&sha256[..2]).join(sha256)
    }

    fn index_path(&self, sha256: &str) -> PathBuf {
        self.dir.join("indexes").join(sha256)
    }

    fn release_path(&self, url: &str) -> PathBuf {
        self.dir
            .join("releases")
            .join(hex::encode(Sha256::digest(url)))
    }
}

fn failed(doing: &str, path: &Path) -> impl FnOnce(io::Error) -> PatchError {
    PatchError::io(format!("{doing} {}", path.display()))
}

fn digest(mut content: impl Read) -> io::Result<String> {
    let mut hasher = Sha256::new();
    let mut chunk = vec![0; 128 * 1024];
    loop {
        match content.read(&mut chunk)? {
            0 => return Ok(hex::encode(hasher.finalize())),
            length => hasher.update(&chunk[..length]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_damaged_file_is_as_good_as_none() {
        let dir = tempfile::tempdir().unwrap();
        let cache = Cache::new(dir.path().to_owned()).unwrap();
        let sha256 = hex::encode(Sha256::digest("content"));
        assert_eq!(cache.find(&sha256).unwrap(), None);
        let path = cache.store(&sha256, b"content").unwrap();
        assert_eq!(cache.find(&sha256).unwrap(), Some(path.clone()));
        fs::write(&path, "contemt").unwrap();
        assert_eq!(cache.find(&sha256).unwrap(), None);
        assert!(!path.exists());
    }

    #[test]
    fn a_truncated_index_is_made_again() {
        let dir = tempfile::tempdir().unwrap();
        let cache = Cache::new(dir.path().to_owned()).unwrap();
        cache.store_index("ab", "Package: a\n").unwrap();
        assert_eq!(cache.find_index("ab").as_deref(), Some("Package: a\n"));
        let path = dir.path().join("indexes/ab");
        let whole = fs::read(&path).unwrap();
        fs::write(&path, &whole[..whole.len() - 1]).unwrap();
        assert_eq!(cache.find_index("ab"), None);
    }
}
