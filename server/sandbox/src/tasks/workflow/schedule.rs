//! `az acr task run` from within a run: the run's own identity queues another one.
use crate::tasks::desk::RunRequest;
use crate::tasks::run::{RunKind, TaskValue};
use crate::tasks::runner::{Agent, Halt};
use drydock_domain::login_server::has_domain_label;
use drydock_domain::run::TaskName;
use drydock_domain::task_log::LogLine;

/// The values that one task gives the next.
pub struct Image<'a> {
    pub repository: &'a str,
    pub tag: &'a str,
    pub original: &'a str,
    /// `3`, or `patched`.
    pub new_patch: &'a str,
}

pub const REPOSITORY: &str = "SOURCE_REPOSITORY";
pub const TAG: &str = "SOURCE_IMAGE_TAG";
pub const ORIGINAL_TAG: &str = "SOURCE_IMAGE_ORIGINAL_TAG";
pub const NEW_PATCH_TAG: &str = "SOURCE_IMAGE_NEWPATCH_TAG";

/// `az login --identity`: a task without a system-assigned identity cannot sign in.
pub fn sign_in(agent: &Agent) -> Result<String, Halt> {
    match agent.order.principal_id {
        Some(principal_id) => Ok(principal_id.to_string()),
        None => Err(agent.fail(&format!(
            "the task {} has no system-assigned identity, so it cannot sign in; give it one and start the run again",
            agent.task.as_deref().unwrap_or_default()
        ))),
    }
}

/// Queues a run of `task` and prints the line from which its id is read. A refusal is printed, and
/// fails nothing: the definitions do not look at the command's exit status.
pub fn run_task(agent: &Agent, task: TaskName, principal_id: &str, image: &Image) {
    match queue(agent, task, principal_id, image) {
        Ok(run_id) => agent.say(LogLine::QueuedRun { id: &run_id }),
        Err(why) => agent.log.line(&format!("ERROR: {why}")),
    }
}

/// What the Azure CLI says of `--registry name-a1b2c3`.
const BAD_REGISTRY_NAME: &str = "Registry names may contain only alpha numeric characters and must be between 5 and 50 characters";

fn queue(
    agent: &Agent,
    task: TaskName,
    principal_id: &str,
    image: &Image,
) -> Result<String, String> {
    let state = &agent.state;
    if has_domain_label(&state.endpoints.login_server) && !agent.definition_cuts_domain_label() {
        return Err(BAD_REGISTRY_NAME.to_owned());
    }
    let registry_id = state.endpoints.registry_id();
    if !state
        .desk
        .roles
        .may_schedule_runs(principal_id, &registry_id)
    {
        return Err(format!(
            "(AuthorizationFailed) The client '{principal_id}' with object id '{principal_id}' does not have \
             authorization to perform action 'Microsoft.ContainerRegistry/registries/scheduleRun/action' over scope \
             '{registry_id}' or the scope is invalid. If access was recently granted, please refresh your credentials."
        ));
    }
    let name = task.as_str();
    let Some(task) = state.desk.find_task(name) else {
        let group = &state.endpoints.resource_group;
        let registry = &state.endpoints.registry_name;
        return Err(format!(
            "(ResourceNotFound) The Resource 'Microsoft.ContainerRegistry/registries/{registry}/tasks/{name}' under resource group '{group}' was not found."
        ));
    };
    let request = RunRequest {
        kind: RunKind::QuickRun,
        timer: None,
        overrides: image.values(),
        is_archive_enabled: false,
        by: principal_id.to_owned(),
    };
    let run = state.desk.schedule(&task, request);
    run.map(|run| run.id()).map_err(|error| error.to_string())
}

impl Image<'_> {
    fn values(&self) -> Vec<TaskValue> {
        let values = [
            (REPOSITORY, self.repository),
            (TAG, self.tag),
            (ORIGINAL_TAG, self.original),
            (NEW_PATCH_TAG, self.new_patch),
        ];
        let value = |(name, value): (&str, &str)| TaskValue {
            name: name.to_owned(),
            value: value.to_owned(),
            is_secret: false,
        };
        values.into_iter().map(value).collect()
    }
}
