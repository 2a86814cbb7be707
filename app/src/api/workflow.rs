use crate::error::ApiError;
use drydock_domain::console::{
    AppliedChange, PartOutcome, RegistryTags, ServerPreview, WorkflowState,
};
use leptos::prelude::*;

#[server(endpoint = "get_workflow")]
pub async fn get_workflow(registry: String) -> Result<WorkflowState, ApiError> {
    let (workflow, caller) = super::door::open()?;
    Ok(workflow.get_workflow(&caller, &registry).await?)
}

#[server(endpoint = "list_tags")]
pub async fn list_tags(registry: String) -> Result<RegistryTags, ApiError> {
    let (workflow, caller) = super::door::open()?;
    Ok(workflow.list_tags(&caller, &registry).await?)
}

/// The dry run as the server computes it. It writes nothing.
#[server(endpoint = "preview")]
pub async fn preview(registry: String, policy: String) -> Result<ServerPreview, ApiError> {
    let (workflow, caller) = super::door::open()?;
    Ok(workflow.preview(&caller, &registry, &policy).await?)
}

/// Configures continuous patching. `at` is a time of day in UTC, `HH:MM`.
#[server(endpoint = "create_workflow")]
pub async fn create_workflow(
    registry: String,
    policy: String,
    days: u8,
    at: String,
    #[server(default)] run_now: bool,
) -> Result<AppliedChange, ApiError> {
    let (workflow, caller) = super::door::open()?;
    let schedule = super::door::schedule(days, &at)?;
    let applied = workflow
        .create_workflow(&caller, &registry, &policy, schedule, run_now)
        .await?;
    super::door::go_on(&crate::paths::overview(&registry));
    Ok(applied)
}

/// Deploys another policy. `based_on` is the digest of the one that it was made from, empty where
/// there was none.
#[server(endpoint = "update_policy")]
pub async fn update_policy(
    registry: String,
    policy: String,
    #[server(default)] based_on: String,
    #[server(default)] run_now: bool,
) -> Result<AppliedChange, ApiError> {
    let (workflow, caller) = super::door::open()?;
    let based_on = Some(based_on.as_str()).filter(|digest| !digest.is_empty());
    let applied = workflow
        .update_workflow(&caller, &registry, Some(&policy), None, based_on, run_now)
        .await?;
    super::door::go_on(&crate::paths::overview(&registry));
    Ok(applied)
}

/// Moves the timer. `at` is a time of day in UTC, `HH:MM`.
#[server(endpoint = "update_schedule")]
pub async fn update_schedule(
    registry: String,
    days: u8,
    at: String,
) -> Result<AppliedChange, ApiError> {
    let (workflow, caller) = super::door::open()?;
    let schedule = super::door::schedule(days, &at)?;
    let applied = workflow
        .update_workflow(&caller, &registry, None, Some(schedule), None, false)
        .await?;
    super::door::go_on(&crate::paths::schedule(&registry));
    Ok(applied)
}

/// Removes continuous patching; `confirmation` is the registry's name, typed by a person.
#[server(endpoint = "delete_workflow")]
pub async fn delete_workflow(
    registry: String,
    confirmation: String,
) -> Result<Vec<PartOutcome>, ApiError> {
    let (workflow, caller) = super::door::open()?;
    let outcomes = workflow
        .delete_workflow(&caller, &registry, &confirmation)
        .await?;
    super::door::go_on(&crate::paths::overview(&registry));
    Ok(outcomes)
}
