//! What the tests of this crate build images and stores from.
use crate::deb822::Stanza;
use crate::dpkg::installed::info_name;
use crate::image::manifest::{
    DOCKER_LAYER_GZIP, DOCKER_MANIFEST, OCI_CONFIG, OCI_LAYER_GZIP, OCI_MANIFEST,
};
use crate::layout::LayoutStore;
use crate::toy::package::{Content, PackageSpec};
use crate::{BlobInfo, BlobStore};
use md5::{Digest, Md5};
use serde_json::{Value, json};
use sha2::Sha256;
use std::collections::BTreeSet;
use std::io::Write;
use tar::EntryType;

/// A layer's tar, entry by entry.
pub struct LayerTar {
    tar: tar::Builder<Vec<u8>>,
    directories: BTreeSet<String>,
}

impl LayerTar {
    pub fn new() -> Self {
        Self {
            tar: tar::Builder::new(Vec::new()),
            directories: BTreeSet::new(),
        }
    }

    pub fn file(self, path: &str, content: &[u8]) -> Self {
        self.file_of_mode(path, content, 0o644)
    }

    /// A file whose parents the layer does not mention.
    pub fn lone_file(self, path: &str, content: &[u8]) -> Self {
        self.entry(path, EntryType::Regular, 0o644, "", content)
    }

    pub fn file_of_mode(mut self, path: &str, content: &[u8], mode: u32) -> Self {
        self.parents(path);
        self.entry(path, EntryType::Regular, mode, "", content)
    }

    pub fn with_xattr(mut self, name: &str, value: &[u8]) -> Self {
        let key = format!("SCHILY.xattr.{name}");
        self.tar
            .append_pax_extensions([(key.as_str(), value)])
            .unwrap();
        self
    }

    pub fn directory(mut self, path: &str, mode: u32) -> Self {
        self.directories.insert(path.to_owned());
        self.entry(path, EntryType::Directory, mode, "", &[])
    }

    pub fn symlink(mut self, path: &str, target: &str) -> Self {
        // What is put below it later goes where it leads.
        self.directories.insert(path.to_owned());
        self.entry(path, EntryType::Symlink, 0o777, target, &[])
    }

    pub fn hardlink(self, path: &str, target: &str) -> Self {
        self.entry(path, EntryType::Link, 0o644, target, &[])
    }

    pub fn fifo(self, path: &str) -> Self {
        self.entry(path, EntryType::Fifo, 0o644, "", &[])
    }

    pub fn device(mut self, path: &str, kind: EntryType, major: u32, minor: u32) -> Self {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(kind);
        header.set_mode(0o666);
        header.set_size(0);
        header.set_path(path).unwrap();
        header.set_device_major(major).unwrap();
        header.set_device_minor(minor).unwrap();
        header.set_cksum();
        self.tar.append(&header, &[][..]).unwrap();
        self
    }

    fn parents(&mut self, path: &str) {
        for (at, _) in path.match_indices('/') {
            if self.directories.insert(path[..at].to_owned()) {
                self.append(&path[..at], EntryType::Directory, 0o755, "", &[]);
            }
        }
    }

    fn entry(mut self, path: &str, kind: EntryType, mode: u32, link: &str, content: &[u8]) -> Self {
        self.append(path, kind, mode, link, content);
        self
    }

    fn append(&mut self, path: &str, kind: EntryType, mode: u32, link: &str, content: &[u8]) {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(kind);
        header.set_mode(mode);
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(1_700_000_000);
        header.set_size(content.len() as u64);
        // Byte for byte: hostile paths must get through.
        header.as_old_mut().name[..path.len()].copy_from_slice(path.as_bytes());
        header.as_old_mut().linkname[..link.len()].copy_from_slice(link.as_bytes());
        header.set_cksum();
        self.tar.append(&header, content).unwrap();
    }

    /// Files and records of installed packages, as dpkg leaves them.
    pub fn installed(mut self, packages: &[PackageSpec], distroless: bool) -> Self {
        let mut status = String::new();
        for package in packages {
            self = self.unpacked(package);
            let mut stanza = stanza(package);
            let name = &package.name;
            let sums = md5sums(package);
            if distroless {
                let path = format!("var/lib/dpkg/status.d/{name}");
                self = self.file(&path, stanza.to_string().as_bytes());
                self = self.file(&format!("{path}.md5sums"), sums.as_bytes());
                continue;
            }
            stanza.set("Status", "install ok installed");
            let info = format!("var/lib/dpkg/info/{}", info_name(&stanza));
            self = self.file(&format!("{info}.list"), list(package).as_bytes());
            self = self.file(&format!("{info}.md5sums"), sums.as_bytes());
            for (script, text) in &package.scripts {
                self = self.file_of_mode(&format!("{info}.{script}"), text.as_bytes(), 0o755);
            }
            if !package.conffiles.is_empty() {
                stanza.set("Conffiles", conffiles(package));
            }
            status.push_str(&format!("{stanza}\n"));
        }
        if distroless {
            self
        } else {
            self.file("var/lib/dpkg/status", status.as_bytes())
        }
    }

