use crate::error::ApiError;
use drydock_domain::console::{AzureDryRun, PartOutcome};
use drydock_domain::preflight::{Check, Preflight};
use leptos::prelude::*;

/// Everything that continuous patching of a registry stands on, looked at now.
#[server(endpoint = "get_preflight")]
pub async fn get_preflight(registry: String) -> Result<Preflight, ApiError> {
    let (workflow, caller) = super::door::open()?;
    Ok(workflow.preflight(&caller, &registry).await?)
}

/// Repairs one line of the preflight. A missing trigger task takes its schedule from `days` and
/// `at`, a time of day in UTC, `HH:MM`.
#[server(endpoint = "repair_workflow")]
pub async fn repair_workflow(
    registry: String,
    check: Check,
    #[server(default)] days: Option<String>,
    #[server(default)] at: Option<String>,
) -> Result<Vec<PartOutcome>, ApiError> {
    let (workflow, caller) = super::door::open()?;
    let schedule = days
        .zip(at)
        .map(|(days, at)| super::door::schedule(&days, &at))
        .transpose()?;
    let parts = workflow
        .repair_workflow(&caller, &registry, check, schedule)
        .await?;
    super::door::go_on(&crate::paths::preflight(&registry));
    Ok(parts)
}

/// The dry run as Azure itself carries it out. It writes nothing, and costs a few seconds of task
/// time.
#[server(endpoint = "dry_run_in_azure")]
pub async fn dry_run_in_azure(registry: String, policy: String) -> Result<AzureDryRun, ApiError> {
    let (workflow, caller) = super::door::open()?;
    Ok(workflow.dry_run(&caller, &registry, &policy).await?)
}
