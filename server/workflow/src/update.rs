use crate::audit::Intent;
use crate::change::{Change, Undo};
use crate::create::applied_outcome;
use crate::definitions;
use crate::policy::artifact;
use crate::policy::history::{Applied, Author};
use crate::registry_room::RegistryRoom;
use crate::state::Deployed;
use crate::{Answer, Caller, Workflow, WorkflowError};
use drydock_azure::TimerTrigger;
use drydock_domain::access::Operation;
use drydock_domain::console::AppliedChange;
use drydock_domain::cron::Cron;
use drydock_domain::run::TaskName;
use drydock_domain::schedule::Schedule;
use drydock_ledger::Entry;

/// A policy to be deployed instead of the one that is.
#[derive(Clone, Debug)]
pub struct PolicyChange {
    pub text: String,
    /// Digest of the deployed policy that it was made from; `None` where there was none. Another
    /// one there now is a conflict, and nothing is lost.
    pub based_on: Option<String>,
    /// Why, for the audit trail and the policy's history.
    pub comment: String,
}

/// A schedule to be deployed instead of the one that is.
#[derive(Clone, Debug)]
pub struct ScheduleChange {
    pub schedule: Schedule,
    /// The deployed timer's cron that it was chosen in sight of; another one there now is a conflict.
    /// `None` to change it whatever it is.
    pub based_on: Option<String>,
}

impl From<Schedule> for ScheduleChange {
    fn from(schedule: Schedule) -> Self {
        let based_on = None;
        Self { schedule, based_on }
    }
}

/// What an update was asked for.
pub(crate) struct Update {
    pub actor: String,
    /// Who approved it, where that takes a second person.
    pub approver: Option<String>,
    pub policy: Option<PolicyChange>,
    pub schedule: Option<ScheduleChange>,
    pub run_now: bool,
}

/// A comment is a line or a few, not a document.
const MAX_COMMENT_CHARACTERS: usize = 500;
const WHY_POLICY: &str =
    "say why the policy changes: it stands in the audit trail and in the policy's history";

impl Workflow {
    /// Changes the policy, the schedule or both.
    pub async fn update_workflow(
        &self,
        caller: &Caller,
        registry: &str,
        policy: Option<PolicyChange>,
        schedule: Option<ScheduleChange>,
        run_now: bool,
    ) -> Answer<AppliedChange> {
        self.authorise(caller, Operation::UpdateWorkflow, registry)
            .await?;
        self.require_no_approval()?;
        if policy.is_none() && schedule.is_none() {
            return Err(WorkflowError::Invalid {
                field: "update".into(),
                why: "there is neither a new policy nor a new schedule".into(),
            });
        }
        let room = self.room(caller, registry).await?;
        if let Some(policy) = &policy {
            require_comment(&policy.comment, WHY_POLICY)?;
            self.require_deployable(&room, &policy.text).await?;
        }
        let update = Update {
            actor: caller.actor.clone(),
            approver: None,
            policy,
            schedule,
            run_now,
        };
        let intent = Intent {
            operation: Operation::UpdateWorkflow,
            detail: update.describe(),
        };
        self.change(
            caller,
            room,
            intent,
            move |workflow, entry, room| Box::pin(workflow.update(entry, room, update)),
            applied_outcome,
        )
        .await
    }

