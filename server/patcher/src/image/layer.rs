//! One pass over a layer: what it holds, with the digest of each file, and the contents of the
//! files that patching will ask for.
use crate::image::devices::check_character;
use crate::image::manifest::open_failed;
use crate::image::spill::{Span, Spill};
use crate::image::stream::{BoundedReader, VerifyingReader, decompress};
use crate::image::{Descriptor, Limits};
use crate::printable::printable;
use crate::{BlobStore, Job, PatchError};
use sha2::{Digest, Sha256};
use std::io::{self, Read};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

/// Everything about a layer but the contents of its large files.
#[derive(Debug)]
pub struct LayerIndex {
    pub digest: String,
    /// Digest of the uncompressed bytes.
    pub diff_id: String,
    /// In the order of the layer.
    pub entries: Vec<Entry>,
    spill: Spill,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Without slashes at its ends; empty for the root. Bytes that are not UTF-8 are replaced:
    /// such a name never meets a package's.
    pub path: String,
    pub kind: Kind,
    /// Permission bits.
    pub mode: u32,
    pub uid: u64,
    pub gid: u64,
    /// Seconds since 1970.
    pub mtime: u64,
    /// `SCHILY.xattr.` records without that prefix.
    pub xattrs: Vec<(String, Vec<u8>)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    File {
        size: u64,
        sha256: [u8; 32],
        place: ContentPlace,
    },
    Directory,
    /// The target, as it is written.
    Symlink(String),
    /// The target's path, like [`Entry::path`].
    Hardlink(String),
    /// A standard character device or a pipe; a layer with another device is refused.
    Special,
}

/// Where a file's content can be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContentPlace {
    Spilled(Span),
    /// At this offset of the uncompressed layer.
    Layer(u64),
}

/// Paths that patching reads: the configuration, the package database, the certificates.
const WANTED: [&str; 6] = [
    "etc/",
    "var/lib/dpkg/",
    "usr/lib/os-release",
    "usr/share/ca-certificates/",
    "usr/local/share/ca-certificates/",
    "usr/local/etc/",
];
/// Larger files are read from the layer again, should they be asked for.
const SPILLED_FILE_BYTES: u64 = 32 << 20;
const SPILLED_LAYER_BYTES: u64 = 512 << 20;

/// What is shared while the layers of one image are read.
pub struct Reading<'a> {
    pub store: &'a dyn BlobStore,
    pub limits: &'a Limits,
    /// Where temporary files are made.
    pub directory: &'a Path,
    pub job: &'a Job<'a>,
    pub image_bytes: AtomicU64,
    pub entries: usize,
}

impl LayerIndex {
    /// Reads the layer once: digest and size verified, entries checked.
    pub fn read(layer: &Descriptor, reading: &mut Reading<'_>) -> Result<Self, PatchError> {
        let what = format!("layer {}", layer.digest);
        let blob = reading
            .store
            .open(&layer.digest)
            .map_err(|error| open_failed(&what, error))?;
        let spill = Spill::create(reading.directory)?;
        let (sender, receiver) = sync_channel(16);
        let entry_limit = reading.limits.entries.saturating_sub(reading.entries);
        let stream_failed = AtomicBool::new(false);
        let mut entries = Vec::new();
        let result = std::thread::scope(|scope| {
            // Decompressing takes as long as hashing and indexing: each has a thread.
            scope.spawn(|| send_unpacked(VerifyingReader::new(blob, layer), sender));
            let unpacked = ChunkReader {
                receiver,
                chunk: io::Cursor::new(Vec::new()),
            };
            let bounded = BoundedReader::new(
                unpacked,
                layer.size_bytes,
                &reading.image_bytes,
                *reading.limits,
                &stream_failed,
            );
            index_tar(bounded, &spill, entry_limit, reading.job, &mut entries)
        });
        let diff_id = result.map_err(|failure| match failure {
            Failure::Cancelled => PatchError::Cancelled,
            Failure::TooMany => PatchError::Image {
                what: what.clone(),
                why: "the image has more entries than the limit allows".into(),
            },
            Failure::Entry { path, why } => PatchError::Image {
                what: format!("{what}, {path}"),
                why,
            },
            Failure::Io(error) if is_damage(&error) && !stream_failed.load(Ordering::Relaxed) => {
                not_tar(layer, entries.last(), reading.store)
            }
            Failure::Io(error) if is_damage(&error) => PatchError::Image {
                what: what.clone(),
                why: error.to_string(),
            },
            Failure::Io(cause) => PatchError::Io {
                what: format!("reading {what}"),
                cause,
            },
        })?;
        reading.entries += entries.len();
        Ok(Self {
            digest: layer.digest.clone(),
            diff_id,
            entries,
            spill,
        })
    }

