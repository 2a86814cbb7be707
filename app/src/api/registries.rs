use crate::error::ApiError;
use drydock_domain::console::{Overview, RefusedPlace, Registry};
use leptos::prelude::*;

#[server(endpoint = "list_registries")]
pub async fn list_registries() -> Result<Vec<Registry>, ApiError> {
    let (workflow, caller) = super::door::open()?;
    Ok(workflow.list_registries(&caller).await?)
}

/// Subscriptions and registries that the console may not read.
#[server(endpoint = "list_refused_places")]
pub async fn list_refused_places() -> Result<Vec<RefusedPlace>, ApiError> {
    let (workflow, caller) = super::door::open()?;
    Ok(workflow.list_refused_places(&caller).await?)
}

#[server(endpoint = "get_overview")]
pub async fn get_overview(registry: String) -> Result<Overview, ApiError> {
    let (workflow, caller) = super::door::open()?;
    Ok(workflow.get_overview(&caller, &registry).await?)
}
