//! dpkg's own records of the upgraded packages.
use crate::PatchError;
use crate::apply::stage::Stage;
use crate::apply::unpack::Unpacked;
use crate::apply::{Upgrade, conffiles};
use crate::deb822::Stanza;
use crate::dpkg::database::{INFO, STATUS, STATUS_D};
use crate::dpkg::installed::info_name;
use crate::dpkg::{Conffile, Database, Place};
use std::collections::BTreeMap;

pub fn write(
    stage: &mut Stage<'_>,
    database: &Database,
    upgrades: &[Upgrade<'_>],
    unpacked: &[Unpacked],
) -> Result<(), PatchError> {
    let mut replaced = BTreeMap::new();
    let info = stage.view.list(INFO);
    for (upgrade, one) in upgrades.iter().zip(unpacked) {
        match &upgrade.installed.place {
            Place::Status(at) => {
                let exists = |path: &str| stage.exists(path);
                let records = conffiles::records(&one.conffiles, upgrade.installed, exists);
                write_info(stage, upgrade, one, &records, &info)?;
                replaced.insert(*at, status_stanza(upgrade, &records));
            }
            Place::StatusD(name) => write_status_d(stage, upgrade, name)?,
        }
    }
    if !replaced.is_empty() {
        stage.write(STATUS, database.status_with(&replaced).as_bytes(), 0o644)?;
    }
    Ok(())
}

/// The package's files in `info`: its list, and everything of its control part but `control`.
fn write_info(
    stage: &mut Stage<'_>,
    upgrade: &Upgrade<'_>,
    one: &Unpacked,
    conffiles: &[Conffile],
    info: &[String],
) -> Result<(), PatchError> {
    let name = info_name(upgrade.deb.control());
    let mut list = String::new();
    for path in &one.list {
        list.push('/');
        list.push_str(if path.is_empty() { "." } else { path });
        list.push('\n');
    }
    for obsolete in conffiles.iter().filter(|conffile| conffile.obsolete) {
        list.push_str(&format!("/{}\n", obsolete.path));
    }
    let mut written = vec![format!("{name}.list")];
    stage.write(&format!("{INFO}/{name}.list"), list.as_bytes(), 0o644)?;
    for (file, content) in upgrade.deb.control_files() {
        if file == "control" {
            continue;
        }
        let is_script = matches!(
            file.as_str(),
            "preinst" | "postinst" | "prerm" | "postrm" | "config"
        );
        let mode = if is_script { 0o755 } else { 0o644 };
        stage.write(&format!("{INFO}/{name}.{file}"), content, mode)?;
        written.push(format!("{name}.{file}"));
    }
    let installed = upgrade.installed;
    for old in info {
        let belongs = [&installed.info_name(), &installed.package]
            .into_iter()
            .any(|name| {
                // A further dot is part of another package's name: python3 and python3.11.
                let rest = old
                    .strip_prefix(name.as_str())
                    .and_then(|rest| rest.strip_prefix('.'));
                rest.is_some_and(|extension| !extension.contains('.'))
            });
        if belongs && !written.contains(old) {
            let path = stage.view.canonical(&format!("{INFO}/{old}"))?;
            stage.remove(&path);
        }
    }
    Ok(())
}

fn write_status_d(
    stage: &mut Stage<'_>,
    upgrade: &Upgrade<'_>,
    name: &str,
) -> Result<(), PatchError> {
    let mut stanza = upgrade.deb.control().clone();
    if let Some(status) = upgrade.installed.stanza.get("Status") {
        stanza.set("Status", status);
    }
    stage.write(
        &format!("{STATUS_D}/{name}"),
        stanza.to_string().as_bytes(),
        0o644,
    )?;
    let sums = format!("{STATUS_D}/{name}.md5sums");
    if let Some(content) = upgrade.deb.control_files().get("md5sums")
        && stage.exists(&sums)
    {
        stage.write(&sums, content, 0o644)?;
    }
    Ok(())
}

/// The order in which dpkg writes the fields it knows; others follow as they come.
const FIELD_ORDER: [&str; 25] = [
    "Package",
    "Essential",
    "Protected",
    "Status",
    "Priority",
    "Section",
    "Installed-Size",
    "Origin",
    "Maintainer",
    "Bugs",
    "Architecture",
    "Multi-Arch",
    "Source",
    "Version",
    "Replaces",
    "Provides",
    "Depends",
    "Pre-Depends",
    "Recommends",
    "Suggests",
    "Breaks",
    "Conflicts",
    "Enhances",
    "Conffiles",
    "Description",
];

fn status_stanza(upgrade: &Upgrade<'_>, conffiles: &[Conffile]) -> Stanza {
    let mut control = upgrade.deb.control().clone();
    let status = upgrade
        .installed
        .stanza
        .get("Status")
        .unwrap_or("install ok installed");
    // Nothing waits for a trigger any more: its work is done here or is not needed.
    let wanted = status.split_whitespace().next().unwrap_or("install");
    control.set("Status", format!("{wanted} ok installed"));
    if conffiles.is_empty() {
        control.remove("Conffiles");
    } else {
        let line = |one: &Conffile| {
            let obsolete = if one.obsolete { " obsolete" } else { "" };
            format!("\n /{} {}{obsolete}", one.path, one.md5)
        };
        control.set("Conffiles", conffiles.iter().map(line).collect::<String>());
    }
    let mut stanza = Stanza::default();
    for name in FIELD_ORDER {
        if let Some(value) = control.get(name) {
            stanza.set(name, value);
        }
    }
    let known = |name: &str| {
        FIELD_ORDER
            .iter()
            .any(|field| field.eq_ignore_ascii_case(name))
    };
    for (name, value) in control.fields().filter(|(name, _)| !known(name)) {
        stanza.set(name, value);
    }
    stanza
}