    /// The content of a file of this layer.
    pub fn content(
        &self,
        place: ContentPlace,
        size: u64,
        store: &dyn BlobStore,
    ) -> io::Result<Vec<u8>> {
        match place {
            ContentPlace::Spilled(span) => self.spill.read(span),
            ContentPlace::Layer(offset) => {
                let mut unpacked = decompress(store.open(&self.digest)?)?;
                io::copy(&mut unpacked.by_ref().take(offset), &mut io::sink())?;
                let mut content = Vec::new();
                unpacked.take(size).read_to_end(&mut content)?;
                Ok(content)
            }
        }
    }
}

/// Why a tar cannot be read.
pub(crate) enum Failure {
    Cancelled,
    TooMany,
    Entry { path: String, why: String },
    Io(io::Error),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

fn is_damage(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::InvalidData
            | io::ErrorKind::InvalidInput
            | io::ErrorKind::UnexpectedEof
            | io::ErrorKind::Other
    )
}

/// A layer whose bytes are whole, and are no tar; `last` is the last entry that could be read.
/// The words of the tar reader are not passed on: they quote the bytes.
fn not_tar(layer: &Descriptor, last: Option<&Entry>, store: &dyn BlobStore) -> PatchError {
    let image = |is: &str, why: String| PatchError::Image {
        what: format!("layer {} {is}", layer.digest),
        why,
    };
    if let Some(entry) = last {
        let why = format!("what follows {} is no entry", entry.path);
        return image("is a damaged tar archive", why);
    }
    let mut start = Vec::new();
    let is_gzip = store
        .open(&layer.digest)
        .and_then(|blob| blob.take(2).read_to_end(&mut start))
        .is_ok_and(|_| start == [0x1f, 0x8b]);
    let stated = &layer.media_type;
    if stated.ends_with("gzip") && !is_gzip {
        return image("is not gzip", format!("its media type is {stated}"));
    }
    image(
        "is not a tar archive",
        "it does not begin with an entry".into(),
    )
}

type Chunk = io::Result<Vec<u8>>;

fn send_unpacked(blob: impl Read + Send, chunks: SyncSender<Chunk>) {
    let mut unpacked = match decompress(blob) {
        Ok(unpacked) => unpacked,
        Err(error) => {
            // The reader may have gone: then nobody waits for this error.
            let _ = chunks.send(Err(error));
            return;
        }
    };
    loop {
        let mut chunk = vec![0; 256 << 10];
        match unpacked.read(&mut chunk) {
            Ok(0) => return,
            Ok(length) => {
                chunk.truncate(length);
                if chunks.send(Ok(chunk)).is_err() {
                    return;
                }
            }
            Err(error) => {
                let _ = chunks.send(Err(error));
                return;
            }
        }
    }
}

struct ChunkReader {
    receiver: Receiver<Chunk>,
    chunk: io::Cursor<Vec<u8>>,
}

impl Read for ChunkReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let length = self.chunk.read(buffer)?;
            if length > 0 || buffer.is_empty() {
                return Ok(length);
            }
            match self.receiver.recv() {
                Ok(chunk) => self.chunk = io::Cursor::new(chunk?),
                Err(_) => return Ok(0),
            }
        }
    }
}

fn index_tar(
    unpacked: BoundedReader<'_, ChunkReader>,
    spill: &Spill,
    entry_limit: usize,
    job: &Job<'_>,
    entries: &mut Vec<Entry>,
) -> Result<String, Failure> {
    let mut archive = tar::Archive::new(unpacked);
    let mut spilled_bytes = 0;
    for entry in archive.entries()? {
        let mut entry = entry?;
        if entries.len() >= entry_limit {
            return Err(Failure::TooMany);
        }
        if entries.len().is_multiple_of(256) && (job.cancelled)() {
            return Err(Failure::Cancelled);
        }
        if !matches!(entry.header().entry_type(), tar::EntryType::XGlobalHeader) {
            entries.push(read_entry(&mut entry, spill, &mut spilled_bytes)?);
        }
    }
    let mut unpacked = archive.into_inner();
    // What follows the archive's end belongs to both digests.
    io::copy(&mut unpacked, &mut io::sink())?;
    let (diff_id, _) = unpacked.finish();
    Ok(diff_id)
}

