//! Debian packages built from a description: small, reproducible, and real enough for dpkg.
use crate::PatchError;
use flate2::Compression;
use flate2::write::GzEncoder;
use md5::{Digest, Md5};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

/// What goes into one package.
#[derive(Clone, Debug)]
pub struct PackageSpec {
    pub name: String,
    pub version: String,
    pub architecture: String,
    /// Further control fields: `("Depends", "toy-libc (>= 1.0)")`.
    pub fields: Vec<(String, String)>,
    /// By path below the root, without a slash at the front.
    pub entries: BTreeMap<String, Content>,
    /// Absolute paths, as in the `conffiles` control file.
    pub conffiles: Vec<String>,
    /// `postinst`, …
    pub scripts: Vec<(String, String)>,
    pub packing: Packing,
    /// Time of every file in it, in seconds since 1970.
    pub mtime: u64,
}

/// One entry of the data part.
#[derive(Clone, Debug)]
pub enum Content {
    File {
        bytes: Vec<u8>,
        mode: u32,
    },
    Directory {
        mode: u32,
    },
    Link {
        target: String,
    },
    /// Another name of a file in the same package, by its path.
    HardLink {
        target: String,
    },
}

/// Compression of the control and data parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    Gzip,
    Xz,
    Zstd,
}

/// 1 January 2026.
const DEFAULT_MTIME: u64 = 1_767_225_600;

impl PackageSpec {
    pub fn new(name: &str, version: &str) -> Self {
        Self {
            name: name.to_owned(),
            version: version.to_owned(),
            architecture: "amd64".to_owned(),
            fields: Vec::new(),
            entries: BTreeMap::new(),
            conffiles: Vec::new(),
            scripts: Vec::new(),
            packing: Packing::Gzip,
            mtime: DEFAULT_MTIME,
        }
    }

    pub fn with(mut self, path: &str, content: Content) -> Self {
        self.entries.insert(path.to_owned(), content);
        self
    }

    pub fn field(mut self, name: &str, value: &str) -> Self {
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }

    /// A file that dpkg treats as configuration.
    pub fn conffile(mut self, path: &str, text: &str) -> Self {
        self.conffiles.push(format!("/{path}"));
        self.with(path, Content::text(text))
    }

    pub fn script(mut self, name: &str, text: &str) -> Self {
        self.scripts.push((name.to_owned(), text.to_owned()));
        self
    }

    pub fn packed(mut self, packing: Packing) -> Self {
        self.packing = packing;
        self
    }

    pub fn dated(mut self, mtime: u64) -> Self {
        self.mtime = mtime;
        self
    }

    /// Below `pool/`: `main/toy-ssl_3.0.1-1_amd64.deb`; an epoch is left out, as in archives.
    pub fn file_name(&self) -> String {
        let version = self
            .version
            .split_once(':')
            .map_or(self.version.as_str(), |(_, rest)| rest);
        format!("{}_{version}_{}.deb", self.name, self.architecture)
    }

    /// The control file, which is also the head of the package's stanza in an index.
    pub fn control(&self) -> String {
        let mut text = format!(
            "Package: {}\nVersion: {}\nArchitecture: {}\n",
            self.name, self.version, self.architecture
        );
        for (name, value) in &self.fields {
            text += &format!("{name}: {value}\n");
        }
        text += "Maintainer: Drydock <toy@drydock.invalid>\nDescription: part of the toy archive\n";
        text
    }
}

impl Content {
    pub fn text(text: &str) -> Self {
        Self::File {
            bytes: text.as_bytes().to_vec(),
            mode: 0o644,
        }
    }

    pub fn program(text: &str) -> Self {
        Self::File {
            bytes: text.as_bytes().to_vec(),
            mode: 0o755,
        }
    }

    pub fn gzip(text: &str) -> Self {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder
            .write_all(text.as_bytes())
            .expect("a vector takes every byte");
        let bytes = encoder.finish().expect("a vector takes every byte");
        Self::File { bytes, mode: 0o644 }
    }

    pub fn link(target: &str) -> Self {
        Self::Link {
            target: target.to_owned(),
        }
    }

    pub fn hard_link(target: &str) -> Self {
        Self::HardLink {
            target: target.to_owned(),
        }
    }
}

/// The `.deb` file. The same description gives the same bytes.
pub fn build(spec: &PackageSpec) -> Result<Vec<u8>, PatchError> {
    let what = format!("building {}", spec.file_name());
    let parts = || -> io::Result<Vec<u8>> {
        let control = pack(control_tar(spec)?, spec.packing)?;
        let data = pack(data_tar(spec)?, spec.packing)?;
        let ending = match spec.packing {
            Packing::Gzip => "gz",
            Packing::Xz => "xz",
            Packing::Zstd => "zst",
        };
        let mut archive = ar::Builder::new(Vec::new());
        for (name, content) in [
            ("debian-binary".to_owned(), b"2.0\n".to_vec()),
            (format!("control.tar.{ending}"), control),
            (format!("data.tar.{ending}"), data),
        ] {
            let mut header = ar::Header::new(name.into_bytes(), content.len() as u64);
            header.set_mode(0o100_644);
            header.set_mtime(spec.mtime);
            archive.append(&header, content.as_slice())?;
        }
        archive.into_inner()
    };
    parts().map_err(PatchError::io(what))
}

