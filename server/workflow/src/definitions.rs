//! The three tasks as this version of the console deploys them.
use drydock_azure::{Task, TaskDefinition, TimerTrigger};
use drydock_domain::run::TaskName;

/// The timer's name: other clients change the schedule by it.
pub(crate) const TIMER: &str = "azcli_defined_schedule";

/// Container Registry Tasks Contributor.
pub(crate) const TASKS_CONTRIBUTOR: &str = "fb382eab-e894-4461-af04-94435c366c3f";

/// In the order in which they are made: each one's caller comes after it, and the timer last.
pub(crate) const CREATION_ORDER: [TaskName; 3] =
    [TaskName::Patch, TaskName::Scan, TaskName::Trigger];

/// The definition in the language of ACR Tasks.
pub(crate) fn yaml(task: TaskName) -> &'static str {
    match task {
        TaskName::Trigger => include_str!("definitions/cssc-trigger-workflow.yaml"),
        TaskName::Scan => include_str!("definitions/cssc-scan-image.yaml"),
        TaskName::Patch => include_str!("definitions/cssc-patch-image.yaml"),
    }
}

/// Whether a task starts other tasks, and so needs an identity with a role.
pub(crate) fn has_identity(task: TaskName) -> bool {
    match task {
        TaskName::Trigger | TaskName::Scan => true,
        TaskName::Patch => false,
    }
}

pub(crate) fn timer(cron: String) -> TimerTrigger {
    TimerTrigger {
        name: TIMER.into(),
        schedule: cron,
        status: Some("Enabled".into()),
    }
}

/// The task as it is put; `cron` is the trigger's.
pub(crate) fn definition(task: TaskName, location: &str, cron: &str) -> TaskDefinition {
    let tags = match task {
        TaskName::Scan => vec![("cssc", "true")],
        TaskName::Trigger | TaskName::Patch => vec![("cssc", "true"), ("clienttracking", "true")],
    };
    TaskDefinition {
        location: location.into(),
        tags,
        identity: has_identity(task),
        yaml: yaml(task).into(),
        timer: (task == TaskName::Trigger).then(|| timer(cron.into())),
    }
}

/// Whether a deployed task is defined as this version defines it; line ends do not count.
pub(crate) fn is_current(name: TaskName, deployed: &Task) -> bool {
    deployed
        .yaml()
        .is_some_and(|deployed| deployed.replace("\r\n", "\n") == yaml(name))
}

/// Whose definition a deployed task has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    Drydock,
    /// One that does the task's work with the commands that the az extension's releases use.
    Extension,
    Other,
}

pub(crate) fn origin(name: TaskName, deployed: &Task) -> Origin {
    if is_current(name, deployed) {
        return Origin::Drydock;
    }
    let words = match name {
        TaskName::Trigger => ["acr cssc patch", "cssc-scan-image"],
        TaskName::Scan => ["trivy image", "cssc-patch-image"],
        TaskName::Patch => ["copa patch", "trivy image"],
    };
    let yaml = deployed.yaml().unwrap_or_default();
    match words.iter().all(|word| yaml.contains(word)) {
        true => Origin::Extension,
        false => Origin::Other,
    }
}

#[cfg(test)]
mod tests;
