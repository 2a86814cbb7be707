use crate::error::ApiError;
use drydock_domain::console::{ArchivedRun, LogHead, PartOutcome};
use drydock_domain::run::{EarlierRuns, RetryOf, RunDetail, RunList};
#[cfg(not(target_arch = "wasm32"))]
use drydock_workflow::WorkflowError;
use leptos::prelude::*;

/// Newest first.
#[server(endpoint = "list_runs")]
pub async fn list_runs(registry: String) -> Result<RunList, ApiError> {
    let (workflow, caller) = super::door::open()?;
    Ok(workflow.read_runs(&caller, &registry).await?)
}

/// A page, from 1, of the archived cycles that Azure lists no longer.
#[server(endpoint = "list_earlier_runs")]
pub async fn list_earlier_runs(registry: String, page: usize) -> Result<EarlierRuns, ApiError> {
    let (workflow, caller) = super::door::open()?;
    let earlier = workflow.list_earlier_runs(&caller, &registry, page).await?;
    Ok(earlier)
}

/// What is archived of a run, verified by its hashes; `None` where it is not archived.
#[server(endpoint = "find_archived_run")]
pub async fn find_archived_run(
    registry: String,
    id: String,
) -> Result<Option<ArchivedRun>, ApiError> {
    let (workflow, caller) = super::door::open()?;
    let archived = workflow.find_archived_run(&caller, &registry, &id).await?;
    Ok(archived)
}

#[server(endpoint = "get_run")]
pub async fn get_run(registry: String, id: String) -> Result<RunDetail, ApiError> {
    let (workflow, caller) = super::door::open()?;
    Ok(workflow.get_run(&caller, &registry, &id).await?)
}

/// Lines of a log that a page comes with.
#[cfg(not(target_arch = "wasm32"))]
const HEAD_LINES: usize = 5_000;

/// The beginning of the log, as far as it is written; the events of the log go on from there. `None`
/// where it tells of images that the caller does not reach.
#[server(endpoint = "read_log_head")]
pub async fn read_log_head(registry: String, id: String) -> Result<Option<LogHead>, ApiError> {
    let (workflow, caller) = super::door::open()?;
    match workflow.read_log(&caller, &registry, &id).await {
        Err(WorkflowError::OutOfScope { .. }) => Ok(None),
        log => Ok(Some(LogHead::cut(log?, HEAD_LINES))),
    }
}

/// Starts the trigger task now, and sends the browser to the run. The schedule does not move.
#[server(endpoint = "start_run")]
pub async fn start_run(registry: String) -> Result<String, ApiError> {
    let (workflow, caller) = super::door::open()?;
    let id = workflow.start_run(&caller, &registry).await?;
    leptos_axum::redirect(&crate::paths::run(&registry, &id));
    Ok(id)
}

/// Cancels a run and, for a trigger, everything it scheduled that has not ended.
#[server(endpoint = "cancel_run")]
pub async fn cancel_run(registry: String, id: String) -> Result<Vec<PartOutcome>, ApiError> {
    let (workflow, caller) = super::door::open()?;
    Ok(workflow.cancel_run(&caller, &registry, &id).await?)
}

/// Starts what failed of a cycle again, or what it never came to; says what became of each image.
#[server(endpoint = "retry")]
pub async fn retry(
    registry: String,
    id: String,
    of: RetryOf,
) -> Result<Vec<PartOutcome>, ApiError> {
    let (workflow, caller) = super::door::open()?;
    let outcomes = workflow.retry(&caller, &registry, &id, of).await?;
    super::door::go_on(&crate::paths::runs(&registry));
    Ok(outcomes)
}