fn read_entry(
    entry: &mut tar::Entry<'_, impl Read>,
    spill: &Spill,
    spilled_bytes: &mut u64,
) -> Result<Entry, Failure> {
    let path = clean_path(&entry.path_bytes())?;
    let kind = match entry.header().entry_type() {
        tar::EntryType::Directory => Kind::Directory,
        tar::EntryType::Symlink => Kind::Symlink(link_name(entry, &path)?),
        tar::EntryType::Link => Kind::Hardlink(clean_path(link_name(entry, &path)?.as_bytes())?),
        tar::EntryType::Char => {
            let (major, minor) = device_numbers(entry.header());
            check_character(&path, major, minor).map_err(|why| Failure::Entry {
                path: path.clone(),
                why,
            })?;
            Kind::Special
        }
        tar::EntryType::Block => {
            let why = "it is a block device: build the image without it".into();
            return Err(Failure::Entry { path, why });
        }
        tar::EntryType::Fifo => Kind::Special,
        tar::EntryType::Regular | tar::EntryType::Continuous | tar::EntryType::GNUSparse => {
            read_file(entry, &path, spill, spilled_bytes)?
        }
        other => {
            let why = format!(
                "it is of a kind that layers do not have ({:?})",
                other.as_byte() as char
            );
            return Err(Failure::Entry { path, why });
        }
    };
    let header = entry.header();
    // Some writers leave numbers blank where they are zero.
    let mode = header.mode().unwrap_or(0) & 0o7777;
    let (uid, gid) = (header.uid().unwrap_or(0), header.gid().unwrap_or(0));
    let mtime = header.mtime().unwrap_or(0);
    let xattrs = read_xattrs(entry)?;
    Ok(Entry {
        path,
        kind,
        mode,
        uid,
        gid,
        mtime,
        xattrs,
    })
}

/// Zero where a number is not there, or is none.
fn device_numbers(header: &tar::Header) -> (u32, u32) {
    let number = |field: std::io::Result<Option<u32>>| field.ok().flatten().unwrap_or(0);
    (number(header.device_major()), number(header.device_minor()))
}

fn read_file(
    entry: &mut tar::Entry<'_, impl Read>,
    path: &str,
    spill: &Spill,
    spilled_bytes: &mut u64,
) -> Result<Kind, Failure> {
    let size = entry.size();
    let wanted = WANTED.iter().any(|prefix| path.starts_with(prefix))
        && size <= SPILLED_FILE_BYTES
        && *spilled_bytes + size <= SPILLED_LAYER_BYTES;
    let offset = entry.raw_file_position();
    let mut hashing = HashingReader {
        inner: entry,
        hash: Sha256::new(),
    };
    let place = if wanted {
        *spilled_bytes += size;
        ContentPlace::Spilled(spill.append_stream(&mut hashing)?)
    } else {
        io::copy(&mut hashing, &mut io::sink())?;
        ContentPlace::Layer(offset)
    };
    Ok(Kind::File {
        size,
        sha256: hashing.hash.finalize().into(),
        place,
    })
}

/// Hashes what passes.
pub(crate) struct HashingReader<R> {
    pub inner: R,
    pub hash: Sha256,
}

impl<R: Read> Read for HashingReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.inner.read(buffer)?;
        self.hash.update(&buffer[..length]);
        Ok(length)
    }
}

fn link_name(entry: &tar::Entry<'_, impl Read>, path: &str) -> Result<String, Failure> {
    match entry.link_name_bytes() {
        Some(target) if !target.is_empty() => Ok(String::from_utf8_lossy(&target).into_owned()),
        _ => Err(Failure::Entry {
            path: path.to_owned(),
            why: "this link has no target".into(),
        }),
    }
}

/// A tar path as [`Entry::path`]; one that climbs with `..` is refused.
pub(crate) fn clean_path(bytes: &[u8]) -> Result<String, Failure> {
    let text = String::from_utf8_lossy(bytes);
    let parts: Vec<&str> = text
        .split('/')
        .filter(|part| !matches!(*part, "" | "."))
        .collect();
    if parts.contains(&"..") {
        return Err(Failure::Entry {
            path: printable(bytes).to_string(),
            why: "this path climbs out of its directory with \"..\"".into(),
        });
    }
    Ok(parts.join("/"))
}

fn read_xattrs(entry: &mut tar::Entry<'_, impl Read>) -> io::Result<Vec<(String, Vec<u8>)>> {
    let mut xattrs = Vec::new();
    if let Some(records) = entry.pax_extensions()? {
        for record in records {
            let record = record?;
            let key = String::from_utf8_lossy(record.key_bytes());
            if let Some(name) = key.strip_prefix("SCHILY.xattr.") {
                xattrs.push((name.to_owned(), record.value_bytes().to_vec()));
            }
        }
    }
    Ok(xattrs)
}
