//! Who is signed in.
use crate::error::ApiError;
use drydock_domain::console::SessionList;
use leptos::prelude::*;

/// The newest first.
#[server(endpoint = "list_sessions")]
pub async fn list_sessions() -> Result<SessionList, ApiError> {
    let (workflow, caller) = super::door::open()?;
    Ok(workflow.list_sessions(&caller).await?)
}

/// Ends somebody's session.
#[server(endpoint = "revoke_session")]
pub async fn revoke_session(id: String) -> Result<(), ApiError> {
    let (workflow, caller) = super::door::open()?;
    workflow.revoke_session(&caller, &id).await?;
    super::door::go_on(crate::paths::SESSIONS);
    Ok(())
}

/// Ends every session but one's own; how many.
#[server(endpoint = "revoke_other_sessions")]
pub async fn revoke_other_sessions() -> Result<usize, ApiError> {
    let (workflow, caller) = super::door::open()?;
    let ended = workflow.revoke_other_sessions(&caller).await?;
    super::door::go_on(crate::paths::SESSIONS);
    Ok(ended)
}

/// Shows an administrator the console as an auditor sees it. Its form is a plain one: every page is
/// another from now on.
#[server(endpoint = "view_as_auditor")]
pub async fn view_as_auditor() -> Result<(), ApiError> {
    let (workflow, caller) = super::door::open()?;
    workflow.view_as_auditor(&caller).await?;
    super::door::go_on(crate::paths::REGISTRIES);
    Ok(())
}

/// The way back.
#[server(endpoint = "view_as_oneself")]
pub async fn view_as_oneself() -> Result<(), ApiError> {
    let (workflow, caller) = super::door::open()?;
    workflow.view_as_oneself(&caller).await?;
    super::door::go_on(crate::paths::SESSIONS);
    Ok(())
}
