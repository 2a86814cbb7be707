//! The parts of the workflow itself: tasks, timer, roles, and a change that was cut off.
use super::{Facts, failed, passed, unknown, warned};
use crate::create;
use crate::definitions::{self, Origin, TASKS_CONTRIBUTOR};
use crate::state::Deployed;
use drydock_azure::{
    RoleAssignment, TimerTrigger, extension_assignment_name, role_assignment_name,
};
use drydock_domain::access::Operation;
use drydock_domain::console::{AuditEntry, AuditOutcome};
use drydock_domain::cron::Cron;
use drydock_domain::login_server::{cuts_domain_label, has_domain_label};
use drydock_domain::preflight::{Check, Line};
use drydock_domain::run::TaskName;
use drydock_domain::schedule::Schedule;

/// What is wrong with a task, and would be repaired.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TaskFault {
    Missing,
    /// It has no identity, so it cannot start the next task.
    NoIdentity,
    Drifted,
    /// It asks for the next run by the login server, whose domain name label is no part of a
    /// registry's name.
    KeepsDomainLabel,
    SwitchedOff,
}

impl TaskFault {
    fn words(self) -> &'static str {
        match self {
            Self::Missing => "is missing",
            Self::NoIdentity => "has no identity",
            Self::Drifted => "has a definition that neither Drydock nor the az extension writes",
            Self::KeepsDomainLabel => {
                "cannot start the next task: its definition takes the login server's domain name label for a part of the registry's name, as the az extension's did before 1.0.0b6"
            }
            Self::SwitchedOff => "is switched off",
        }
    }

    fn repair(self) -> &'static str {
        match self {
            Self::Missing => "create",
            Self::NoIdentity | Self::Drifted | Self::KeepsDomainLabel => {
                "write Drydock's definition of"
            }
            Self::SwitchedOff => "switch on",
        }
    }
}

pub(super) fn task_fault(
    deployed: &Deployed,
    name: TaskName,
    login_server: &str,
) -> Option<TaskFault> {
    let Some(task) = deployed.find_task(name) else {
        return Some(TaskFault::Missing);
    };
    let status = task.properties.status.as_deref().unwrap_or("Enabled");
    if definitions::origin(name, task) == Origin::Other {
        Some(TaskFault::Drifted)
    } else if definitions::has_identity(name) && task.principal_id().is_none() {
        Some(TaskFault::NoIdentity)
    } else if definitions::has_identity(name)
        && has_domain_label(login_server)
        && !cuts_domain_label(task.yaml().as_deref().unwrap_or_default())
    {
        Some(TaskFault::KeepsDomainLabel)
    } else {
        (!status.eq_ignore_ascii_case("Enabled")).then_some(TaskFault::SwitchedOff)
    }
}

/// What is wrong with the assignments of the tasks' role.
#[derive(Debug, Default)]
pub(super) struct RoleFaults {
    /// Tasks whose identity lacks the role, with that identity.
    pub missing: Vec<(TaskName, String)>,
    /// Assignments that were made for a task, to an identity that the task no longer has.
    pub stale: Vec<RoleAssignment>,
}

impl Facts {
    pub(super) fn tasks(&self) -> Line {
        let check = Check::Tasks;
        let deployed = match &self.deployed {
            Ok(deployed) => deployed,
            Err(error) => return unknown(check, error),
        };
        if deployed.is_absent() {
            return passed(check, "Continuous patching is not set up here yet.");
        }
        let faults: Vec<(TaskName, TaskFault)> = TaskName::ALL
            .into_iter()
            .filter_map(|name| Some((name, task_fault(deployed, name, &self.login_server)?)))
            .collect();
        if faults.is_empty() {
            return passed(check, origins(deployed));
        }
        let sentences: Vec<String> = faults
            .iter()
            .map(|(name, fault)| format!("{} {}", name.as_str(), fault.words()))
            .collect();
        let repairs: Vec<String> = faults
            .iter()
            .map(|(name, fault)| format!("{} {}", fault.repair(), name.as_str()))
            .collect();
        let trigger_is_missing = faults.contains(&(TaskName::Trigger, TaskFault::Missing));
        let finding = format!("{}.", sentences.join(", "));
        if trigger_is_missing && self.interrupted_schedule().is_none() {
            let remedy = "The timer went with the trigger task: create the workflow again on the \
                          Policy page, where a schedule is chosen. What is there stays.";
            return failed(check, finding, remedy);
        }
        Line {
            repair: Some(repairs.join(", ")),
            ..failed(check, finding, "Repair does it, and changes nothing else.")
        }
    }

