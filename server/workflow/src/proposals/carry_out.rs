//! An approved change, made by the parts of the use cases that make it without approval: the same
//! guards, the same audit entry, the same way back.
use crate::audit::{Intent, complete, ended, parts_outcome};
use crate::create::{self, applied_outcome};
use crate::policy::history::Author;
use crate::registry_room::RegistryRoom;
use crate::state::Deployed;
use crate::update::{ScheduleChange, Update};
use crate::{Answer, PolicyChange, Workflow};
use drydock_domain::console::{AppliedChange, AuditOutcome, PartOutcome};
use drydock_domain::proposal::{Proposal, ProposalState, ProposedChange};
use drydock_domain::schedule::Schedule;
use drydock_ledger::Entry;

/// What carrying a change out has done.
pub(super) struct Carried {
    pub state: ProposalState,
    pub outcome: String,
}

impl Workflow {
    /// Makes the change under an entry of its own, in the name of whoever approved it: they act, and
    /// the entry that it refers to says who proposed it. The registry's lock is held.
    pub(super) async fn carry_out(
        &self,
        approval: &Entry,
        room: &RegistryRoom,
        deployed: &Deployed,
        proposal: &Proposal,
        approver: &str,
    ) -> Answer<Carried> {
        let change = &proposal.change;
        self.require_ready(room, deployed, change).await?;
        let update = |policy: Option<PolicyChange>, schedule: Option<Schedule>| Update {
            actor: proposal.proposer.clone(),
            approver: Some(approver.to_owned()),
            policy,
            schedule: schedule.map(ScheduleChange::from),
            run_now: change.runs_now(),
        };
        let policy = |text: &str| PolicyChange {
            text: text.to_owned(),
            based_on: proposal.base.policy.clone(),
            comment: proposal.comment.clone(),
        };
        let approved = Approved {
            workflow: self,
            room,
            proposal,
            approver,
            approval,
        };
        match change {
            ProposedChange::Create {
                policy,
                schedule,
                run_now,
            } => approved.create(policy, *schedule, *run_now).await,
            ProposedChange::Policy { text, .. } | ProposedChange::DryRun { policy: text, .. } => {
                approved.update(update(Some(policy(text)), None)).await
            }
            ProposedChange::Schedule { schedule, .. } => {
                approved.update(update(None, Some(*schedule))).await
            }
            ProposedChange::Delete { .. } => approved.delete().await,
        }
    }
}

struct Approved<'a> {
    workflow: &'a Workflow,
    room: &'a RegistryRoom,
    proposal: &'a Proposal,
    approver: &'a str,
    approval: &'a Entry,
}

impl Approved<'_> {
    async fn create(&self, policy: &str, schedule: Schedule, run_now: bool) -> Answer<Carried> {
        let entry = self.begin(create::describe(schedule)).await?;
        let by = Author {
            name: &self.proposal.proposer,
            approver: Some(self.approver),
            comment: &self.proposal.comment,
        };
        let Self { workflow, room, .. } = self;
        let created = workflow
            .create(&entry, room, (policy, by), schedule, run_now)
            .await;
        Self::applied(entry, created).await
    }

    async fn update(&self, update: Update) -> Answer<Carried> {
        let entry = self.begin(update.describe()).await?;
        let updated = self.workflow.update(&entry, self.room, update).await;
        Self::applied(entry, updated).await
    }

    async fn delete(&self) -> Answer<Carried> {
        let entry = self.begin("all of it".into()).await?;
        let deleted = self.workflow.delete(&entry, self.room).await;
        let sequence = entry.sequence();
        let outcome = |parts: &Vec<PartOutcome>| parts_outcome(parts);
        complete(entry, ended(&deleted, outcome)).await;
        let parts = deleted?;
        let state = match parts.iter().all(|part| part.done) {
            true => ProposalState::Approved,
            false => ProposalState::Failed,
        };
        Ok(carried(state, sequence, parts_outcome(&parts)))
    }

    /// A workflow that is deployed stays so, whatever became of the steps after it.
    async fn applied(entry: Entry, applied: Answer<AppliedChange>) -> Answer<Carried> {
        let sequence = entry.sequence();
        complete(entry, ended(&applied, applied_outcome)).await;
        let outcome = applied_outcome(&applied?);
        Ok(carried(ProposalState::Approved, sequence, outcome))
    }

    async fn begin(&self, what: String) -> Answer<Entry> {
        let intent = Intent {
            operation: self.proposal.change.operation(),
            detail: format!(
                "{what}; proposal {} of entry {}, approved in entry {}",
                self.proposal.id,
                self.proposal.entry,
                self.approval.sequence()
            ),
        };
        let registry = &self.room.registry.name;
        self.workflow.begin(self.approver, registry, &intent).await
    }
}

fn carried(state: ProposalState, entry: i64, outcome: AuditOutcome) -> Carried {
    let detail = match outcome {
        AuditOutcome::Succeeded { detail }
        | AuditOutcome::Failed { detail }
        | AuditOutcome::Denied { detail } => detail,
        AuditOutcome::Unknown => String::new(),
    };
    Carried {
        state,
        outcome: format!("entry {entry}: {detail}"),
    }
}
