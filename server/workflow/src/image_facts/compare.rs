//! The use cases: what is in an image, what differs between two, what is attached to one.
use super::job::Running;
use super::scan::{self, Scan};
use super::{ImageFacts, TIME_LIMIT, doing, read};
use crate::registry_room::RegistryRoom;
use crate::{Answer, Caller, Workflow, WorkflowError};
use drydock_domain::access::Operation;
use drydock_domain::lineage::{
    Attachment, AttachmentKind, Comparison, ImageContents, Lookup, compare_configurations,
    compare_layers, compare_packages,
};
use drydock_domain::tag::{Digest, RepositoryName};
use drydock_patcher::image::ImageManifest;
use drydock_patcher::scan::Subject;
use drydock_patcher::{BlobStore, Job, Limits, PatchError};
use sha2::{Digest as _, Sha256};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

/// Tighter than a patch: a page asks, for any image that somebody pushed.
const LIMITS: Limits = Limits {
    entries: 1_000_000,
    unpacked_bytes: 16 << 30,
    document_bytes: 4 << 20,
    layers: 512,
    expansion: 200,
};

pub(super) const NO_SCANNER: &str = "this console was started without a scanner";

/// One image of a registry.
#[derive(Clone)]
pub(super) struct Image {
    pub room: Arc<RegistryRoom>,
    pub repository: RepositoryName,
    pub digest: Digest,
}

impl Workflow {
    /// An image's packages and configuration, read out of its layers over the registry's API. The
    /// first time takes a while: until then the answer is how far it is.
    pub async fn get_contents(
        &self,
        caller: &Caller,
        registry: &str,
        repository: &str,
        digest: &str,
    ) -> Answer<Lookup<ImageContents>> {
        let image = self.image(caller, registry, repository, digest).await?;
        Ok(self.contents(image).await)
    }

    /// What differs between two images of a repository, whoever made them.
    pub async fn compare_images(
        &self,
        caller: &Caller,
        registry: &str,
        repository: &str,
        before: &str,
        after: &str,
    ) -> Answer<Lookup<Comparison>> {
        let before = self.image(caller, registry, repository, before).await?;
        let after = self.image(caller, registry, repository, after).await?;
        let found = tokio::join!(self.contents(before.clone()), self.contents(after.clone()));
        let (old, new) = match found {
            (Lookup::Found(old), Lookup::Found(new)) => (old, new),
            (Lookup::Failed(why), _) | (_, Lookup::Failed(why)) => return Ok(Lookup::Failed(why)),
            (Lookup::Underway(progress), _) | (_, Lookup::Underway(progress)) => {
                return Ok(Lookup::Underway(progress));
            }
        };
        let scans = tokio::join!(self.scan(before), self.scan(after));
        let mut comparison = compare(&old, &new);
        comparison.vulnerabilities = scan::compare(scans.0, scans.1);
        Ok(Lookup::Found(comparison))
    }

    /// What refers to an image: SBOMs, VEX, signatures, reports.
    pub async fn list_attachments(
        &self,
        caller: &Caller,
        registry: &str,
        repository: &str,
        digest: &str,
    ) -> Answer<Vec<Attachment>> {
        let image = self.image(caller, registry, repository, digest).await?;
        let acr = &image.room.acr;
        let found = acr
            .list_attachments(&image.repository, &image.digest)
            .await?;
        let mut attachments: Vec<Attachment> = found
            .into_iter()
            .map(|found| {
                let media_type = found.artifact_type.unwrap_or(found.media_type);
                Attachment {
                    digest: found.digest,
                    kind: AttachmentKind::of(&media_type),
                    media_type,
                    size_bytes: found.size,
                }
            })
            .collect();
        // As they were attached before registries had referrers: by a tag that spells the digest.
        let prefix = format!("{}-{}", image.digest.algorithm(), image.digest.hex());
        let tags = acr.list_tags(&image.repository).await?;
        for tag in tags.into_iter().filter(|tag| tag.name.starts_with(&prefix)) {
            attachments.push(Attachment {
                digest: tag.digest,
                kind: AttachmentKind::of(&tag.name),
                media_type: tag.name,
                size_bytes: 0,
            });
        }
        attachments.sort_by(|a, b| (a.kind, &a.digest).cmp(&(b.kind, &b.digest)));
        Ok(attachments)
    }

    /// An image that is in the registry now: what was once read of one says nothing about that.
    async fn image(
        &self,
        caller: &Caller,
        registry: &str,
        repository: &str,
        digest: &str,
    ) -> Answer<Image> {
        caller.authorise(Operation::Read)?;
        let repository =
            RepositoryName::parse(repository).map_err(|error| WorkflowError::Invalid {
                field: "repository".into(),
                why: error.to_string(),
            })?;
        let none = || WorkflowError::NoSuchImage {
            repository: repository.to_string(),
        };
        let digest = Digest::parse(digest).map_err(|_| none())?;
        let room = self.room(caller, registry).await?;
        caller.require_repository(&room.registry.name, repository.as_str())?;
        let manifest = room.acr.find_manifest(&repository, digest.as_str()).await?;
        manifest.ok_or_else(none)?;
        Ok(Image {
            room,
            repository,
            digest,
        })
    }