    pub(crate) async fn update(
        &self,
        entry: &Entry,
        room: &RegistryRoom,
        update: Update,
    ) -> Answer<AppliedChange> {
        let arm = self.inner.azure.arm();
        let deployed = room.deployed(arm).await?;
        update.require_possible(&deployed, &room.registry.name)?;
        let mut policy_digest = deployed.policy.as_ref().map(|policy| policy.digest.clone());
        let mut change = Change::new(entry, arm, room);
        if let Some(PolicyChange { text, .. }) = &update.policy {
            match artifact::push(entry, &room.acr, text).await {
                Ok(digest) => policy_digest = Some(digest.to_string()),
                Err(error) => {
                    change.may_have("policy", Undo::Policy(deployed.policy.clone()), &error);
                    return Err(change.take_back("pushing the policy", error).await);
                }
            }
            change.did("policy", "pushed", Undo::Policy(deployed.policy.clone()));
        }
        if let Some(ScheduleChange { schedule, .. }) = &update.schedule {
            let task = TaskName::Trigger.as_str();
            let timer = definitions::timer(schedule.to_cron());
            if let Err(error) = arm.set_timer(&room.id, task, &timer).await {
                let error = error.into();
                change.may_have("schedule", timer_before(&deployed), &error);
                return Err(change.take_back("setting the schedule", error).await);
            }
            change.did("schedule", timer.schedule, timer_before(&deployed));
        }
        let cron = match &update.schedule {
            Some(change) => Some(change.schedule.to_cron()),
            None => deployed.timer().map(|(cron, _)| cron.to_owned()),
        };
        let mut steps = std::mem::take(&mut change.steps);
        if let (Some(policy), Some(digest)) = (&update.policy, &policy_digest) {
            let applied = Applied {
                digest,
                text: &policy.text,
                by: Author {
                    name: &update.actor,
                    approver: update.approver.as_deref(),
                    comment: policy.comment.trim(),
                },
            };
            steps.push(self.remember_policy(entry, room, applied).await);
        }
        let run_id = self
            .start_now(entry, room, update.run_now, &mut steps)
            .await;
        Ok(AppliedChange {
            steps,
            next_run: cron
                .and_then(|cron| Cron::parse(&cron).ok()?.next_after(self.inner.clock.now())),
            run_id,
            policy_digest,
        })
    }
}

impl Update {
    pub(crate) fn describe(&self) -> String {
        let policy = self
            .policy
            .as_ref()
            .map(|policy| format!("a new policy: {}", policy.comment.trim()));
        let schedule = self
            .schedule
            .as_ref()
            .map(|change| format!("schedule {}", change.schedule.to_cron()));
        let parts: Vec<String> = policy.into_iter().chain(schedule).collect();
        parts.join(", ")
    }

    pub(crate) fn require_possible(&self, deployed: &Deployed, registry: &str) -> Answer<()> {
        if !deployed.is_configured() {
            return Err(WorkflowError::Conflict {
                why: format!(
                    "continuous patching is not, or only in part, configured for {registry}; \
                     create it instead"
                ),
            });
        }
        let now = deployed
            .policy
            .as_ref()
            .map(|policy| policy.digest.as_str());
        let based_on = self
            .policy
            .as_ref()
            .map(|policy| policy.based_on.as_deref());
        if based_on.is_some_and(|based_on| based_on != now) {
            return Err(WorkflowError::Conflict {
                why: match now {
                    Some(now) => format!(
                        "the policy was changed since this one was begun; {now} is deployed now: \
                         look at it, and apply again what is still wanted"
                    ),
                    None => "the policy that this one was made from has been deleted; load the \
                             page again"
                        .into(),
                },
            });
        }
        let timer = deployed.timer().map(|(cron, _)| cron);
        let seen = self.schedule.as_ref();
        let seen = seen.and_then(|change| change.based_on.as_deref());
        if seen.is_some_and(|seen| timer != Some(seen)) {
            let now = timer.unwrap_or("none");
            return Err(WorkflowError::Conflict {
                why: format!(
                    "the schedule was changed since this one was chosen: it is `{now}` now; load the page \
                     again, and choose what is still wanted"
                ),
            });
        }
        Ok(())
    }
}

/// A comment that has to be there; `what_for` says to whoever left it out why.
pub(crate) fn require_comment(comment: &str, what_for: &str) -> Answer<()> {
    let why = match comment.trim().chars().count() {
        0 => what_for,
        1..=MAX_COMMENT_CHARACTERS => return Ok(()),
        _ => "it has more than 500 characters; keep the reason, and link the rest",
    };
    Err(WorkflowError::Invalid {
        field: "comment".into(),
        why: why.into(),
    })
}

fn timer_before(deployed: &Deployed) -> Undo {
    deployed.timer().map_or(Undo::Kept, |(cron, is_enabled)| {
        let before = TimerTrigger {
            status: Some(if is_enabled { "Enabled" } else { "Disabled" }.into()),
            ..definitions::timer(cron.to_owned())
        };
        Undo::Timer(TaskName::Trigger.as_str(), before)
    })
}
