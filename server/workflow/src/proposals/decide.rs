//! The second person's answer, and the first one's way back.
use super::person::{is_by, mark_of};
use super::{base, fingerprint, why_stale};
use crate::audit::Intent;
use crate::registry_room::RegistryRoom;
use crate::update::require_comment;
use crate::{Answer, Caller, Workflow, WorkflowError};
use drydock_domain::access::Operation;
use drydock_domain::console::{AuditEntry, AuditOutcome};
use drydock_domain::notice::Notice;
use drydock_domain::proposal::{Proposal, ProposalState};
use drydock_ledger::Entry;
use std::sync::Arc;

const WHY_APPROVED: &str = "say what you looked at: it stands in the audit trail";
const WHY_REJECTED: &str = "say why not: whoever proposed it reads it";

impl Workflow {
    /// Carries out somebody else's change, word for word as it was proposed.
    ///
    /// # Errors
    /// `OwnProposal` for whoever proposed it; `Conflict` where it does not wait any more, or where
    /// what is deployed is not what it was made against: then it is stale, and nothing is changed.
    /// Else those of the use case that makes the change, and the proposal has failed.
    pub async fn approve_proposal(
        &self,
        caller: &Caller,
        registry: &str,
        id: &str,
        comment: &str,
    ) -> Answer<Proposal> {
        let (operation, comment) = (Operation::Approve, comment.trim().to_owned());
        self.authorise(caller, operation, registry).await?;
        require_comment(&comment, WHY_APPROVED)?;
        let room = self.room(caller, registry).await?;
        let proposal = self.waiting(&room, id).await?;
        self.require_second_person(caller, operation, &proposal)
            .await?;
        self.require_as_entered(&proposal).await?;
        let standing = self.require_standing(&proposal).await?;
        let detail = format!(
            "{}, change {}, {standing}: {comment}",
            named(&proposal),
            fingerprint(&proposal.change)
        );
        let approver = caller.actor.clone();
        self.change(
            caller,
            room,
            Intent { operation, detail },
            move |workflow, entry, room| {
                Box::pin(async move {
                    let decision = (approver.as_str(), comment.as_str());
                    workflow.approve(entry, room, proposal, decision).await
                })
            },
            |approved: &Proposal| {
                let detail = approved.outcome.clone().unwrap_or_default();
                match approved.state {
                    ProposalState::Failed => AuditOutcome::Failed { detail },
                    ProposalState::Waiting
                    | ProposalState::Approved
                    | ProposalState::Rejected
                    | ProposalState::Withdrawn
                    | ProposalState::Stale => AuditOutcome::Succeeded { detail },
                }
            },
        )
        .await
    }

    /// Says no to somebody else's change.
    pub async fn reject_proposal(
        &self,
        caller: &Caller,
        registry: &str,
        id: &str,
        reason: &str,
    ) -> Answer<Proposal> {
        let operation = Operation::Reject;
        self.authorise(caller, operation, registry).await?;
        require_comment(reason, WHY_REJECTED)?;
        let room = self.room(caller, registry).await?;
        let proposal = self.waiting(&room, id).await?;
        self.require_second_person(caller, operation, &proposal)
            .await?;
        let detail = format!("{}: {}", named(&proposal), reason.trim());
        let intent = Intent { operation, detail };
        self.refuse(
            caller,
            room,
            proposal,
            intent,
            (ProposalState::Rejected, reason),
        )
        .await
    }

    /// Takes one's own proposal back.
    pub async fn withdraw_proposal(
        &self,
        caller: &Caller,
        registry: &str,
        id: &str,
    ) -> Answer<Proposal> {
        let operation = Operation::Withdraw;
        self.authorise(caller, operation, registry).await?;
        let room = self.room(caller, registry).await?;
        let proposal = self.waiting(&room, id).await?;
        if !is_by(&proposal, caller) {
            return Err(WorkflowError::Conflict {
                why: format!(
                    "{} proposed this, and can withdraw it; an approver can reject it",
                    proposal.proposer
                ),
            });
        }
        let detail = named(&proposal);
        let intent = Intent { operation, detail };
        self.refuse(
            caller,
            room,
            proposal,
            intent,
            (ProposalState::Withdrawn, ""),
        )
        .await
    }

    /// Ends the waiting without a change.
    async fn refuse(
        &self,
        caller: &Caller,
        room: Arc<RegistryRoom>,
        proposal: Proposal,
        intent: Intent,
        (state, comment): (ProposalState, &str),
    ) -> Answer<Proposal> {
        let (actor, comment) = (caller.actor.clone(), comment.trim().to_owned());
        self.change(
            caller,
            room,
            intent,
            move |workflow, entry, room| {
                Box::pin(async move {
                    let decision = (actor.as_str(), comment.as_str());
                    workflow
                        .decide(entry, room, &proposal.id, state, decision)
                        .await
                })
            },
            |ended: &Proposal| AuditOutcome::Succeeded {
                detail: ended.state.as_str().into(),
            },
        )
        .await
    }

