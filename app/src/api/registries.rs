use crate::error::ApiError;
use drydock_domain::console::{Overview, Registry};
use leptos::prelude::*;

#[server(endpoint = "list_registries")]
pub async fn list_registries() -> Result<Vec<Registry>, ApiError> {
    let (workflow, caller) = super::door::open()?;
    Ok(workflow.list_registries(&caller).await?)
}

#[server(endpoint = "get_overview")]
pub async fn get_overview(registry: String) -> Result<Overview, ApiError> {
    let (workflow, caller) = super::door::open()?;
    Ok(workflow.get_overview(&caller, &registry).await?)
}
