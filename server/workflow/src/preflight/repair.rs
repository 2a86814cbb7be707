//! Putting right what the preflight found, one line at a time.
use super::part_lines::{TaskFault, interrupted_schedule, task_fault};
use crate::audit::{Intent, parts_outcome};
use crate::change::{Change, done};
use crate::definitions::{self, CREATION_ORDER, TASKS_CONTRIBUTOR};
use crate::registry_room::RegistryRoom;
use crate::state::Deployed;
use crate::{Answer, Caller, Workflow, WorkflowError};
use drydock_azure::AzureError;
use drydock_domain::access::Operation;
use drydock_domain::console::PartOutcome;
use drydock_domain::preflight::Check;
use drydock_domain::run::TaskName;
use drydock_domain::schedule::Schedule;
use drydock_ledger::Entry;

impl Workflow {
    /// Repairs one line of the preflight, and says of each part what was done. What is wrong is
    /// read again first. `schedule` is used where the trigger task itself is missing, because the
    /// timer went with it; without one, the schedule of the create that was cut off. What was repaired
    /// stays where a later part cannot be: each is right by itself.
    ///
    /// Repair puts back what was deployed before, so it needs no approval; another schedule does.
    pub async fn repair_workflow(
        &self,
        caller: &Caller,
        registry: &str,
        check: Check,
        schedule: Option<Schedule>,
    ) -> Answer<Vec<PartOutcome>> {
        self.authorise(caller, Operation::RepairWorkflow, registry)
            .await?;
        let room = self.room(caller, registry).await?;
        // Read before this repair becomes the last change itself.
        let last = self.last_change(&room).await?;
        let schedule = schedule.filter(|_| !self.requires_approval());
        let schedule = schedule.or_else(|| interrupted_schedule(last.as_ref()?));
        let intent = Intent {
            operation: Operation::RepairWorkflow,
            detail: check.as_str().into(),
        };
        self.change(
            caller,
            room,
            intent,
            move |workflow, entry, room| Box::pin(workflow.repair(entry, room, check, schedule)),
            |parts: &Vec<PartOutcome>| parts_outcome(parts),
        )
        .await
    }

    async fn repair(
        &self,
        entry: &Entry,
        room: &RegistryRoom,
        check: Check,
        schedule: Option<Schedule>,
    ) -> Answer<Vec<PartOutcome>> {
        let parts = match check {
            Check::Tasks => self.repair_tasks(entry, room, schedule).await?,
            Check::Timer => self.repair_timer(entry, room).await?,
            Check::TaskRoles => self.repair_roles(entry, room).await?,
            // Each of the three does nothing where nothing is wrong: a create goes on so, wherever
            // it was cut off.
            Check::LastChange => {
                let mut parts = self.repair_tasks(entry, room, schedule).await?;
                parts.extend(self.repair_timer(entry, room).await?);
                parts.extend(self.repair_roles(entry, room).await?);
                parts
            }
            Check::Tier
            | Check::Offer
            | Check::RoleAssignmentMode
            | Check::Network
            | Check::Permissions
            | Check::Policy
            | Check::CacheRules
            | Check::ImageCount => {
                return Err(WorkflowError::Invalid {
                    field: "check".into(),
                    why: format!(
                        "there is no repair for {}; its line says what to do",
                        check.as_str()
                    ),
                });
            }
        };
        match parts.is_empty() {
            true => Ok(vec![done(
                check.as_str(),
                "is right already; nothing was changed",
            )]),
            false => Ok(parts),
        }
    }

