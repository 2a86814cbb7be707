use super::{BackupFile, BackupList, EVIDENCE, Hashing, KEYS, LEDGER, LIST};
use anyhow::{Context, Result, bail};
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, ErrorKind, Read, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use tar::{Builder, Header};

/// It holds the key that signs, and the hashes of sessions.
const MODE: u32 = 0o600;

/// Writes a backup of a data directory: its keys and evidence, and the copy of the ledger at
/// `snapshot`, where there is one. The file appears when it is complete, for its owner alone.
///
/// # Errors
/// A file of that name exists, or a disk refuses.
pub fn pack(
    mut list: BackupList,
    data: &Path,
    snapshot: Option<&Path>,
    file: &Path,
) -> Result<BackupList> {
    let name = file.display();
    if file.exists() {
        bail!("{name} exists already: a backup replaces nothing; choose another name");
    }
    let mut draft = file.as_os_str().to_owned();
    draft.push(".partial");
    let draft = PathBuf::from(draft);
    let output = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(MODE)
        .open(&draft);
    let output = output.with_context(|| format!("cannot write {}", draft.display()))?;
    let packed = fill(&mut list, data, snapshot, output).and_then(|()| {
        // Not a rename, which would replace a file that came meanwhile.
        fs::hard_link(&draft, file).with_context(|| format!("cannot write {name}"))
    });
    let removed = fs::remove_file(&draft);
    packed?;
    removed.with_context(|| format!("{name} is complete, and {} stays", draft.display()))?;
    Ok(list)
}

fn fill(list: &mut BackupList, data: &Path, snapshot: Option<&Path>, output: File) -> Result<()> {
    let mut tar = Builder::new(BufWriter::new(output));
    let at = list.made_at.timestamp().unsigned_abs();
    if let Some(snapshot) = snapshot {
        let copy = File::open(snapshot)?;
        let size_bytes = copy.metadata()?.len();
        list.files
            .push(add(&mut tar, LEDGER, copy, size_bytes, at)?);
    }
    for key in KEYS {
        let path = data.join(key);
        let bytes = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        list.files
            .push(add(&mut tar, key, &*bytes, bytes.len() as u64, at)?);
    }
    for path in evidence(data)? {
        // Whole: it may grow while it is read, and its length stands before it.
        let bytes = match fs::read(data.join(&path)) {
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            read => read.with_context(|| format!("cannot read {path}"))?,
        };
        list.files
            .push(add(&mut tar, &path, &*bytes, bytes.len() as u64, at)?);
    }
    let bytes = serde_json::to_vec_pretty(list)?;
    add(&mut tar, LIST, &*bytes, bytes.len() as u64, at)?;
    let output = tar.into_inner()?.into_inner().map_err(io::Error::from)?;
    Ok(output.sync_all()?)
}

fn add(
    tar: &mut Builder<impl Write>,
    path: &str,
    content: impl Read,
    size_bytes: u64,
    at: u64,
) -> Result<BackupFile> {
    let mut header = Header::new_gnu();
    header.set_mode(MODE);
    header.set_size(size_bytes);
    header.set_mtime(at);
    let mut content = Hashing::new(content.take(size_bytes));
    tar.append_data(&mut header, path, &mut content)
        .with_context(|| format!("cannot add {path}"))?;
    let file = content.into_file(path);
    anyhow::ensure!(
        file.size_bytes == size_bytes,
        "{path} became shorter while it was read; try again"
    );
    Ok(file)
}

/// The files of the archive of evidence that are complete, sorted, as paths below `data`.
fn evidence(data: &Path) -> Result<Vec<String>> {
    let mut files = Vec::new();
    let mut folders = vec![EVIDENCE.to_owned()];
    while let Some(folder) = folders.pop() {
        let listed = match fs::read_dir(data.join(&folder)) {
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            listed => listed.with_context(|| format!("cannot list {folder}"))?,
        };
        for entry in listed {
            let entry = entry?;
            let name = entry.file_name();
            let Some(name) = name.to_str() else {
                bail!("{folder} holds a file whose name is not UTF-8: Drydock made none such");
            };
            let path = format!("{folder}/{name}");
            let kind = entry.file_type()?;
            if kind.is_dir() {
                folders.push(path);
            } else if kind.is_file() && !name.ends_with(".part") {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}
