use crate::audit::Intent;
use crate::change::{Change, Undo, done};
use crate::definitions::{self, CREATION_ORDER, TASKS_CONTRIBUTOR};
use crate::policy::artifact;
use crate::policy::history::{Applied, Author};
use crate::registry_room::RegistryRoom;
use crate::state::Deployed;
use crate::{Answer, Caller, Workflow, WorkflowError};
use drydock_azure::role_assignment_name;
use drydock_domain::access::Operation;
use drydock_domain::console::{AppliedChange, AuditOutcome, PartOutcome};
use drydock_domain::run::TaskName;
use drydock_domain::schedule::Schedule;
use drydock_ledger::Entry;

/// Before the cron in the detail of the audit entry: a create that was cut off is gone on with by it.
const SCHEDULE: &str = "schedule ";

/// What an entry says of a create.
pub(crate) fn describe(schedule: Schedule) -> String {
    format!("{SCHEDULE}{}", schedule.to_cron())
}

/// The schedule that a create's audit entry names; what else it says follows a semicolon.
pub(crate) fn read_schedule(detail: &str) -> Option<Schedule> {
    let named = detail.strip_prefix(SCHEDULE)?.split(';').next()?;
    Schedule::from_cron(named).ok()
}

impl Workflow {
    /// Configures continuous patching: the policy artifact, the three tasks, two role
    /// assignments. What was made is taken back when a step fails ([`WorkflowError::Undone`]).
    /// A registry where it is configured already is a conflict; half a workflow is completed.
    pub async fn create_workflow(
        &self,
        caller: &Caller,
        registry: &str,
        policy_text: &str,
        schedule: Schedule,
        run_now: bool,
    ) -> Answer<AppliedChange> {
        self.authorise(caller, Operation::CreateWorkflow, registry)
            .await?;
        self.require_no_approval()?;
        let room = self.room(caller, registry).await?;
        self.require_deployable(&room, policy_text).await?;
        let intent = Intent {
            operation: Operation::CreateWorkflow,
            detail: describe(schedule),
        };
        let (text, actor) = (policy_text.to_owned(), caller.actor.clone());
        self.change(
            caller,
            room,
            intent,
            move |workflow, entry, room| {
                Box::pin(async move {
                    let by = Author {
                        name: &actor,
                        approver: None,
                        comment: "",
                    };
                    let policy = (text.as_str(), by);
                    workflow
                        .create(entry, room, policy, schedule, run_now)
                        .await
                })
            },
            applied_outcome,
        )
        .await
    }

    pub(crate) async fn create(
        &self,
        entry: &Entry,
        room: &RegistryRoom,
        (text, by): (&str, Author<'_>),
        schedule: Schedule,
        run_now: bool,
    ) -> Answer<AppliedChange> {
        let arm = self.inner.azure.arm();
        let deployed = room.deployed(arm).await?;
        require_unconfigured(&deployed, room)?;
        let mut change = Change::new(entry, arm, room);
        let digest = match artifact::push(entry, &room.acr, text).await {
            Ok(digest) => digest.to_string(),
            Err(error) => {
                change.may_have("policy", Undo::Policy(deployed.policy.clone()), &error);
                return Err(change.take_back("pushing the policy", error).await);
            }
        };
        change.did("policy", "pushed", Undo::Policy(deployed.policy.clone()));
        for name in CREATION_ORDER {
            let existed = deployed.find_task(name).is_some();
            if let Err((step, error)) = change.put_task(name, existed, &schedule.to_cron()).await {
                return Err(change.take_back(&step, error).await);
            }
        }
        let mut steps = std::mem::take(&mut change.steps);
        let applied = Applied {
            digest: &digest,
            text,
            by,
        };
        steps.push(self.remember_policy(entry, room, applied).await);
        let run_id = self.start_now(entry, room, run_now, &mut steps).await;
        Ok(AppliedChange {
            steps,
            next_run: Some(schedule.next_after(self.inner.clock.now())),
            run_id,
            policy_digest: Some(digest),
        })
    }

    /// Starts the trigger where that was asked for. The workflow stands by itself, so a run that
    /// cannot be started is a step that failed, and nothing is taken back.
    pub(crate) async fn start_now(
        &self,
        entry: &Entry,
        room: &RegistryRoom,
        run_now: bool,
        steps: &mut Vec<PartOutcome>,
    ) -> Option<String> {
        if !run_now {
            return None;
        }
        match self.start(entry, room).await {
            Ok(run_id) => {
                steps.push(done("run", format!("{run_id} was started")));
                Some(run_id)
            }
            Err(error) => {
                steps.push(PartOutcome {
                    part: "run".into(),
                    done: false,
                    detail: format!("could not be started: {error}"),
                });
                None
            }
        }
    }
}

impl Change<'_> {
    /// Puts a task, and gives its identity the role that lets it start other tasks.
    pub(crate) async fn put_task(
        &mut self,
        name: TaskName,
        existed: bool,
        cron: &str,
    ) -> Result<(), (String, WorkflowError)> {
        let task = name.as_str();
        let definition = definitions::definition(name, &self.room.registry.location, cron);
        let (detail, undo) = match existed {
            true => ("written over", Undo::Kept),
            false => ("created", Undo::Task(task)),
        };
        let made = match self.arm.put_task(&self.room.id, task, &definition).await {
            Ok(made) => made,
            Err(error) => {
                let error = error.into();
                self.may_have(task, undo, &error);
                return Err((format!("writing the task {task}"), error));
            }
        };
        self.did(task, detail, undo);
        if definitions::has_identity(name) {
            self.assign_role(task, made.principal_id(), existed).await?;
        }
        Ok(())
    }

    async fn assign_role(
        &mut self,
        task: &str,
        principal: Option<&str>,
        existed: bool,
    ) -> Result<(), (String, WorkflowError)> {
        let step = format!("giving the task {task} its role");
        let Some(principal) = principal else {
            let what = format!("Azure gave the task {task} no identity");
            return Err((step, WorkflowError::Internal { what, source: None }));
        };
        let part = format!("role of {task}");
        let undo = match existed {
            true => Undo::Kept,
            false => Undo::Role(role_assignment_name(
                &self.room.id,
                principal,
                TASKS_CONTRIBUTOR,
            )),
        };
        let assigned = self
            .arm
            .assign_role(&self.room.id, principal, TASKS_CONTRIBUTOR)
            .await;
        if let Err(error) = assigned {
            let error = error.into();
            self.may_have(&part, undo, &error);
            return Err((step, error));
        }
        let detail = "Container Registry Tasks Contributor on the registry";
        self.did(part, detail, undo);
        Ok(())
    }
}

pub(crate) fn require_unconfigured(deployed: &Deployed, room: &RegistryRoom) -> Answer<()> {
    if !deployed.is_configured() {
        return Ok(());
    }
    Err(WorkflowError::Conflict {
        why: format!(
            "continuous patching is configured for {} already; update it instead",
            room.registry.name
        ),
    })
}

pub(crate) fn applied_outcome(applied: &AppliedChange) -> AuditOutcome {
    crate::audit::parts_outcome(&applied.steps)
}
