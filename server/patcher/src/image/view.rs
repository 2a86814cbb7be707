//! The tree that the layers of an image make together.
use crate::image::layer::{Entry, Kind, LayerIndex, Reading};
use crate::image::{ImageManifest, Limits};
use crate::{BlobStore, Job, PatchError};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

/// More links than this on one path are taken for a loop, as Linux does.
const LINKS_PER_PATH: usize = 40;

/// An image's files. Paths have no slashes at their ends; the root is the empty path.
pub struct ImageView<'a> {
    store: &'a dyn BlobStore,
    layers: Vec<Arc<LayerIndex>>,
    tree: BTreeMap<String, Place>,
}

/// Where a path's own entry is, and that of its content: another one for a hard link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    /// `None` for a directory that no layer mentions but for what is in it.
    entry: Option<(usize, usize)>,
}

/// What is at a path.
#[derive(Clone, Copy, Debug)]
pub struct Node<'a> {
    /// `None` for a directory that no layer mentions.
    pub entry: Option<&'a Entry>,
    layer: usize,
}

impl Node<'_> {
    pub fn is_directory(&self) -> bool {
        self.entry.is_none_or(|entry| entry.kind == Kind::Directory)
    }

    pub fn is_file(&self) -> bool {
        self.entry
            .is_some_and(|entry| matches!(entry.kind, Kind::File { .. }))
    }

    /// Were both brought by the same layer?
    pub fn is_beside(&self, other: &Node<'_>) -> bool {
        self.layer == other.layer
    }

    pub fn symlink(&self) -> Option<&str> {
        match self.entry.map(|entry| &entry.kind) {
            Some(Kind::Symlink(target)) => Some(target),
            _ => None,
        }
    }

    /// What it is, after its path.
    fn description(&self) -> &'static str {
        match self.entry.map(|entry| &entry.kind) {
            None | Some(Kind::Directory) => "is a directory",
            Some(Kind::File { .. } | Kind::Hardlink(_)) => "is a file",
            Some(Kind::Symlink(_)) => "is a link",
            Some(Kind::Special) => "is a device node or a pipe",
        }
    }
}

fn unreadable(path: &str, why: String) -> PatchError {
    PatchError::Unreadable {
        path: path.to_owned(),
        why,
    }
}

impl<'a> ImageView<'a> {
    /// Reads every layer of the image once, and lays them over each other.
    pub fn read(
        store: &'a dyn BlobStore,
        manifest: &ImageManifest,
        limits: &Limits,
        directory: &Path,
        job: &Job<'_>,
    ) -> Result<Self, PatchError> {
        let view = Self {
            store,
            layers: Vec::new(),
            tree: BTreeMap::new(),
        };
        view.extended(manifest, limits, directory, job)
    }

    /// This image with the further layers of `manifest`, whose first layers are this image's.
    pub fn extended(
        mut self,
        manifest: &ImageManifest,
        limits: &Limits,
        directory: &Path,
        job: &Job<'_>,
    ) -> Result<Self, PatchError> {
        let known: usize = self.layers.iter().map(|layer| layer.entries.len()).sum();
        let image_bytes = AtomicU64::new(0);
        let mut reading = Reading {
            store: self.store,
            limits,
            directory,
            job,
            image_bytes,
            entries: known,
        };
        for layer in &manifest.layers[self.layers.len()..] {
            job.check()?;
            self.lay(Arc::new(LayerIndex::read(layer, &mut reading)?))?;
        }
        Ok(self)
    }

    /// Digests of the uncompressed layers, as they really are.
    pub fn diff_ids(&self) -> Vec<&str> {
        self.layers
            .iter()
            .map(|layer| layer.diff_id.as_str())
            .collect()
    }

