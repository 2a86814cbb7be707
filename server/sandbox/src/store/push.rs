//! What comes into the registry: blobs first, then the manifests that name them.
use super::{
    Appender, Attributes, ManifestRecord, Missing, Reference, Registry, StoreError, TagRecord,
    blobs::{BlobWriter, check_claim, digest_of},
    manifest::{self, NeededBlob, Parsed},
};
use drydock_domain::tag::{Digest, RepositoryName, Tag};
use drydock_patcher::{BlobInfo, BlobStore, ReadSeek};
use sha2::{Digest as _, Sha256};
use std::{
    fs::{self, File},
    io::{self, Read, Write},
};
use uuid::Uuid;

/// Where the blobs of a manifest may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blobs {
    /// In the repository: what a client of the registry has to see to first.
    InRepository,
    /// Anywhere in the store, from where the repository gets them: what the patcher stored
    /// through `BlobStore` belongs to no repository yet.
    Anywhere,
}

/// A manifest that is now in the registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pushed {
    pub digest: Digest,
    pub subject: Option<Digest>,
}

/// A blob that arrives in one piece. Dropped before `finish`, it leaves nothing.
pub struct BlobUpload(BlobWriter);

impl Write for BlobUpload {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.0.write(buffer)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl Registry {
    /// Begins a blob that arrives in one piece.
    ///
    /// # Errors
    /// The disk is full or failed.
    pub fn begin_blob(&self) -> Result<BlobUpload, StoreError> {
        Ok(BlobUpload(self.blobs.writer()?))
    }

    /// Keeps a blob, if it has the digest that was claimed, and gives it to the repository.
    ///
    /// # Errors
    /// The digest is another one, or the disk is full or failed; nothing is kept.
    pub fn finish_blob(
        &self,
        repository: &RepositoryName,
        upload: BlobUpload,
        claimed: &Digest,
    ) -> Result<(), StoreError> {
        self.blobs.commit(upload.0, Some(claimed))?;
        self.link_blob(repository, claimed)
    }

    /// Begins an upload that later requests go on with.
    ///
    /// # Errors
    /// The disk is full or failed.
    pub fn begin_upload(&self, repository: &RepositoryName) -> Result<Uuid, StoreError> {
        Ok(self.uploads.begin(repository, self.clock.now())?)
    }

    /// How many bytes of an upload have arrived.
    ///
    /// # Errors
    /// There is no such upload.
    pub fn upload_held(&self, repository: &RepositoryName, id: Uuid) -> Result<u64, StoreError> {
        self.uploads.held(repository, id)
    }

    /// Takes an upload to write to it. `offset` is where the client believes it is.
    ///
    /// # Errors
    /// There is no such upload, another request writes to it, or it is somewhere else.
    pub fn append_upload(
        &self,
        repository: &RepositoryName,
        id: Uuid,
        offset: Option<u64>,
    ) -> Result<Appender, StoreError> {
        self.uploads.append(repository, id, offset)
    }

    /// Ends an upload: its content becomes a blob of the repository. Returns its size in bytes.
    ///
    /// # Errors
    /// The content has another digest (the upload is then gone), or the disk is full or failed.
    pub fn finish_upload(
        &self,
        repository: &RepositoryName,
        upload: Appender,
        claimed: &Digest,
    ) -> Result<u64, StoreError> {
        let size = upload.finish(&self.blobs, claimed)?;
        self.link_blob(repository, claimed)?;
        Ok(size)
    }

    /// Ends an upload without a blob.
    ///
    /// # Errors
    /// There is no such upload, or a request writes to it.
    pub fn cancel_upload(&self, repository: &RepositoryName, id: Uuid) -> Result<(), StoreError> {
        self.uploads.cancel(repository, id)
    }

    /// Gives a blob of one repository to another one. Returns whether `from` holds it.
    ///
    /// # Errors
    /// The disk is full or failed.
    pub fn mount_blob(
        &self,
        repository: &RepositoryName,
        from: &RepositoryName,
        digest: &Digest,
    ) -> Result<bool, StoreError> {
        let held = self.holds_blob(from, digest);
        if held {
            self.link_blob(repository, digest)?;
        }
        Ok(held)
    }

    fn link_blob(&self, repository: &RepositoryName, digest: &Digest) -> Result<(), StoreError> {
        let _lock = self.lock(repository);
        self.records.write_blob(repository, digest)?;
        let mut index = self.index_mut();
        let entry = index.repositories.entry(repository.clone()).or_default();
        entry.blobs.insert(digest.clone());
        Ok(())
    }

    /// Keeps a manifest and, where the reference is a tag, points the tag at it.
    ///
    /// # Errors
    /// Its shape is wrong, it names what is not there, its digest is not the reference, or the
    /// disk is full or failed; the repository is then as it was.
    pub fn put_manifest(
        &self,
        repository: &RepositoryName,
        reference: &Reference,
        media_type: &str,
        content: &[u8],
        blobs: Blobs,
    ) -> Result<Pushed, StoreError> {
        let digest = digest_of(Sha256::new_with_prefix(content));
        if let Reference::Digest(claimed) = reference {
            check_claim(Some(claimed), &digest)?;
        }
        let parsed = manifest::parse(media_type, content).map_err(StoreError::ManifestInvalid)?;
        if blobs == Blobs::Anywhere {
            self.link_needs(repository, &parsed.needs)?;
        }
        let _lock = self.lock(repository);
        self.check_push(repository, &digest, reference)?;
        self.check_needs(repository, &parsed.needs)?;
        let record = self.describe(&digest, media_type, content, parsed)?;
        let subject = record.summary.subject.clone();
        let mut writer = self.blobs.writer()?;
        writer.write_all(content)?;
        self.blobs.commit(writer, Some(&digest))?;
        self.record_manifest(repository, record, reference)?;
        Ok(Pushed { digest, subject })
    }

