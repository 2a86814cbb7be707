use crate::audit::{Intent, parts_outcome};
use crate::change::done;
use crate::registry_room::RegistryRoom;
use crate::runs::{RUN_LIMIT, runs_of};
use crate::{Answer, Caller, Workflow, WorkflowError};
use drydock_azure::RunFilter;
use drydock_domain::access::Operation;
use drydock_domain::console::PartOutcome;
use drydock_domain::run::{Run, RunStatus, TaskName};
use drydock_ledger::Entry;

/// What has not ended, as the runs list is filtered by it.
const ACTIVE: [RunStatus; 3] = [RunStatus::Running, RunStatus::Queued, RunStatus::Started];

impl Workflow {
    /// Cancels a run, and with a trigger run everything that it scheduled.
    pub async fn cancel_run(
        &self,
        caller: &Caller,
        registry: &str,
        run_id: &str,
    ) -> Answer<Vec<PartOutcome>> {
        self.authorise(caller, Operation::CancelRun, registry)
            .await?;
        let room = self.room(caller, registry).await?;
        let detail = self.get_run(caller, registry, run_id).await?;
        let tree = detail.tree.filter(|tree| tree.trigger.id == run_id);
        let active = |run: &Run| !run.status.is_finished();
        let is_active = tree
            .as_ref()
            .map_or(active(&detail.run), |tree| runs_of(tree).any(active));
        if !is_active {
            return Err(WorkflowError::Conflict {
                why: format!("run {run_id} has ended; there is nothing to cancel"),
            });
        }
        let intent = Intent {
            operation: Operation::CancelRun,
            detail: format!("run {run_id}"),
        };
        self.change(
            caller,
            room,
            intent,
            move |workflow, entry, room| {
                Box::pin(async move {
                    let with_children = tree.is_some();
                    workflow
                        .cancel(entry, room, &detail.run, with_children)
                        .await
                })
            },
            |parts: &Vec<PartOutcome>| parts_outcome(parts),
        )
        .await
    }

    async fn cancel(
        &self,
        entry: &Entry,
        room: &RegistryRoom,
        run: &Run,
        with_children: bool,
    ) -> Answer<Vec<PartOutcome>> {
        let mut parts = Vec::new();
        if !run.status.is_finished() {
            parts.push(self.cancel_one(entry, room, run).await);
        }
        if with_children {
            // Read again after the trigger was told to stop: it may have queued more meanwhile.
            room.runs.clear();
            let trees = self.trees(room).await?;
            let tree = trees.iter().find(|tree| tree.trigger.id == run.id);
            let children = tree.into_iter().flat_map(|tree| runs_of(tree).skip(1));
            for child in children.filter(|child| !child.status.is_finished()) {
                parts.push(self.cancel_one(entry, room, child).await);
            }
        }
        Ok(parts)
    }

    /// Everything of the three tasks that is under way.
    pub(crate) async fn cancel_active(
        &self,
        entry: &Entry,
        room: &RegistryRoom,
    ) -> Answer<Vec<PartOutcome>> {
        let filter = RunFilter {
            tasks: TaskName::ALL.to_vec(),
            statuses: ACTIVE.to_vec(),
            ..RunFilter::default()
        };
        let active = self
            .inner
            .azure
            .arm()
            .list_runs(&room.id, &filter, RUN_LIMIT)
            .await?;
        let mut parts = Vec::new();
        for run in &active {
            parts.push(self.cancel_one(entry, room, run).await);
        }
        Ok(parts)
    }

    async fn cancel_one(&self, _entry: &Entry, room: &RegistryRoom, run: &Run) -> PartOutcome {
        let part = format!("run {}", run.id);
        let arm = self.inner.azure.arm();
        let Err(error) = arm.cancel_run(&room.id, &run.id).await else {
            return done(&part, "told to stop");
        };
        // A run that ended in the meantime cannot be cancelled, and need not be.
        match arm.find_run(&room.id, &run.id).await {
            Ok(Some(run)) if run.status.is_finished() => {
                done(&part, format!("had ended: {}", run.status.as_str()))
            }
            _ => PartOutcome {
                part,
                done: false,
                detail: format!("could not be canceled: {error}"),
            },
        }
    }
}