    async fn contents(&self, image: Image) -> Lookup<ImageContents> {
        let name = format!("{}.contents.json", image.digest.hex());
        let start = |running| self.find_out(image, running, name.clone(), Work::Contents);
        self.inner.facts.look(&name, |_| true, start).await
    }

    async fn scan(&self, image: Image) -> Lookup<Scan> {
        if self.inner.facts.engine.is_none() {
            return Lookup::Failed(NO_SCANNER.into());
        }
        let now = self.inner.clock.now();
        let name = format!("{}.scan.json", image.digest.hex());
        let start = |running| self.find_out(image, running, name.clone(), Work::Scan);
        let is_good = |scan: &Scan| scan.is_fresh(now);
        self.inner.facts.look(&name, is_good, start).await
    }

    pub(super) fn find_out(&self, image: Image, running: Running, name: String, work: Work) {
        let workflow = self.clone();
        tokio::spawn(async move {
            running.say(doing("waiting for another image to be read"));
            // Closed by nobody; and the wait for others is no time that this one takes.
            let _turn = workflow.inner.facts.turn.acquire().await;
            let working = workflow.work(&image, &running, name, work);
            let result = tokio::time::timeout(TIME_LIMIT, working).await;
            let minutes = TIME_LIMIT.as_secs() / 60;
            running.end(result.unwrap_or_else(|_| {
                Err(format!(
                    "it took longer than {minutes} minutes and was given up"
                ))
            }));
        });
    }

    async fn work(
        &self,
        image: &Image,
        running: &Running,
        name: String,
        work: Work,
    ) -> Result<(), String> {
        let facts = &self.inner.facts;
        let downloads = facts.downloads()?;
        let acr = &image.room.acr;
        let manifest = acr
            .find_manifest(&image.repository, image.digest.as_str())
            .await;
        let manifest = manifest.map_err(|error| error.to_string())?;
        let manifest = manifest
            .ok_or_else(|| format!("{} is not in {} any more", image.digest, image.repository))?;
        let parsed = ImageManifest::parse(&manifest.bytes, &LIMITS).map_err(told)?;
        downloads
            .fetch(acr, &image.repository, &parsed, running)
            .await?;
        let workflow = self.clone();
        let now = self.inner.clock.now();
        running.say(doing("reading its layers"));
        let (lines, mut said) = tokio::sync::watch::channel(String::new());
        let reading = tokio::task::spawn_blocking(move || {
            let facts = &workflow.inner.facts;
            let until = Instant::now() + TIME_LIMIT;
            let job = Job {
                log: &|line| drop(lines.send_replace(line.to_owned())),
                cancelled: &|| Instant::now() > until,
                now,
            };
            work.carry_out(
                facts,
                &*downloads,
                downloads.folder(),
                &manifest.bytes,
                &name,
                &job,
            )
        });
        tokio::pin!(reading);
        loop {
            tokio::select! {
                done = &mut reading => {
                    return done.map_err(|error| format!("reading broke off: {error}")).flatten();
                }
                Ok(()) = said.changed() => running.say(doing(said.borrow_and_update().clone())),
            }
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Work {
    Contents,
    Scan,
    /// A scan with the plan of a patch.
    Plan,
}

impl Work {
    fn carry_out(
        self,
        facts: &ImageFacts,
        store: &dyn BlobStore,
        folder: &Path,
        manifest: &[u8],
        name: &str,
        job: &Job<'_>,
    ) -> Result<(), String> {
        match self {
            Self::Contents => {
                let subject = Subject::read(store, manifest, &LIMITS, folder, job);
                facts.keep(name, &read::contents(&subject.map_err(told)?, job.now))
            }
            Self::Scan | Self::Plan => {
                let engine = facts.engine.as_ref().ok_or(NO_SCANNER)?;
                let found = engine
                    .inspect(store, manifest, "this image", self == Self::Plan, job)
                    .map_err(told)?;
                let digest = format!("sha256:{}", hex::encode(Sha256::digest(manifest)));
                facts.keep(name, &Scan::new(found, &digest, job.now))
            }
        }
    }
}

fn told(error: PatchError) -> String {
    error.to_string()
}

fn compare(before: &ImageContents, after: &ImageContents) -> Comparison {
    let note = |image: &ImageContents, which: &str| {
        let why = image.note.as_ref()?;
        Some(format!(
            "The packages of the {which} image are not known: {why}."
        ))
    };
    let notes = [note(before, "earlier"), note(after, "later")];
    Comparison {
        before: before.digest.clone(),
        after: after.digest.clone(),
        packages: compare_packages(
            &before.packages,
            &after.packages,
            &drydock_patcher::version::compare,
        ),
        notes: notes.into_iter().flatten().collect(),
        configuration: compare_configurations(&before.configuration, &after.configuration),
        layers: compare_layers(&before.layers, &after.layers),
        vulnerabilities: Lookup::Underway(doing("")),
    }
}
