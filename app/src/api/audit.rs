use crate::error::ApiError;
use drydock_domain::audit::{AuditQuery, TrailCheck};
use drydock_domain::console::AuditEntry;
use leptos::prelude::*;

/// How many entries one page shows.
pub const ENTRIES_PER_PAGE: u32 = 100;

/// Newest first.
#[server(endpoint = "list_entries")]
pub async fn list_entries(
    #[server(default)] query: AuditQuery,
) -> Result<Vec<AuditEntry>, ApiError> {
    let (workflow, caller) = super::door::open()?;
    Ok(workflow
        .list_entries(&caller, &query, ENTRIES_PER_PAGE)
        .await?)
}

/// Whether the stored trail is whole.
#[server(endpoint = "check_trail")]
pub async fn check_trail() -> Result<TrailCheck, ApiError> {
    let (workflow, caller) = super::door::open()?;
    Ok(workflow.check_trail(&caller).await?)
}
