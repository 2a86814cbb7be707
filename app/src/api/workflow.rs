use crate::error::ApiError;
use drydock_domain::console::{RegistryTags, WorkflowState};
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
