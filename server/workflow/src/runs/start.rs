use crate::audit::Intent;
use crate::registry_room::RegistryRoom;
use crate::{Answer, Caller, Workflow, WorkflowError};
use drydock_azure::{AzureError, RunFilter};
use drydock_domain::access::Operation;
use drydock_domain::console::AuditOutcome;
use drydock_domain::run::TaskName;
use drydock_ledger::Entry;
use std::collections::HashSet;

/// Trigger runs that are looked at before one is started.
const RECENT: u32 = 20;

impl Workflow {
    /// Starts the trigger task; answers with the run's id. While another run of it is under way
    /// that is a conflict.
    pub async fn start_run(&self, caller: &Caller, registry: &str) -> Answer<String> {
        self.authorise(caller, Operation::StartRun, registry)
            .await?;
        let room = self.room(caller, registry).await?;
        let intent = Intent {
            operation: Operation::StartRun,
            detail: String::new(),
        };
        self.change(
            caller,
            room,
            intent,
            |workflow, entry, room| Box::pin(workflow.start(entry, room)),
            |run_id: &String| AuditOutcome::Succeeded {
                detail: format!("run {run_id}"),
            },
        )
        .await
    }

    /// Starts the trigger task, unless a run of it is under way.
    pub(crate) async fn start(&self, _entry: &Entry, room: &RegistryRoom) -> Answer<String> {
        let arm = self.inner.azure.arm();
        let filter = RunFilter {
            tasks: vec![TaskName::Trigger],
            ..RunFilter::default()
        };
        let before = arm.list_runs(&room.id, &filter, RECENT).await?;
        if let Some(active) = before.iter().find(|run| !run.status.is_finished()) {
            return Err(WorkflowError::Conflict {
                why: format!("run {} is under way already; wait or cancel it", active.id),
            });
        }
        match arm.start_task(&room.id, TaskName::Trigger.as_str()).await {
            Ok(run) => Ok(run.id),
            Err(AzureError::NotFound(_)) => Err(WorkflowError::Conflict {
                why: format!(
                    "continuous patching is not configured for {}; create it first",
                    room.registry.name
                ),
            }),
            // The run may have been started and only the answer lost: look before giving up.
            Err(AzureError::Unavailable { what }) => {
                let after = arm.list_runs(&room.id, &filter, RECENT).await?;
                let known: HashSet<&str> = before.iter().map(|run| run.id.as_str()).collect();
                after
                    .into_iter()
                    .find(|run| !known.contains(run.id.as_str()))
                    .map(|run| run.id)
                    .ok_or(WorkflowError::Unavailable { why: what })
            }
            Err(error) => Err(error.into()),
        }
    }
}
