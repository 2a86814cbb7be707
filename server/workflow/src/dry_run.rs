//! The dry run in Azure: a quick run of its own tool over an uploaded policy, beside what we select.
pub(crate) mod inspect;
pub(crate) mod record;
pub(crate) mod times;

use crate::audit::Intent;
use crate::registry_room::RegistryRoom;
use crate::{Answer, Caller, Workflow, WorkflowError};
use drydock_azure::{AzureError, RunFilter};
use drydock_domain::access::Operation;
use drydock_domain::console::{AuditOutcome, AzureDryRun};
use drydock_domain::inventory::Inventory;
use drydock_domain::policy;
use drydock_domain::run::RunStatus;
use drydock_domain::selection::{PolicySource, acr_output, select};
use drydock_ledger::Entry;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::collections::{BTreeSet, HashSet};
use std::io;
use std::time::Duration;

const DEFINITION: &str = "dry-run.yaml";
const POLICY: &str = "policy.json";
/// How long somebody waits for an agent and the run; it goes on by itself after that.
const PATIENCE: Duration = Duration::from_secs(180);
/// Runs that are looked at before one is started.
const RECENT: u32 = 20;
/// Where the tool's output begins in the log, and where it ends.
const FIRST_LINE: &str = "DRY RUN mode enabled";
const LAST_LINE: &str = "Matches found: ";

impl Workflow {
    /// Lets Azure itself say what a policy selects, and names every line in which its answer and
    /// ours differ. Costs a few seconds of task time; the registry stays as it is.
    pub async fn dry_run(
        &self,
        caller: &Caller,
        registry: &str,
        policy_text: &str,
    ) -> Answer<AzureDryRun> {
        self.authorise(caller, Operation::DryRun, registry).await?;
        let room = self.room(caller, registry).await?;
        let archive = archive(policy_text).map_err(|error| WorkflowError::Internal {
            what: "the policy could not be packed".into(),
            source: Some(Box::new(error)),
        })?;
        let intent = Intent {
            operation: Operation::DryRun,
            detail: String::new(),
        };
        let run_id = self
            .change(
                caller,
                room.clone(),
                intent,
                move |workflow, entry, room| Box::pin(workflow.start_dry_run(entry, room, archive)),
                |run_id: &String| AuditOutcome::Succeeded {
                    detail: format!("run {run_id}"),
                },
            )
            .await?;
        self.read_dry_run(&room, run_id, policy_text).await
    }

    async fn start_dry_run(
        &self,
        _entry: &Entry,
        room: &RegistryRoom,
        archive: Vec<u8>,
    ) -> Answer<String> {
        let azure = &self.inner.azure;
        let source = azure.upload_source(&room.id, archive).await?;
        let all = RunFilter::default();
        let before = azure.arm().list_runs(&room.id, &all, RECENT).await?;
        let values = [("CONFIGPATH", POLICY)];
        let started = azure
            .arm()
            .start_quick_run(&room.id, &source, DEFINITION, &values)
            .await;
        match started {
            Ok(run) => Ok(run.id),
            // The run may have been started and only the answer lost: look before giving up. A
            // quick run belongs to no task.
            Err(AzureError::Unavailable { what }) => {
                let after = azure.arm().list_runs(&room.id, &all, RECENT).await?;
                let known: HashSet<&str> = before.iter().map(|run| run.id.as_str()).collect();
                let is_new = |id: &str| !known.contains(id);
                after
                    .into_iter()
                    .find(|run| run.task.is_none() && is_new(&run.id))
                    .map(|run| run.id)
                    .ok_or(WorkflowError::Unavailable { why: what })
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn read_dry_run(
        &self,
        room: &RegistryRoom,
        run_id: String,
        policy_text: &str,
    ) -> Answer<AzureDryRun> {
        let mut tail = self.inner.azure.log(&room.id, &run_id, 0);
        let mut log = Vec::new();
        let whole = async {
            while let Some(piece) = tail.next().await? {
                log.extend_from_slice(&piece.bytes);
            }
            Ok::<_, AzureError>(())
        };
        let waited = tokio::time::timeout(PATIENCE, whole).await;
        waited.unwrap_or(Ok(()))?;
        let run = self.inner.azure.arm().find_run(&room.id, &run_id).await?;
        let status = run.map_or(RunStatus::Unknown, |run| run.status);
        let log = String::from_utf8_lossy(&log);
        let output = output(&log);
        let mut dry_run = AzureDryRun {
            run_id,
            status,
            output: output.iter().map(|line| (*line).to_owned()).collect(),
            only_in_azure: Vec::new(),
            only_here: Vec::new(),
        };
        if status == RunStatus::Succeeded {
            let ours = self.our_output(room, policy_text).await?;
            let (theirs, ours) = (rows(&output), rows(&ours.lines().collect::<Vec<_>>()));
            let less =
                |a: &BTreeSet<String>, b: &BTreeSet<String>| a.difference(b).cloned().collect();
            dry_run.only_in_azure = less(&theirs, &ours);
            dry_run.only_here = less(&ours, &theirs);
        }
        Ok(dry_run)
    }

    /// What we say Azure prints; empty for a policy that its own check refuses.
    async fn our_output(&self, room: &RegistryRoom, policy_text: &str) -> Answer<String> {
        let Ok(policy) = policy::parse(policy_text) else {
            return Ok(String::new());
        };
        let tags = self.tags_of(room).await?;
        let selection = select(&policy, &Inventory::from(tags.as_ref()));
        Ok(acr_output(&policy, &selection, PolicySource::File, false))
    }
}

/// The tool's own lines out of a run's log.
fn output(log: &str) -> Vec<&str> {
    let mut lines = log
        .lines()
        .map(str::trim_end)
        .skip_while(|line| !line.starts_with(FIRST_LINE));
    let mut output = Vec::new();
    for line in lines.by_ref() {
        output.push(line);
        if line.starts_with(LAST_LINE) {
            break;
        }
    }
    output
}

/// Lines as a set: Azure's order of rows is random.
fn rows(output: &[&str]) -> BTreeSet<String> {
    let told = output.iter().filter(|line| !line.is_empty());
    told.map(|line| line.trim_end().to_owned()).collect()
}

fn archive(policy_text: &str) -> io::Result<Vec<u8>> {
    let mut tar = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::default()));
    let files = [
        (DEFINITION, include_str!("definitions/dry-run.yaml")),
        (POLICY, policy_text),
    ];
    for (name, text) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, name, text.as_bytes())?;
    }
    tar.into_inner()?.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tool_s_lines_are_taken_out_of_the_log_in_any_order() {
        let log = "2026/11/21 09:00:00 Launching container\r\nDRY RUN mode enabled...\r\nRepo,Tag\r\n\
                   b,1\r\na,1\r\nMatches found: 2\r\nRun ID: ca1 was successful after 4s\r\n";
        let found = output(log);
        assert_eq!((found.len(), found[4]), (5, "Matches found: 2"));
        let swapped = log.replace("b,1\r\na,1", "a,1\r\nb,1");
        assert_eq!(rows(&found), rows(&output(&swapped)));
    }
}