    pub(super) fn timer(&self) -> Line {
        let check = Check::Timer;
        let deployed = match &self.deployed {
            Ok(deployed) => deployed,
            Err(error) => return unknown(check, error),
        };
        let choose = "Choose a schedule on the Schedule page.";
        match deployed.timer() {
            None if deployed.find_task(TaskName::Trigger).is_none() => {
                passed(check, "There is no trigger task, so there is no timer.")
            }
            None => failed(
                check,
                "The trigger task has no timer: nothing starts it.",
                choose,
            ),
            Some((cron, false)) => Line {
                repair: Some("switch the timer on".into()),
                ..warned(
                    check,
                    format!("The timer `{cron}` is switched off."),
                    "Repair switches it on.",
                )
            },
            Some((cron, true)) if Cron::parse(cron).is_err() => failed(
                check,
                format!("The timer's `{cron}` cannot be read as a cron."),
                choose,
            ),
            Some((cron, true)) => match deployed.other_timers().as_slice() {
                [] => passed(check, format!("`{cron}`, in UTC.")),
                others => self.several_timers(cron, others),
            },
        }
    }

    /// The calendar knows of one: the others make more runs than it shows.
    fn several_timers(&self, cron: &str, others: &[&TimerTrigger]) -> Line {
        let named = others
            .iter()
            .map(|timer| format!("`{}` ({})", timer.schedule, timer.name));
        let registry = self.registry.as_ref();
        let registry = registry.map_or("REGISTRY", |registry| &registry.name);
        let removals = others.iter().map(|timer| {
            format!(
                "`az acr task timer remove --registry {} --name {} --timer-name {}`",
                registry,
                TaskName::Trigger.as_str(),
                timer.name
            )
        });
        warned(
            Check::Timer,
            format!(
                "`{cron}`, in UTC, and besides it {}: the trigger runs at those times too, which \
                 the calendar does not show.",
                named.collect::<Vec<_>>().join(", ")
            ),
            format!(
                "Remove what is not wanted with {}.",
                removals.collect::<Vec<_>>().join(", ")
            ),
        )
    }

    pub(super) fn task_roles(&self) -> Line {
        let check = Check::TaskRoles;
        let faults = match self.role_faults() {
            Ok(faults) => faults,
            Err(why) => return unknown(check, &why),
        };
        if faults.missing.is_empty() && faults.stale.is_empty() {
            return passed(
                check,
                "Each task that starts another may do so, and no assignment is left over.",
            );
        }
        let mut sentences = Vec::new();
        let mut repairs = Vec::new();
        for (name, _) in &faults.missing {
            sentences.push(format!("{} may not start the next task", name.as_str()));
            repairs.push(format!(
                "give {} Container Registry Tasks Contributor",
                name.as_str()
            ));
        }
        if !faults.stale.is_empty() {
            let (assignments, point) = match faults.stale.len() {
                1 => ("1 left-over assignment".to_owned(), "points to an identity"),
                count => (
                    format!("{count} left-over assignments"),
                    "point to identities",
                ),
            };
            sentences.push(format!(
                "{assignments} {point} that no task has any more, which makes the az extension \
                 fail with RoleAssignmentUpdateNotPermitted"
            ));
            repairs.push(format!("delete {assignments}"));
        }
        let finding = format!("{}.", sentences.join("; "));
        let remedy = "Repair does it.";
        let line = match faults.missing.is_empty() {
            true => warned(check, finding, remedy),
            false => failed(check, finding, remedy),
        };
        Line {
            repair: Some(repairs.join(", ")),
            ..line
        }
    }

    pub(super) fn role_faults(&self) -> Result<RoleFaults, String> {
        let deployed = self.deployed.as_ref().map_err(ToString::to_string)?;
        let assignments = self.assignments.as_ref().map_err(ToString::to_string)?;
        let mut faults = RoleFaults::default();
        let starters = TaskName::ALL
            .into_iter()
            .filter(|name| definitions::has_identity(*name));
        let is_ours = |assignment: &RoleAssignment| {
            let role = &assignment.properties.role_definition_id;
            role.to_ascii_lowercase().ends_with(TASKS_CONTRIBUTOR)
        };
        let mut living = Vec::new();
        for name in starters.clone() {
            let task = deployed.find_task(name);
            let Some(principal) = task.and_then(|task| task.principal_id()) else {
                continue;
            };
            living.push(principal);
            let has_role = assignments.iter().any(|assignment| {
                is_ours(assignment)
                    && assignment
                        .properties
                        .principal_id
                        .eq_ignore_ascii_case(principal)
            });
            if !has_role {
                faults.missing.push((name, principal.to_owned()));
            }
        }
        // Only a name that is derived from a task proves that an assignment was made for it.
        let extension: Vec<String> = starters
            .map(|name| extension_assignment_name(&self.id, name.as_str(), TASKS_CONTRIBUTOR))
            .collect();
        for assignment in assignments.iter().filter(|assignment| is_ours(assignment)) {
            let principal = &assignment.properties.principal_id;
            let own = role_assignment_name(&self.id, principal, TASKS_CONTRIBUTOR);
            let derived = std::iter::once(&own).chain(&extension);
            let was_ours = derived
                .into_iter()
                .any(|name| name.eq_ignore_ascii_case(&assignment.name));
            let lives = living
                .iter()
                .any(|living| living.eq_ignore_ascii_case(principal));
            if was_ours && !lives {
                faults.stale.push(assignment.clone());
            }
        }
        Ok(faults)
    }