    fn unpacked(mut self, package: &PackageSpec) -> Self {
        for (path, content) in &package.entries {
            self.parents(path);
            self = match content {
                Content::File { bytes, mode } => self.file_of_mode(path, bytes, *mode),
                Content::Directory { mode } => self.directory(path, *mode),
                Content::Link { target } => self.symlink(path, target),
                Content::HardLink { target } => self.hardlink(path, target),
            };
        }
        self
    }

    pub fn bytes(self) -> Vec<u8> {
        self.tar.into_inner().unwrap()
    }
}

fn stanza(package: &PackageSpec) -> Stanza {
    crate::deb822::parse(&package.control()).remove(0)
}

fn file_bytes<'a>(package: &'a PackageSpec, path: &str) -> Option<&'a [u8]> {
    match package.entries.get(path)? {
        Content::File { bytes, .. } => Some(bytes),
        _ => None,
    }
}

fn md5sums(package: &PackageSpec) -> String {
    let paths = package
        .entries
        .keys()
        .filter(|path| !package.conffiles.contains(&format!("/{path}")));
    let line = |path: &String| {
        let bytes = file_bytes(package, path)?;
        Some(format!("{}  {path}\n", hex::encode(Md5::digest(bytes))))
    };
    paths.filter_map(line).collect()
}

fn list(package: &PackageSpec) -> String {
    let mut paths = BTreeSet::new();
    for path in package.entries.keys() {
        paths.extend(path.match_indices('/').map(|(at, _)| &path[..at]));
        paths.insert(path);
    }
    let lines: String = paths.into_iter().map(|path| format!("/{path}\n")).collect();
    format!("/.\n{lines}")
}

fn conffiles(package: &PackageSpec) -> String {
    let line = |path: &String| {
        let bytes = file_bytes(package, &path[1..]).unwrap();
        format!("\n {path} {}", hex::encode(Md5::digest(bytes)))
    };
    package.conffiles.iter().map(line).collect()
}

/// An image in a store of its own, in a directory that goes away with it.
pub struct TestImage {
    pub directory: tempfile::TempDir,
    pub store: LayoutStore,
    pub manifest: Value,
    pub config: Value,
}

impl TestImage {
    pub fn new(layers: &[Vec<u8>]) -> Self {
        Self::of_kind(layers, false)
    }

    pub fn docker(layers: &[Vec<u8>]) -> Self {
        Self::of_kind(layers, true)
    }

    fn of_kind(layers: &[Vec<u8>], docker: bool) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let store = LayoutStore::create(directory.path()).unwrap();
        let (manifest_type, config_type, layer_type) = if docker {
            (
                DOCKER_MANIFEST,
                "application/vnd.docker.container.image.v1+json",
                DOCKER_LAYER_GZIP,
            )
        } else {
            (OCI_MANIFEST, OCI_CONFIG, OCI_LAYER_GZIP)
        };
        let blobs: Vec<BlobInfo> = layers
            .iter()
            .map(|layer| put(&store, &gzip(layer)))
            .collect();
        let diff_ids: Vec<String> = layers
            .iter()
            .map(|layer| format!("sha256:{}", hex::encode(Sha256::digest(layer))))
            .collect();
        let history: Vec<Value> = layers
            .iter()
            .map(|_| json!({"created_by": "test"}))
            .collect();
        let config = json!({
            "architecture": "amd64", "os": "linux",
            "config": {"User": "65534", "Labels": {"a": "b"}},
            "rootfs": {"type": "layers", "diff_ids": diff_ids},
            "history": history,
            "x-unknown": {"kept": true},
        });
        let layers: Vec<Value> = blobs
            .iter()
            .map(|blob| json!({"mediaType": layer_type, "digest": blob.digest, "size": blob.size_bytes}))
            .collect();
        let manifest = json!({
            "schemaVersion": 2, "mediaType": manifest_type,
            "config": {"mediaType": config_type, "digest": "", "size": 0},
            "layers": layers,
        });
        let mut image = Self {
            directory,
            store,
            manifest,
            config,
        };
        image.seal();
        image
    }

    /// Stores the configuration as it is now, and lets the manifest name it.
    pub fn seal(&mut self) {
        let blob = put(&self.store, self.config.to_string().as_bytes());
        self.manifest["config"]["digest"] = json!(blob.digest);
        self.manifest["config"]["size"] = json!(blob.size_bytes);
    }

    pub fn bytes(&self) -> Vec<u8> {
        serde_json::to_vec(&self.manifest).unwrap()
    }

    /// Blobs in the store.
    pub fn blob_count(&self) -> usize {
        std::fs::read_dir(self.directory.path().join("blobs/sha256"))
            .unwrap()
            .count()
    }
}

pub fn put(store: &dyn BlobStore, bytes: &[u8]) -> BlobInfo {
    store.put(&mut &*bytes).unwrap()
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}
