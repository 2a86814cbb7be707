use crate::error::ApiError;
use drydock_domain::console::{LogChunk, PartOutcome};
use drydock_domain::run::{RunDetail, RunTree};
use leptos::prelude::*;

/// Newest first.
#[server(endpoint = "list_runs")]
pub async fn list_runs(registry: String) -> Result<Vec<RunTree>, ApiError> {
    let (workflow, caller) = super::door::open()?;
    Ok(workflow.list_runs(&caller, &registry).await?)
}

#[server(endpoint = "get_run")]
pub async fn get_run(registry: String, id: String) -> Result<RunDetail, ApiError> {
    let (workflow, caller) = super::door::open()?;
    Ok(workflow.get_run(&caller, &registry, &id).await?)
}

/// The log as far as it is written.
#[server(endpoint = "read_log")]
pub async fn read_log(registry: String, id: String) -> Result<LogChunk, ApiError> {
    let (workflow, caller) = super::door::open()?;
    Ok(workflow.read_log(&caller, &registry, &id).await?)
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
