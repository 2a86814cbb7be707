//! What becomes of a configuration file when its package is upgraded, by dpkg's rules: what
//! the administrator edited or deleted stays so. <https://www.debian.org/doc/debian-policy/ap-pkg-conffiles.html>
use crate::PatchError;
use crate::archive::deb::Deb;
use crate::dpkg::database::STATUS_D;
use crate::dpkg::{Conffile, Installed, Place};
use crate::image::ImageView;
use md5::{Digest, Md5};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// New, or nobody has touched it.
    Install,
    /// Edited: the image's stays.
    KeepEdited,
    /// Deleted: it stays away.
    StayDeleted,
}

/// Paths that the package names as its configuration files.
pub fn listed(deb: &Deb) -> Vec<String> {
    let text = deb
        .control_files()
        .get("conffiles")
        .map(|bytes| String::from_utf8_lossy(bytes));
    let text = text.unwrap_or_default();
    // A line with a flag (`remove-on-upgrade`) names a file that the package no longer has.
    let lines = text
        .lines()
        .map(str::trim)
        .filter(|line| line.starts_with('/'));
    lines
        .map(|line| line.trim_start_matches('/').to_owned())
        .collect()
}

pub fn decide(
    view: &ImageView<'_>,
    installed: &Installed,
    path: &str,
    canonical: &str,
    new_md5: &str,
) -> Result<Decision, PatchError> {
    let recorded = installed
        .conffiles
        .iter()
        .find(|conffile| conffile.path == path);
    let Some(present) = view.read_file(canonical)? else {
        let was_deleted = recorded.is_some_and(|recorded| !recorded.obsolete);
        return Ok(if was_deleted {
            Decision::StayDeleted
        } else {
            Decision::Install
        });
    };
    let present_md5 = md5_hex(&present);
    let untouched = match recorded {
        Some(recorded) => recorded.md5 == present_md5,
        None => is_as_unpacked(view, installed, canonical),
    };
    Ok(if untouched || present_md5 == new_md5 {
        Decision::Install
    } else {
        Decision::KeepEdited
    })
}

/// Distroless records have no checksums of configuration files: one in the layer of its
/// package's own record has not been touched since.
fn is_as_unpacked(view: &ImageView<'_>, installed: &Installed, canonical: &str) -> bool {
    let Place::StatusD(name) = &installed.place else {
        return false;
    };
    let record = view.node(&format!("{STATUS_D}/{name}"));
    let file = view.node_at(canonical);
    record
        .zip(file)
        .is_some_and(|(record, file)| record.is_beside(&file))
}

/// The records for the new stanza: new checksums for what the package has, and the old files
/// that it no longer has but the image does, as obsolete.
pub fn records(
    new: &[Conffile],
    installed: &Installed,
    exists: impl Fn(&str) -> bool,
) -> Vec<Conffile> {
    let mut records = new.to_vec();
    for old in &installed.conffiles {
        if !new.iter().any(|conffile| conffile.path == old.path) && exists(&old.path) {
            records.push(Conffile {
                obsolete: true,
                ..old.clone()
            });
        }
    }
    records
}

pub fn md5_hex(content: &[u8]) -> String {
    hex::encode(Md5::digest(content))
}
