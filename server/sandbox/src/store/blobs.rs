//! Content on disk, one file per digest.
use super::{StoreError, files};
use drydock_domain::tag::Digest;
use drydock_patcher::BlobInfo;
use sha2::{Digest as _, Sha256};
use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};
use tempfile::NamedTempFile;

/// `blobs/sha256/ab/ab…`: a blob appears there by a rename, complete, verified and synced, and is
/// never changed.
pub(super) struct BlobFiles {
    directory: PathBuf,
    temporary: PathBuf,
}

impl BlobFiles {
    /// Opens the folder, and removes what a process that died was writing.
    pub fn open(root: &Path) -> io::Result<Self> {
        let blobs = Self {
            directory: root.join("blobs").join("sha256"),
            temporary: root.join("temporary"),
        };
        fs::create_dir_all(&blobs.directory)?;
        match fs::remove_dir_all(&blobs.temporary) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => fs::create_dir_all(&blobs.temporary)?,
        }
        Ok(blobs)
    }

    pub fn path(&self, digest: &Digest) -> PathBuf {
        let hex = digest.hex();
        self.directory.join(&hex[..2]).join(hex)
    }

    /// Its size in bytes, where it is there.
    pub fn size(&self, digest: &Digest) -> io::Result<Option<u64>> {
        match fs::metadata(self.path(digest)) {
            Ok(metadata) => Ok(Some(metadata.len())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    pub fn writer(&self) -> io::Result<BlobWriter> {
        Ok(BlobWriter {
            file: files::temporary(&self.temporary)?,
            hasher: Sha256::new(),
            size_bytes: 0,
        })
    }

    /// Stores what was written, if its digest is the one that was claimed.
    pub fn commit(
        &self,
        writer: BlobWriter,
        claimed: Option<&Digest>,
    ) -> Result<BlobInfo, StoreError> {
        let digest = digest_of(writer.hasher);
        check_claim(claimed, &digest)?;
        let path = self.prepare(&digest)?;
        if !path.exists() {
            files::persist(writer.file, &path)?;
        }
        Ok(BlobInfo {
            digest: digest.into(),
            size_bytes: writer.size_bytes,
        })
    }

    /// As `commit`, for a file that is already on this disk: it is renamed, or removed where the
    /// content is there already.
    pub fn adopt(&self, source: &Path, digest: &Digest) -> io::Result<()> {
        let path = self.prepare(digest)?;
        if path.exists() {
            return files::remove(source);
        }
        File::open(source)?.sync_all()?;
        files::rename(source, &path)
    }

    /// All blobs, for the sweep.
    pub fn list(&self) -> io::Result<Vec<(Digest, fs::Metadata)>> {
        let mut blobs = Vec::new();
        for shard in fs::read_dir(&self.directory)? {
            for entry in fs::read_dir(shard?.path())? {
                let entry = entry?;
                let name = format!("sha256:{}", entry.file_name().to_string_lossy());
                if let Ok(digest) = Digest::parse(&name) {
                    blobs.push((digest, entry.metadata()?));
                }
            }
        }
        Ok(blobs)
    }

    fn prepare(&self, digest: &Digest) -> io::Result<PathBuf> {
        let path = self.path(digest);
        if let Some(shard) = path.parent() {
            files::create_directory(shard)?;
        }
        Ok(path)
    }
}

/// A blob on its way in: hashed while it is written to a temporary file that vanishes unless it
/// is committed.
pub(super) struct BlobWriter {
    file: NamedTempFile,
    hasher: Sha256,
    size_bytes: u64,
}

impl Write for BlobWriter {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let written = self.file.write(buffer)?;
        self.hasher.update(&buffer[..written]);
        self.size_bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

pub(super) fn digest_of(hasher: Sha256) -> Digest {
    let digest = format!("sha256:{}", hex::encode(hasher.finalize()));
    Digest::parse(&digest).expect("32 bytes in hexadecimal make a digest")
}

pub(super) fn check_claim(claimed: Option<&Digest>, actual: &Digest) -> Result<(), StoreError> {
    match claimed {
        Some(claimed) if claimed.algorithm() != "sha256" => {
            Err(StoreError::DigestUnsupported(claimed.clone()))
        }
        Some(claimed) if claimed != actual => Err(StoreError::DigestMismatch {
            claimed: claimed.clone(),
            actual: actual.clone(),
        }),
        _ => Ok(()),
    }
}
