//! Changes of what is deployed, proposed by one person and approved by another.
//!
//! Each proposal is made against what is deployed then, so carrying one out would make every other
//! one of the registry stale: one waits at a time, and whoever comes second is told.
mod carry_out;
mod decide;
mod person;

use crate::audit::Intent;
use crate::create::require_unconfigured;
use crate::delete::require_confirmed;
use crate::registry_room::RegistryRoom;
use crate::state::Deployed;
use crate::update::{ScheduleChange, Update, require_comment};
use crate::{Answer, Caller, PolicyChange, Workflow, WorkflowError};
use drydock_domain::access::Operation;
use drydock_domain::console::AuditOutcome;
use drydock_domain::notice::Notice;
use drydock_domain::proposal::{
    Base, Proposal, ProposalBoard, ProposalState, ProposedChange, WaitingProposal,
};
use drydock_ledger::{Entry, NewProposal, PersonMark};
use person::is_by;
use sha2::{Digest, Sha256};

/// Decided proposals that are listed.
const LISTED: u32 = 100;
const WHY: &str = "say why: whoever decides reads it, and it stands in the audit trail";

impl Workflow {
    /// Whether what is deployed changes only by a proposal that a second person approved.
    pub fn requires_approval(&self) -> bool {
        self.inner.requires_approval
    }

    /// # Errors
    /// `Conflict` where the change has to be proposed instead.
    pub(crate) fn require_no_approval(&self) -> Answer<()> {
        if !self.requires_approval() {
            return Ok(());
        }
        Err(WorkflowError::Conflict {
            why:
                "this console deploys no change that a second person has not approved: propose it; \
                  nothing was changed"
                    .into(),
        })
    }

    /// The registry's proposals; of the one that waits, whether it could still be carried out.
    pub async fn list_proposals(&self, caller: &Caller, registry: &str) -> Answer<ProposalBoard> {
        caller.authorise(Operation::Read)?;
        let room = self.room(caller, registry).await?;
        let ledger = &self.inner.ledger;
        let listed = ledger.list_proposals(&room.registry.name, LISTED).await?;
        let is_waiting = |proposal: &Proposal| proposal.state == ProposalState::Waiting;
        let (mut waiting, decided): (Vec<_>, Vec<_>) = listed.into_iter().partition(is_waiting);
        let waiting = match waiting.pop() {
            None => None,
            Some(proposal) => {
                let deployed = room.deployed(self.inner.azure.arm()).await?;
                Some(WaitingProposal {
                    is_own: is_by(&proposal, caller),
                    proposer_standing: self.proposer_standing(&proposal).await?,
                    stale: why_stale(&proposal.base, &base(&deployed)),
                    proposal: caller.reached_proposal(proposal),
                })
            }
        };
        let decided = decided.into_iter();
        Ok(ProposalBoard {
            is_required: self.requires_approval(),
            waiting,
            decided: decided.map(|it| caller.reached_proposal(it)).collect(),
        })
    }

    /// The proposal of the registry that waits.
    pub async fn find_waiting_proposal(
        &self,
        caller: &Caller,
        registry: &str,
    ) -> Answer<Option<Proposal>> {
        caller.authorise(Operation::Read)?;
        let room = self.room(caller, registry).await?;
        let ledger = &self.inner.ledger;
        let waiting = ledger.find_waiting_proposal(&room.registry.name).await?;
        Ok(waiting.map(|proposal| caller.reached_proposal(proposal)))
    }

    /// Asks for a change instead of making it. It must be one that could be made now.
    ///
    /// # Errors
    /// `Conflict` where nothing has to be approved, or where another one waits; else those of the
    /// use case that would make the change.
    pub async fn propose(
        &self,
        caller: &Caller,
        registry: &str,
        change: ProposedChange,
        comment: &str,
    ) -> Answer<Proposal> {
        self.authorise(caller, change.operation(), registry).await?;
        if !self.requires_approval() {
            return Err(WorkflowError::Conflict {
                why: "nothing has to be approved here: load the page again, and make the change \
                      itself"
                    .into(),
            });
        }
        let comment = comment.trim().to_owned();
        require_comment(&comment, WHY)?;
        let room = self.room(caller, registry).await?;
        let deployed = room.deployed(self.inner.azure.arm()).await?;
        self.require_ready(&room, &deployed, &change).await?;
        let mark = PersonMark::of(&caller.subject);
        let intent = Intent {
            operation: Operation::Propose,
            detail: format!(
                "{change}, change {}, by {}: {comment}",
                fingerprint(&change),
                mark.fingerprint()
            ),
        };
        let proposer = caller.actor.clone();
        self.change(
            caller,
            room,
            intent,
            move |workflow, entry, room| {
                Box::pin(async move {
                    let new = NewProposal {
                        registry: &room.registry.name,
                        change: &change,
                        base: &base(&deployed),
                        proposer: &proposer,
                        mark: &mark,
                        comment: &comment,
                    };
                    workflow.keep_proposal(entry, new).await
                })
            },
            |kept: &Proposal| AuditOutcome::Succeeded {
                detail: format!("waits as proposal {}", kept.id),
            },
        )
        .await
    }

