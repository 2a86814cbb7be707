//! A `.deb` file: an `ar` of a control tar and a data tar. <https://manpages.debian.org/deb>
use super::compression;
use crate::PatchError;
use crate::deb822::{self, Stanza};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Take};
use std::path::{Component, Path, PathBuf};

const CONTROL_LIMIT_BYTES: u64 = 64 * 1024 * 1024;
const DATA_LIMIT_BYTES: u64 = 4 * 1024 * 1024 * 1024;
const CHANGELOG_LIMIT_BYTES: u64 = 64 * 1024 * 1024;

/// An opened package: its control part in memory, its data read on demand.
#[derive(Debug)]
pub struct Deb {
    path: PathBuf,
    control_files: BTreeMap<String, Vec<u8>>,
    control: Stanza,
    data: Member,
}

/// Where a package's changelog is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Changelog {
    Text(String),
    /// The documentation folder is a link to that of another package of the same source.
    SameAs(String),
    Missing,
}

/// A part of the `ar` file.
#[derive(Clone, Debug)]
struct Member {
    name: String,
    start: u64,
    size_bytes: u64,
}

impl Deb {
    /// Reads the control part, and checks that the data part is one we can read.
    pub fn open(path: &Path) -> Result<Self, PatchError> {
        let members = list_members(path)?;
        let find = |prefix: &str| {
            members
                .iter()
                .find(|member| member.name.starts_with(prefix))
                .cloned()
                .ok_or_else(|| PatchError::Corrupt {
                    what: path.display().to_string(),
                    why: format!("it has no {prefix} part"),
                })
        };
        let control_files = read_control(path, &find("control.tar")?)?;
        let data = find("data.tar")?;
        let control = control_files
            .get("control")
            .and_then(|content| {
                deb822::parse(&String::from_utf8_lossy(content))
                    .into_iter()
                    .next()
            })
            .filter(|control| control.get("Package").is_some())
            .ok_or_else(|| PatchError::Corrupt {
                what: path.display().to_string(),
                why: "its control part names no package".into(),
            })?;
        Ok(Self {
            path: path.to_owned(),
            control_files,
            control,
            data,
        })
    }

    /// The `control` file.
    pub fn control(&self) -> &Stanza {
        &self.control
    }

    /// `postinst`, `conffiles`, `md5sums`, … by name, without `control`'s own folder.
    pub fn control_files(&self) -> &BTreeMap<String, Vec<u8>> {
        &self.control_files
    }

    /// A fresh reader of the data tar, from its start; bounded, so that a small file cannot
    /// unpack into an endless one. Paths in it are as the package says: `entry_path` parses
    /// them.
    pub fn data(&self) -> Result<tar::Archive<Box<dyn Read>>, PatchError> {
        let content = open_member(&self.path, &self.data)?;
        let decoded = compression::decode(&self.data.name, content, DATA_LIMIT_BYTES)
            .map_err(PatchError::reading(self.path.display().to_string()))?;
        Ok(tar::Archive::new(decoded))
    }

    /// The Debian changelog that the package carries.
    pub fn changelog(&self) -> Result<Changelog, PatchError> {
        let package = self.control.get("Package").unwrap_or_default();
        let folder = format!("usr/share/doc/{package}");
        let files = [
            format!("{folder}/changelog.Debian.gz"),
            // A native package has no upstream changelog beside its own.
            format!("{folder}/changelog.gz"),
        ];
        let damaged = || PatchError::reading(self.path.display().to_string());
        let mut found = Changelog::Missing;
        for entry in self.data()?.entries().map_err(damaged())? {
            let entry = entry.map_err(damaged())?;
            let path = self.entry_path(&entry.path_bytes())?;
            if path == folder && entry.header().entry_type().is_symlink() {
                if let Some(other) = linked_folder(&entry) {
                    return Ok(Changelog::SameAs(other));
                }
            } else if let Some(place) = files.iter().position(|file| *file == path)
                && entry.header().entry_type().is_file()
            {
                let mut content = Vec::new();
                compression::decode(".gz", entry, CHANGELOG_LIMIT_BYTES)
                    .and_then(|mut decoded| decoded.read_to_end(&mut content))
                    .map_err(damaged())?;
                found = Changelog::Text(String::from_utf8_lossy(&content).into_owned());
                if place == 0 {
                    return Ok(found);
                }
            }
        }
        Ok(found)
    }

    /// The path of an entry of the data tar below the root: `usr/bin/sh`, and empty for the
    /// root itself. An absolute path, or one with `..`, is refused.
    pub fn entry_path(&self, raw: &[u8]) -> Result<String, PatchError> {
        let refuse = |why: &str| PatchError::Corrupt {
            what: self.path.display().to_string(),
            why: format!("the path {} in it {why}", String::from_utf8_lossy(raw)),
        };
        let text = std::str::from_utf8(raw).map_err(|_| refuse("is not UTF-8"))?;
        let mut parts = Vec::new();
        for component in Path::new(text).components() {
            match component {
                Component::Normal(part) => parts.push(part.to_str().expect("it came from text")),
                Component::CurDir => {}
                _ => return Err(refuse("leaves the package's root")),
            }
        }
        Ok(parts.join("/"))
    }
}

