//! The one directory that holds everything of a Drydock, and the lock that keeps it to one process.
use anyhow::{Context, Result, anyhow, bail, ensure};
use std::fs::{self, DirBuilder, File, Permissions, TryLockError};
use std::io::{self, ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

const LOCK: &str = "drydock.lock";
/// Only its owner may read it: it holds the sandbox's secrets and the hashes of sessions.
const MODE: u32 = 0o700;

/// Written and removed to see whether there is room.
const TRIAL: &str = "room.tmp";
/// What a start writes: the ledger's journal, the runs that it ends, and the console's address.
const ROOM_BYTES: usize = 1 << 20;

/// A data directory by its path; nothing is opened or created yet.
#[derive(Clone, Debug)]
pub struct DataDirectory(PathBuf);

/// Held for as long as the process runs; the system releases it however the process ends.
#[derive(Debug)]
pub struct Lock {
    file: File,
}

/// Closing the file is not enough: a child process has it too, between its birth and its program.
impl Drop for Lock {
    fn drop(&mut self) {
        if let Err(error) = self.file.unlock() {
            tracing::warn!(%error, "the data directory's lock was not given back");
        }
    }
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

    /// Whether nothing is in it: a lock alone is left by who found nothing to do there.
    pub fn is_unused(&self) -> io::Result<bool> {
        let mut listed = match fs::read_dir(&self.0) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(true),
            listed => listed?,
        };
        listed.try_fold(true, |unused, entry| {
            Ok(unused && entry?.file_name() == LOCK)
        })
    }

    /// Creates the directory where it is missing and takes its lock. On a full disk, uploads that
    /// nobody finished make room.
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
        match self.take() {
            Err(error) if is_full(&error) => {
                self.make_room()?;
                self.take().map_err(|error| self.explain(error))
            }
            taken => taken,
        }
    }

    /// Takes the lock, and tries whether the disk has the room that a start needs.
    fn take(&self) -> Result<Lock> {
        let name = self.0.display();
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
            .and_then(|()| writeln!(file, "{}", std::process::id()))
            .and_then(|()| self.try_room())
            .with_context(|| format!("cannot write to the data directory {name}"))?;
        Ok(Lock { file })
    }

    fn try_room(&self) -> io::Result<()> {
        let path = self.0.join(TRIAL);
        let written = fs::write(&path, vec![0; ROOM_BYTES]);
        fs::remove_file(&path)?;
        written
    }

    /// Uploads under way are all that a full disk can spare unasked: their clients push them again.
    fn make_room(&self) -> Result<()> {
        let freed_bytes = drydock_sandbox::discard_uploads(&self.0)?;
        if freed_bytes > 0 {
            tracing::warn!(freed_bytes, "the disk is full: removed unfinished uploads");
        }
        Ok(())
    }

    fn explain(&self, error: anyhow::Error) -> anyhow::Error {
        if !is_full(&error) {
            return error;
        }
        anyhow!(
            "the disk that holds the data directory {} is full: free at least {} MiB there and \
             start again; {} holds downloaded packages and may be deleted",
            self.0.display(),
            ROOM_BYTES >> 20,
            self.0.join("sandbox").join("cache").display()
        )
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

fn is_full(error: &anyhow::Error) -> bool {
    let mut causes = error.chain().filter_map(|cause| cause.downcast_ref());
    causes.any(|cause: &io::Error| {
        matches!(
            cause.kind(),
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded
        )
    })
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
    fn a_full_disk_is_swept_of_unfinished_uploads_or_named() {
        let disk = tempfile::tempdir().unwrap();
        let mount = |arguments: &[&str]| {
            let mut command = std::process::Command::new(arguments[0]);
            let output = command.args(&arguments[1..]).arg(disk.path()).output();
            output.is_ok_and(|output| output.status.success())
        };
        if !mount(&["mount", "-t", "tmpfs", "-o", "size=4m", "drydock-test"]) {
            eprintln!("skipped: this user may not mount a file system");
            return;
        }
        let data = DataDirectory(disk.path().join("data"));
        let uploads = data.path().join("sandbox/registry/uploads");
        drop(data.lock().unwrap());
        fs::create_dir_all(&uploads).unwrap();
        let fill = |path: &Path| {
            let mut file = File::create(path).unwrap();
            while file.write_all(&[0; 4096]).is_ok() {}
        };
        fill(&uploads.join("b6a4ee8c-91e3-4b8b-9ac1-7a0a7a1c6d55"));
        let swept = data.lock().map(|_| fs::read_dir(&uploads).unwrap().count());
        fill(&disk.path().join("others"));
        let refusal = data.lock().map(|_| ()).map_err(|error| error.to_string());
        // Unmounted before anything can fail, so that no test leaves a mount behind.
        assert!(mount(&["umount", "-l"]));
        assert_eq!(swept.unwrap(), 0);
        let words = refusal.unwrap_err();
        let name = data.path().display().to_string();
        assert!(
            words.contains(&name) && words.contains("free at least 1 MiB"),
            "{words}"
        );
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
