//! One package's files, placed where they belong in the image and compared with what is there.
use crate::apply::Upgrade;
use crate::apply::conffiles::{self, Decision, md5_hex};
use crate::apply::stage::{Content, NewEntry, NewKind};
use crate::dpkg::accounts::Accounts;
use crate::dpkg::{Conffile, Diversions, PathFilters, StatOverrides};
use crate::image::layer::{Failure, HashingReader, clean_path};
use crate::image::spill::Spill;
use crate::image::{Entry, ImageView, Kind};
use crate::{Job, PatchError};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashMap};
use std::io::Read;
use std::sync::Arc;
use tar::EntryType;

/// Files up to this size are compared in memory before they are spilled.
const IN_MEMORY_BYTES: u64 = 1 << 20;

pub struct Unpacker<'a> {
    pub view: &'a ImageView<'a>,
    pub diversions: Diversions,
    pub stat_overrides: StatOverrides,
    pub filters: PathFilters,
    pub accounts: Accounts,
}

/// What a package brings.
#[derive(Default)]
pub struct Unpacked {
    /// Every path of the package in its order, without leading slash; empty for the root.
    pub list: Vec<String>,
    /// What differs from the image, by canonical path.
    pub entries: BTreeMap<String, NewEntry>,
    pub conffiles: Vec<Conffile>,
    pub notes: Vec<String>,
    pub newest_mtime: u64,
}

/// A regular file of the package, whether or not the image has it already.
struct Seen {
    sha256: [u8; 32],
    entry: NewEntry,
}

/// One package while it is being unpacked.
struct Work<'a, 'b> {
    unpacker: &'a Unpacker<'a>,
    upgrade: &'a Upgrade<'b>,
    spill: &'a Arc<Spill>,
    conffile_paths: Vec<String>,
    seen: HashMap<String, Seen>,
    /// Canonical path of a file → the hard links to it.
    links: BTreeMap<String, Vec<String>>,
    done: Unpacked,
}

impl Unpacker<'_> {
    pub fn unpack(
        &self,
        upgrade: &Upgrade<'_>,
        spill: &Arc<Spill>,
        job: &Job<'_>,
    ) -> Result<Unpacked, PatchError> {
        let mut work = Work {
            unpacker: self,
            upgrade,
            spill,
            conffile_paths: conffiles::listed(&upgrade.deb),
            seen: HashMap::new(),
            links: BTreeMap::new(),
            done: Unpacked::default(),
        };
        let mut data = upgrade.deb.data()?;
        let entries = data
            .entries()
            .map_err(|error| work.damaged("its data", error))?;
        for entry in entries {
            job.check()?;
            work.take(entry.map_err(|error| work.damaged("its data", error))?)?;
        }
        work.tie_links()?;
        Ok(work.done)
    }
}

impl Work<'_, '_> {
    fn damaged(&self, path: &str, why: impl ToString) -> PatchError {
        let installed = self.upgrade.installed;
        let version = self
            .upgrade
            .deb
            .control()
            .get("Version")
            .unwrap_or_default();
        let what = format!("package {} {version}, {path}", installed.package);
        PatchError::Corrupt {
            what,
            why: why.to_string(),
        }
    }

    fn clean(&self, bytes: &[u8]) -> Result<String, PatchError> {
        clean_path(bytes).map_err(|failure| match failure {
            Failure::Entry { path, why } => self.damaged(&path, why),
            Failure::Io(error) => self.damaged("a path", error),
            Failure::TooMany => self.damaged("its data", "it has too many entries"),
            Failure::Cancelled => PatchError::Cancelled,
        })
    }