    async fn approve(
        &self,
        entry: &Entry,
        room: &RegistryRoom,
        proposal: Proposal,
        (by, comment): (&str, &str),
    ) -> Answer<Proposal> {
        let id = proposal.id.as_str();
        let deployed = room.deployed(self.inner.azure.arm()).await?;
        if let Some(why) = why_stale(&proposal.base, &base(&deployed)) {
            self.decide(entry, room, id, ProposalState::Stale, (by, comment))
                .await?;
            return Err(WorkflowError::Conflict { why });
        }
        self.decide(entry, room, id, ProposalState::Approved, (by, comment))
            .await?;
        let done = self.carry_out(entry, room, &deployed, &proposal, by).await;
        let (state, outcome) = match &done {
            Ok(carried) => (carried.state, carried.outcome.clone()),
            Err(error) => (ProposalState::Failed, error.to_string()),
        };
        let ledger = &self.inner.ledger;
        // The change has happened, or has been taken back: what cannot be noted of it does not
        // change that.
        let noted = ledger.conclude_proposal(entry, id, state, &outcome).await;
        if let Err(error) = noted {
            tracing::error!(proposal = id, %error, "what became of a proposal could not be noted");
        }
        done?;
        self.proposal(room, id).await
    }

    /// Decides a proposal, unless somebody else just has.
    async fn decide(
        &self,
        entry: &Entry,
        room: &RegistryRoom,
        id: &str,
        state: ProposalState,
        (by, comment): (&str, &str),
    ) -> Answer<Proposal> {
        let waiting = self.proposal(room, id).await?;
        let is_first = self
            .end_waiting(entry, &waiting, state, (by, comment))
            .await?;
        let proposal = self.proposal(room, id).await?;
        match is_first {
            true => Ok(proposal),
            false => Err(waits_no_more(&proposal)),
        }
    }

    /// `false` where it waited no more. Nobody is told any longer that it waits.
    pub(super) async fn end_waiting(
        &self,
        entry: &Entry,
        proposal: &Proposal,
        state: ProposalState,
        (by, comment): (&str, &str),
    ) -> Answer<bool> {
        let ledger = &self.inner.ledger;
        let id = &proposal.id;
        let is_first = ledger
            .decide_proposal(entry, id, state, by, comment)
            .await?;
        let notice = Notice::of_proposal(proposal).id;
        if let Err(error) = ledger.remove_notice(&notice).await {
            tracing::error!(proposal = id, %error, "a notice of what is decided stays");
        }
        Ok(is_first)
    }

    async fn proposal(&self, room: &RegistryRoom, id: &str) -> Answer<Proposal> {
        let ledger = &self.inner.ledger;
        let found = ledger.find_proposal(&room.registry.name, id).await?;
        found.ok_or_else(|| WorkflowError::NotFound {
            what: format!("the proposal `{}`", id.escape_debug()),
        })
    }

    async fn waiting(&self, room: &RegistryRoom, id: &str) -> Answer<Proposal> {
        let proposal = self.proposal(room, id).await?;
        match proposal.state {
            ProposalState::Waiting => Ok(proposal),
            ProposalState::Approved
            | ProposalState::Rejected
            | ProposalState::Withdrawn
            | ProposalState::Stale
            | ProposalState::Failed => Err(waits_no_more(&proposal)),
        }
    }

    /// What waits must be what was entered when it was proposed, and by the same person: the store
    /// that it waits in is no chain.
    async fn require_as_entered(&self, proposal: &Proposal) -> Answer<()> {
        let entered = self.inner.ledger.find_entry(proposal.entry).await?;
        let is_it = |entry: &AuditEntry| {
            entry.operation == Operation::Propose.as_str()
                && entry.actor == proposal.proposer
                && entry.detail.contains(&fingerprint(&proposal.change))
                && mark_of(proposal).is_some_and(|mark| entry.detail.contains(&mark.fingerprint()))
        };
        match entered.as_ref().is_some_and(is_it) {
            true => Ok(()),
            false => Err(WorkflowError::Conflict {
                why: format!(
                    "this is not what entry {} of the audit trail says was proposed, so it was changed \
                     in the database: reject it, verify the trail, and propose again",
                    proposal.entry
                ),
            }),
        }
    }

    /// The rule of the second person: nobody decides what they proposed, whatever their role and
    /// however often they sign in. That somebody tried is an entry.
    async fn require_second_person(
        &self,
        caller: &Caller,
        operation: Operation,
        proposal: &Proposal,
    ) -> Answer<()> {
        if !is_by(proposal, caller) {
            return Ok(());
        }
        let denial = WorkflowError::OwnProposal;
        self.note_denial(caller, operation, &proposal.registry, &denial)
            .await;
        Err(denial)
    }
}

fn named(proposal: &Proposal) -> String {
    let Proposal { id, entry, .. } = proposal;
    format!("proposal {id} of entry {entry}")
}

fn waits_no_more(proposal: &Proposal) -> WorkflowError {
    let how = proposal.decision.as_ref().map_or_else(String::new, |it| {
        format!(" by {} at {}", it.by, it.at.format("%Y-%m-%d %H:%M UTC"))
    });
    WorkflowError::Conflict {
        why: format!(
            "this proposal waits no more: it was {}{how}",
            match proposal.state {
                ProposalState::Stale => "found stale",
                ProposalState::Failed => "approved, and failed,",
                ProposalState::Waiting
                | ProposalState::Approved
                | ProposalState::Rejected
                | ProposalState::Withdrawn => proposal.state.as_str(),
            }
        ),
    }
}
