use crate::error::ApiError;
use drydock_domain::console::AuditEntry;
use leptos::prelude::*;

/// How many entries one page shows.
pub const ENTRIES_PER_PAGE: u32 = 100;

/// Newest first; `before` continues after an entry with that sequence number.
#[server(endpoint = "list_entries")]
pub async fn list_entries(before: Option<i64>) -> Result<Vec<AuditEntry>, ApiError> {
    let (workflow, caller) = super::door::open()?;
    Ok(workflow
        .list_entries(&caller, ENTRIES_PER_PAGE, before)
        .await?)
}
