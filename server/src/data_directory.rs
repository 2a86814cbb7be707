//! The one directory that holds everything of a Drydock, and the lock that keeps it to one process.
use anyhow::{Context, Result, bail, ensure};
use std::fs::{self, DirBuilder, File, Permissions, TryLockError};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

const LOCK: &str = "drydock.lock";
/// Only its owner may read it: it holds the sandbox's secrets and the hashes of sessions.
const MODE: u32 = 0o700;

/// A data directory by its path; nothing is opened or created yet.
#[derive(Clone, Debug)]
pub struct DataDirectory(PathBuf);

/// Held for as long as the process runs; the system releases it however the process ends.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl DataDirectory {
    /// `--data`, else `$XDG_DATA_HOME/drydock`, else `~/.local/share/drydock`.
    pub fn find(chosen: Option<&Path>) -> Result<Self> {
        if let Some(path) = chosen {
            return Ok(Self(path.to_path_buf()));
        }
        base("XDG_DATA_HOME", ".local/share")
            .map(|base| Self(base.join("drydock")))
            .context("neither XDG_DATA_HOME nor HOME is set: name the data directory with --data")
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    pub fn ledger(&self) -> PathBuf {
        self.0.join("ledger.sqlite")
    }

    /// Where the console answers while it runs: `drydock link` reads it.
    pub fn address(&self) -> PathBuf {
        self.0.join("console.url")
    }

    /// Creates the directory where it is missing and takes its lock.
    ///
    /// # Errors
    /// Another process holds the lock, the directory belongs to something else, or the disk refuses.
    pub fn lock(&self) -> Result<Lock> {
        let name = self.0.display();
        let mut builder = DirBuilder::new();
        builder
            .recursive(true)
            .mode(MODE)
            .create(&self.0)
            .with_context(|| format!("cannot create the data directory {name}"))?;
        self.make_private()?;
        let path = self.0.join(LOCK);
        let mut file = File::options()
            .create(true)
            .read(true)
            .write(true)
            .truncate(false)
            .open(&path)
            .with_context(|| format!("cannot write to the data directory {name}"))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let holder = fs::read_to_string(&path).unwrap_or_default();
                bail!(
                    "another Drydock (process {}) is using {name}; stop it, or choose another \
                     directory with --data",
                    holder.trim()
                );
            }
            Err(TryLockError::Error(error)) => {
                return Err(error).with_context(|| format!("cannot lock {}", path.display()));
            }
        }
        file.set_len(0)
            .and_then(|()| writeln!(file, "{}", std::process::id()))?;
        Ok(Lock { _file: file })
    }

    /// An existing directory of something else keeps its permissions and its peace.
    fn make_private(&self) -> Result<()> {
        let name = self.0.display();
        let mode = fs::metadata(&self.0)?.permissions().mode();
        if mode & 0o077 == 0 {
            return Ok(());
        }
        let ours = self.0.join(LOCK).exists();
        let empty = fs::read_dir(&self.0)?.next().is_none();
        ensure!(
            ours || empty,
            "{name} holds other files and can be read by others: choose an empty directory with --data"
        );
        fs::set_permissions(&self.0, Permissions::from_mode(MODE))
            .with_context(|| format!("cannot make {name} private to its owner"))
    }
}

/// Downloaded indexes and packages of Linux archives; may be deleted at any time.
pub fn archive_cache() -> Result<PathBuf> {
    base("XDG_CACHE_HOME", ".cache")
        .map(|base| base.join("drydock").join("archive"))
        .context("neither XDG_CACHE_HOME nor HOME is set, so there is no place for the cache")
}

/// The XDG base directory specification: a relative path in such a variable is ignored.
fn base(variable: &str, below_home: &str) -> Option<PathBuf> {
    let absolute = |name: &str| {
        std::env::var_os(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    absolute(variable).or_else(|| Some(absolute("HOME")?.join(below_home)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_directory_is_private_and_belongs_to_one_process() {
        let parent = tempfile::tempdir().unwrap();
        let data = DataDirectory(parent.path().join("a/b"));
        let lock = data.lock().unwrap();
        let mode = fs::metadata(data.path()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, MODE);
        let refusal = data.lock().unwrap_err().to_string();
        assert!(
            refusal.contains(&format!("process {}", std::process::id())),
            "{refusal}"
        );
        drop(lock);
        data.lock().unwrap();
    }

    #[test]
    fn a_directory_of_something_else_is_left_alone() {
        let parent = tempfile::tempdir().unwrap();
        fs::set_permissions(parent.path(), Permissions::from_mode(0o755)).unwrap();
        fs::write(parent.path().join("letter.txt"), "dear").unwrap();
        let refusal = DataDirectory(parent.path().to_path_buf())
            .lock()
            .unwrap_err()
            .to_string();
        assert!(refusal.contains("holds other files"), "{refusal}");
        assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 1);
    }
}