    /// The same for the policy of a kept dry run.
    pub async fn propose_dry_run(
        &self,
        caller: &Caller,
        registry: &str,
        digest: &str,
        comment: &str,
    ) -> Answer<Proposal> {
        let operation = Operation::UpdateWorkflow;
        self.authorise(caller, operation, registry).await?;
        let room = self.whole_room(caller, registry).await?;
        let record = self.require_dry_run(&room, digest).await?;
        let change = ProposedChange::DryRun {
            record: digest.to_owned(),
            policy: record.policy,
        };
        self.propose(caller, registry, change, comment).await
    }

    async fn keep_proposal(&self, entry: &Entry, new: NewProposal<'_>) -> Answer<Proposal> {
        let ledger = &self.inner.ledger;
        let mut kept = ledger.create_proposal(entry, &new).await?;
        if kept.is_none() && self.gives_way(entry, &new).await? {
            kept = ledger.create_proposal(entry, &new).await?;
        }
        let Some(kept) = kept else {
            return Err(self.another_waits(new.registry).await?);
        };
        let is_sent = self.inner.courier.is_some();
        // It waits, whoever hears of it.
        if let Err(error) = ledger
            .add_notice(&Notice::of_proposal(&kept), is_sent)
            .await
        {
            tracing::error!(proposal = kept.id, %error, "nobody is notified of a proposal");
        }
        Ok(kept)
    }

    /// Ends the waiting of a proposal that is stale: it could only be refused, and holds the place of
    /// one that is wanted now.
    async fn gives_way(&self, entry: &Entry, new: &NewProposal<'_>) -> Answer<bool> {
        let ledger = &self.inner.ledger;
        let waiting = ledger.find_waiting_proposal(new.registry).await?;
        let Some(waiting) = waiting.filter(|it| why_stale(&it.base, new.base).is_some()) else {
            return Ok(false);
        };
        let why = "what is deployed had changed, and another change was proposed";
        self.end_waiting(entry, &waiting, ProposalState::Stale, (new.proposer, why))
            .await
    }

    async fn another_waits(&self, registry: &str) -> Answer<WorkflowError> {
        let ledger = &self.inner.ledger;
        let waiting = ledger.find_waiting_proposal(registry).await?;
        let what = waiting.map_or_else(
            || "another change was proposed".to_owned(),
            |it| {
                format!(
                    "`{}`, proposed by {}, waits for approval",
                    it.change, it.proposer
                )
            },
        );
        Ok(WorkflowError::Conflict {
            why: format!(
                "{what}: each change is made against what is deployed, so only one waits at a time. \
                 Have that one decided or withdrawn first, on the Proposals page"
            ),
        })
    }

    /// Whether the change could be made now: the guards of the use case that makes it.
    async fn require_ready(
        &self,
        room: &RegistryRoom,
        deployed: &Deployed,
        change: &ProposedChange,
    ) -> Answer<()> {
        if let Some(policy) = change.policy() {
            self.require_deployable(room, policy).await?;
        }
        let update = match change {
            ProposedChange::Create { .. } => return require_unconfigured(deployed, room),
            ProposedChange::Delete { confirmation } => {
                return require_confirmed(confirmation, room);
            }
            ProposedChange::Policy {
                text,
                based_on,
                run_now: _,
            } => Some((text, based_on.clone())),
            ProposedChange::DryRun { record, policy } => {
                self.require_dry_run(room, record).await?;
                Some((policy, base(deployed).policy))
            }
            ProposedChange::Schedule { .. } => None,
        };
        let policy = update.map(|(text, based_on)| PolicyChange {
            text: text.clone(),
            based_on,
            comment: String::new(),
        });
        let schedule = match change {
            ProposedChange::Schedule { schedule, based_on } => Some(ScheduleChange {
                schedule: *schedule,
                based_on: based_on.clone(),
            }),
            _ => None,
        };
        let update = Update {
            actor: String::new(),
            approver: None,
            policy,
            schedule,
            run_now: change.runs_now(),
        };
        update.require_possible(deployed, &room.registry.name)
    }
}

/// Names a change in the chain: what was approved is what was proposed.
fn fingerprint(change: &ProposedChange) -> String {
    let written = serde_json::to_vec(change).expect("texts, numbers and booleans are JSON");
    format!("sha256:{}", hex::encode(Sha256::digest(written)))
}

fn base(deployed: &Deployed) -> Base {
    Base {
        policy: deployed.policy.as_ref().map(|it| it.digest.clone()),
        cron: deployed.timer().map(|(cron, _)| cron.to_owned()),
    }
}

/// Why a change that was made against `then` is not carried out, in a sentence.
fn why_stale(then: &Base, now: &Base) -> Option<String> {
    let word = |value: &Option<String>, none: &str| value.clone().unwrap_or_else(|| none.into());
    let moved = |what: &str, then, now| {
        (then != now).then(|| {
            let none = format!("no {what}");
            format!(
                "then there was {}, now there is {}",
                word(then, &none),
                word(now, &none)
            )
        })
    };
    let policy = moved("policy", &then.policy, &now.policy);
    let timer = moved("timer", &then.cron, &now.cron);
    let moved: Vec<String> = policy.into_iter().chain(timer).collect();
    (!moved.is_empty()).then(|| {
        format!(
            "what is deployed is not what this change was made against: {}. Look at what is deployed \
             now, and propose again what is still wanted",
            moved.join("; ")
        )
    })
}