    async fn repair_tasks(
        &self,
        entry: &Entry,
        room: &RegistryRoom,
        schedule: Option<Schedule>,
    ) -> Answer<Vec<PartOutcome>> {
        let arm = self.inner.azure.arm();
        let deployed = room.deployed(arm).await?;
        if deployed.is_absent() {
            return Err(WorkflowError::Conflict {
                why: "continuous patching is not set up here; create it on the Policy page".into(),
            });
        }
        let cron = match (deployed.timer(), schedule) {
            (Some((cron, _)), _) => cron.to_owned(),
            (None, Some(schedule)) => schedule.to_cron(),
            (None, None) if self.requires_approval() => {
                return Err(WorkflowError::Conflict {
                    why: "the timer went with the trigger task, and a new schedule needs a second \
                          person's approval: propose the workflow again on the Policy page"
                        .into(),
                });
            }
            (None, None) => {
                return Err(WorkflowError::Invalid {
                    field: "schedule".into(),
                    why: "the timer went with the trigger task: choose a schedule for the new one"
                        .into(),
                });
            }
        };
        let mut parts = Vec::new();
        for name in CREATION_ORDER {
            let Some(fault) = task_fault(&deployed, name, &room.registry.login_server) else {
                continue;
            };
            let mut change = Change::new(entry, arm, room);
            let repaired = repair_task(&mut change, &deployed, name, fault, &cron).await;
            parts.append(&mut change.steps);
            if let Err((step, error)) = repaired {
                parts.push(not_done(&step, &error));
            }
        }
        Ok(parts)
    }

    async fn repair_timer(&self, _entry: &Entry, room: &RegistryRoom) -> Answer<Vec<PartOutcome>> {
        let arm = self.inner.azure.arm();
        let deployed = room.deployed(arm).await?;
        let Some((cron, false)) = deployed.timer() else {
            return Ok(Vec::new());
        };
        let timer = definitions::timer(cron.to_owned());
        arm.set_timer(&room.id, TaskName::Trigger.as_str(), &timer)
            .await?;
        Ok(vec![done("timer", format!("{cron} is switched on"))])
    }

    async fn repair_roles(&self, _entry: &Entry, room: &RegistryRoom) -> Answer<Vec<PartOutcome>> {
        let arm = self.inner.azure.arm();
        let faults = self.facts(room).await.role_faults();
        let faults = faults.map_err(|why| WorkflowError::Unavailable { why })?;
        let mut parts = Vec::new();
        // First what is in the way, then what is missing.
        for stale in faults.stale {
            let part = format!("left-over assignment {}", stale.name);
            let deleted = arm.delete_role_assignment(&room.id, &stale.name).await;
            let principal = &stale.properties.principal_id;
            parts.push(outcome(
                &part,
                deleted.map(drop),
                &format!("deleted; it pointed to {principal}"),
            ));
        }
        for (name, principal) in faults.missing {
            let part = format!("role of {}", name.as_str());
            let assigned = arm
                .assign_role(&room.id, &principal, TASKS_CONTRIBUTOR)
                .await;
            parts.push(outcome(
                &part,
                assigned,
                "Container Registry Tasks Contributor on the registry",
            ));
        }
        Ok(parts)
    }
}

type Failed = (String, WorkflowError);

async fn repair_task(
    change: &mut Change<'_>,
    deployed: &Deployed,
    name: TaskName,
    fault: TaskFault,
    cron: &str,
) -> Result<(), Failed> {
    let existed = deployed.find_task(name).is_some();
    let written = match fault {
        TaskFault::Missing | TaskFault::NoIdentity => {
            return change.put_task(name, existed, cron).await;
        }
        TaskFault::Drifted | TaskFault::KeepsDomainLabel => {
            let yaml = definitions::yaml(name);
            change
                .arm
                .set_definition(&change.room.id, name.as_str(), yaml)
                .await
        }
        TaskFault::SwitchedOff => change.arm.enable_task(&change.room.id, name.as_str()).await,
    };
    if let Err(error) = written {
        return Err((format!("writing the task {}", name.as_str()), error.into()));
    }
    let detail = match fault {
        TaskFault::SwitchedOff => "switched on",
        TaskFault::Missing
        | TaskFault::NoIdentity
        | TaskFault::Drifted
        | TaskFault::KeepsDomainLabel => "has Drydock's definition again; timer and identity stay",
    };
    change.steps.push(done(name.as_str(), detail));
    Ok(())
}

fn outcome(part: &str, result: Result<(), AzureError>, detail: &str) -> PartOutcome {
    match result {
        Ok(()) => done(part, detail),
        Err(error) => not_done(part, &error.into()),
    }
}

fn not_done(part: &str, error: &WorkflowError) -> PartOutcome {
    PartOutcome {
        part: part.into(),
        done: false,
        detail: error.to_string(),
    }
}