    fn take(&mut self, mut entry: tar::Entry<'_, impl Read>) -> Result<(), PatchError> {
        let path = self.clean(&entry.path_bytes())?;
        self.done.list.push(path.clone());
        let kind = entry.header().entry_type();
        let folds = matches!(kind, EntryType::Directory | EntryType::Symlink);
        if path.is_empty() || self.unpacker.filters.excludes(&path, folds) {
            return Ok(());
        }
        let canonical = self.place(&path)?;
        let new = self.metadata(&path, &entry)?;
        self.done.newest_mtime = self.done.newest_mtime.max(new.mtime);
        match kind {
            EntryType::Directory => self.take_directory(canonical, new),
            EntryType::Symlink => {
                let target = entry.link_name_bytes().unwrap_or_default();
                let target = String::from_utf8_lossy(&target).into_owned();
                self.take_symlink(canonical, target, new)
            }
            EntryType::Link => {
                let target = entry.link_name_bytes().unwrap_or_default();
                let target = self.clean(&target)?;
                let target = self.place(&target)?;
                self.links.entry(target).or_default().push(canonical);
                Ok(())
            }
            EntryType::Regular | EntryType::Continuous => {
                if self.conffile_paths.contains(&path) {
                    self.take_conffile(&path, canonical, new, &mut entry)
                } else {
                    self.take_file(canonical, new, &mut entry)
                }
            }
            other => {
                let kind = char::from(other.as_byte());
                let why = format!(
                    "it is a device node or of another kind ({kind:?}) that packages may not bring"
                );
                Err(self.damaged(&path, why))
            }
        }
    }

    /// Where a path of the package is in the image.
    fn place(&self, path: &str) -> Result<String, PatchError> {
        let package = &self.upgrade.installed.package;
        self.unpacker
            .view
            .canonical(self.unpacker.diversions.divert(path, package))
    }

    fn metadata(
        &self,
        path: &str,
        entry: &tar::Entry<'_, impl Read>,
    ) -> Result<NewEntry, PatchError> {
        let header = entry.header();
        let number = |value: std::io::Result<u64>| value.map_err(|error| self.damaged(path, error));
        let accounts = &self.unpacker.accounts;
        let user = header
            .username()
            .ok()
            .flatten()
            .and_then(|name| accounts.user(name));
        let group = header
            .groupname()
            .ok()
            .flatten()
            .and_then(|name| accounts.group(name));
        let mode = header.mode().map_err(|error| self.damaged(path, error))?;
        let mut new = NewEntry {
            kind: NewKind::Directory,
            mode: mode & 0o7777,
            uid: user.map_or_else(|| number(header.uid()), Ok)?,
            gid: group.map_or_else(|| number(header.gid()), Ok)?,
            mtime: number(header.mtime())?,
            xattrs: Vec::new(),
        };
        if let Some(stat) = self.unpacker.stat_overrides.get(path) {
            (new.mode, new.uid, new.gid) = (stat.mode, stat.uid, stat.gid);
        }
        Ok(new)
    }

    /// An existing directory, or a link to one, stays as it is.
    fn take_directory(&mut self, canonical: String, new: NewEntry) -> Result<(), PatchError> {
        let view = self.unpacker.view;
        let resolved = view.resolve(&canonical)?;
        if !view
            .node_at(&resolved)
            .is_some_and(|node| node.is_directory())
        {
            self.done.entries.insert(canonical, new);
        }
        Ok(())
    }

    fn take_symlink(
        &mut self,
        canonical: String,
        target: String,
        new: NewEntry,
    ) -> Result<(), PatchError> {
        match self.unpacker.view.node_at(&canonical) {
            Some(node) if node.symlink() == Some(&target) => {}
            Some(node) if node.is_directory() => {
                self.done.notes.push(format!(
                    "/{canonical} stays a directory, not a link to {target}"
                ));
            }
            _ => {
                let kind = NewKind::Symlink(target);
                self.done.entries.insert(
                    canonical,
                    NewEntry {
                        kind,
                        mode: 0o777,
                        ..new
                    },
                );
            }
        }
        Ok(())
    }

    fn take_file(
        &mut self,
        canonical: String,
        new: NewEntry,
        entry: &mut tar::Entry<'_, impl Read>,
    ) -> Result<(), PatchError> {
        let size = entry.size();
        if size > IN_MEMORY_BYTES {
            let mut hashing = HashingReader {
                inner: entry,
                hash: Sha256::new(),
            };
            let span = self.spill.append_stream(&mut hashing);
            let span = span.map_err(|error| PatchError::reading(canonical.as_str())(error))?;
            let content = Content::Spilled {
                spill: self.spill.clone(),
                span,
            };
            return self.keep_file(canonical, hashing.hash.finalize().into(), new, content);
        }
        let content = self.read_small(&canonical, entry)?;
        self.keep_small(canonical, &content, new)
    }

    fn read_small(
        &self,
        path: &str,
        entry: &mut tar::Entry<'_, impl Read>,
    ) -> Result<Vec<u8>, PatchError> {
        let mut content = Vec::with_capacity(usize::try_from(entry.size()).unwrap_or(0));
        entry
            .read_to_end(&mut content)
            .map_err(|error| self.damaged(path, error))?;
        Ok(content)
    }

