//! What goes out of the registry. Records vanish at once; content that nothing names any more is
//! removed by the sweep at the next start.
use super::{Deleted, Registry, StoreError, index::Entry};
use drydock_domain::tag::{Digest, RepositoryName, Tag};
use std::fs;
use uuid::Uuid;

impl Registry {
    /// Removes a manifest with its tags, and with the manifests that name it as their subject.
    ///
    /// # Errors
    /// There is no such repository or manifest, or the disk failed.
    pub fn delete_manifest(
        &self,
        repository: &RepositoryName,
        digest: &Digest,
    ) -> Result<Deleted, StoreError> {
        let _lock = self.lock(repository);
        let record = self.manifest_record(repository, &digest.clone().into())?;
        self.check_delete_manifest(repository, &record)?;
        let mut deleted = Deleted::default();
        let mut doomed = vec![digest.clone()];
        while let Some(digest) = doomed.pop() {
            if deleted.manifests.contains(&digest) {
                continue;
            }
            let referrers = self.referrers(repository, &digest);
            doomed.extend(referrers.into_iter().map(|record| record.digest));
            // The manifest first: a tag without one is removed when the records are read.
            self.records.remove_manifest(repository, &digest)?;
            for tag in self.tags_of(repository, &digest) {
                self.records.remove_tag(repository, &tag)?;
            }
            let mut index = self.index_mut();
            let entry = index.repositories.entry(repository.clone()).or_default();
            deleted.tags.extend(entry.remove_manifest(&digest));
            deleted.manifests.push(digest);
        }
        Ok(deleted)
    }

    /// Removes a tag; its manifest stays.
    ///
    /// # Errors
    /// There is no such repository or tag, or the disk failed.
    pub fn delete_tag(&self, repository: &RepositoryName, tag: &Tag) -> Result<(), StoreError> {
        let _lock = self.lock(repository);
        if !self.has_repository(repository) {
            return Err(StoreError::RepositoryUnknown(repository.clone()));
        }
        let Some(record) = self.tag(repository, tag) else {
            return Err(StoreError::TagUnknown {
                repository: repository.clone(),
                tag: tag.clone(),
            });
        };
        self.check_delete_tag(repository, &record)?;
        self.records.remove_tag(repository, tag)?;
        let mut index = self.index_mut();
        if let Some(entry) = index.repositories.get_mut(repository) {
            entry.tags.remove(tag);
        }
        Ok(())
    }

    /// Removes a repository with all its manifests and tags, by one rename.
    ///
    /// # Errors
    /// There is no such repository, or the disk failed.
    pub fn delete_repository(&self, repository: &RepositoryName) -> Result<Deleted, StoreError> {
        let _lock = self.lock(repository);
        if !self.has_repository(repository) {
            return Err(StoreError::RepositoryUnknown(repository.clone()));
        }
        self.check_delete_repository(repository)?;
        let grave = self.root.join("temporary").join(Uuid::new_v4().to_string());
        super::files::rename(&self.records.repository(repository), &grave)?;
        let removed = self.index_mut().repositories.remove(repository);
        if let Err(error) = fs::remove_dir_all(&grave) {
            tracing::warn!(%repository, %error, "the records of a deleted repository stay until the next start");
        }
        Ok(removed.map(into_deleted).unwrap_or_default())
    }

    /// Takes a blob from a repository.
    ///
    /// # Errors
    /// The repository does not hold it, a manifest names it, or the disk failed.
    pub fn delete_blob(
        &self,
        repository: &RepositoryName,
        digest: &Digest,
    ) -> Result<(), StoreError> {
        let _lock = self.lock(repository);
        self.check_unused(repository, digest)?;
        self.records.remove_blob(repository, digest)?;
        let mut index = self.index_mut();
        if let Some(entry) = index.repositories.get_mut(repository) {
            entry.blobs.remove(digest);
        }
        Ok(())
    }

    fn check_unused(&self, repository: &RepositoryName, digest: &Digest) -> Result<(), StoreError> {
        let index = self.index();
        let entry = index.repositories.get(repository);
        let Some(entry) = entry.filter(|entry| entry.blobs.contains(digest)) else {
            return Err(StoreError::BlobUnknown {
                repository: repository.clone(),
                digest: digest.clone(),
            });
        };
        let mut manifests = entry.manifests.values();
        match manifests.find(|record| record.summary.blobs.contains(digest)) {
            Some(user) => Err(StoreError::BlobInUse {
                repository: repository.clone(),
                digest: digest.clone(),
                manifest: user.digest.clone(),
            }),
            None => Ok(()),
        }
    }
}

fn into_deleted(entry: Entry) -> Deleted {
    let mut manifests: Vec<_> = entry.manifests.into_keys().collect();
    manifests.sort();
    Deleted {
        manifests,
        tags: entry.tags.into_keys().collect(),
    }
}
