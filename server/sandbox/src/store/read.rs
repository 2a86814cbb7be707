//! What the registry holds.
use super::{
    ManifestRecord, Reference, Registry, RepositoryFacts, StoreError, TagRecord, index::Entry,
};
use drydock_domain::tag::{Digest, RepositoryName, Tag};
use std::{
    collections::HashMap,
    fs::{self, File},
};

/// A manifest and its record.
#[derive(Clone, Debug)]
pub struct Manifest {
    pub record: ManifestRecord,
    /// As it was pushed, byte for byte.
    pub content: Vec<u8>,
}

/// A blob, open for reading.
pub struct StoredBlob {
    pub file: File,
    pub size_bytes: u64,
}

impl Registry {
    /// All repositories that hold a manifest, in order of their names.
    pub fn repositories(&self) -> Vec<RepositoryFacts> {
        let index = self.index();
        let entries = index.repositories.iter();
        entries
            .filter_map(|(name, entry)| entry.facts(name))
            .collect()
    }

    pub fn repository(&self, name: &RepositoryName) -> Option<RepositoryFacts> {
        self.index().repositories.get(name)?.facts(name)
    }

    /// Whether there is a repository of this name: it holds a manifest.
    pub fn has_repository(&self, name: &RepositoryName) -> bool {
        self.with(name, |_| ()).is_some()
    }

    /// At most `limit` repository names after `last`, in order. `last` is only compared: there
    /// need be no such repository.
    pub fn repository_names(&self, last: Option<&str>, limit: usize) -> Vec<RepositoryName> {
        let index = self.index();
        let visible = index
            .repositories
            .iter()
            .filter(|(_, entry)| entry.is_visible() && entry.attributes.list_enabled);
        visible
            .map(|(name, _)| name)
            .skip_while(|name| last.is_some_and(|last| name.as_str() <= last))
            .take(limit)
            .cloned()
            .collect()
    }

    /// A repository's tags that may be listed, in order of their names; `None` where there is no such repository.
    pub fn tags(&self, repository: &RepositoryName) -> Option<Vec<TagRecord>> {
        self.with(repository, |entry| {
            let tags = entry.tags.values();
            tags.filter(|tag| tag.attributes.list_enabled)
                .cloned()
                .collect()
        })
    }

    /// At most `limit` tag names after `last`, in order.
    pub fn tag_names(
        &self,
        repository: &RepositoryName,
        last: Option<&str>,
        limit: usize,
    ) -> Option<Vec<Tag>> {
        self.with(repository, |entry| {
            let listed = entry
                .tags
                .values()
                .filter(|tag| tag.attributes.list_enabled);
            let tags = listed.map(|tag| &tag.name);
            tags.skip_while(|tag| last.is_some_and(|last| tag.as_str() <= last))
                .take(limit)
                .cloned()
                .collect()
        })
    }

    pub fn tag(&self, repository: &RepositoryName, tag: &Tag) -> Option<TagRecord> {
        self.with(repository, |entry| entry.tags.get(tag).cloned())?
    }

    /// A repository's manifests that may be listed, in order of their digests, each with its tags.
    pub fn manifests(
        &self,
        repository: &RepositoryName,
    ) -> Option<Vec<(ManifestRecord, Vec<Tag>)>> {
        self.with(repository, |entry| {
            let mut tags = HashMap::<&Digest, Vec<Tag>>::new();
            for record in entry.tags.values() {
                tags.entry(&record.digest)
                    .or_default()
                    .push(record.name.clone());
            }
            let mut manifests: Vec<_> = entry
                .manifests
                .values()
                .filter(|record| record.attributes.list_enabled)
                .map(|record| {
                    let tags = tags.remove(&record.digest).unwrap_or_default();
                    (record.clone(), tags)
                })
                .collect();
            manifests.sort_by(|(a, _), (b, _)| a.digest.cmp(&b.digest));
            manifests
        })
    }

    pub fn tags_of(&self, repository: &RepositoryName, digest: &Digest) -> Vec<Tag> {
        self.with(repository, |entry| entry.tags_of(digest))
            .unwrap_or_default()
    }

    /// What is known about a manifest, without reading it.
    ///
    /// # Errors
    /// There is no such repository, or no such manifest in it.
    pub fn manifest_record(
        &self,
        repository: &RepositoryName,
        reference: &Reference,
    ) -> Result<ManifestRecord, StoreError> {
        let found = self.with(repository, |entry| {
            let digest = match reference {
                Reference::Tag(tag) => &entry.tags.get(tag)?.digest,
                Reference::Digest(digest) => digest,
            };
            entry.manifests.get(digest).cloned()
        });
        match found {
            Some(Some(record)) => Ok(record),
            Some(None) => Err(StoreError::ManifestUnknown {
                repository: repository.clone(),
                reference: reference.clone(),
            }),
            None => Err(StoreError::RepositoryUnknown(repository.clone())),
        }
    }

    /// A manifest by its tag or digest.
    ///
    /// # Errors
    /// There is no such repository or manifest, or the disk failed.
    pub fn manifest(
        &self,
        repository: &RepositoryName,
        reference: &Reference,
    ) -> Result<Manifest, StoreError> {
        let record = self.manifest_record(repository, reference)?;
        self.check_readable(repository, reference)?;
        let content = fs::read(self.blobs.path(&record.digest))?;
        Ok(Manifest { record, content })
    }

    /// Manifests of the repository whose subject is `digest`, in order of their digests. There
    /// need be no manifest of that digest.
    pub fn referrers(&self, repository: &RepositoryName, digest: &Digest) -> Vec<ManifestRecord> {
        let found = self.with(repository, |entry| {
            let referrers = entry.referrers.get(digest).into_iter().flatten();
            referrers
                .filter_map(|digest| entry.manifests.get(digest).cloned())
                .collect()
        });
        found.unwrap_or_default()
    }

    /// Opens a blob that the repository holds.
    ///
    /// # Errors
    /// The repository does not hold it, or the disk failed.
    pub fn blob(
        &self,
        repository: &RepositoryName,
        digest: &Digest,
    ) -> Result<StoredBlob, StoreError> {
        if !self.holds_blob(repository, digest) {
            return Err(StoreError::BlobUnknown {
                repository: repository.clone(),
                digest: digest.clone(),
            });
        }
        self.check_readable(repository, &digest.clone().into())?;
        self.content(digest)
    }

    /// Opens content by its digest alone, for whoever was let in by other means.
    ///
    /// # Errors
    /// The store does not hold it, or the disk failed.
    pub fn content(&self, digest: &Digest) -> Result<StoredBlob, StoreError> {
        let file = File::open(self.blobs.path(digest))?;
        let size_bytes = file.metadata()?.len();
        Ok(StoredBlob { file, size_bytes })
    }

    pub fn holds_blob(&self, repository: &RepositoryName, digest: &Digest) -> bool {
        let index = self.index();
        let entry = index.repositories.get(repository);
        // A manifest is content as well, and some clients fetch it as a blob.
        entry.is_some_and(|entry| {
            entry.blobs.contains(digest) || entry.manifests.contains_key(digest)
        })
    }

    /// Asks a repository that is visible.
    fn with<T>(&self, name: &RepositoryName, ask: impl FnOnce(&Entry) -> T) -> Option<T> {
        let index = self.index();
        let entry = index
            .repositories
            .get(name)
            .filter(|entry| entry.is_visible())?;
        Some(ask(entry))
    }
}