    fn keep_small(
        &mut self,
        canonical: String,
        content: &[u8],
        new: NewEntry,
    ) -> Result<(), PatchError> {
        let sha256 = Sha256::digest(content).into();
        if is_same(self.unpacker.view, &canonical, &sha256, &new) {
            let kind = NewKind::File(Content::Base(canonical.clone()));
            self.seen.insert(
                canonical,
                Seen {
                    sha256,
                    entry: NewEntry { kind, ..new },
                },
            );
            return Ok(());
        }
        let span = self
            .spill
            .append(content)
            .map_err(PatchError::io("writing a temporary file"))?;
        self.keep_file(
            canonical,
            sha256,
            new,
            Content::Spilled {
                spill: self.spill.clone(),
                span,
            },
        )
    }

    fn keep_file(
        &mut self,
        canonical: String,
        sha256: [u8; 32],
        mut new: NewEntry,
        content: Content,
    ) -> Result<(), PatchError> {
        let view = self.unpacker.view;
        let present = view.node_at(&canonical);
        if present.is_some_and(|node| node.is_directory()) {
            return Err(self.damaged(&canonical, "the image has a directory where this file goes"));
        }
        let same = is_same(view, &canonical, &sha256, &new);
        new.kind = NewKind::File(content);
        // Packages carry no capabilities: their scripts set them once, on the file replaced here.
        if let Some(entry) = present.and_then(|node| node.entry) {
            let capability = entry
                .xattrs
                .iter()
                .filter(|(name, _)| name == "security.capability");
            new.xattrs.extend(capability.cloned());
        }
        if !same {
            self.done.entries.insert(canonical.clone(), new.clone());
        }
        self.seen.insert(canonical, Seen { sha256, entry: new });
        Ok(())
    }

    fn take_conffile(
        &mut self,
        path: &str,
        canonical: String,
        new: NewEntry,
        entry: &mut tar::Entry<'_, impl Read>,
    ) -> Result<(), PatchError> {
        let content = self.read_small(path, entry)?;
        let md5 = md5_hex(&content);
        let canonical = self.unpacker.view.resolve(&canonical)?;
        let installed = self.upgrade.installed;
        let decision = conffiles::decide(self.unpacker.view, installed, path, &canonical, &md5)?;
        self.done.conffiles.push(Conffile {
            path: path.to_owned(),
            md5,
            obsolete: false,
        });
        match decision {
            Decision::Install => self.keep_small(canonical, &content, new),
            Decision::KeepEdited => {
                self.done.notes.push(format!(
                    "/{path} was edited in the image and stays as it is"
                ));
                Ok(())
            }
            Decision::StayDeleted => Ok(()),
        }
    }

    /// Links and their file go into the layer together or not at all, the first in its order as
    /// the file: some unpackers look for a link's file in the same layer only.
    fn tie_links(&mut self) -> Result<(), PatchError> {
        for (target, links) in std::mem::take(&mut self.links) {
            let Some(seen) = self.seen.get(&target) else {
                return Err(self.damaged(
                    &links[0],
                    format!("it is a hard link to {target}, which is not there"),
                ));
            };
            let view = self.unpacker.view;
            let mut members = links;
            members.push(target);
            members.sort();
            members.dedup();
            if members
                .iter()
                .all(|path| is_same(view, path, &seen.sha256, &seen.entry))
            {
                continue;
            }
            let first = members.remove(0);
            self.done.entries.insert(first.clone(), seen.entry.clone());
            for link in members {
                let kind = NewKind::Hardlink(first.clone());
                self.done.entries.insert(
                    link,
                    NewEntry {
                        kind,
                        ..seen.entry.clone()
                    },
                );
            }
        }
        Ok(())
    }
}

/// Does the image have this very file there? Times are passed over: a new build of the same
/// content is the same file.
fn is_same(view: &ImageView<'_>, canonical: &str, sha256: &[u8; 32], new: &NewEntry) -> bool {
    let Some(Entry {
        kind: Kind::File {
            sha256: present, ..
        },
        mode,
        uid,
        gid,
        ..
    }) = view.node_at(canonical).and_then(|node| node.entry)
    else {
        return false;
    };
    present == sha256 && (*mode, *uid, *gid) == (new.mode, new.uid, new.gid)
}
