pub(crate) mod cancel;
pub(crate) mod facts;
pub(crate) mod log;
pub(crate) mod retry;
pub(crate) mod start;
pub(crate) mod tree;
pub(crate) mod watch;

use crate::registry_room::RegistryRoom;
use crate::runs::tree::RunBook;
use crate::{Answer, Caller, Workflow, WorkflowError};
use drydock_azure::RunFilter;
use drydock_domain::access::Operation;
use drydock_domain::run::{Run, RunDetail, RunList, RunTree, TaskName};
use futures::{StreamExt, stream};
use std::sync::Arc;

/// Runs that are shown: a hundred images' scans and patches, and their trigger, once over.
pub(crate) const RUN_LIMIT: u32 = 300;
/// Logs that are read at a time.
const READERS: usize = 8;

impl Workflow {
    /// Cycles of continuous patching, newest first.
    pub async fn list_runs(&self, caller: &Caller, registry: &str) -> Answer<Vec<RunTree>> {
        caller.authorise(Operation::Read)?;
        let room = self.room(caller, registry).await?;
        let trees = self.trees(&room).await?;
        Ok(caller.reached_runs(&room.registry.name, &trees))
    }

    /// The same, with the time at which they were so.
    pub async fn read_runs(&self, caller: &Caller, registry: &str) -> Answer<RunList> {
        let as_of = self.inner.clock.now();
        let trees = self.list_runs(caller, registry).await?;
        Ok(RunList { trees, as_of })
    }

    pub async fn get_run(
        &self,
        caller: &Caller,
        registry: &str,
        run_id: &str,
    ) -> Answer<RunDetail> {
        caller.authorise(Operation::Read)?;
        let room = self.room(caller, registry).await?;
        let as_of = self.inner.clock.now();
        let trees = self.trees(&room).await?;
        let trees = caller.reached_runs(&room.registry.name, &trees);
        for tree in trees.iter() {
            if let Some(run) = runs_of(tree).find(|run| run.id == run_id) {
                return Ok(RunDetail {
                    run: run.clone(),
                    tree: Some(tree.clone()),
                    from_archive: false,
                    as_of,
                });
            }
        }
        // Of which image it was is in no list.
        caller.require_whole(&room.registry.name)?;
        let found = self.inner.azure.arm().find_run(&room.id, run_id).await?;
        let Some(run) = found else {
            let archived = self.archived_run(&room, run_id).await?;
            return archived.ok_or_else(|| no_run(run_id));
        };
        Ok(RunDetail {
            run,
            tree: None,
            from_archive: false,
            as_of,
        })
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

    /// A log that cannot be read leaves its run without details, and the rest of the list whole.
    async fn read_logs(&self, room: &RegistryRoom, runs: &[Run]) -> Answer<()> {
        let now = self.inner.clock.now();
        let azure = &self.inner.azure;
        let reads: Vec<_> = runs
            .iter()
            .map(async |run| (run, room.logs.refresh(azure, &room.id, run, now).await))
            .collect();
        let mut reads = stream::iter(reads).buffer_unordered(READERS);
        while let Some((run, read)) = reads.next().await {
            match read {
                Ok(()) => {}
                Err(error @ WorkflowError::Throttled { .. }) => return Err(error),
                Err(error) => tracing::warn!(run = run.id, %error, "a log cannot be read"),
            }
        }
        Ok(())
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
pub(crate) fn runs_of(tree: &RunTree) -> impl Iterator<Item = &Run> {
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
