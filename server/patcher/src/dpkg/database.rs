//! dpkg's database as an image holds it: one `status` file, or the `status.d` of distroless
//! images, and what surrounds them.
use crate::deb822;
use crate::dpkg::installed::info_name;
use crate::dpkg::{Installed, Place};
use crate::image::ImageView;
use crate::image::view::join;
use crate::{PatchError, deb822::Stanza};
use std::collections::BTreeMap;

pub const STATUS: &str = "var/lib/dpkg/status";
pub const STATUS_D: &str = "var/lib/dpkg/status.d";
pub const INFO: &str = "var/lib/dpkg/info";

pub struct Database {
    /// Every package with a record, removed ones too.
    pub packages: Vec<Installed>,
    /// The image's own architecture, in Debian's words.
    pub architecture: String,
    /// The stanzas of `status` as they are written.
    blocks: Vec<String>,
}

impl Database {
    /// `None` where the image has no dpkg database. One that is there and cannot be read is
    /// [`PatchError::Unreadable`].
    pub fn read(view: &ImageView<'_>) -> Result<Option<Self>, PatchError> {
        let status = view.read_record(STATUS)?;
        let files = view.list_records(STATUS_D)?;
        if status.is_none() && files.is_empty() {
            return Ok(None);
        }
        let blocks = split_blocks(&status.unwrap_or_default());
        let mut packages = Vec::new();
        for (at, block) in blocks.iter().enumerate() {
            let stanza = deb822::parse(block).into_iter().next();
            packages.extend(stanza.and_then(|stanza| Installed::parse(stanza, Place::Status(at))));
        }
        for name in files {
            packages.extend(read_status_d(view, &name)?);
        }
        let architecture = majority(&packages);
        Ok(Some(Self {
            packages,
            architecture,
            blocks,
        }))
    }

    /// Packages whose files are there.
    pub fn present(&self) -> impl Iterator<Item = &Installed> {
        self.packages.iter().filter(|package| package.is_present())
    }

    /// The package of this name that is of the image's architecture, or of none.
    pub fn find(&self, package: &str) -> Option<&Installed> {
        self.present()
            .find(|one| one.package == package && self.is_native(one))
    }

    pub fn is_native(&self, package: &Installed) -> bool {
        package.architecture == "all" || package.architecture == self.architecture
    }

    /// The `status` file with some stanzas replaced, all others byte for byte.
    pub fn status_with(&self, replaced: &BTreeMap<usize, Stanza>) -> String {
        let mut text = String::new();
        for (at, block) in self.blocks.iter().enumerate() {
            match replaced.get(&at) {
                Some(stanza) => text.push_str(&stanza.to_string()),
                None => text.push_str(block),
            }
            text.push('\n');
        }
        text
    }
}

/// The paths that a package owns, without leading slashes, as its record lists them: files
/// only for `status.d`, where the list is that of the checksums.
pub fn owned_paths(view: &ImageView<'_>, package: &Installed) -> Result<Vec<String>, PatchError> {
    let bare = |path: &str| path.trim_start_matches(['.', '/']).to_owned();
    if let Place::StatusD(name) = &package.place {
        let sums = view
            .read_text(&format!("{STATUS_D}/{name}.md5sums"))?
            .unwrap_or_default();
        let path = |line: &str| line.split_once("  ").map(|(_, path)| bare(path));
        return Ok(sums.lines().filter_map(path).collect());
    }
    let list = view
        .read_text(&info_path(view, &package.stanza, "list"))?
        .unwrap_or_default();
    Ok(list
        .lines()
        .map(|line| line.trim_start_matches('/').to_owned())
        .filter(|path| !path.is_empty() && path != ".")
        .collect())
}

/// The path of a package's file in `info`; older records of a `Multi-Arch: same` package may
/// lack the architecture.
pub fn info_path(view: &ImageView<'_>, stanza: &Stanza, extension: &str) -> String {
    let path = format!("{INFO}/{}.{extension}", info_name(stanza));
    let plain = format!(
        "{INFO}/{}.{extension}",
        stanza.get("Package").unwrap_or_default()
    );
    if view.node(&path).is_none() && view.node(&plain).is_some() {
        plain
    } else {
        path
    }
}

fn read_status_d(view: &ImageView<'_>, name: &str) -> Result<Option<Installed>, PatchError> {
    let path = join(STATUS_D, name);
    if name.ends_with(".md5sums") {
        return Ok(None);
    }
    let Some(text) = view.read_record(&path)? else {
        return Ok(None);
    };
    let stanza = deb822::parse(&text).into_iter().next();
    Ok(stanza.and_then(|stanza| Installed::parse(stanza, Place::StatusD(name.to_owned()))))
}

fn split_blocks(text: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut block = String::new();
    for line in text.split_inclusive('\n') {
        if line.trim().is_empty() {
            if !block.is_empty() {
                blocks.push(std::mem::take(&mut block));
            }
        } else {
            block.push_str(line);
            if !line.ends_with('\n') {
                block.push('\n');
            }
        }
    }
    if !block.is_empty() {
        blocks.push(block);
    }
    blocks
}

/// The architecture of most packages: what an image claims in its configuration is at times
/// another one.
fn majority(packages: &[Installed]) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for package in packages
        .iter()
        .filter(|package| package.architecture != "all")
    {
        *counts.entry(&package.architecture).or_default() += 1;
    }
    counts
        .into_iter()
        .max_by_key(|(_, count)| *count)
        .map_or("amd64", |(name, _)| name)
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn untouched_stanzas_stay_byte_for_byte() {
        let text =
            "Package: a\nStatus: install ok installed\nVersion:  1\n\nPackage: b\nVersion: 1\n\n";
        let database = Database {
            packages: Vec::new(),
            architecture: String::new(),
            blocks: split_blocks(text),
        };
        assert_eq!(database.status_with(&BTreeMap::new()), text);
        let stanza = deb822::parse("Package: b\nVersion: 2\n").remove(0);
        let changed = database.status_with(&BTreeMap::from([(1, stanza)]));
        assert_eq!(changed, text.replace("b\nVersion: 1", "b\nVersion: 2"));
    }
}
