//! What somebody should hear of.
use crate::error::ApiError;
use drydock_domain::notice::{KeptNotice, NoticeBoard};
use leptos::prelude::*;

/// The newest first, and where they are sent.
#[server(endpoint = "list_notices")]
pub async fn list_notices() -> Result<NoticeBoard, ApiError> {
    let (workflow, caller) = super::door::open()?;
    Ok(workflow.list_notices(&caller).await?)
}

/// Sends one that says that it is a test.
#[server(endpoint = "send_test_notice")]
pub async fn send_test_notice() -> Result<KeptNotice, ApiError> {
    let (workflow, caller) = super::door::open()?;
    let sent = workflow.send_test_notice(&caller).await?;
    super::door::go_on(crate::paths::NOTIFICATIONS);
    Ok(sent)
}