fn control_tar(spec: &PackageSpec) -> io::Result<Vec<u8>> {
    let mut tar = Tar::new(spec.mtime);
    tar.directory("./", 0o755)?;
    tar.file("./control", spec.control().as_bytes(), 0o644)?;
    if !spec.conffiles.is_empty() {
        tar.file(
            "./conffiles",
            (spec.conffiles.join("\n") + "\n").as_bytes(),
            0o644,
        )?;
    }
    tar.file("./md5sums", md5sums(spec).as_bytes(), 0o644)?;
    for (name, text) in &spec.scripts {
        tar.file(&format!("./{name}"), text.as_bytes(), 0o755)?;
    }
    tar.finish()
}

/// Of everything but configuration, as packages list it.
fn md5sums(spec: &PackageSpec) -> String {
    let mut text = String::new();
    for (path, content) in &spec.entries {
        let bytes = match content {
            Content::File { bytes, .. } => bytes,
            Content::HardLink { target } => match spec.entries.get(target) {
                Some(Content::File { bytes, .. }) => bytes,
                _ => continue,
            },
            _ => continue,
        };
        if !spec
            .conffiles
            .iter()
            .any(|conffile| conffile[1..] == **path)
        {
            text += &format!("{}  {path}\n", hex::encode(Md5::digest(bytes)));
        }
    }
    text
}

fn data_tar(spec: &PackageSpec) -> io::Result<Vec<u8>> {
    let mut tar = Tar::new(spec.mtime);
    let mut made = BTreeSet::new();
    tar.directory("./", 0o755)?;
    for (path, content) in &spec.entries {
        for (at, _) in path.match_indices('/') {
            let parent = &path[..at];
            if made.insert(parent.to_owned()) && !spec.entries.contains_key(parent) {
                tar.directory(&format!("./{parent}/"), 0o755)?;
            }
        }
        match content {
            Content::File { bytes, mode } => tar.file(&format!("./{path}"), bytes, *mode)?,
            Content::Directory { mode } => tar.directory(&format!("./{path}/"), *mode)?,
            Content::Link { target } => {
                tar.link(&format!("./{path}"), target, tar::EntryType::Symlink)?;
            }
            Content::HardLink { .. } => {}
        }
    }
    // A hard link comes after the file that it names.
    for (path, content) in &spec.entries {
        if let Content::HardLink { target } = content {
            tar.link(
                &format!("./{path}"),
                &format!("./{target}"),
                tar::EntryType::Link,
            )?;
        }
    }
    tar.finish()
}

struct Tar {
    builder: tar::Builder<Vec<u8>>,
    mtime: u64,
}

impl Tar {
    fn new(mtime: u64) -> Self {
        Self {
            builder: tar::Builder::new(Vec::new()),
            mtime,
        }
    }

    fn header(&self, kind: tar::EntryType, mode: u32, size_bytes: usize) -> tar::Header {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(kind);
        header.set_mode(mode);
        header.set_size(size_bytes as u64);
        header.set_mtime(self.mtime);
        header.set_uid(0);
        header.set_gid(0);
        header
    }

    fn file(&mut self, path: &str, content: &[u8], mode: u32) -> io::Result<()> {
        let mut header = self.header(tar::EntryType::Regular, mode, content.len());
        set_path(&mut header, path);
        header.set_cksum();
        self.builder.append(&header, content)
    }

    fn directory(&mut self, path: &str, mode: u32) -> io::Result<()> {
        let mut header = self.header(tar::EntryType::Directory, mode, 0);
        set_path(&mut header, path);
        header.set_cksum();
        self.builder.append(&header, io::empty())
    }

    fn link(&mut self, path: &str, target: &str, kind: tar::EntryType) -> io::Result<()> {
        let mut header = self.header(kind, 0o777, 0);
        set_path(&mut header, path);
        header.set_link_name_literal(target)?;
        header.set_cksum();
        self.builder.append(&header, io::empty())
    }

    fn finish(self) -> io::Result<Vec<u8>> {
        self.builder.into_inner()
    }
}

/// Byte for byte: `set_path` drops the leading dot that Debian's packages have, and refuses
/// the paths that our tests of hostile packages need.
fn set_path(header: &mut tar::Header, path: &str) {
    let name = &mut header
        .as_gnu_mut()
        .expect("the header is made as a GNU one")
        .name;
    assert!(
        path.len() < name.len(),
        "paths of the toy archive are short: {path}"
    );
    name[..path.len()].copy_from_slice(path.as_bytes());
}

fn pack(content: Vec<u8>, packing: Packing) -> io::Result<Vec<u8>> {
    match packing {
        Packing::Gzip => {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
            encoder.write_all(&content)?;
            encoder.finish()
        }
        Packing::Xz => xz(&content),
        Packing::Zstd => {
            let level = ruzstd::encoding::CompressionLevel::Fastest;
            Ok(ruzstd::encoding::compress_to_vec(content.as_slice(), level))
        }
    }
}

pub(super) fn xz(content: &[u8]) -> io::Result<Vec<u8>> {
    let options = lzma_rust2::XzOptions::with_preset(1);
    let mut writer = lzma_rust2::XzWriter::new(Vec::new(), options)?;
    writer.write_all(content)?;
    writer.finish()
}
