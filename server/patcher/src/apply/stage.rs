//! The changes that will make the new layer, over the image that they change.
use crate::PatchError;
use crate::image::spill::{Span, Spill};
use crate::image::{ImageView, Kind, Node};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// One path of the new layer.
#[derive(Clone, Debug)]
pub enum Change {
    Put(NewEntry),
    Remove,
}

#[derive(Clone, Debug)]
pub struct NewEntry {
    pub kind: NewKind,
    pub mode: u32,
    pub uid: u64,
    pub gid: u64,
    /// Seconds since 1970.
    pub mtime: u64,
    pub xattrs: Vec<(String, Vec<u8>)>,
}

#[derive(Clone, Debug)]
pub enum NewKind {
    Directory,
    File(Content),
    Symlink(String),
    /// The canonical path of another file of the layer, which comes first.
    Hardlink(String),
}

#[derive(Clone, Debug)]
pub enum Content {
    Spilled {
        spill: Arc<Spill>,
        span: Span,
    },
    Bytes(Arc<[u8]>),
    /// That of the image's own file at this canonical path.
    Base(String),
}

pub struct Stage<'a> {
    pub view: &'a ImageView<'a>,
    changes: BTreeMap<String, Change>,
    /// The time of files that no package brings, so that the same packages make the same layer.
    stamp: u64,
}

impl<'a> Stage<'a> {
    pub fn new(view: &'a ImageView<'a>, stamp: u64) -> Self {
        Self {
            view,
            changes: BTreeMap::new(),
            stamp,
        }
    }

    pub fn put(&mut self, canonical: String, entry: NewEntry) {
        self.changes.insert(canonical, Change::Put(entry));
    }

    /// Writes a small file with the owner and mode that it has, or root's and `mode`; nothing
    /// where it is that already.
    pub fn write(&mut self, path: &str, content: &[u8], mode: u32) -> Result<(), PatchError> {
        if self.read(path)?.is_some_and(|present| present == content) {
            return Ok(());
        }
        let canonical = self.view.resolve(path)?;
        let present = self.view.node_at(&canonical).and_then(|node| node.entry);
        let entry = NewEntry {
            kind: NewKind::File(Content::Bytes(content.into())),
            mode: present.map_or(mode, |entry| entry.mode),
            uid: present.map_or(0, |entry| entry.uid),
            gid: present.map_or(0, |entry| entry.gid),
            mtime: self.stamp,
            xattrs: Vec::new(),
        };
        self.put(canonical, entry);
        Ok(())
    }

    pub fn link(&mut self, path: &str, target: &str) -> Result<(), PatchError> {
        let canonical = self.view.canonical(path)?;
        let present = self.node(&canonical);
        if present.is_some_and(|node| node.symlink() == Some(target)) {
            return Ok(());
        }
        let kind = NewKind::Symlink(target.to_owned());
        let entry = NewEntry {
            kind,
            mode: 0o777,
            uid: 0,
            gid: 0,
            mtime: self.stamp,
            xattrs: Vec::new(),
        };
        self.put(canonical, entry);
        Ok(())
    }

    /// Removes what is at a canonical path, where there is anything.
    pub fn remove(&mut self, canonical: &str) {
        if self.view.node_at(canonical).is_some() {
            self.changes.insert(canonical.to_owned(), Change::Remove);
        } else {
            self.changes.remove(canonical);
        }
    }

    pub fn change(&self, canonical: &str) -> Option<&Change> {
        self.changes.get(canonical)
    }

    pub fn changes(&self) -> impl Iterator<Item = (&str, &Change)> {
        self.changes
            .iter()
            .map(|(path, change)| (path.as_str(), change))
    }

    pub fn exists(&self, path: &str) -> bool {
        let Ok(canonical) = self.view.canonical(path) else {
            return false;
        };
        match self.changes.get(&canonical) {
            Some(change) => matches!(change, Change::Put(_)),
            None => self.view.node_at(&canonical).is_some(),
        }
    }

    /// The image's own node where nothing changes it.
    pub fn node(&self, canonical: &str) -> Option<Node<'_>> {
        if self.changes.contains_key(canonical) {
            None
        } else {
            self.view.node_at(canonical)
        }
    }

    /// The content of the file at a path as it will be.
    pub fn read(&self, path: &str) -> Result<Option<Vec<u8>>, PatchError> {
        let canonical = self.view.resolve(path)?;
        let content = match self.changes.get(&canonical) {
            None => return self.view.read_file(&canonical),
            Some(Change::Put(NewEntry {
                kind: NewKind::File(content),
                ..
            })) => content,
            Some(Change::Put(NewEntry {
                kind: NewKind::Hardlink(target),
                ..
            })) => {
                return self.read(target);
            }
            Some(_) => return Ok(None),
        };
        match content {
            Content::Bytes(bytes) => Ok(Some(bytes.to_vec())),
            Content::Base(path) => self.view.read_file(path),
            Content::Spilled { spill, span } => spill
                .read(*span)
                .map(Some)
                .map_err(PatchError::io("reading a temporary file")),
        }
    }

    /// Every path below a directory that will be there, in order.
    pub fn below(&self, directory: &str) -> BTreeSet<String> {
        let Ok(directory) = self.view.resolve(directory) else {
            return BTreeSet::new();
        };
        let prefix = format!("{directory}/");
        let present = self.view.below(&directory).map(|(path, _)| path);
        let mut paths: BTreeSet<String> = present
            .filter(|path| !self.changes.contains_key(*path))
            .map(str::to_owned)
            .collect();
        let changed = self.changes.range(prefix.clone()..);
        let changed = changed.take_while(|(path, _)| path.starts_with(&prefix));
        let put = changed.filter(|(_, change)| matches!(change, Change::Put(_)));
        paths.extend(put.map(|(path, _)| path.clone()));
        paths
    }

    /// The changes with their parent directories, which keep the image's own metadata: drivers
    /// that unpack a layer by itself would make them up otherwise.
    pub fn finish(mut self) -> BTreeMap<String, Change> {
        let mut parents = BTreeMap::new();
        for path in self.changes.keys() {
            let mut rest = path.as_str();
            while let Some((parent, _)) = rest.rsplit_once('/') {
                if parents.contains_key(parent) {
                    break;
                }
                parents.insert(parent.to_owned(), self.directory(parent));
                rest = parent;
            }
        }
        for (path, entry) in parents {
            self.changes.entry(path).or_insert(Change::Put(entry));
        }
        self.changes
    }

    fn directory(&self, canonical: &str) -> NewEntry {
        let present = self.view.node_at(canonical).and_then(|node| node.entry);
        match present.filter(|entry| entry.kind == Kind::Directory) {
            Some(entry) => NewEntry {
                kind: NewKind::Directory,
                mode: entry.mode,
                uid: entry.uid,
                gid: entry.gid,
                mtime: entry.mtime,
                xattrs: entry.xattrs.clone(),
            },
            None => NewEntry {
                kind: NewKind::Directory,
                mode: 0o755,
                uid: 0,
                gid: 0,
                mtime: self.stamp,
                xattrs: Vec::new(),
            },
        }
    }
}
