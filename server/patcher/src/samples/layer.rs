//! A layer of a new image, written as a gzipped tar.
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Read, Seek, Write};
use tar::{EntryType, Header};

/// Owner, mode and time of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Attributes {
    pub mode: u32,
    pub uid: u64,
    pub gid: u64,
    pub mtime: u64,
}

/// What the layers so far hold.
#[derive(Clone, Debug, Default)]
pub(super) struct Tree {
    directories: BTreeMap<String, Attributes>,
    others: BTreeSet<String>,
    /// `("lib", "usr/lib")`: top folders that are links.
    links: Vec<(&'static str, &'static str)>,
}

/// A finished layer, in a temporary file that is at its start.
pub(super) struct Layer {
    pub file: File,
    /// Of the uncompressed tar: `sha256:…`.
    pub diff_id: String,
}

/// Each path is written once, its parents before it.
pub(super) struct LayerBuilder<'a> {
    tar: tar::Builder<HashingGzip>,
    tree: &'a mut Tree,
    /// Folders that this layer has already.
    made: BTreeSet<String>,
    default_time: u64,
}

impl Tree {
    pub fn has(&self, path: &str) -> bool {
        let path = self.canonical(path);
        self.others.contains(&path) || self.directories.contains_key(&path)
    }

    /// The path with a linked top folder followed: `usr/lib/x` of `lib/x`.
    pub fn canonical(&self, path: &str) -> String {
        for (link, target) in &self.links {
            if let Some(rest) = path.strip_prefix(link)
                && (rest.is_empty() || rest.starts_with('/'))
            {
                return format!("{target}{rest}");
            }
        }
        path.to_owned()
    }
}

impl<'a> LayerBuilder<'a> {
    pub fn new(tree: &'a mut Tree, default_time: u64) -> io::Result<Self> {
        let gzip = GzEncoder::new(tempfile::tempfile()?, Compression::default());
        let out = HashingGzip {
            gzip,
            hasher: Sha256::new(),
        };
        Ok(Self {
            tar: tar::Builder::new(out),
            tree,
            made: BTreeSet::new(),
            default_time,
        })
    }

    pub fn tree(&self) -> &Tree {
        self.tree
    }

    /// Makes a top folder a link into `/usr`; before anything is written below it.
    pub fn link_top(&mut self, link: &'static str, target: &'static str) -> io::Result<()> {
        self.directory(target, self.plain(0o755))?;
        self.link(link, target, self.plain(0o777))?;
        self.tree.links.push((link, target));
        Ok(())
    }

    /// Attributes of root's own, at the image's time.
    pub fn plain(&self, mode: u32) -> Attributes {
        Attributes {
            mode,
            uid: 0,
            gid: 0,
            mtime: self.default_time,
        }
    }

    /// The first to name a folder decides on its attributes.
    pub fn directory(&mut self, path: &str, attributes: Attributes) -> io::Result<()> {
        let path = self.tree.canonical(path);
        if path.is_empty() || self.made.contains(&path) {
            return Ok(());
        }
        let attributes = *self
            .tree
            .directories
            .entry(path.clone())
            .or_insert(attributes);
        self.parents(&path)?;
        let mut header = header(EntryType::Directory, attributes, 0);
        self.tar
            .append_data(&mut header, format!("{path}/"), io::empty())?;
        self.made.insert(path);
        Ok(())
    }

    /// `content` has exactly `size_bytes`. A path that is taken is left as it is, and `false`
    /// returned.
    pub fn file(
        &mut self,
        path: &str,
        content: impl Read,
        size_bytes: u64,
        attributes: Attributes,
    ) -> io::Result<bool> {
        let Some(path) = self.claim(path)? else {
            return Ok(false);
        };
        let mut header = header(EntryType::Regular, attributes, size_bytes);
        self.tar.append_data(&mut header, path, content)?;
        Ok(true)
    }

    /// A text file of root's own.
    pub fn text(&mut self, path: &str, text: &str) -> io::Result<bool> {
        self.file(path, text.as_bytes(), text.len() as u64, self.plain(0o644))
    }

    /// Replaces what an earlier layer has at this path.
    pub fn replace(&mut self, path: &str, text: &str) -> io::Result<()> {
        let path = self.tree.canonical(path);
        self.tree.others.remove(&path);
        self.text(&path, text).map(drop)
    }

    pub fn link(&mut self, path: &str, target: &str, attributes: Attributes) -> io::Result<bool> {
        self.any_link(EntryType::Symlink, path, target, attributes)
    }

    /// `target` is a path in this same layer, and already written.
    pub fn hard_link(
        &mut self,
        path: &str,
        target: &str,
        attributes: Attributes,
    ) -> io::Result<bool> {
        let target = self.tree.canonical(target);
        self.any_link(EntryType::Link, path, &target, attributes)
    }

    fn any_link(
        &mut self,
        kind: EntryType,
        path: &str,
        target: &str,
        attributes: Attributes,
    ) -> io::Result<bool> {
        let Some(path) = self.claim(path)? else {
            return Ok(false);
        };
        let mut header = header(kind, attributes, 0);
        self.tar.append_link(&mut header, path, target)?;
        Ok(true)
    }

    fn claim(&mut self, path: &str) -> io::Result<Option<String>> {
        let path = self.tree.canonical(path);
        if path.is_empty() || self.tree.directories.contains_key(&path) {
            return Ok(None);
        }
        if !self.tree.others.insert(path.clone()) {
            return Ok(None);
        }
        self.parents(&path)?;
        Ok(Some(path))
    }

    /// A folder that is not in the layer gets other attributes from some unpackers, so each
    /// layer names the parents of what it holds.
    fn parents(&mut self, path: &str) -> io::Result<()> {
        match path.rsplit_once('/') {
            Some((parent, _)) => self.directory(parent, self.plain(0o755)),
            None => Ok(()),
        }
    }

    pub fn finish(self) -> io::Result<Layer> {
        let HashingGzip { gzip, hasher } = self.tar.into_inner()?;
        let mut file = gzip.finish()?;
        file.rewind()?;
        Ok(Layer {
            file,
            diff_id: format!("sha256:{}", hex::encode(hasher.finalize())),
        })
    }
}

fn header(kind: EntryType, attributes: Attributes, size_bytes: u64) -> Header {
    let mut header = Header::new_gnu();
    header.set_entry_type(kind);
    header.set_mode(attributes.mode);
    header.set_uid(attributes.uid);
    header.set_gid(attributes.gid);
    header.set_mtime(attributes.mtime);
    header.set_size(size_bytes);
    header
}

/// Compresses what passes, and hashes it before.
struct HashingGzip {
    gzip: GzEncoder<File>,
    hasher: Sha256,
}

impl Write for HashingGzip {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let length = self.gzip.write(buffer)?;
        self.hasher.update(&buffer[..length]);
        Ok(length)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.gzip.flush()
    }
}
