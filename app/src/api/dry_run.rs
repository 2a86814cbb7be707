//! What the dry run and the policy's budget ask of the server beyond the tags.
use crate::error::ApiError;
use drydock_domain::dry_run::Averages;
use leptos::prelude::*;

/// How long scans and patches took, by image.
#[server(endpoint = "get_averages")]
pub async fn get_averages(registry: String) -> Result<Averages, ApiError> {
    let (workflow, caller) = super::door::open()?;
    Ok(workflow.get_averages(&caller, &registry).await?)
}
