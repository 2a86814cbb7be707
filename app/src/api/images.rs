use crate::error::ApiError;
use drydock_domain::lineage::{
    Attachment, Comparison, ImageContents, LineageDrawing, Lookup, RepositoryList,
};
use leptos::prelude::*;

#[server(endpoint = "list_repositories")]
pub async fn list_repositories(registry: String) -> Result<RepositoryList, ApiError> {
    let (workflow, caller) = super::door::open()?;
    Ok(workflow.list_repositories(&caller, &registry).await?)
}

#[server(endpoint = "draw_lineage")]
pub async fn draw_lineage(
    registry: String,
    repository: String,
) -> Result<LineageDrawing, ApiError> {
    let (workflow, caller) = super::door::open()?;
    Ok(workflow
        .draw_lineage(&caller, &registry, &repository)
        .await?)
}

/// What differs between two digests, or how far the reading of them is.
#[server(endpoint = "compare_images")]
pub async fn compare_images(
    registry: String,
    repository: String,
    before: String,
    after: String,
) -> Result<Lookup<Comparison>, ApiError> {
    let (workflow, caller) = super::door::open()?;
    Ok(workflow
        .compare_images(&caller, &registry, &repository, &before, &after)
        .await?)
}

/// One digest's packages and configuration, or how far the reading is.
#[server(endpoint = "get_contents")]
pub async fn get_contents(
    registry: String,
    repository: String,
    digest: String,
) -> Result<Lookup<ImageContents>, ApiError> {
    let (workflow, caller) = super::door::open()?;
    Ok(workflow
        .get_contents(&caller, &registry, &repository, &digest)
        .await?)
}

#[server(endpoint = "list_attachments")]
pub async fn list_attachments(
    registry: String,
    repository: String,
    digest: String,
) -> Result<Vec<Attachment>, ApiError> {
    let (workflow, caller) = super::door::open()?;
    Ok(workflow
        .list_attachments(&caller, &registry, &repository, &digest)
        .await?)
}
