//! Finished runs as they were archived: readable when Azure has forgotten them.
use crate::registry_room::RegistryRoom;
use crate::{Answer, Caller, Workflow, WorkflowError};
use chrono::{DateTime, Utc};
use drydock_domain::access::Operation;
use drydock_domain::console::{ArchivedRun, LogChunk};
use drydock_domain::run::{Run, RunDetail, RunTree};
use serde::{Deserialize, Serialize};

/// Everything that is kept of one run; itself kept by its digest.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Record {
    pub registry: String,
    pub run: Run,
    /// The trigger that asked for it.
    pub trigger: Option<String>,
    /// Of a trigger: its cycle.
    pub tree: Option<RunTree>,
    /// Of a trigger: digests of the policy's manifest and text when the cycle was archived.
    pub policy: serde_json::Value,
    pub findings: Vec<Finding>,
    /// The log's digest.
    pub log: Option<String>,
    pub log_unreadable: Option<String>,
    pub kept_at: DateTime<Utc>,
}

/// One image of a cycle, by digests.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Finding {
    pub repository: String,
    pub original: String,
    pub original_digest: Option<String>,
    pub patched: Option<String>,
    pub patched_digest: Option<String>,
    pub documents: Vec<Document>,
}

/// A report that was attached to the patched image, kept under its own digest.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Document {
    pub media_type: String,
    pub digest: String,
}

impl Workflow {
    /// What is archived of a run, its record and its log verified against their digests; `None`
    /// where it is not archived. Evidence that was changed is an error.
    pub async fn find_archived_run(
        &self,
        caller: &Caller,
        registry: &str,
        run_id: &str,
    ) -> Answer<Option<ArchivedRun>> {
        caller.authorise(Operation::Read)?;
        let room = self.room(registry).await?;
        let Some((digest, record)) = self.archived(&room, run_id).await? else {
            return Ok(None);
        };
        if let Some(log) = &record.log {
            self.evidence(log).await?;
        }
        Ok(Some(ArchivedRun {
            record: digest,
            log: record.log,
            n_documents: record
                .findings
                .iter()
                .map(|it| it.documents.len() as u32)
                .sum(),
            kept_at: record.kept_at,
        }))
    }

    /// A run that Azure no longer knows.
    pub(crate) async fn archived_run(
        &self,
        room: &RegistryRoom,
        run_id: &str,
    ) -> Answer<Option<RunDetail>> {
        let Some((_, record)) = self.archived(room, run_id).await? else {
            return Ok(None);
        };
        let tree = match (record.tree, &record.trigger) {
            (None, Some(trigger)) => {
                let trigger = self.archived(room, trigger).await?;
                trigger.and_then(|(_, trigger)| trigger.tree)
            }
            (tree, _) => tree,
        };
        Ok(Some(RunDetail {
            run: record.run,
            tree,
        }))
    }

    /// The log of a run that Azure has no log of any more.
    pub(crate) async fn archived_log(
        &self,
        room: &RegistryRoom,
        run_id: &str,
    ) -> Answer<Option<LogChunk>> {
        let archived = self.archived(room, run_id).await?;
        let Some(log) = archived.and_then(|(_, record)| record.log) else {
            return Ok(None);
        };
        let bytes = self.evidence(&log).await?;
        Ok(Some(LogChunk {
            offset: 0,
            text: crate::log::to_text(&bytes),
            complete: true,
        }))
    }

    async fn archived(
        &self,
        room: &RegistryRoom,
        run_id: &str,
    ) -> Answer<Option<(String, Record)>> {
        let found = self.inner.shelf.find(&room.registry.name, run_id);
        let found = found.map_err(|error| WorkflowError::Internal {
            what: format!("the archive of runs cannot be read: {error}"),
            source: Some(Box::new(error)),
        })?;
        let Some(digest) = found else {
            return Ok(None);
        };
        let record = serde_json::from_slice(&self.evidence(&digest).await?);
        let record = record.map_err(|error| WorkflowError::Internal {
            what: format!("the archived record {digest} cannot be read: {error}"),
            source: Some(Box::new(error)),
        })?;
        Ok(Some((digest, record)))
    }

    async fn evidence(&self, digest: &str) -> Answer<Vec<u8>> {
        let kept = self.inner.evidence.read(digest).await?;
        kept.ok_or_else(|| WorkflowError::Internal {
            what: format!("the evidence {digest} is missing from the data directory"),
            source: None,
        })
    }
}
