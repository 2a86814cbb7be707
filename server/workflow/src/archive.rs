//! Finished runs as they were archived: readable when Azure has forgotten them.
pub(crate) mod keep;
pub(crate) mod shelf;

use crate::registry_room::RegistryRoom;
use crate::{Answer, Caller, Workflow, WorkflowError};
use chrono::{DateTime, Utc};
use drydock_domain::access::Operation;
use drydock_domain::console::{ArchivedRun, LogChunk};
use drydock_domain::run::{EarlierRuns, Run, RunDetail, RunTree};
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::collections::HashSet;

/// Cycles on a page of the archive: a hundred images each at most.
const PAGE_CYCLES: usize = 20;

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

/// What the shelf says of a run, in a line: the digest, and after a blank the instant, where there is
/// one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Kept {
    /// Of the record.
    pub digest: String,
    /// When the cycle began that the run is the head of.
    pub cycle_at: Option<DateTime<Utc>>,
}

impl Kept {
    pub(crate) fn to_line(&self) -> String {
        match self.cycle_at {
            Some(at) => format!("{} {}", self.digest, at.to_rfc3339()),
            None => self.digest.clone(),
        }
    }

    fn parse(line: &str) -> Self {
        let (digest, at) = line.split_once(' ').unwrap_or((line, ""));
        Self {
            digest: digest.to_owned(),
            cycle_at: at.parse().ok(),
        }
    }
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
        let room = self.whole_room(caller, registry).await?;
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

    /// A page, from 1, of the archived cycles that Azure lists no longer; a page behind the last is
    /// the last.
    pub async fn list_earlier_runs(
        &self,
        caller: &Caller,
        registry: &str,
        page: usize,
    ) -> Answer<EarlierRuns> {
        caller.authorise(Operation::Read)?;
        let room = self.whole_room(caller, registry).await?;
        let trees = self.trees(&room).await?;
        let listed: HashSet<&str> = trees.iter().map(|tree| tree.trigger.id.as_str()).collect();
        let kept = self.inner.shelf.runs(&room.registry.name);
        let kept = kept.map_err(Self::unreadable)?;
        let mut cycles: Vec<_> = kept
            .iter()
            .filter(|(run_id, _)| !listed.contains(run_id.as_str()))
            .filter_map(|(run_id, line)| Some((Kept::parse(line).cycle_at?, run_id)))
            .collect();
        cycles.sort_by_key(|cycle| Reverse(*cycle));
        let n_pages = cycles.len().div_ceil(PAGE_CYCLES).max(1);
        let page = page.clamp(1, n_pages);
        let mut trees = Vec::new();
        for (_, run_id) in cycles
            .iter()
            .skip((page - 1) * PAGE_CYCLES)
            .take(PAGE_CYCLES)
        {
            let archived = self.archived(&room, run_id).await?;
            trees.extend(archived.and_then(|(_, record)| record.tree));
        }
        Ok(EarlierRuns {
            trees,
            page,
            n_pages,
            n_cycles: cycles.len(),
        })
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
            from_archive: true,
            as_of: record.kept_at,
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
        let Some(line) = found.map_err(Self::unreadable)? else {
            return Ok(None);
        };
        let Kept { digest, .. } = Kept::parse(&line);
        let record = serde_json::from_slice(&self.evidence(&digest).await?);
        let record = record.map_err(|error| WorkflowError::Internal {
            what: format!("the archived record {digest} cannot be read: {error}"),
            source: Some(Box::new(error)),
        })?;
        Ok(Some((digest, record)))
    }

    fn unreadable(error: std::io::Error) -> WorkflowError {
        WorkflowError::Internal {
            what: format!("the archive of runs cannot be read: {error}"),
            source: Some(Box::new(error)),
        }
    }

    async fn evidence(&self, digest: &str) -> Answer<Vec<u8>> {
        let kept = self.inner.evidence.read(digest).await?;
        kept.ok_or_else(|| WorkflowError::Conflict {
            why: format!("The evidence {digest} is missing from the data directory."),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_what_is_kept() {
        for at in [None, DateTime::from_timestamp(1_795_239_000, 120_000_000)] {
            let kept = Kept {
                digest: "sha256:aa".to_owned(),
                cycle_at: at,
            };
            assert_eq!(Kept::parse(&kept.to_line()), kept);
        }
    }
}
