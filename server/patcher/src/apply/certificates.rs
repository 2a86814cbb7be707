//! What `update-ca-certificates` does when the package of trusted certificates is upgraded: the
//! one maintainer script whose work images depend on, done here without running it.
use crate::PatchError;
use crate::apply::stage::{Change, Stage};
use crate::apply::{Upgrade, subject_hash};
use std::collections::{BTreeMap, BTreeSet};

const SETTINGS: &str = "etc/ca-certificates.conf";
const PACKAGED: &str = "usr/share/ca-certificates";
const LOCAL: &str = "usr/local/share/ca-certificates";
const DIRECTORY: &str = "etc/ssl/certs";
const BUNDLE: &str = "etc/ssl/certs/ca-certificates.crt";

pub fn update(
    stage: &mut Stage<'_>,
    upgrades: &[Upgrade<'_>],
    notes: &mut Vec<String>,
) -> Result<(), PatchError> {
    let is_upgraded = upgrades
        .iter()
        .any(|one| one.installed.package == "ca-certificates");
    if !is_upgraded || !stage.exists(BUNDLE) {
        return Ok(());
    }
    let packaged = certificates_below(stage, PACKAGED);
    let mut trusted: Vec<(String, String)> = Vec::new();
    match stage.read(SETTINGS)? {
        Some(settings) => {
            let settings = String::from_utf8_lossy(&settings).into_owned();
            let (settings, names) = renew_settings(&settings, &packaged);
            stage.write(SETTINGS, settings.as_bytes(), 0o644)?;
            trusted.extend(
                names
                    .into_iter()
                    .map(|name| (format!("/{PACKAGED}/{name}"), name)),
            );
        }
        // Images that are built without scripts trust everything that the package has.
        None => {
            let all = packaged
                .iter()
                .map(|name| (format!("/{PACKAGED}/{name}"), name.clone()));
            trusted.extend(all);
        }
    }
    let local = certificates_below(stage, LOCAL);
    trusted.extend(
        local
            .into_iter()
            .map(|name| (format!("/{LOCAL}/{name}"), name)),
    );
    let had_links = stage.below(DIRECTORY).len() > 1;
    let certificates = write_bundle(stage, &trusted)?;
    if had_links {
        write_links(stage, &certificates)?;
    }
    notes.push(format!(
        "{} certificates are trusted: /{BUNDLE} was made again",
        certificates.len()
    ));
    Ok(())
}

/// Names of certificate files below a directory, relative to it, in order.
fn certificates_below(stage: &Stage<'_>, directory: &str) -> BTreeSet<String> {
    let Ok(resolved) = stage.view.resolve(directory) else {
        return BTreeSet::new();
    };
    let prefix = format!("{resolved}/");
    let paths = stage
        .below(directory)
        .into_iter()
        .filter(|path| path.ends_with(".crt"));
    paths
        .filter_map(|path| path.strip_prefix(&prefix).map(str::to_owned))
        .collect()
}

/// The settings with what the package has no more struck out and what is new added, and the
/// names that are trusted, in their order.
fn renew_settings(settings: &str, packaged: &BTreeSet<String>) -> (String, Vec<String>) {
    let mut renewed = String::new();
    let mut trusted = Vec::new();
    let mut known = BTreeSet::new();
    for line in settings.lines() {
        let name = line.strip_prefix('!').unwrap_or(line);
        let is_entry = !name.is_empty() && !name.starts_with('#');
        if is_entry {
            known.insert(name);
        }
        if is_entry && !line.starts_with('!') {
            if packaged.contains(name) {
                trusted.push(name.to_owned());
            } else {
                renewed.push('!');
            }
        }
        renewed.push_str(line);
        renewed.push('\n');
    }
    for name in packaged
        .iter()
        .filter(|name| !known.contains(name.as_str()))
    {
        renewed.push_str(name);
        renewed.push('\n');
        trusted.push(name.clone());
    }
    (renewed, trusted)
}

/// A certificate in the directory: the name of its link, its target and its content.
struct Certificate {
    link: String,
    target: String,
    content: Vec<u8>,
}

fn write_bundle(
    stage: &mut Stage<'_>,
    trusted: &[(String, String)],
) -> Result<Vec<Certificate>, PatchError> {
    let mut bundle = Vec::new();
    let mut certificates = Vec::new();
    for (target, name) in trusted {
        let Some(content) = stage.read(target.trim_start_matches('/'))? else {
            continue;
        };
        bundle.extend(&content);
        if !content.ends_with(b"\n") {
            bundle.push(b'\n');
        }
        certificates.push(Certificate {
            link: link_name(name),
            target: target.clone(),
            content,
        });
    }
    stage.write(BUNDLE, &bundle, 0o644)?;
    Ok(certificates)
}

/// `mozilla/A, B (C).crt` → `A__B_=C=.pem`.
fn link_name(name: &str) -> String {
    let file = name.rsplit('/').next().unwrap_or(name);
    let stem = file.strip_suffix(".crt").unwrap_or(file);
    let replace = |c| match c {
        ' ' | ',' => '_',
        '(' | ')' => '=',
        other => other,
    };
    format!("{}.pem", stem.chars().map(replace).collect::<String>())
}

fn write_links(stage: &mut Stage<'_>, certificates: &[Certificate]) -> Result<(), PatchError> {
    let mut links: BTreeMap<String, String> = BTreeMap::new();
    for certificate in certificates {
        links.insert(certificate.link.clone(), certificate.target.clone());
    }
    // Hash links count up where subjects have the same hash, in the order of the files' names.
    let by_name: BTreeMap<&str, &Certificate> = certificates
        .iter()
        .map(|one| (one.link.as_str(), one))
        .collect();
    let mut taken: BTreeMap<String, Vec<[u8; 20]>> = BTreeMap::new();
    let mut hashes = Vec::new();
    for (name, certificate) in by_name {
        let Some((hash, fingerprint)) = subject_hash::of_pem(&certificate.content) else {
            continue;
        };
        let same_subject = taken.entry(hash.clone()).or_default();
        if !same_subject.contains(&fingerprint) {
            hashes.push((format!("{hash}.{}", same_subject.len()), name.to_owned()));
            same_subject.push(fingerprint);
        }
    }
    links.extend(hashes);
    for (name, target) in &links {
        stage.link(&format!("{DIRECTORY}/{name}"), target)?;
    }
    remove_dead_links(stage, &links)
}

/// Links of certificates that are trusted no more, and their hash links.
fn remove_dead_links(
    stage: &mut Stage<'_>,
    links: &BTreeMap<String, String>,
) -> Result<(), PatchError> {
    let directory = stage.view.resolve(DIRECTORY)?;
    let mut dead = Vec::new();
    for path in stage.below(DIRECTORY) {
        let name = path.rsplit('/').next().unwrap_or(&path);
        let target = match stage.change(&path) {
            Some(Change::Put(_)) => continue,
            _ => stage
                .view
                .node_at(&path)
                .and_then(|node| node.symlink().map(str::to_owned)),
        };
        let Some(target) = target else { continue };
        let packaged = target.starts_with(&format!("/{PACKAGED}/"))
            || target.starts_with(&format!("/{LOCAL}/"));
        let hash = !target.contains('/') && is_hash_name(name);
        if (packaged || hash) && !links.contains_key(name) && path.starts_with(&directory) {
            dead.push(path);
        }
    }
    for path in dead {
        stage.remove(&path);
    }
    Ok(())
}

fn is_hash_name(name: &str) -> bool {
    name.split_once('.').is_some_and(|(hash, number)| {
        hash.len() == 8
            && hash.bytes().all(|byte| byte.is_ascii_hexdigit())
            && number.bytes().all(|byte| byte.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_keep_choices_strike_out_the_gone_and_add_the_new() {
        let packaged = ["m/a.crt", "m/c.crt", "m/new.crt"]
            .map(str::to_owned)
            .into();
        let (settings, trusted) = renew_settings("# note\nm/a.crt\nm/b.crt\n!m/c.crt\n", &packaged);
        assert_eq!(settings, "# note\nm/a.crt\n!m/b.crt\n!m/c.crt\nm/new.crt\n");
        assert_eq!(trusted, ["m/a.crt", "m/new.crt"]);
    }

    #[test]
    fn link_names_have_no_blanks_or_brackets() {
        assert_eq!(link_name("mozilla/A, B (C).crt"), "A__B_=C=.pem");
    }
}
