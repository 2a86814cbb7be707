//! Packages into a layer, and the facts about them that dpkg records.
use super::layer::{Attributes, LayerBuilder};
use crate::archive::deb::Deb;
use crate::{Job, PatchError};
use md5::{Digest, Md5};
use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;
use tar::EntryType;

/// A package as it has been put into the image.
#[derive(Clone, Debug)]
pub(super) struct Unpacked {
    pub package: String,
    pub multi_arch_same: bool,
    pub architecture: String,
    /// The control file's text.
    pub control: String,
    pub control_files: BTreeMap<String, Vec<u8>>,
    /// Every path of the package, also those left out, with a slash at the front.
    pub list: Vec<String>,
    /// Path and MD5 of each configuration file.
    pub conffiles: Vec<(String, String)>,
    /// Contents of the files in [`WANTED`].
    pub captured: BTreeMap<String, Vec<u8>>,
}

/// Files from which the packages' own scripts would make others.
const WANTED: [&str; 7] = [
    "usr/share/base-passwd/passwd.master",
    "usr/share/base-passwd/group.master",
    "usr/share/base-files/dot.profile",
    "usr/share/base-files/dot.bashrc",
    "usr/share/base-files/profile",
    "usr/share/base-files/motd",
    "usr/share/libc-bin/nsswitch.conf",
];

/// Larger files are neither configuration nor wanted.
const KEPT_LIMIT_BYTES: u64 = 4 * 1024 * 1024;

/// Unpacks one package. Documentation and translations are left out, as the image's dpkg
/// settings say they are.
pub(super) fn unpack(
    path: &Path,
    layer: &mut LayerBuilder,
    job: &Job,
) -> Result<Unpacked, PatchError> {
    let deb = Deb::open(path)?;
    let mut unpacked = describe(&deb);
    let what = format!("unpacking {}", unpacked.package);
    let conffiles = conffile_paths(&deb);
    let mut archive = deb.data()?;
    for entry in archive.entries().map_err(PatchError::reading(&*what))? {
        job.check()?;
        let mut entry = entry.map_err(PatchError::reading(&*what))?;
        let path = deb.entry_path(&entry.path_bytes())?;
        unpacked.list.push(if path.is_empty() {
            "/.".to_owned()
        } else {
            format!("/{path}")
        });
        if path.is_empty() || is_left_out(&path) {
            continue;
        }
        put(&deb, &path, &mut entry, &conffiles, layer, &mut unpacked)?;
    }
    Ok(unpacked)
}

fn describe(deb: &Deb) -> Unpacked {
    let field = |name: &str| deb.control().get(name).unwrap_or_default().to_owned();
    let mut control_files = deb.control_files().clone();
    control_files.remove("control");
    Unpacked {
        package: field("Package"),
        multi_arch_same: field("Multi-Arch") == "same",
        architecture: field("Architecture"),
        control: deb.control().to_string(),
        control_files,
        list: Vec::new(),
        conffiles: Vec::new(),
        captured: BTreeMap::new(),
    }
}

fn conffile_paths(deb: &Deb) -> Vec<String> {
    let text = deb
        .control_files()
        .get("conffiles")
        .map(|text| String::from_utf8_lossy(text));
    text.unwrap_or_default()
        .lines()
        .filter_map(|line| line.trim().strip_prefix('/').map(str::to_owned))
        .collect()
}

fn put<R: Read>(
    deb: &Deb,
    path: &str,
    entry: &mut tar::Entry<R>,
    conffiles: &[String],
    layer: &mut LayerBuilder,
    unpacked: &mut Unpacked,
) -> Result<(), PatchError> {
    let damaged = |why: String| PatchError::Corrupt {
        what: unpacked.package.clone(),
        why,
    };
    let header = entry.header();
    let number = |value: std::io::Result<u64>| value.map_err(|error| damaged(error.to_string()));
    let attributes = Attributes {
        mode: header.mode().map_err(|error| damaged(error.to_string()))? & 0o7777,
        uid: number(header.uid())?,
        gid: number(header.gid())?,
        mtime: number(header.mtime())?,
    };
    let target = entry
        .link_name_bytes()
        .map(|target| String::from_utf8(target.into_owned()))
        .transpose()
        .map_err(|_| damaged(format!("the target of {path} is not UTF-8")))?
        .unwrap_or_default();
    let size_bytes = entry.size();
    let writing = PatchError::reading(format!("writing {path} of {}", unpacked.package));
    match entry.header().entry_type() {
        EntryType::Directory => layer.directory(path, attributes).map_err(writing),
        EntryType::Symlink => layer
            .link(path, &target, attributes)
            .map(drop)
            .map_err(writing),
        EntryType::Link => {
            let target = deb.entry_path(target.as_bytes())?;
            if is_left_out(&target) {
                return Err(damaged(format!(
                    "{path} is a link to {target}, which is left out"
                )));
            }
            layer
                .hard_link(path, &target, attributes)
                .map(drop)
                .map_err(writing)
        }
        EntryType::Regular if keeps(path, conffiles) && size_bytes <= KEPT_LIMIT_BYTES => {
            let mut content = Vec::new();
            let reading = PatchError::reading(format!("reading {path} of {}", unpacked.package));
            entry.read_to_end(&mut content).map_err(reading)?;
            layer
                .file(path, content.as_slice(), size_bytes, attributes)
                .map_err(writing)?;
            if conffiles.iter().any(|one| one == path) {
                let sum = hex::encode(Md5::digest(&content));
                unpacked.conffiles.push((format!("/{path}"), sum));
            } else {
                unpacked.captured.insert(path.to_owned(), content);
            }
            Ok(())
        }
        EntryType::Regular => layer
            .file(path, entry, size_bytes, attributes)
            .map(drop)
            .map_err(writing),
        other => Err(damaged(format!(
            "{path} is of the kind {other:?}, which packages have not"
        ))),
    }
}

fn keeps(path: &str, conffiles: &[String]) -> bool {
    WANTED.contains(&path) || conffiles.iter().any(|one| one == path)
}

/// The rules of [`super::setup::DPKG_SETTINGS`].
fn is_left_out(path: &str) -> bool {
    const FOLDERS: [&str; 3] = ["usr/share/man/", "usr/share/info/", "usr/share/locale/"];
    match path.strip_prefix("usr/share/doc/") {
        // The folder of a copyright file is made with it.
        Some(below) => !below.ends_with("/copyright"),
        None => FOLDERS.iter().any(|folder| path.starts_with(folder)),
    }
}
