//! Where the bytes of images are.
use std::io::{self, Read, Seek};

/// What a blob is read through.
pub trait ReadSeek: Read + Seek + Send {}
impl<T: Read + Seek + Send> ReadSeek for T {}

/// A content-addressed store: a registry's own, or an OCI layout on disk.
pub trait BlobStore: Send + Sync {
    /// Opens a blob by its digest, `sha256:…`. A blob that is not there is
    /// [`io::ErrorKind::NotFound`].
    fn open(&self, digest: &str) -> io::Result<Box<dyn ReadSeek>>;

    /// Stores everything that `content` yields. Whole or not at all: an error from `content`
    /// or from the disk leaves nothing behind.
    fn put(&self, content: &mut dyn Read) -> io::Result<BlobInfo>;
}

/// A stored blob.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlobInfo {
    /// `sha256:…`
    pub digest: String,
    pub size_bytes: u64,
}