    fn link_needs(
        &self,
        repository: &RepositoryName,
        needs: &[NeededBlob],
    ) -> Result<(), StoreError> {
        for need in needs.iter().filter(|need| !need.is_manifest) {
            if self.blobs.size(&need.digest)?.is_some() {
                self.link_blob(repository, &need.digest)?;
            }
        }
        Ok(())
    }

    fn check_needs(
        &self,
        repository: &RepositoryName,
        needs: &[NeededBlob],
    ) -> Result<(), StoreError> {
        let mut missing = Vec::new();
        for need in needs {
            if !self.has(repository, need) {
                missing.push(Missing {
                    role: need.role.clone(),
                    digest: need.digest.clone(),
                });
                continue;
            }
            let size = self.blobs.size(&need.digest)?.unwrap_or_default();
            if size != need.size_bytes {
                return Err(StoreError::ManifestInvalid(format!(
                    "{} {} has {size} bytes, and the manifest says {}",
                    need.role, need.digest, need.size_bytes
                )));
            }
        }
        if missing.is_empty() {
            return Ok(());
        }
        Err(StoreError::ContentMissing {
            repository: repository.clone(),
            missing,
        })
    }

    fn has(&self, repository: &RepositoryName, need: &NeededBlob) -> bool {
        let index = self.index();
        let entry = index.repositories.get(repository);
        entry.is_some_and(|entry| match need.is_manifest {
            true => entry.manifests.contains_key(&need.digest),
            false => entry.blobs.contains(&need.digest),
        })
    }

    fn describe(
        &self,
        digest: &Digest,
        media_type: &str,
        content: &[u8],
        parsed: Parsed,
    ) -> Result<ManifestRecord, StoreError> {
        let mut summary = parsed.summary;
        if let Some(config) = parsed.image_config {
            (summary.architecture, summary.os) = self.read_platform(&config)?;
        }
        let now = self.clock.now();
        Ok(ManifestRecord {
            digest: digest.clone(),
            media_type: media_type.to_owned(),
            size_bytes: content.len() as u64,
            created_at: now,
            updated_at: now,
            attributes: Attributes::default(),
            summary,
        })
    }

    /// A config larger than a manifest may be is not read: its platform stays unknown.
    fn read_platform(&self, config: &Digest) -> io::Result<(Option<String>, Option<String>)> {
        let path = self.blobs.path(config);
        if fs::metadata(&path)?.len() > manifest::MAX_MANIFEST_BYTES as u64 {
            return Ok((None, None));
        }
        Ok(manifest::platform(&fs::read(path)?))
    }

    /// Writes the records of a manifest and its tag; the caller holds the repository's lock.
    fn record_manifest(
        &self,
        repository: &RepositoryName,
        mut record: ManifestRecord,
        reference: &Reference,
    ) -> Result<(), StoreError> {
        let digest = record.digest.clone();
        let known = self
            .manifest_record(repository, &digest.clone().into())
            .ok();
        if let Some(known) = &known {
            record.created_at = known.created_at;
            record.attributes = known.attributes;
        }
        if !self.has_repository(repository) {
            self.records
                .write_repository(repository, record.updated_at, Attributes::default())?;
        }
        self.records.write_manifest(repository, &record)?;
        let tag = match reference {
            Reference::Tag(tag) => Some(self.tag_record(repository, tag, &record)),
            Reference::Digest(_) => None,
        };
        if let Some(tag) = &tag
            && let Err(error) = self.records.write_tag(repository, tag)
        {
            if known.is_none() {
                // The push failed, so the manifest must not be there either. Should this fail as
                // well, it is a manifest without a tag, which the next push finds in place.
                let _ = self.records.remove_manifest(repository, &digest);
            }
            return Err(error.into());
        }
        let mut index = self.index_mut();
        let entry = index.repositories.entry(repository.clone()).or_default();
        if !entry.is_visible() {
            entry.created_at = Some(record.updated_at);
        }
        entry.insert_manifest(record);
        if let Some(tag) = tag {
            entry.tags.insert(tag.name.clone(), tag);
        }
        Ok(())
    }

    fn tag_record(
        &self,
        repository: &RepositoryName,
        tag: &Tag,
        manifest: &ManifestRecord,
    ) -> TagRecord {
        let known = self.tag(repository, tag);
        TagRecord {
            name: tag.clone(),
            digest: manifest.digest.clone(),
            created_at: known
                .as_ref()
                .map_or(manifest.updated_at, |known| known.created_at),
            updated_at: manifest.updated_at,
            attributes: known.map(|known| known.attributes).unwrap_or_default(),
        }
    }
}

/// The patcher's view: content by digest, of no repository. What it puts stays for a day, and
/// longer once a manifest names it (`Blobs::Anywhere`).
impl BlobStore for Registry {
    fn open(&self, digest: &str) -> io::Result<Box<dyn ReadSeek>> {
        let digest = Digest::parse(digest)
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
        Ok(Box::new(File::open(self.blobs.path(&digest))?))
    }

    fn put(&self, content: &mut dyn Read) -> io::Result<BlobInfo> {
        let mut writer = self.blobs.writer()?;
        io::copy(content, &mut writer)?;
        Ok(self.blobs.commit(writer, None)?)
    }
}
