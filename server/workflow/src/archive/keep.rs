//! Follows finished runs and keeps what would be lost: logs after 30 days, reports with their image.
use crate::archive::{Document, Finding, Kept, Record};
use crate::registry_room::RegistryRoom;
use crate::{Answer, Workflow, WorkflowError};
use chrono::{DateTime, TimeDelta, Utc};
use drydock_azure::RunFilter;
use drydock_domain::lineage::AttachmentKind;
use drydock_domain::run::{ImageEnding, Run, RunTree, TaskName};
use drydock_domain::tag::{Digest, RepositoryName};
use std::collections::HashMap;
use std::time::Duration;

/// The most that a registry is asked for, as the az extension asks: a month of most registries.
const RUN_LIMIT: u32 = 1000;
/// How often finished runs are looked for: loopback costs nobody anything.
const LOOPBACK_PAUSE: Duration = Duration::from_secs(5);
const REMOTE_PAUSE: Duration = Duration::from_secs(60);
/// A log that cannot be read is tried again until its run ended this long ago.
const GIVEN_UP_AFTER: TimeDelta = TimeDelta::days(2);
/// After this long a finished run's log gets no more lines, whether or not it says that it ended.
const SETTLED: TimeDelta = TimeDelta::minutes(2);
/// A scan report of a large image has a few megabytes.
const DOCUMENT_LIMIT: usize = 32 << 20;

impl Workflow {
    /// Archives the runs that finish, of every registry, for as long as it is polled; those first
    /// that finished while nobody did.
    pub async fn keep_archive(self) {
        loop {
            let mut pause = LOOPBACK_PAUSE;
            match self.registries().await {
                Ok(registries) => {
                    for registry in registries.iter() {
                        if !registry.sandbox {
                            pause = REMOTE_PAUSE;
                        }
                        if let Err(error) = self.archive_runs(&registry.name).await {
                            tracing::warn!(registry = registry.name, %error, "runs are not archived yet");
                        }
                    }
                }
                Err(error) => tracing::warn!(%error, "no registry's runs are archived yet"),
            }
            tokio::time::sleep(pause).await;
        }
    }

    /// Archives what has finished in one registry and is not archived yet; how many runs.
    pub async fn archive_runs(&self, registry: &str) -> Answer<usize> {
        let room = self.open_room(registry).await?;
        let filter = RunFilter {
            tasks: TaskName::ALL.to_vec(),
            ..RunFilter::default()
        };
        let arm = self.inner.azure.arm();
        let runs = arm.list_runs(&room.id, &filter, RUN_LIMIT).await?;
        let shelf = &self.inner.shelf;
        let known = shelf.runs(&room.registry.name).map_err(unwritten)?;
        let finished = |run: &&Run| run.status.is_finished() && !known.contains_key(&run.id);
        let new: Vec<&Run> = runs.iter().filter(finished).collect();
        if new.is_empty() {
            return Ok(0);
        }
        let trees = self.trees(&room).await?;
        let mut n_kept = 0;
        for run in new {
            let Some(record) = self.record(&room, run, &trees).await? else {
                continue;
            };
            let bytes = serde_json::to_vec(&record).map_err(|error| unwritten(error.into()))?;
            let digest = self.inner.evidence.keep(bytes).await?;
            let cycle_at = record.tree.as_ref().map(|tree| tree.trigger.created_at);
            shelf
                .add(
                    &room.registry.name,
                    &run.id,
                    &Kept { digest, cycle_at }.to_line(),
                )
                .map_err(unwritten)?;
            n_kept += 1;
        }
        Ok(n_kept)
    }

