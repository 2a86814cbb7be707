//! Changes that one person asks for and another one approves.
use crate::error::ApiError;
use drydock_domain::proposal::{Proposal, ProposalBoard};
use leptos::prelude::*;

/// The one that waits, and those that were decided, newest first.
#[server(endpoint = "list_proposals")]
pub async fn list_proposals(registry: String) -> Result<ProposalBoard, ApiError> {
    let (workflow, caller) = super::door::open()?;
    Ok(workflow.list_proposals(&caller, &registry).await?)
}

#[server(endpoint = "find_waiting_proposal")]
pub async fn find_waiting_proposal(registry: String) -> Result<Option<Proposal>, ApiError> {
    let (workflow, caller) = super::door::open()?;
    Ok(workflow.find_waiting_proposal(&caller, &registry).await?)
}

/// Carries out somebody else's change; `comment` says what was looked at.
#[server(endpoint = "approve_proposal")]
pub async fn approve_proposal(
    registry: String,
    id: String,
    #[server(default)] comment: String,
) -> Result<Proposal, ApiError> {
    let (workflow, caller) = super::door::open()?;
    let approved = workflow
        .approve_proposal(&caller, &registry, &id, &comment)
        .await
        .map_err(ApiError::from);
    let page = crate::paths::proposals(&registry);
    let fields = [("approve-comment", comment.as_str())];
    let approved = super::door::keep_fields::<ApproveProposal>(approved, &page, &fields)?;
    super::door::go_on(&page);
    Ok(approved)
}

/// Says no to somebody else's change, and why.
#[server(endpoint = "reject_proposal")]
pub async fn reject_proposal(
    registry: String,
    id: String,
    #[server(default)] comment: String,
) -> Result<Proposal, ApiError> {
    let (workflow, caller) = super::door::open()?;
    let rejected = workflow
        .reject_proposal(&caller, &registry, &id, &comment)
        .await
        .map_err(ApiError::from);
    let page = crate::paths::proposals(&registry);
    let fields = [("reject-comment", comment.as_str())];
    let rejected = super::door::keep_fields::<RejectProposal>(rejected, &page, &fields)?;
    super::door::go_on(&page);
    Ok(rejected)
}

/// Takes one's own proposal back.
#[server(endpoint = "withdraw_proposal")]
pub async fn withdraw_proposal(registry: String, id: String) -> Result<Proposal, ApiError> {
    let (workflow, caller) = super::door::open()?;
    let withdrawn = workflow.withdraw_proposal(&caller, &registry, &id).await?;
    super::door::go_on(&crate::paths::proposals(&registry));
    Ok(withdrawn)
}
