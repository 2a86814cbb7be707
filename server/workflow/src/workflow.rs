use crate::{Caller, WorkflowError};
use drydock_domain::console::{
    AppliedChange, AuditEntry, LogChunk, Overview, PartOutcome, Registry, RegistryTags,
    ServerPreview, WorkflowState,
};
use drydock_domain::lineage::{RepositoryLineage, RepositorySummary};
use drydock_domain::run::{RunDetail, RunTree};
use drydock_domain::schedule::Schedule;
use futures::stream::{self, BoxStream};
use std::sync::Arc;
use tokio::sync::watch;

/// Every use case of the console; cheap to clone.
#[derive(Clone)]
pub struct Workflow {
    runs: Arc<watch::Sender<Vec<RunTree>>>,
}

fn unconnected() -> WorkflowError {
    WorkflowError::Unavailable {
        why: "no Azure is connected yet".into(),
    }
}

type Answer<T> = Result<T, WorkflowError>;

impl Workflow {
    pub async fn list_registries(&self, _caller: &Caller) -> Answer<Vec<Registry>> {
        Err(unconnected())
    }

    pub async fn get_overview(&self, _caller: &Caller, _registry: &str) -> Answer<Overview> {
        Err(unconnected())
    }

    pub async fn get_workflow(&self, _caller: &Caller, _registry: &str) -> Answer<WorkflowState> {
        Err(unconnected())
    }

    pub async fn list_tags(&self, _caller: &Caller, _registry: &str) -> Answer<RegistryTags> {
        Err(unconnected())
    }

    /// What a policy would do to the registry's tags as they are now.
    pub async fn preview(
        &self,
        _caller: &Caller,
        _registry: &str,
        _policy_text: &str,
    ) -> Answer<ServerPreview> {
        Err(unconnected())
    }

    /// Configures continuous patching. What was made is undone when a step fails
    /// ([`WorkflowError::Undone`]).
    pub async fn create_workflow(
        &self,
        _caller: &Caller,
        _registry: &str,
        _policy_text: &str,
        _schedule: Schedule,
        _run_now: bool,
    ) -> Answer<AppliedChange> {
        Err(unconnected())
    }

    /// Changes the policy, the schedule or both. `based_on` is the digest of the policy that the
    /// new one was made from (`DeployedPolicy::digest`); with a new policy it must still be the
    /// deployed one, else [`WorkflowError::Conflict`].
    pub async fn update_workflow(
        &self,
        _caller: &Caller,
        _registry: &str,
        _policy_text: Option<&str>,
        _schedule: Option<Schedule>,
        _based_on: Option<&str>,
        _run_now: bool,
    ) -> Answer<AppliedChange> {
        Err(unconnected())
    }

    /// Removes continuous patching; `confirmation` is the registry's name, typed by a person.
    pub async fn delete_workflow(
        &self,
        _caller: &Caller,
        _registry: &str,
        _confirmation: &str,
    ) -> Answer<Vec<PartOutcome>> {
        Err(unconnected())
    }

    /// Starts the trigger task; answers with the run's id.
    pub async fn start_run(&self, _caller: &Caller, _registry: &str) -> Answer<String> {
        Err(unconnected())
    }

    /// Cancels a run, and with a trigger run everything it scheduled.
    pub async fn cancel_run(
        &self,
        _caller: &Caller,
        _registry: &str,
        _run_id: &str,
    ) -> Answer<Vec<PartOutcome>> {
        Err(unconnected())
    }

    /// Newest first.
    pub async fn list_runs(&self, _caller: &Caller, _registry: &str) -> Answer<Vec<RunTree>> {
        Err(unconnected())
    }

    /// The same list whenever it changes: one poller serves every viewer of a registry.
    pub async fn watch_runs(
        &self,
        _caller: &Caller,
        _registry: &str,
    ) -> Answer<watch::Receiver<Vec<RunTree>>> {
        let _ = self.runs.subscribe();
        Err(unconnected())
    }

    pub async fn get_run(
        &self,
        _caller: &Caller,
        _registry: &str,
        _run_id: &str,
    ) -> Answer<RunDetail> {
        Err(unconnected())
    }

    /// A run's log from byte `offset` on, piece by piece while it is written; ends with the piece
    /// whose `complete` is true.
    pub fn follow_log(
        &self,
        _caller: &Caller,
        _registry: &str,
        _run_id: &str,
        _offset: u64,
    ) -> BoxStream<'static, Answer<LogChunk>> {
        Box::pin(stream::once(async { Err(unconnected()) }))
    }

    /// A run's log as far as it is written.
    pub async fn read_log(
        &self,
        _caller: &Caller,
        _registry: &str,
        _run_id: &str,
    ) -> Answer<LogChunk> {
        Err(unconnected())
    }

    pub async fn list_repositories(
        &self,
        _caller: &Caller,
        _registry: &str,
    ) -> Answer<Vec<RepositorySummary>> {
        Err(unconnected())
    }

    pub async fn get_lineage(
        &self,
        _caller: &Caller,
        _registry: &str,
        _repository: &str,
    ) -> Answer<RepositoryLineage> {
        Err(unconnected())
    }

    /// Newest first, `limit` of those before entry `before`.
    pub async fn list_entries(
        &self,
        _caller: &Caller,
        _limit: u32,
        _before: Option<i64>,
    ) -> Answer<Vec<AuditEntry>> {
        Err(unconnected())
    }
}