    /// What is at a path, links in its parents followed, itself not.
    pub fn node(&self, path: &str) -> Option<Node<'_>> {
        let canonical = self.canonical(path).ok()?;
        self.node_at(&canonical)
    }

    /// What is at a path that is canonical already.
    pub fn node_at(&self, canonical: &str) -> Option<Node<'_>> {
        if canonical.is_empty() && !self.tree.contains_key("") {
            return Some(Node {
                entry: None,
                layer: 0,
            });
        }
        let place = self.tree.get(canonical)?;
        Some(match place.entry {
            None => Node {
                entry: None,
                layer: 0,
            },
            Some((layer, entry)) => Node {
                entry: Some(&self.layers[layer].entries[entry]),
                layer,
            },
        })
    }

    /// The file behind a path, its links followed.
    pub fn file(&self, path: &str) -> Option<Node<'_>> {
        let canonical = self.resolve(path).ok()?;
        self.node_at(&canonical).filter(Node::is_file)
    }

    /// The content of the file behind a path, where there is one.
    pub fn read_file(&self, path: &str) -> Result<Option<Vec<u8>>, PatchError> {
        self.file(path)
            .map(|node| self.read_node(path, &node))
            .transpose()
    }

    /// Like [`Self::read_file`], as text; bytes that are not UTF-8 are replaced.
    pub fn read_text(&self, path: &str) -> Result<Option<String>, PatchError> {
        let content = self.read_file(path)?;
        Ok(content.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
    }

    /// Like [`Self::read_text`], for a record that only an image without it may lack: `None`
    /// where nothing is at the path. Anything there but a file is
    /// [`PatchError::Unreadable`]: a link that leads nowhere, a directory, a device node.
    pub fn read_record(&self, path: &str) -> Result<Option<String>, PatchError> {
        match self.presence(path)? {
            None => Ok(None),
            Some(node) if node.is_file() => {
                let bytes = self.read_node(path, &node)?;
                Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
            }
            Some(node) => Err(unreadable(path, node.description().to_owned())),
        }
    }

    /// Names in a directory of records, in order; none where nothing is at the path. Anything
    /// there but a directory is [`PatchError::Unreadable`].
    pub fn list_records(&self, directory: &str) -> Result<Vec<String>, PatchError> {
        match self.presence(directory)? {
            None => Ok(Vec::new()),
            Some(node) if node.is_directory() => Ok(self.list(directory)),
            Some(node) => Err(unreadable(directory, node.description().to_owned())),
        }
    }

    /// What is behind a path, every link followed; an error where a part of it is there and
    /// cannot be followed.
    fn presence(&self, path: &str) -> Result<Option<Node<'_>>, PatchError> {
        let ends = path.match_indices('/').map(|(at, _)| at);
        let mut found = None;
        for end in ends.chain([path.len()]) {
            let part = &path[..end];
            let Ok(resolved) = self.resolve(part) else {
                return Err(unreadable(part, "is a link that leads to itself".into()));
            };
            found = self.node_at(&resolved);
            match &found {
                Some(node) if end == path.len() || node.is_directory() => {}
                Some(node) => return Err(unreadable(part, node.description().to_owned())),
                None => match self.node(part).as_ref().and_then(Node::symlink) {
                    Some(target) => {
                        let why = format!("is a link to {target}, which is not there");
                        return Err(unreadable(part, why));
                    }
                    None => return Ok(None),
                },
            }
        }
        Ok(found)
    }

    fn read_node(&self, path: &str, node: &Node<'_>) -> Result<Vec<u8>, PatchError> {
        let Some(Entry {
            kind: Kind::File { size, place, .. },
            ..
        }) = node.entry
        else {
            return Ok(Vec::new());
        };
        let layer = &self.layers[node.layer];
        let what = || format!("reading {path} from layer {}", layer.digest);
        layer
            .content(*place, *size, self.store)
            .map_err(|error| PatchError::io(what())(error))
    }

    /// Names in a directory, in order.
    pub fn list(&self, directory: &str) -> Vec<String> {
        let Ok(directory) = self.resolve(directory) else {
            return Vec::new();
        };
        let prefix = if directory.is_empty() {
            String::new()
        } else {
            format!("{directory}/")
        };
        let mut names = Vec::new();
        for (path, _) in self.tree.range(prefix.clone()..) {
            let Some(rest) = path.strip_prefix(prefix.as_str()) else {
                break;
            };
            if !rest.is_empty() && !rest.contains('/') {
                names.push(rest.to_owned());
            }
        }
        names
    }

    /// Every canonical path below a canonical directory, in order, with what is there.
    pub fn below(&self, directory: &str) -> impl Iterator<Item = (&str, Node<'_>)> {
        let prefix = if directory.is_empty() {
            String::new()
        } else {
            format!("{directory}/")
        };
        self.tree
            .range(prefix.clone()..)
            .map(|(path, _)| path.as_str())
            .take_while(move |path| path.starts_with(&prefix))
            .filter_map(|path| Some((path, self.node_at(path)?)))
    }

    /// The path with every link among its parents followed, so that `lib/x` is `usr/lib/x`
    /// where `/lib` is a link. The last part is left as it is.
    pub fn canonical(&self, path: &str) -> Result<String, PatchError> {
        match path.rsplit_once('/') {
            None => Ok(path.to_owned()),
            Some((parent, name)) => Ok(join(&self.resolve(parent)?, name)),
        }
    }

    /// The path with every link followed. A part that does not exist is taken as it is.
    pub fn resolve(&self, path: &str) -> Result<String, PatchError> {
        let mut rest: Vec<String> = path.split('/').rev().map(str::to_owned).collect();
        let mut done = String::new();
        let mut links = 0;
        while let Some(part) = rest.pop() {
            match part.as_str() {
                "" | "." => continue,
                ".." => {
                    done.truncate(done.rfind('/').unwrap_or(0));
                    continue;
                }
                _ => {}
            }
            let here = join(&done, &part);
            let Some(target) = self
                .node_at(&here)
                .and_then(|node| node.symlink().map(str::to_owned))
            else {
                done = here;
                continue;
            };
            links += 1;
            if links > LINKS_PER_PATH {
                let why = format!("its links lead round in a circle at {here}");
                return Err(PatchError::Image {
                    what: format!("path {path}"),
                    why,
                });
            }
            if target.starts_with('/') {
                done.clear();
            }
            rest.extend(target.split('/').rev().map(str::to_owned));
        }
        Ok(done)
    }

    /// Lays one more layer over the others.
    fn lay(&mut self, layer: Arc<LayerIndex>) -> Result<(), PatchError> {
        let at = self.layers.len();
        self.layers.push(layer.clone());
        // Whiteouts speak of the layers below only, wherever in the layer they stand.
        for entry in &layer.entries {
            if let Some((parent, name)) = whiteout(&entry.path) {
                let parent = self.resolve(parent)?;
                match name {
                    Some(name) => self.remove(&join(&parent, name)),
                    None => self.remove_below(&parent),
                }
            }
        }
        for (index, entry) in layer.entries.iter().enumerate() {
            let is_metadata = entry
                .path
                .rsplit('/')
                .next()
                .is_some_and(|name| name.starts_with(".wh."));
            if !is_metadata {
                self.add(at, index, entry)
                    .map_err(|why| PatchError::Image {
                        what: format!("layer {}, {}", layer.digest, entry.path),
                        why,
                    })?;
            }
        }
        Ok(())
    }

    fn add(&mut self, layer: usize, index: usize, entry: &Entry) -> Result<(), String> {
        let path = self
            .canonical(&entry.path)
            .map_err(|error| error.to_string())?;
        self.add_parents(&path)?;
        if let Kind::Symlink(target) = &entry.kind {
            refuse_escape(&path, target)?;
        }
        let was_directory =
            self.tree.contains_key(&path) && self.node_at(&path).is_some_and(|n| n.is_directory());
        if entry.kind != Kind::Directory && was_directory {
            if path.is_empty() {
                return Err("the root is not a directory".into());
            }
            self.remove_below(&path);
        }
        let place = match &entry.kind {
            Kind::Hardlink(target) => {
                let target = self.canonical(target).map_err(|error| error.to_string())?;
                let linked = self.tree.get(&target).copied();
                linked
                    .ok_or_else(|| format!("it is a hard link to {target}, which is not there"))?
            }
            _ => Place {
                entry: Some((layer, index)),
            },
        };
        self.tree.insert(path, place);
        Ok(())
    }

    /// Directories that no layer mentions exist by what is in them.
    fn add_parents(&mut self, path: &str) -> Result<(), String> {
        let mut missing = Vec::new();
        let mut parent = path;
        while let Some((above, _)) = parent.rsplit_once('/') {
            match self.node_at(above) {
                Some(node) if node.is_directory() => break,
                Some(_) => return Err(format!("it is below {above}, which is not a directory")),
                None => missing.push(above.to_owned()),
            }
            parent = above;
        }
        self.tree.extend(
            missing
                .into_iter()
                .map(|path| (path, Place { entry: None })),
        );
        Ok(())
    }

    fn remove(&mut self, path: &str) {
        self.tree.remove(path);
        self.remove_below(path);
    }

    fn remove_below(&mut self, directory: &str) {
        let prefix = if directory.is_empty() {
            String::new()
        } else {
            format!("{directory}/")
        };
        let doomed: Vec<String> = self
            .tree
            .range(prefix.clone()..)
            .map(|(path, _)| path)
            .take_while(|path| path.starts_with(&prefix))
            .filter(|path| !path.is_empty())
            .cloned()
            .collect();
        for path in doomed {
            self.tree.remove(&path);
        }
    }
}

pub fn join(directory: &str, name: &str) -> String {
    if directory.is_empty() {
        name.to_owned()
    } else {
        format!("{directory}/{name}")
    }
}

/// The directory and the name that a whiteout removes; no name where it removes everything.
fn whiteout(path: &str) -> Option<(&str, Option<&str>)> {
    let (parent, name) = path.rsplit_once('/').unwrap_or(("", path));
    match name.strip_prefix(".wh.")? {
        ".wh..opq" => Some((parent, None)),
        // Other names of this kind are the bookkeeping of old graph drivers.
        name if name.starts_with(".wh.") => None,
        name => Some((parent, Some(name))),
    }
}

/// A container's kernel would stop at the root; whoever unpacks the image may not.
fn refuse_escape(path: &str, target: &str) -> Result<(), String> {
    let mut depth = if target.starts_with('/') {
        0
    } else {
        path.matches('/').count()
    };
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." if depth == 0 => {
                return Err(format!(
                    "this link to {target:?} leads out of the image's root"
                ));
            }
            ".." => depth -= 1,
            _ => depth += 1,
        }
    }
    Ok(())
}
