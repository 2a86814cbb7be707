use crate::audit::{Intent, parts_outcome};
use crate::change::done;
use crate::policy::artifact;
use crate::registry_room::RegistryRoom;
use crate::{Answer, Caller, Workflow, WorkflowError};
use drydock_azure::AzureError;
use drydock_domain::access::Operation;
use drydock_domain::console::PartOutcome;
use drydock_domain::run::TaskName;
use drydock_ledger::Entry;

impl Workflow {
    /// Removes continuous patching; `confirmation` is the registry's name, typed by a person.
    /// Every part is tried whatever became of the others, and each says what really happened.
    /// Patched images stay, and a copy of the runs with their logs is kept first.
    pub async fn delete_workflow(
        &self,
        caller: &Caller,
        registry: &str,
        confirmation: &str,
    ) -> Answer<Vec<PartOutcome>> {
        self.authorise(caller, Operation::DeleteWorkflow, registry)
            .await?;
        self.require_no_approval()?;
        let room = self.room(caller, registry).await?;
        require_confirmed(confirmation, &room)?;
        let intent = Intent {
            operation: Operation::DeleteWorkflow,
            detail: String::new(),
        };
        self.change(
            caller,
            room,
            intent,
            |workflow, entry, room| Box::pin(workflow.delete(entry, room)),
            |parts: &Vec<PartOutcome>| parts_outcome(parts),
        )
        .await
    }

    pub(crate) async fn delete(
        &self,
        entry: &Entry,
        room: &RegistryRoom,
    ) -> Answer<Vec<PartOutcome>> {
        // Before anything goes: a delete that cannot be proven later does not begin.
        let mut parts = vec![self.keep_evidence(entry, room).await?];
        // The trigger goes first, so that nothing is started while the rest is deleted.
        self.delete_task(entry, room, TaskName::Trigger, &mut parts)
            .await;
        match self.cancel_active(entry, room).await {
            Ok(cancelled) => parts.extend(cancelled),
            Err(error) => parts.push(failed("running tasks", &error)),
        }
        for name in [TaskName::Scan, TaskName::Patch] {
            self.delete_task(entry, room, name, &mut parts).await;
        }
        parts.push(match artifact::delete(entry, &room.acr).await {
            Ok(existed) => deletion("policy", Ok(existed)),
            Err(error) => failed("policy", &error),
        });
        Ok(parts)
    }

    async fn delete_task(
        &self,
        entry: &Entry,
        room: &RegistryRoom,
        name: TaskName,
        parts: &mut Vec<PartOutcome>,
    ) {
        self.delete_roles(entry, room, name, parts).await;
        let arm = self.inner.azure.arm();
        let deleted = match arm.delete_task(&room.id, name.as_str()).await {
            // Only the answer may have been lost: whether the task is there tells.
            Err(AzureError::Unavailable { what }) => {
                match arm.find_task(&room.id, name.as_str()).await {
                    Ok(None) => Ok(true),
                    _ => Err(AzureError::Unavailable { what }),
                }
            }
            known => known,
        };
        parts.push(deletion(name.as_str(), deleted));
    }

    /// The assignments that the task's own identity has at this registry. They are found through
    /// the task, so they go before it.
    async fn delete_roles(
        &self,
        _entry: &Entry,
        room: &RegistryRoom,
        name: TaskName,
        parts: &mut Vec<PartOutcome>,
    ) {
        let arm = self.inner.azure.arm();
        let part = format!("role of {}", name.as_str());
        let task = match arm.find_task(&room.id, name.as_str()).await {
            Ok(Some(task)) => task,
            Ok(None) => return,
            Err(error) => return parts.push(failed(&part, &error.into())),
        };
        let Some(principal) = task.principal_id() else {
            return;
        };
        let assignments = match arm.list_role_assignments(&room.id, principal).await {
            Ok(assignments) => assignments,
            Err(error) => return parts.push(failed(&part, &error.into())),
        };
        for assignment in assignments {
            // Inherited ones belong to somebody else's decision.
            let scope = &assignment.properties.scope;
            if !scope.is_empty() && !scope.eq_ignore_ascii_case(room.id.as_str()) {
                continue;
            }
            let deleted = arm.delete_role_assignment(&room.id, &assignment.name);
            parts.push(deletion(&part, deleted.await));
        }
    }
}

pub(crate) fn require_confirmed(confirmation: &str, room: &RegistryRoom) -> Answer<()> {
    if confirmation.trim() == room.registry.name {
        return Ok(());
    }
    Err(WorkflowError::Invalid {
        field: "confirmation".into(),
        why: format!("type `{}` to confirm", room.registry.name),
    })
}

fn deletion(part: &str, deleted: Result<bool, AzureError>) -> PartOutcome {
    match deleted {
        Ok(true) => done(part, "deleted"),
        Ok(false) => done(part, "was not there"),
        Err(error) => failed(part, &error.into()),
    }
}

fn failed(part: &str, error: &WorkflowError) -> PartOutcome {
    PartOutcome {
        part: part.into(),
        done: false,
        detail: format!("could not be deleted: {error}"),
    }
}
