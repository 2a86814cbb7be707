use crate::error::ApiError;
use drydock_domain::lineage::{RepositoryLineage, RepositorySummary};
use leptos::prelude::*;

#[server(endpoint = "list_repositories")]
pub async fn list_repositories(registry: String) -> Result<Vec<RepositorySummary>, ApiError> {
    let (workflow, caller) = super::door::open()?;
    Ok(workflow.list_repositories(&caller, &registry).await?)
}

#[server(endpoint = "get_lineage")]
pub async fn get_lineage(
    registry: String,
    repository: String,
) -> Result<RepositoryLineage, ApiError> {
    let (workflow, caller) = super::door::open()?;
    Ok(workflow
        .get_lineage(&caller, &registry, &repository)
        .await?)
}
