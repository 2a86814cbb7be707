//! A change of what is deployed that waits for a second person.
use crate::access::Operation;
use crate::schedule::Schedule;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The whole change, as it is carried out if somebody approves it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ProposedChange {
    /// Continuous patching where there is none.
    Create {
        policy: String,
        schedule: Schedule,
        run_now: bool,
    },
    /// Another policy, or an earlier one again.
    Policy {
        text: String,
        /// Digest of the deployed policy that the text was made from.
        based_on: Option<String>,
        run_now: bool,
    },
    Schedule {
        schedule: Schedule,
        /// The deployed timer's cron that it was chosen in sight of.
        based_on: Option<String>,
    },
    /// The policy of a kept dry run, as long as a run would still do exactly what it says.
    DryRun {
        /// Digest of the record.
        record: String,
        policy: String,
    },
    /// Continuous patching goes; `confirmation` is what was typed, the registry's name.
    Delete { confirmation: String },
}

/// What was deployed when the change was proposed: it was judged against this.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Base {
    /// Digest of the policy's manifest.
    pub policy: Option<String>,
    /// Of the trigger's timer.
    pub cron: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProposalState {
    Waiting,
    /// And carried out, where the outcome says so: without one the process ended in between.
    Approved,
    Rejected,
    Withdrawn,
    /// What was deployed had changed by the time of the approval.
    Stale,
    /// Approved, and could not be carried out.
    Failed,
}

impl ProposalState {
    pub const ALL: [Self; 6] = [
        Self::Waiting,
        Self::Approved,
        Self::Rejected,
        Self::Withdrawn,
        Self::Stale,
        Self::Failed,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::Withdrawn => "withdrawn",
            Self::Stale => "stale",
            Self::Failed => "failed",
        }
    }

    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }
}

/// Who ended the waiting, and what they said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    pub by: String,
    pub at: DateTime<Utc>,
    pub comment: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    pub id: String,
    pub registry: String,
    pub change: ProposedChange,
    pub base: Base,
    /// The name for people, which two may share.
    pub proposer: String,
    /// Who it was, as the ledger marks people: it compares, and no page needs it.
    #[serde(skip)]
    pub proposer_mark: String,
    /// Why, for whoever decides and for the policy's history.
    pub comment: String,
    pub at: DateTime<Utc>,
    /// Sequence of the audit entry.
    pub entry: i64,
    pub state: ProposalState,
    pub decision: Option<Decision>,
    /// What carrying it out did, or why it could not be.
    pub outcome: Option<String>,
}

/// Whether whoever proposed a change may still make such a one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProposerStanding {
    /// A session of theirs that goes on says so.
    Allowed,
    /// They are not signed in now: what they were allowed is known as of the proposal.
    AsOfProposal,
    /// What they are signed in with now does not allow it.
    Lost,
}

/// The one proposal of a registry that waits, as somebody sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitingProposal {
    pub proposal: Proposal,
    /// It is the reader's own: they may withdraw it, and decide it never.
    pub is_own: bool,
    /// Why an approval would be refused: what is deployed is not what it was made against.
    pub stale: Option<String>,
    pub proposer_standing: ProposerStanding,
}

/// The proposals of a registry.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProposalBoard {
    /// Whether changes have to be proposed here.
    pub is_required: bool,
    pub waiting: Option<WaitingProposal>,
    /// Newest first.
    pub decided: Vec<Proposal>,
}

/// What became of a change that somebody sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Submission<T> {
    Done(T),
    /// It waits for a second person.
    Proposed(Box<Proposal>),
}

impl<T> Submission<T> {
    pub fn done(self) -> Option<T> {
        match self {
            Self::Done(done) => Some(done),
            Self::Proposed(_) => None,
        }
    }
}

impl ProposedChange {
    /// What somebody must be allowed to do to propose it.
    pub fn operation(&self) -> Operation {
        match self {
            Self::Create { .. } => Operation::CreateWorkflow,
            Self::Policy { .. } | Self::Schedule { .. } | Self::DryRun { .. } => {
                Operation::UpdateWorkflow
            }
            Self::Delete { .. } => Operation::DeleteWorkflow,
        }
    }

    /// The policy that would be deployed.
    pub fn policy(&self) -> Option<&str> {
        match self {
            Self::Create { policy, .. } | Self::DryRun { policy, .. } => Some(policy),
            Self::Policy { text, .. } => Some(text),
            Self::Schedule { .. } | Self::Delete { .. } => None,
        }
    }

    /// The schedule that would be set.
    pub fn schedule(&self) -> Option<Schedule> {
        match self {
            Self::Create { schedule, .. } | Self::Schedule { schedule, .. } => Some(*schedule),
            Self::Policy { .. } | Self::DryRun { .. } | Self::Delete { .. } => None,
        }
    }

    pub fn runs_now(&self) -> bool {
        match self {
            Self::Create { run_now, .. } | Self::Policy { run_now, .. } => *run_now,
            Self::Schedule { .. } | Self::DryRun { .. } | Self::Delete { .. } => false,
        }
    }
}

/// What it does, in the words of a heading.
impl fmt::Display for ProposedChange {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Create { .. } => "Set up continuous patching",
            Self::Policy { .. } => "Deploy another policy",
            Self::Schedule { .. } => "Change the schedule",
            Self::DryRun { .. } => "Deploy the policy of a dry run",
            Self::Delete { .. } => "Delete continuous patching",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_kept_as_it_was_proposed() {
        let schedule = Schedule::new(7, 2, 30).unwrap();
        let text = "{\r\n \"version\": \"v1\"\0".to_owned();
        for change in [
            ProposedChange::Create {
                policy: text.clone(),
                schedule,
                run_now: true,
            },
            ProposedChange::Policy {
                text: text.clone(),
                based_on: None,
                run_now: false,
            },
            ProposedChange::Schedule {
                schedule,
                based_on: None,
            },
            ProposedChange::DryRun {
                record: "sha256:1".into(),
                policy: text.clone(),
            },
            ProposedChange::Delete {
                confirmation: "harbour".into(),
            },
        ] {
            let kept = serde_json::to_string(&change).unwrap();
            assert!(!kept.contains('\0'), "no database keeps it: {kept}");
            let read: ProposedChange = serde_json::from_str(&kept).unwrap();
            assert_eq!(read, change);
        }
    }

    #[test]
    fn every_state_is_found_by_its_name() {
        for state in ProposalState::ALL {
            assert_eq!(ProposalState::find(state.as_str()), Some(state));
        }
    }
}
