//! The records of all repositories, on disk and in memory.
use super::{
    Attributes, ManifestRecord, RepositoryFacts, TagRecord, files, record::RepositoryRecord,
};
use chrono::{DateTime, Utc};
use drydock_domain::tag::{Digest, RepositoryName, Tag};
use serde::{Serialize, de::DeserializeOwned};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    fs, io,
    path::{Path, PathBuf},
};

/// Everything a listing needs, so that none reads the disk.
#[derive(Default)]
pub(super) struct Index {
    pub repositories: BTreeMap<RepositoryName, Entry>,
}

/// One repository. It is visible while it holds a manifest; before that it may hold blobs.
#[derive(Default)]
pub(super) struct Entry {
    pub created_at: Option<DateTime<Utc>>,
    pub attributes: Attributes,
    pub tags: BTreeMap<Tag, TagRecord>,
    pub manifests: HashMap<Digest, ManifestRecord>,
    pub blobs: HashSet<Digest>,
    /// Manifests by the subject that they name.
    pub referrers: HashMap<Digest, BTreeSet<Digest>>,
}

impl Entry {
    pub fn is_visible(&self) -> bool {
        !self.manifests.is_empty()
    }

    pub fn insert_manifest(&mut self, record: ManifestRecord) {
        if let Some(subject) = &record.summary.subject {
            let referrers = self.referrers.entry(subject.clone()).or_default();
            referrers.insert(record.digest.clone());
        }
        self.manifests.insert(record.digest.clone(), record);
    }

    /// Takes a manifest and its tags out.
    pub fn remove_manifest(&mut self, digest: &Digest) -> Vec<Tag> {
        let removed = self.manifests.remove(digest);
        if let Some(subject) = removed.and_then(|record| record.summary.subject)
            && let Some(referrers) = self.referrers.get_mut(&subject)
        {
            referrers.remove(digest);
        }
        let tags = self.tags_of(digest);
        self.tags.retain(|_, record| record.digest != *digest);
        tags
    }

    pub fn tags_of(&self, digest: &Digest) -> Vec<Tag> {
        let tags = self.tags.values();
        tags.filter(|record| record.digest == *digest)
            .map(|record| record.name.clone())
            .collect()
    }

    pub fn facts(&self, name: &RepositoryName) -> Option<RepositoryFacts> {
        let first = self
            .manifests
            .values()
            .map(|record| record.created_at)
            .min()?;
        let manifests = self.manifests.values().map(|record| record.updated_at);
        let tags = self.tags.values().map(|record| record.updated_at);
        Some(RepositoryFacts {
            name: name.clone(),
            created_at: self.created_at.unwrap_or(first),
            updated_at: manifests.chain(tags).max().unwrap_or(first),
            manifests: self.manifests.len(),
            tags: self.tags.len(),
            attributes: self.attributes,
        })
    }
}

/// Where the records are: one folder per repository, its name with `+` for `/`, which no name
/// holds, so that a repository is removed by one rename.
pub(super) struct Records {
    directory: PathBuf,
}

impl Records {
    pub fn open(root: &Path) -> io::Result<Self> {
        let directory = root.join("repositories");
        fs::create_dir_all(&directory)?;
        Ok(Self { directory })
    }

    /// Reads every record.
    pub fn load(&self) -> io::Result<Index> {
        let mut index = Index::default();
        for folder in files::list(&self.directory)? {
            let name = folder.file_name().to_string_lossy().replace('+', "/");
            let Ok(name) = RepositoryName::parse(&name) else {
                continue;
            };
            let entry = load_repository(&folder.path())?;
            index.repositories.insert(name, entry);
        }
        Ok(index)
    }

    pub fn repository(&self, name: &RepositoryName) -> PathBuf {
        self.directory.join(name.as_str().replace('/', "+"))
    }

    pub fn write_repository(
        &self,
        name: &RepositoryName,
        created_at: DateTime<Utc>,
        attributes: Attributes,
    ) -> io::Result<()> {
        let path = self.repository(name).join("repository.json");
        let record = RepositoryRecord {
            created_at,
            attributes,
        };
        write(&path, &record)
    }

    pub fn write_tag(&self, name: &RepositoryName, record: &TagRecord) -> io::Result<()> {
        write(&self.tag(name, &record.name), record)
    }

    pub fn remove_tag(&self, name: &RepositoryName, tag: &Tag) -> io::Result<()> {
        files::remove(&self.tag(name, tag))
    }

    pub fn write_manifest(&self, name: &RepositoryName, record: &ManifestRecord) -> io::Result<()> {
        write(&self.manifest(name, &record.digest), record)
    }

    pub fn remove_manifest(&self, name: &RepositoryName, digest: &Digest) -> io::Result<()> {
        files::remove(&self.manifest(name, digest))
    }

    /// An empty file: the repository holds the blob.
    pub fn write_blob(&self, name: &RepositoryName, digest: &Digest) -> io::Result<()> {
        let path = self.blob(name, digest);
        if path.exists() {
            return Ok(());
        }
        create_parent(&path)?;
        files::write_private(&path, b"")
    }

    pub fn remove_blob(&self, name: &RepositoryName, digest: &Digest) -> io::Result<()> {
        files::remove(&self.blob(name, digest))
    }

    pub fn blob(&self, name: &RepositoryName, digest: &Digest) -> PathBuf {
        self.repository(name).join("blobs").join(digest.hex())
    }

    fn tag(&self, name: &RepositoryName, tag: &Tag) -> PathBuf {
        self.repository(name)
            .join("tags")
            .join(format!("{tag}.json"))
    }

    fn manifest(&self, name: &RepositoryName, digest: &Digest) -> PathBuf {
        let file = format!("{}.json", digest.hex());
        self.repository(name).join("manifests").join(file)
    }
}

fn load_repository(folder: &Path) -> io::Result<Entry> {
    let mut entry = Entry::default();
    files::list(folder)?;
    let record = folder.join("repository.json");
    if record.exists() {
        let record: RepositoryRecord = read(&record)?;
        entry.created_at = Some(record.created_at);
        entry.attributes = record.attributes;
    }
    for file in files::list(&folder.join("manifests"))? {
        entry.insert_manifest(read(&file.path())?);
    }
    for file in files::list(&folder.join("tags"))? {
        let record: TagRecord = read(&file.path())?;
        // A process may have died after it removed a manifest and before its tags.
        if entry.manifests.contains_key(&record.digest) {
            entry.tags.insert(record.name.clone(), record);
        } else {
            files::remove(&file.path())?;
        }
    }
    for file in files::list(&folder.join("blobs"))? {
        let digest = format!("sha256:{}", file.file_name().to_string_lossy());
        entry.blobs.extend(Digest::parse(&digest));
    }
    Ok(entry)
}

fn read<T: DeserializeOwned>(path: &Path) -> io::Result<T> {
    serde_json::from_slice(&fs::read(path)?).map_err(|error| {
        io::Error::new(
            io::ErrorKind::InvalidData,
            format!("{}: {error}", path.display()),
        )
    })
}

fn write(path: &Path, record: &impl Serialize) -> io::Result<()> {
    create_parent(path)?;
    files::write_private(path, &serde_json::to_vec(record)?)
}

fn create_parent(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), files::create_directory)
}
