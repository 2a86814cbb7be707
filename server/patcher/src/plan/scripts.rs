//! Upgrades that need their maintainer scripts: these are kept back, because scripts are code
//! of an image and of its packages, and are never run.
use crate::PatchError;
use crate::archive::deb::Deb;
use crate::dpkg::database::info_path;
use crate::dpkg::{Installed, Place};
use crate::image::ImageView;
use std::collections::BTreeSet;

/// Commands of maintainer scripts whose effect the files of a package do not have.
const ACTIONS: [&str; 9] = [
    "adduser",
    "addgroup",
    "useradd",
    "groupadd",
    "systemd-sysusers",
    "setcap",
    "dpkg-statoverride --",
    "update-alternatives --install",
    "dpkg-divert --",
];

/// Packages whose new upstream versions rearrange more than their own files.
const REARRANGING: [&str; 3] = ["libc6", "libpam-runtime", "base-passwd"];

/// Why a package has to be upgraded by dpkg itself, where it has.
pub fn refusal(
    view: &ImageView<'_>,
    installed: &Installed,
    deb: &Deb,
) -> Result<Option<String>, PatchError> {
    // The scripts of a distroless image's packages never ran in the first place.
    if matches!(installed.place, Place::StatusD(_)) {
        return Ok(None);
    }
    let new_version = deb.control().get("Version").unwrap_or_default();
    let is_new_upstream = upstream(new_version) != upstream(&installed.version);
    if is_new_upstream && REARRANGING.contains(&installed.package.as_str()) {
        return Ok(Some(
            "a new upstream version of it needs its maintainer scripts".into(),
        ));
    }
    for script in ["preinst", "postinst"] {
        if let Some(line) = new_action(view, installed, deb, script)? {
            return Ok(Some(format!(
                "needs scripts: its new {script} runs `{line}`"
            )));
        }
    }
    if interests(view, installed, deb)? {
        return Ok(Some(
            "needs scripts: the triggers that it waits for have changed".into(),
        ));
    }
    let old_config = info_path(view, &installed.stanza, "config");
    if deb.control_files().contains_key("config") && view.node(&old_config).is_none() {
        return Ok(Some("needs scripts: it has new questions to ask".into()));
    }
    Ok(None)
}

fn upstream(version: &str) -> &str {
    version
        .rsplit_once('-')
        .map_or(version, |(upstream, _)| upstream)
}

/// A line with such an action in the new script that the old one has not.
fn new_action(
    view: &ImageView<'_>,
    installed: &Installed,
    deb: &Deb,
    script: &str,
) -> Result<Option<String>, PatchError> {
    let Some(new) = deb.control_files().get(script) else {
        return Ok(None);
    };
    let old = view
        .read_text(&info_path(view, &installed.stanza, script))?
        .unwrap_or_default();
    let old: BTreeSet<&str> = actions(&old).collect();
    let new = String::from_utf8_lossy(new);
    Ok(actions(&new)
        .find(|line| !old.contains(line))
        .map(str::to_owned))
}

fn actions(script: &str) -> impl Iterator<Item = &str> {
    let acts = |line: &&str| !line.starts_with('#') && ACTIONS.iter().any(|act| line.contains(act));
    script.lines().map(str::trim).filter(acts)
}

fn interests(view: &ImageView<'_>, installed: &Installed, deb: &Deb) -> Result<bool, PatchError> {
    let old = view
        .read_text(&info_path(view, &installed.stanza, "triggers"))?
        .unwrap_or_default();
    let new = deb
        .control_files()
        .get("triggers")
        .map(|bytes| String::from_utf8_lossy(bytes));
    let waits = |text: &str| -> BTreeSet<String> {
        let lines = text
            .lines()
            .map(str::trim)
            .filter(|line| line.starts_with("interest"));
        lines.map(str::to_owned).collect()
    };
    Ok(waits(&old) != waits(new.as_deref().unwrap_or_default()))
}