    /// `None` for a run whose log or cycle is not at its end.
    async fn record(
        &self,
        room: &RegistryRoom,
        run: &Run,
        trees: &[RunTree],
    ) -> Answer<Option<Record>> {
        let now = self.inner.clock.now();
        let age = now - run.finished_at.unwrap_or(run.created_at);
        let tree = trees.iter().find(|tree| tree.trigger.id == run.id);
        if tree.is_some_and(|tree| !tree.status.is_finished()) {
            return Ok(None);
        }
        let mut tail = self.inner.azure.log(&room.id, &run.id, 0);
        let (log, doubt) = match tail.read_now().await {
            Ok(log) if log.complete || age > SETTLED => (
                Some(self.inner.evidence.keep(log.bytes.to_vec()).await?),
                None,
            ),
            Ok(_) => return Ok(None),
            Err(error) if age > GIVEN_UP_AFTER => (None, Some(error.to_string())),
            Err(_) => return Ok(None),
        };
        let called = |tree: &&RunTree| crate::runs::runs_of(tree).any(|one| one.id == run.id);
        let trigger = trees
            .iter()
            .find(called)
            .map(|tree| tree.trigger.id.clone());
        Ok(Some(Record {
            registry: room.registry.name.clone(),
            run: run.clone(),
            trigger: trigger.filter(|trigger| *trigger != run.id),
            policy: match tree {
                Some(_) => self.keep_policy(room).await?,
                None => serde_json::Value::Null,
            },
            findings: match tree {
                Some(tree) => self.findings(room, tree, now).await,
                None => Vec::new(),
            },
            tree: tree.cloned(),
            log,
            log_unreadable: doubt,
            kept_at: now,
        }))
    }

    /// The patched images of a cycle, with what is attached to them. What cannot be read is left
    /// out: the record says what is there.
    async fn findings(
        &self,
        room: &RegistryRoom,
        tree: &RunTree,
        now: DateTime<Utc>,
    ) -> Vec<Finding> {
        let tags = match self.tags_aside(room).await {
            Ok(tags) => tags,
            Err(error) => {
                tracing::warn!(%error, %now, "a cycle is archived without its images");
                return Vec::new();
            }
        };
        let digests: HashMap<(&str, &str), &str> = tags
            .repositories
            .iter()
            .flat_map(|repository| {
                let name = repository.repository.as_str();
                let facts = repository.tags.iter();
                facts.map(move |tag| ((name, tag.tag.as_str()), tag.digest.as_str()))
            })
            .collect();
        let digest = |repository: &str, tag: &str| {
            digests
                .get(&(repository, tag))
                .map(|digest| (*digest).to_owned())
        };
        let mut findings = Vec::new();
        for image in &tree.images {
            let patched = (image.ending == Some(ImageEnding::Patched))
                .then(|| digest(&image.repository, &image.next))
                .flatten();
            let documents = match &patched {
                Some(digest) => self.documents(room, &image.repository, digest).await,
                None => Ok(Vec::new()),
            };
            findings.push(Finding {
                repository: image.repository.clone(),
                original: image.original.clone(),
                original_digest: digest(&image.repository, &image.original),
                patched: patched.is_some().then(|| image.next.clone()),
                patched_digest: patched,
                documents: documents.unwrap_or_else(|error| {
                    tracing::warn!(image = image.next, %error, "reports are not archived");
                    Vec::new()
                }),
            });
        }
        findings
    }

    async fn documents(
        &self,
        room: &RegistryRoom,
        repository: &str,
        digest: &str,
    ) -> Answer<Vec<Document>> {
        let invalid = |field: &str, why: String| WorkflowError::Invalid {
            field: field.into(),
            why,
        };
        let repository = RepositoryName::parse(repository)
            .map_err(|error| invalid("repository", error.to_string()))?;
        let parse = |digest: &str| {
            Digest::parse(digest).map_err(|error| invalid("digest", error.to_string()))
        };
        let found = room
            .acr
            .list_attachments(&repository, &parse(digest)?)
            .await?;
        let mut documents = Vec::new();
        for attached in found {
            let media_type = attached.artifact_type.unwrap_or(attached.media_type);
            if AttachmentKind::of(&media_type) == AttachmentKind::Other {
                continue;
            }
            let manifest = room
                .acr
                .find_manifest(&repository, &attached.digest)
                .await?;
            let image = manifest.as_ref().and_then(drydock_azure::Manifest::image);
            for layer in image.into_iter().flat_map(|image| image.layers) {
                let digest = parse(&layer.digest)?;
                let blob = room
                    .acr
                    .get_blob(&repository, &digest, DOCUMENT_LIMIT)
                    .await?;
                documents.push(Document {
                    media_type: media_type.clone(),
                    digest: self.inner.evidence.keep(blob.to_vec()).await?,
                });
            }
        }
        Ok(documents)
    }
}

fn unwritten(error: std::io::Error) -> WorkflowError {
    WorkflowError::Internal {
        what: format!("the archive of runs cannot be used: {error}"),
        source: Some(Box::new(error)),
    }
}
