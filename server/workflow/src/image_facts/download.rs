//! An image's blobs, brought from its registry onto the disk for as long as they are needed.
use super::job::Running;
use drydock_azure::AcrClient;
use drydock_domain::lineage::Progress;
use drydock_domain::tag::{Digest, RepositoryName};
use drydock_patcher::image::{Descriptor, ImageManifest};
use drydock_patcher::{BlobInfo, BlobStore, ReadSeek};
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

pub(super) const PREFIX: &str = "layers-";
/// Bytes of a blob that are asked for at a time, and held in memory.
const PART_BYTES: usize = 8 << 20;
/// Compressed bytes of one image: above any that is patched here, and below what fills a disk.
const IMAGE_LIMIT: u64 = 4 << 30;

/// Blobs by digest. Whoever reads one verifies it.
pub(super) struct Downloads {
    folder: TempDir,
}

impl Downloads {
    pub(super) fn new(folder: &Path) -> io::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let folder = tempfile::Builder::new().prefix(PREFIX).tempdir_in(folder)?;
        Ok(Self { folder })
    }

    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Brings the configuration and every layer that is not here yet.
    pub(super) async fn fetch(
        &self,
        acr: &AcrClient,
        repository: &RepositoryName,
        manifest: &ImageManifest,
        running: &Running,
    ) -> Result<(), String> {
        let blobs = || manifest.layers.iter().chain([&manifest.config]);
        let total_bytes: u64 = blobs().map(|blob| blob.size_bytes).sum();
        if total_bytes > IMAGE_LIMIT {
            return Err(format!(
                "the image has {total_bytes} bytes of layers, and at most {IMAGE_LIMIT} are read"
            ));
        }
        let mut done_bytes = 0;
        for (index, blob) in blobs().enumerate() {
            let say = |part: u64| {
                running.say(Progress {
                    doing: match index < manifest.layers.len() {
                        true => {
                            format!("fetching layer {} of {}", index + 1, manifest.layers.len())
                        }
                        false => "fetching the configuration".into(),
                    },
                    done_bytes: done_bytes + part,
                    total_bytes,
                });
            };
            self.fetch_blob(acr, repository, blob, say).await?;
            done_bytes += blob.size_bytes;
        }
        Ok(())
    }

    async fn fetch_blob(
        &self,
        acr: &AcrClient,
        repository: &RepositoryName,
        blob: &Descriptor,
        say: impl Fn(u64),
    ) -> Result<(), String> {
        let path = self.path(&blob.digest);
        if path.exists() {
            return Ok(());
        }
        let digest = Digest::parse(&blob.digest).map_err(|error| error.to_string())?;
        let disk = |error: io::Error| format!("a layer cannot be written: {error}");
        let mut file = tempfile::NamedTempFile::new_in(self.folder()).map_err(disk)?;
        let mut at = 0;
        while at < blob.size_bytes {
            say(at);
            let part = acr.get_blob_part(repository, &digest, at, PART_BYTES).await;
            let part = part.map_err(|error| error.to_string())?;
            if part.is_empty() {
                let (size, digest) = (blob.size_bytes, &blob.digest);
                return Err(format!("{digest} ends after {at} of its {size} bytes"));
            }
            at += part.len() as u64;
            file.write_all(&part).map_err(disk)?;
        }
        file.persist(path).map_err(|error| disk(error.error))?;
        Ok(())
    }

    fn path(&self, digest: &str) -> PathBuf {
        let name = digest.rsplit(':').next().unwrap_or_default();
        self.folder().join(name)
    }
}

impl BlobStore for Downloads {
    fn open(&self, digest: &str) -> io::Result<Box<dyn ReadSeek>> {
        Ok(Box::new(File::open(self.path(digest))?))
    }

    fn put(&self, _content: &mut dyn Read) -> io::Result<BlobInfo> {
        Err(io::Error::new(
            io::ErrorKind::ReadOnlyFilesystem,
            "what is only read gets no blobs",
        ))
    }
}
