//! The new layer as a gzipped tar, the same bytes for the same changes.
use crate::apply::stage::{Change, Content, NewEntry, NewKind};
use crate::image::ImageView;
use crate::{BlobInfo, BlobStore, Job, PatchError};
use flate2::Compression;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use tar::{EntryType, Header};

/// A stored layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewLayer {
    pub blob: BlobInfo,
    /// Digest of the uncompressed bytes.
    pub diff_id: String,
    pub entries: usize,
}

/// Writes the tar in one thread and compresses and stores it in this one.
pub fn write(
    view: &ImageView<'_>,
    changes: BTreeMap<String, Change>,
    store: &dyn BlobStore,
    job: &Job<'_>,
) -> Result<NewLayer, PatchError> {
    let entries = changes.len();
    let (sender, receiver) = sync_channel::<io::Result<Vec<u8>>>(16);
    let (stored, diff_id) = std::thread::scope(|scope| {
        let writer = scope.spawn(move || {
            let mut chunks = ChunkWriter {
                sender,
                chunk: Vec::new(),
                hash: Sha256::new(),
            };
            let result = write_tar(view, &changes, &mut chunks, job);
            match result {
                Ok(()) => Ok(format!("sha256:{}", hex::encode(chunks.hash.finalize()))),
                Err(error) => {
                    // The store must not take what there is for the whole; should it have given
                    // up first, its own error is the one to tell.
                    let told = io::Error::new(error.kind(), error.to_string());
                    let _ = chunks.sender.send(Err(told));
                    Err(error)
                }
            }
        });
        let unpacked = ChunkReader {
            receiver,
            chunk: io::Cursor::new(Vec::new()),
        };
        let mut packed = flate2::read::GzEncoder::new(unpacked, Compression::default());
        let stored = store.put(&mut packed);
        // Without a reader the writer ends too.
        drop(packed);
        (stored, writer.join().expect("the writer does not panic"))
    });
    if (job.cancelled)() {
        return Err(PatchError::Cancelled);
    }
    let blob = stored.map_err(PatchError::io("storing the new layer"))?;
    let diff_id = diff_id.map_err(PatchError::io("writing the new layer"))?;
    Ok(NewLayer {
        blob,
        diff_id,
        entries,
    })
}

struct ChunkWriter {
    sender: SyncSender<io::Result<Vec<u8>>>,
    chunk: Vec<u8>,
    hash: Sha256,
}

const CHUNK_BYTES: usize = 256 << 10;

impl Write for ChunkWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.hash.update(bytes);
        self.chunk.extend_from_slice(bytes);
        if self.chunk.len() >= CHUNK_BYTES {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let chunk = std::mem::replace(&mut self.chunk, Vec::with_capacity(CHUNK_BYTES + 4096));
        self.sender
            .send(Ok(chunk))
            .map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe))
    }
}

struct ChunkReader {
    receiver: Receiver<io::Result<Vec<u8>>>,
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

fn write_tar(
    view: &ImageView<'_>,
    changes: &BTreeMap<String, Change>,
    output: &mut ChunkWriter,
    job: &Job<'_>,
) -> io::Result<()> {
    let mut tar = tar::Builder::new(&mut *output);
    for (path, change) in changes {
        if (job.cancelled)() {
            return Err(io::Error::other("cancelled"));
        }
        match change {
            Change::Put(entry) => write_entry(&mut tar, view, path, entry)?,
            Change::Remove => write_whiteout(&mut tar, path)?,
        }
    }
    tar.finish()?;
    drop(tar);
    output.flush()
}

fn write_whiteout(tar: &mut tar::Builder<&mut ChunkWriter>, path: &str) -> io::Result<()> {
    let (parent, name) = path.rsplit_once('/').unwrap_or(("", path));
    let name = format!(".wh.{name}");
    let path = crate::image::view::join(parent, &name);
    let mut header = Header::new_ustar();
    header.set_entry_type(EntryType::Regular);
    header.set_mode(0);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    append(tar, header, &path, "", &[], 0, &mut io::empty())
}

fn write_entry(
    tar: &mut tar::Builder<&mut ChunkWriter>,
    view: &ImageView<'_>,
    path: &str,
    entry: &NewEntry,
) -> io::Result<()> {
    let mut header = Header::new_ustar();
    header.set_mode(entry.mode);
    header.set_uid(entry.uid);
    header.set_gid(entry.gid);
    header.set_mtime(entry.mtime);
    let mut link = "";
    let mut size = 0;
    let mut bytes;
    let mut content: &mut dyn Read = &mut io::empty();
    let mut spilled;
    match &entry.kind {
        NewKind::Directory => header.set_entry_type(EntryType::Directory),
        NewKind::Symlink(target) => {
            header.set_entry_type(EntryType::Symlink);
            link = target;
        }
        NewKind::Hardlink(target) => {
            header.set_entry_type(EntryType::Link);
            link = target;
        }
        NewKind::File(source) => {
            header.set_entry_type(EntryType::Regular);
            match source {
                Content::Spilled { spill, span } => {
                    size = span.length;
                    spilled = spill.reader(*span);
                    content = &mut spilled;
                }
                Content::Bytes(small) => {
                    size = small.len() as u64;
                    bytes = io::Cursor::new(small.to_vec());
                    content = &mut bytes;
                }
                Content::Base(base) => {
                    let present = view.read_file(base).map_err(io::Error::other)?;
                    bytes = io::Cursor::new(present.unwrap_or_default());
                    size = bytes.get_ref().len() as u64;
                    content = &mut bytes;
                }
            }
        }
    }
    let is_directory = matches!(entry.kind, NewKind::Directory);
    let path = if is_directory {
        format!("{path}/")
    } else {
        path.to_owned()
    };
    append(tar, header, &path, link, &entry.xattrs, size, content)
}

/// Names that the header has no room for, or that are not ASCII, go into extended records, as
/// attributes do.
fn append(
    tar: &mut tar::Builder<&mut ChunkWriter>,
    mut header: Header,
    path: &str,
    link: &str,
    xattrs: &[(String, Vec<u8>)],
    size: u64,
    content: &mut dyn Read,
) -> io::Result<()> {
    let mut records: Vec<(String, &[u8])> = Vec::new();
    let fits = |name: &str| name.len() <= 100 && name.is_ascii();
    if !fits(path) {
        records.push(("path".into(), path.as_bytes()));
    }
    if !fits(link) {
        records.push(("linkpath".into(), link.as_bytes()));
    }
    for (name, value) in xattrs {
        records.push((format!("SCHILY.xattr.{name}"), value));
    }
    if !records.is_empty() {
        tar.append_pax_extensions(records.iter().map(|(key, value)| (key.as_str(), *value)))?;
    }
    let old = header.as_old_mut();
    copy_start(&mut old.name, path);
    copy_start(&mut old.linkname, link);
    header.set_size(size);
    header.set_cksum();
    tar.append(&header, content)
}

fn copy_start(field: &mut [u8], text: &str) {
    let text: Vec<u8> = text
        .bytes()
        .map(|byte| if byte.is_ascii() { byte } else { b'_' })
        .collect();
    let length = text.len().min(field.len());
    field[..length].copy_from_slice(&text[..length]);
}
