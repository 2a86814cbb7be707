//! What may be done with a repository, a tag or a manifest: ACR's `changeableAttributes`, and
//! where they are kept to. A repository's hold for everything in it.
use super::{ManifestRecord, Reference, Registry, StoreError, TagRecord};
use drydock_domain::tag::{Digest, RepositoryName, Tag};
use serde::{Deserialize, Serialize};

/// Everything is allowed until somebody forbids it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Attributes {
    pub delete_enabled: bool,
    /// Without it there is no delete either.
    pub write_enabled: bool,
    pub read_enabled: bool,
    pub list_enabled: bool,
}

impl Default for Attributes {
    fn default() -> Self {
        Self {
            delete_enabled: true,
            write_enabled: true,
            read_enabled: true,
            list_enabled: true,
        }
    }
}

/// Some of them: the body of a change.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AttributeChange {
    pub delete_enabled: Option<bool>,
    pub write_enabled: Option<bool>,
    pub read_enabled: Option<bool>,
    pub list_enabled: Option<bool>,
}

impl AttributeChange {
    fn apply(self, attributes: &mut Attributes) {
        let Self {
            delete_enabled,
            write_enabled,
            read_enabled,
            list_enabled,
        } = self;
        attributes.delete_enabled = delete_enabled.unwrap_or(attributes.delete_enabled);
        attributes.write_enabled = write_enabled.unwrap_or(attributes.write_enabled);
        attributes.read_enabled = read_enabled.unwrap_or(attributes.read_enabled);
        attributes.list_enabled = list_enabled.unwrap_or(attributes.list_enabled);
    }
}

impl Attributes {
    fn may_delete(self) -> bool {
        self.delete_enabled && self.write_enabled
    }
}

impl Registry {
    /// # Errors
    /// There is no such repository, or the disk failed.
    pub fn change_repository(
        &self,
        repository: &RepositoryName,
        change: AttributeChange,
    ) -> Result<(), StoreError> {
        let _lock = self.lock(repository);
        let facts = self.repository(repository);
        let facts = facts.ok_or_else(|| StoreError::RepositoryUnknown(repository.clone()))?;
        let mut attributes = facts.attributes;
        change.apply(&mut attributes);
        self.records
            .write_repository(repository, facts.created_at, attributes)?;
        let mut index = self.index_mut();
        if let Some(entry) = index.repositories.get_mut(repository) {
            entry.attributes = attributes;
        }
        Ok(())
    }

    /// # Errors
    /// There is no such repository or tag, or the disk failed.
    pub fn change_tag(
        &self,
        repository: &RepositoryName,
        tag: &Tag,
        change: AttributeChange,
    ) -> Result<(), StoreError> {
        let _lock = self.lock(repository);
        if !self.has_repository(repository) {
            return Err(StoreError::RepositoryUnknown(repository.clone()));
        }
        let record = self.tag(repository, tag);
        let mut record = record.ok_or_else(|| StoreError::TagUnknown {
            repository: repository.clone(),
            tag: tag.clone(),
        })?;
        change.apply(&mut record.attributes);
        self.records.write_tag(repository, &record)?;
        let mut index = self.index_mut();
        if let Some(entry) = index.repositories.get_mut(repository) {
            entry.tags.insert(tag.clone(), record);
        }
        Ok(())
    }

    /// # Errors
    /// There is no such repository or manifest, or the disk failed.
    pub fn change_manifest(
        &self,
        repository: &RepositoryName,
        digest: &Digest,
        change: AttributeChange,
    ) -> Result<(), StoreError> {
        let _lock = self.lock(repository);
        let mut record = self.manifest_record(repository, &digest.clone().into())?;
        change.apply(&mut record.attributes);
        self.records.write_manifest(repository, &record)?;
        let mut index = self.index_mut();
        if let Some(entry) = index.repositories.get_mut(repository) {
            entry.manifests.insert(digest.clone(), record);
        }
        Ok(())
    }

    /// Whether anything may be pushed to the repository.
    ///
    /// # Errors
    /// It is locked.
    pub fn check_writable(&self, repository: &RepositoryName) -> Result<(), StoreError> {
        allow(self.attributes_of(repository).write_enabled)
    }

    /// Whether this manifest may be pushed under this name.
    pub(super) fn check_push(
        &self,
        repository: &RepositoryName,
        digest: &Digest,
        reference: &Reference,
    ) -> Result<(), StoreError> {
        self.check_writable(repository)?;
        let known = self.manifest_record(repository, &digest.clone().into());
        allow(known.map_or(true, |known| known.attributes.write_enabled))?;
        match reference {
            Reference::Tag(tag) => {
                let known = self.tag(repository, tag);
                allow(known.is_none_or(|known| known.attributes.write_enabled))
            }
            Reference::Digest(_) => Ok(()),
        }
    }

    /// Whether a manifest may be pulled.
    ///
    /// # Errors
    /// Its repository, it, or the tag that names it is locked.
    pub fn check_readable(
        &self,
        repository: &RepositoryName,
        reference: &Reference,
    ) -> Result<(), StoreError> {
        allow(self.attributes_of(repository).read_enabled)?;
        if let Reference::Tag(tag) = reference {
            let known = self.tag(repository, tag);
            allow(known.is_none_or(|known| known.attributes.read_enabled))?;
        }
        let known = self.manifest_record(repository, reference);
        allow(known.map_or(true, |known| known.attributes.read_enabled))
    }

    pub(super) fn check_delete_tag(
        &self,
        repository: &RepositoryName,
        tag: &TagRecord,
    ) -> Result<(), StoreError> {
        allow(self.attributes_of(repository).may_delete() && tag.attributes.may_delete())
    }

    /// A manifest takes its tags with it, so none of them may be locked.
    pub(super) fn check_delete_manifest(
        &self,
        repository: &RepositoryName,
        manifest: &ManifestRecord,
    ) -> Result<(), StoreError> {
        allow(manifest.attributes.may_delete())?;
        allow(self.attributes_of(repository).may_delete())?;
        for tag in self.tags_of(repository, &manifest.digest) {
            if let Some(tag) = self.tag(repository, &tag) {
                self.check_delete_tag(repository, &tag)?;
            }
        }
        Ok(())
    }

    /// A repository takes everything in it along.
    pub(super) fn check_delete_repository(
        &self,
        repository: &RepositoryName,
    ) -> Result<(), StoreError> {
        let index = self.index();
        let Some(entry) = index.repositories.get(repository) else {
            return Ok(());
        };
        let tags = entry.tags.values().map(|tag| tag.attributes);
        let manifests = entry.manifests.values().map(|manifest| manifest.attributes);
        let mut all = tags.chain(manifests).chain([entry.attributes]);
        allow(all.all(Attributes::may_delete))
    }

    fn attributes_of(&self, repository: &RepositoryName) -> Attributes {
        let index = self.index();
        let entry = index.repositories.get(repository);
        entry.map(|entry| entry.attributes).unwrap_or_default()
    }
}

fn allow(allowed: bool) -> Result<(), StoreError> {
    match allowed {
        true => Ok(()),
        false => Err(StoreError::Locked),
    }
}
