use super::{BackupFile, BackupList, EVIDENCE, FORMAT, Hashing, KEYS, LEDGER, LIST};
use anyhow::{Context, Result, bail, ensure};
use std::collections::BTreeMap;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, BufReader, Read};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Component, Path};
use tar::{Archive, Entry, EntryType};

/// A list of a million files is below this.
const LIST_LIMIT: u64 = 256 << 20;

/// Unpacks a backup into an empty folder, and compares each file with the list and each piece of
/// evidence with its name.
///
/// # Errors
/// The first file that is missing, was changed or does not belong there, by its name.
pub fn unpack(backup: &Path, folder: &Path) -> Result<BackupList> {
    let mut archive = Archive::new(BufReader::new(File::open(backup)?));
    let mut found = BTreeMap::new();
    let mut list = None;
    for entry in archive.entries()? {
        let mut entry = entry.context("it is no backup, or was cut off")?;
        let path = path_of(&entry)?;
        if path == LIST {
            list = Some(read_list(&mut entry)?);
            continue;
        }
        let file =
            write(&mut entry, &path, folder).with_context(|| format!("cannot unpack {path}"))?;
        ensure!(
            found.insert(path.clone(), file).is_none(),
            "it holds {path} twice"
        );
    }
    let list = list.context("it has no list at its end: it was cut off, or is no backup")?;
    compare(&list, found)?;
    Ok(list)
}

/// Only what a backup is made of, below its folder.
fn path_of(entry: &Entry<'_, impl Read>) -> Result<String> {
    let path = entry.path()?;
    let name = path.display();
    let is_plain = path
        .components()
        .all(|it| matches!(it, Component::Normal(_)));
    let is_file = entry.header().entry_type() == EntryType::Regular;
    let text = path.to_str().filter(|_| is_plain && is_file);
    let known = |text: &&str| {
        *text == LIST
            || *text == LEDGER
            || KEYS.contains(text)
            || Path::new(text).starts_with(EVIDENCE)
    };
    match text.filter(known) {
        Some(text) => Ok(text.to_owned()),
        None => bail!("it holds {name}, which no backup does"),
    }
}

fn read_list(entry: &mut impl Read) -> Result<BackupList> {
    let mut text = String::new();
    entry.take(LIST_LIMIT).read_to_string(&mut text)?;
    let list: BackupList = serde_json::from_str(&text)
        .context("its list cannot be read; a newer Drydock may have written it")?;
    ensure!(
        list.format == FORMAT,
        "it is of the format {}, and this Drydock reads {FORMAT}",
        list.format
    );
    Ok(list)
}

fn write(entry: &mut impl Read, path: &str, folder: &Path) -> Result<BackupFile> {
    let place = folder.join(path);
    if let Some(parent) = place.parent() {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(parent)?;
    }
    let mut output = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&place)?;
    let mut content = Hashing::new(entry);
    io::copy(&mut content, &mut output)?;
    output.sync_all()?;
    Ok(content.into_file(path))
}

fn compare(list: &BackupList, mut found: BTreeMap<String, BackupFile>) -> Result<()> {
    for listed in &list.files {
        let path = &listed.path;
        let unpacked = found
            .remove(path)
            .with_context(|| format!("{path} is missing from it"))?;
        ensure!(
            unpacked == *listed,
            "{path} was changed since it was packed"
        );
        // Evidence that is named by its digest proves itself.
        let name = path
            .strip_prefix("evidence/")
            .and_then(|name| name.parse().ok());
        ensure!(
            name.is_none_or(|name| unpacked.sha256 == name),
            "{path} has another digest than its name says: it was changed before it was packed"
        );
    }
    match found.keys().next() {
        Some(path) => bail!("it holds {path}, which its list does not name"),
        None => Ok(()),
    }
}
