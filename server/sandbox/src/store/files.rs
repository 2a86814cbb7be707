//! Files that are there whole or not at all.
use std::{
    fs::{self, File},
    io::{self, Write},
    path::Path,
};
use tempfile::NamedTempFile;

/// Temporary files begin with this; a process that died left them, and the next start sweeps them.
pub const TEMPORARY_PREFIX: &str = ".tmp-";

/// Writes `bytes` as `path`, readable by its owner only: synced to the disk, then renamed into
/// place, so that a reader and a restart see the old content or the new, never a part.
///
/// # Errors
/// The folder is missing or the disk is full; `path` is then as it was.
pub fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = temporary(parent(path)?)?;
    file.write_all(bytes)?;
    persist(file, path)
}

/// Whether a write failed for want of room: the disk's, or what a quota leaves of it.
pub fn is_full(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
    )
}

/// A new temporary file in `directory`, mode 0600, removed when dropped.
///
/// # Errors
/// The folder is missing or the disk is full.
pub fn temporary(directory: &Path) -> io::Result<NamedTempFile> {
    tempfile::Builder::new()
        .prefix(TEMPORARY_PREFIX)
        .tempfile_in(directory)
}

/// Makes a temporary file permanent under the name `path`.
///
/// # Errors
/// Its content or its name could not be written; the temporary file is then gone.
pub fn persist(file: NamedTempFile, path: &Path) -> io::Result<()> {
    file.as_file().sync_all()?;
    file.persist(path).map_err(|failure| failure.error)?;
    sync_directory(parent(path)?)
}

/// Removes a file; that it was not there is no error.
///
/// # Errors
/// It is there and cannot be removed.
pub fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Ok(()) => sync_directory(parent(path)?),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

/// Renames, and waits until the new name is on the disk.
///
/// # Errors
/// The folder of `to` is missing, or the disk failed.
pub fn rename(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to)?;
    sync_directory(parent(to)?)
}

/// Creates a folder and the ones above it, and waits until its name is on the disk.
///
/// # Errors
/// The disk is full or failed.
pub fn create_directory(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    fs::create_dir_all(path)?;
    sync_directory(parent(path)?)
}

/// The files of a folder, without what a process that died left half-written, which is removed.
/// A folder that is not there is empty.
///
/// # Errors
/// The folder cannot be read.
pub fn list(directory: &Path) -> io::Result<Vec<fs::DirEntry>> {
    let entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut files = Vec::new();
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name();
        if name
            .as_encoded_bytes()
            .starts_with(TEMPORARY_PREFIX.as_bytes())
        {
            fs::remove_file(entry.path())?;
        } else {
            files.push(entry);
        }
    }
    Ok(files)
}

/// A rename is on the disk only when its directory is.
fn sync_directory(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

fn parent(path: &Path) -> io::Result<&Path> {
    path.parent().ok_or_else(|| {
        io::Error::new(
            io::ErrorKind::InvalidInput,
            format!("{} has no folder", path.display()),
        )
    })
}