fn list_members(path: &Path) -> Result<Vec<Member>, PatchError> {
    let what = path.display().to_string();
    let file = File::open(path).map_err(PatchError::io(format!("opening {what}")))?;
    let length = file
        .metadata()
        .map_err(PatchError::io(format!("opening {what}")))?
        .len();
    let mut archive = ar::Archive::new(file);
    let mut members = Vec::new();
    let mut end = 0;
    // The reader gives no offsets; they follow from a magic of 8 bytes, headers of 60, and
    // contents padded to even lengths.
    let mut at = 8;
    while let Some(entry) = archive.next_entry() {
        let entry = entry.map_err(PatchError::reading(what.as_str()))?;
        let header = entry.header();
        let name = String::from_utf8_lossy(header.identifier())
            .trim_end_matches('/')
            .to_owned();
        let (start, size_bytes) = (at + 60, header.size());
        end = start + size_bytes;
        at = end + size_bytes % 2;
        members.push(Member {
            name,
            start,
            size_bytes,
        });
        if end > length {
            break;
        }
    }
    let is_deb = members
        .first()
        .is_some_and(|member| member.name == "debian-binary");
    if !is_deb || end > length {
        let why = if is_deb {
            "it ends early"
        } else {
            "it is no Debian package"
        };
        return Err(PatchError::Corrupt {
            what,
            why: why.into(),
        });
    }
    Ok(members)
}

fn open_member(path: &Path, member: &Member) -> Result<Take<File>, PatchError> {
    let open = || -> io::Result<Take<File>> {
        let mut file = File::open(path)?;
        file.seek(SeekFrom::Start(member.start))?;
        Ok(file.take(member.size_bytes))
    };
    open().map_err(PatchError::io(format!("opening {}", path.display())))
}

fn read_control(path: &Path, member: &Member) -> Result<BTreeMap<String, Vec<u8>>, PatchError> {
    let content = open_member(path, member)?;
    let read = || -> io::Result<BTreeMap<String, Vec<u8>>> {
        let decoded = compression::decode(&member.name, content, CONTROL_LIMIT_BYTES)?;
        let mut files = BTreeMap::new();
        for entry in tar::Archive::new(decoded).entries()? {
            let mut entry = entry?;
            if !entry.header().entry_type().is_file() {
                continue;
            }
            let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
            let name = path.trim_start_matches("./").to_owned();
            let mut content = Vec::new();
            entry.read_to_end(&mut content)?;
            // Control files lie flat; whatever is elsewhere is none.
            if !name.contains('/') {
                files.insert(name, content);
            }
        }
        Ok(files)
    };
    read().map_err(PatchError::reading(format!(
        "the control part of {}",
        path.display()
    )))
}

/// `libssl3` of a link to `libssl3` or `../libssl3`.
fn linked_folder<R: Read>(entry: &tar::Entry<R>) -> Option<String> {
    let target = entry.link_name_bytes()?;
    let target = std::str::from_utf8(&target)
        .ok()?
        .trim_end_matches('/')
        .to_owned();
    let name = target.rsplit('/').next()?;
    (!name.is_empty() && name != "..").then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::toy::package::{Content, PackageSpec, build};
    use std::io::Write;

    fn spec() -> PackageSpec {
        PackageSpec::new("toy-a", "2")
            .with(
                "usr/share/doc/toy-a/changelog.Debian.gz",
                Content::gzip("toy (2) x; urgency=low\n"),
            )
            .with("usr/bin/toy", Content::program("#!/bin/sh\n"))
    }

    fn written(bytes: &[u8]) -> tempfile::NamedTempFile {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(bytes).unwrap();
        file
    }

    #[test]
    fn control_data_and_changelog_are_read() {
        let file = written(&build(&spec()).unwrap());
        let deb = Deb::open(file.path()).unwrap();
        assert_eq!(deb.control().get("Version"), Some("2"));
        assert!(deb.control_files().contains_key("md5sums"));
        assert_eq!(
            deb.changelog().unwrap(),
            Changelog::Text("toy (2) x; urgency=low\n".into())
        );
        let mut archive = deb.data().unwrap();
        let paths: Vec<_> = archive
            .entries()
            .unwrap()
            .map(|entry| deb.entry_path(&entry.unwrap().path_bytes()).unwrap())
            .collect();
        assert!(paths.contains(&"usr/bin/toy".to_owned()), "{paths:?}");
    }

    #[test]
    fn a_linked_documentation_folder_names_the_other_package() {
        let spec =
            PackageSpec::new("toy-b", "2").with("usr/share/doc/toy-b", Content::link("toy-a"));
        let file = written(&build(&spec).unwrap());
        let changelog = Deb::open(file.path()).unwrap().changelog().unwrap();
        assert_eq!(changelog, Changelog::SameAs("toy-a".into()));
    }

    #[test]
    fn a_cut_or_foreign_file_is_damaged() {
        let whole = build(&spec()).unwrap();
        for bytes in [
            &whole[..whole.len() / 2],
            b"!<arch>\n".as_slice(),
            b"text",
            b"",
        ] {
            let error = Deb::open(written(bytes).path()).unwrap_err();
            assert!(matches!(error, PatchError::Corrupt { .. }), "{error}");
        }
    }

    #[test]
    fn a_path_that_leaves_the_root_is_refused() {
        let file = written(&build(&spec()).unwrap());
        let deb = Deb::open(file.path()).unwrap();
        assert_eq!(deb.entry_path(b"./usr/bin/x").unwrap(), "usr/bin/x");
        assert_eq!(deb.entry_path(b"./").unwrap(), "");
        for path in [&b"../etc/passwd"[..], b"./usr/../../x", b"/etc/passwd"] {
            assert!(
                deb.entry_path(path)
                    .unwrap_err()
                    .to_string()
                    .contains("leaves"),
                "{path:?}"
            );
        }
    }
}
