//! Who is who: told by what vouches for a person, and never by a name.
use crate::{Answer, Caller, Workflow, WorkflowError};
use drydock_domain::access::{Reach, authorise};
use drydock_domain::proposal::{Proposal, ProposerStanding};
use drydock_ledger::{PersonMark, Session};

pub(super) fn mark_of(proposal: &Proposal) -> Option<PersonMark> {
    PersonMark::parse(&proposal.proposer_mark)
}

/// Whether the caller proposed it.
pub(super) fn is_by(proposal: &Proposal, caller: &Caller) -> bool {
    mark_of(proposal).is_some_and(|mark| mark.is_of(&caller.subject))
}

impl Workflow {
    /// What the sessions of whoever proposed it say now. Somebody whom a proxy signs in with each
    /// request has none.
    pub(super) async fn proposer_standing(&self, proposal: &Proposal) -> Answer<ProposerStanding> {
        let Some(mark) = mark_of(proposal) else {
            return Ok(ProposerStanding::AsOfProposal);
        };
        let sessions = self.inner.ledger.list_sessions().await?;
        let own = sessions
            .iter()
            .filter(|session| mark.is_of(&session.subject));
        let operation = proposal.change.operation();
        let allows = |session: &Session| {
            authorise(session.role, operation).is_ok()
                && session.scope.reach(&proposal.registry) == Reach::Whole
        };
        let allowed: Vec<bool> = own.map(allows).collect();
        Ok(match allowed.as_slice() {
            [] => ProposerStanding::AsOfProposal,
            allowed if allowed.contains(&true) => ProposerStanding::Allowed,
            _ => ProposerStanding::Lost,
        })
    }

    /// The clause that says what is known of the proposer's rights.
    ///
    /// # Errors
    /// `Conflict` where they lost them.
    pub(super) async fn require_standing(&self, proposal: &Proposal) -> Answer<String> {
        match self.proposer_standing(proposal).await? {
            ProposerStanding::Allowed => Ok("whose proposer may make it now".to_owned()),
            ProposerStanding::AsOfProposal => Ok(format!(
                "whose proposer was allowed to make it at {}",
                proposal.at.format("%Y-%m-%d %H:%M UTC")
            )),
            ProposerStanding::Lost => Err(WorkflowError::Conflict {
                why: format!(
                    "{} proposed this, and may not make such a change any more: their session has \
                     another role or reach now. Reject it; whoever may make the change can propose it",
                    proposal.proposer
                ),
            }),
        }
    }
}
