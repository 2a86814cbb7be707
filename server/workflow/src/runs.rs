use crate::audit::{Intent, parts_outcome};
use crate::change::done;
use crate::registry_room::RegistryRoom;
use crate::run_tree::RunBook;
use crate::{Answer, Caller, Workflow, WorkflowError};
use drydock_azure::{AzureError, RunFilter};
use drydock_domain::access::Operation;
use drydock_domain::console::{AuditOutcome, PartOutcome};
use drydock_domain::run::{Run, RunDetail, RunStatus, RunTree, TaskName};
use drydock_ledger::Entry;
use futures::{StreamExt, TryStreamExt, stream};
use std::collections::HashSet;
use std::sync::Arc;

/// Runs that are shown: a hundred images' scans and patches, and their trigger, once over.
const RUN_LIMIT: u32 = 300;
/// Logs that are read at a time.
const READERS: usize = 8;
/// Trigger runs that are looked at before one is started.
const RECENT: u32 = 20;

const ACTIVE: [RunStatus; 3] = [RunStatus::Running, RunStatus::Queued, RunStatus::Started];

impl Workflow {
    /// Cycles of continuous patching, newest first.
    pub async fn list_runs(&self, caller: &Caller, registry: &str) -> Answer<Vec<RunTree>> {
        caller.authorise(Operation::Read)?;
        let room = self.room(registry).await?;
        Ok(self.trees(&room).await?.to_vec())
    }

    pub async fn get_run(
        &self,
        caller: &Caller,
        registry: &str,
        run_id: &str,
    ) -> Answer<RunDetail> {
        caller.authorise(Operation::Read)?;
        let room = self.room(registry).await?;
        let trees = self.trees(&room).await?;
        for tree in trees.iter() {
            if let Some(run) = runs_of(tree).find(|run| run.id == run_id) {
                return Ok(RunDetail {
                    run: run.clone(),
                    tree: Some(tree.clone()),
                });
            }
        }
        let found = self.inner.azure.arm().find_run(&room.id, run_id).await?;
        let run = found.ok_or_else(|| no_run(run_id))?;
        Ok(RunDetail { run, tree: None })
    }

    /// Starts the trigger task; answers with the run's id. While another run of it is under way
    /// that is a conflict.
    pub async fn start_run(&self, caller: &Caller, registry: &str) -> Answer<String> {
        caller.authorise(Operation::StartRun)?;
        let room = self.room(registry).await?;
        let intent = Intent {
            operation: Operation::StartRun,
            object: room.registry.name.clone(),
            detail: String::new(),
        };
        let workflow = self.clone();
        self.audited(
            caller,
            intent,
            move |entry| {
                Box::pin(async move {
                    let _changing = room.changing.lock().await;
                    let started = workflow.start(entry, &room).await;
                    room.forget();
                    started
                })
            },
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

    /// Cancels a run, and with a trigger run everything that it scheduled.
    pub async fn cancel_run(
        &self,
        caller: &Caller,
        registry: &str,
        run_id: &str,
    ) -> Answer<Vec<PartOutcome>> {
        caller.authorise(Operation::CancelRun)?;
        let room = self.room(registry).await?;
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
            object: room.registry.name.clone(),
            detail: format!("run {run_id}"),
        };
        let workflow = self.clone();
        self.audited(
            caller,
            intent,
            move |entry| {
                Box::pin(async move {
                    let _changing = room.changing.lock().await;
                    let parts = workflow
                        .cancel(entry, &room, &detail.run, tree.is_some())
                        .await;
                    room.forget();
                    parts
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
                detail: format!("could not be cancelled: {error}"),
            },
        }
    }

    pub(crate) async fn trees(&self, room: &RegistryRoom) -> Answer<Arc<Vec<RunTree>>> {
        room.runs.get(async || self.read_trees(room).await).await
    }

    async fn read_trees(&self, room: &RegistryRoom) -> Answer<Vec<RunTree>> {
        let arm = self.inner.azure.arm();
        let filter = RunFilter {
            tasks: TaskName::ALL.to_vec(),
            ..RunFilter::default()
        };
        let mut runs = arm.list_runs(&room.id, &filter, RUN_LIMIT).await?;
        self.read_logs(room, &runs).await?;
        let log = |id: &str| room.logs.text(id);
        // A run that was queued after the list was read, or that is older than the list reaches.
        // Twice: a scan found so may name a patch.
        for _ in 0..2 {
            let mut missing = RunBook::new(&runs, &log).missing();
            missing.retain(|id| !room.logs.is_lost(id));
            if missing.is_empty() {
                break;
            }
            let found = self.find_runs(room, &missing).await?;
            self.read_logs(room, &found).await?;
            runs.extend(found);
        }
        room.logs.retain(&runs);
        Ok(RunBook::new(&runs, &log).trees())
    }

    async fn read_logs(&self, room: &RegistryRoom, runs: &[Run]) -> Answer<()> {
        let now = self.inner.clock.now();
        let azure = &self.inner.azure;
        let reads: Vec<_> = runs
            .iter()
            .map(|run| room.logs.refresh(azure, &room.id, run, now))
            .collect();
        stream::iter(reads)
            .buffer_unordered(READERS)
            .try_collect()
            .await
    }

    async fn find_runs(&self, room: &RegistryRoom, ids: &[String]) -> Answer<Vec<Run>> {
        let arm = self.inner.azure.arm();
        let mut found = Vec::new();
        for id in ids {
            match arm.find_run(&room.id, id).await? {
                Some(run) => found.push(run),
                None => room.logs.lose(id),
            }
        }
        Ok(found)
    }
}

/// The trigger first, then scans and patches.
fn runs_of(tree: &RunTree) -> impl Iterator<Item = &Run> {
    let called = tree
        .images
        .iter()
        .flat_map(|image| [&image.scan, &image.patch])
        .flatten()
        .filter(|run| run.id != tree.trigger.id);
    std::iter::once(&tree.trigger).chain(called)
}

pub(crate) fn no_run(run_id: &str) -> WorkflowError {
    WorkflowError::NotFound {
        what: format!("the run `{}`", run_id.escape_debug()),
    }
}