    pub(super) fn last_change(&self) -> Line {
        let check = Check::LastChange;
        match &self.last_change {
            Err(error) => unknown(check, error),
            Ok(None) => passed(check, "Nothing was changed here from this console yet."),
            Ok(Some(entry)) => match cut_off(entry) {
                Some((finding, _)) if self.left_nothing(entry) => warned(
                    check,
                    format!("{finding} Nothing of it is there."),
                    "Create it again on the Policy page, if it is still wanted.",
                ),
                Some((finding, remedy)) => Line {
                    repair: self.going_on(),
                    ..warned(check, finding, remedy)
                },
                None => passed(
                    check,
                    format!(
                        "{} by {}, see the audit page.",
                        entry.operation, entry.actor
                    ),
                ),
            },
        }
    }
}

impl Facts {
    fn interrupted_schedule(&self) -> Option<Schedule> {
        let entry = self.last_change.as_ref().ok()?.as_ref()?;
        interrupted_schedule(entry)
    }

    /// A create whose process died before its first step was done.
    fn left_nothing(&self, entry: &AuditEntry) -> bool {
        let is_create = entry.operation == Operation::CreateWorkflow.as_str();
        is_create && self.deployed.as_ref().is_ok_and(Deployed::is_absent)
    }

    /// What going on with a create that was cut off would do; nothing of it may be there.
    fn going_on(&self) -> Option<String> {
        let schedule = self.interrupted_schedule()?;
        let deployed = self.deployed.as_ref().ok()?;
        (!deployed.is_absent())
            .then(|| format!("make what is missing of it, on its schedule ({schedule})"))
    }
}

/// The schedule of a create whose process died in between.
pub(crate) fn interrupted_schedule(entry: &AuditEntry) -> Option<Schedule> {
    let is_cut_off = entry.outcome == Some(AuditOutcome::Unknown);
    let is_create = entry.operation == Operation::CreateWorkflow.as_str();
    (is_cut_off && is_create).then(|| create::read_schedule(&entry.detail))?
}

/// What to say of a change whose process died in between: what it was, and how to go on. Every
/// step may be done twice, so going on is doing it again.
pub(crate) fn cut_off(entry: &AuditEntry) -> Option<(String, String)> {
    if entry.outcome != Some(AuditOutcome::Unknown) {
        return None;
    }
    let detail = match entry.detail.as_str() {
        "" => String::new(),
        detail => format!(" ({detail})"),
    };
    let finding = format!(
        "{}{detail}, begun by {} at {} UTC, was cut off when the console stopped: it may be done in part.",
        entry.operation,
        entry.actor,
        entry.begun_at.format("%Y-%m-%d %H:%M"),
    );
    let remedy = match entry.operation.as_str() {
        "workflow.delete" => {
            "Delete it again on the Settings page: what is gone already does no harm."
        }
        "workflow.update" => {
            "Look at the policy and the schedule as they are deployed now, and apply again what is missing."
        }
        _ => {
            "Preflight, under Settings, says what is there: Repair completes it. To undo it \
             instead, delete what is there on the Settings page."
        }
    };
    Some((finding, remedy.into()))
}

fn origins(deployed: &Deployed) -> String {
    let by = |wanted: Origin| {
        let of = |(name, task): &(TaskName, Option<drydock_azure::Task>)| {
            task.as_ref().map(|task| definitions::origin(*name, task)) == Some(wanted)
        };
        deployed.tasks.iter().filter(|task| of(task)).count()
    };
    match (by(Origin::Drydock), by(Origin::Extension)) {
        (3, _) => "All three are there, as this version of Drydock defines them.".into(),
        (_, 3) => "All three are there, as the az extension defines them.".into(),
        (ours, theirs) => format!(
            "All three are there: {ours} as this version of Drydock defines them, {theirs} as the az extension does."
        ),
    }
}
