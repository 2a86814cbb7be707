//! What the console's own credential may do at the registry.
use super::{Facts, failed, passed, unknown, warned};
use drydock_azure::Permission;
use drydock_domain::preflight::{Check, Line};

/// An action, and what the console does with it.
struct Need {
    action: &'static str,
    purpose: &'static str,
    /// A built-in role that has it.
    role: &'static str,
    /// Without it nothing can be seen; the others are for changes.
    reads: bool,
}

const fn read(action: &'static str, purpose: &'static str, role: &'static str) -> Need {
    Need {
        action,
        purpose,
        role,
        reads: true,
    }
}

const fn change(action: &'static str, purpose: &'static str, role: &'static str) -> Need {
    Need {
        action,
        purpose,
        role,
        reads: false,
    }
}

const TASKS: &str = "Container Registry Tasks Contributor";
const ACCESS: &str = "Role Based Access Control Administrator";

const NEEDS: [Need; 14] = [
    read(
        "Microsoft.ContainerRegistry/registries/read",
        "see the registry",
        "Reader",
    ),
    read(
        "Microsoft.ContainerRegistry/registries/pull/read",
        "read the policy and the tags",
        "AcrPull",
    ),
    read(
        "Microsoft.ContainerRegistry/registries/tasks/read",
        "see the tasks",
        TASKS,
    ),
    read(
        "Microsoft.ContainerRegistry/registries/runs/read",
        "see the runs",
        TASKS,
    ),
    read(
        "Microsoft.ContainerRegistry/registries/runs/listLogSasUrl/action",
        "read logs",
        TASKS,
    ),
    change(
        "Microsoft.ContainerRegistry/registries/tasks/write",
        "create tasks and move the timer",
        TASKS,
    ),
    change(
        "Microsoft.ContainerRegistry/registries/tasks/delete",
        "delete tasks",
        TASKS,
    ),
    change(
        "Microsoft.ContainerRegistry/registries/scheduleRun/action",
        "start runs",
        TASKS,
    ),
    change(
        "Microsoft.ContainerRegistry/registries/listBuildSourceUploadUrl/action",
        "make a dry run in Azure",
        TASKS,
    ),
    change(
        "Microsoft.ContainerRegistry/registries/runs/cancel/action",
        "cancel runs",
        TASKS,
    ),
    change(
        "Microsoft.ContainerRegistry/registries/push/write",
        "deploy a policy",
        "AcrPush",
    ),
    change(
        "Microsoft.ContainerRegistry/registries/artifacts/delete",
        "delete the policy",
        "AcrDelete",
    ),
    change(
        "Microsoft.Authorization/roleAssignments/write",
        "let the tasks start each other",
        ACCESS,
    ),
    change(
        "Microsoft.Authorization/roleAssignments/delete",
        "take that back",
        ACCESS,
    ),
];

impl Facts {
    pub(super) fn permissions(&self) -> Line {
        match &self.permissions {
            Ok(permissions) => line(permissions),
            Err(error) => unknown(Check::Permissions, error),
        }
    }
}

fn line(permissions: &[Permission]) -> Line {
    let check = Check::Permissions;
    let may = |need: &&Need| permissions.iter().any(|role| role.allows(need.action));
    let lacking: Vec<&Need> = NEEDS.iter().filter(|need| !may(need)).collect();
    if lacking.is_empty() {
        return passed(check, "The console may do everything that it offers.");
    }
    let purposes: Vec<String> = lacking
        .iter()
        .map(|need| format!("{} ({})", need.purpose, need.action))
        .collect();
    let mut roles: Vec<&str> = lacking.iter().map(|need| need.role).collect();
    roles.dedup();
    let finding = format!("The console may not {}.", purposes.join(", nor "));
    let remedy = format!(
        "Give its identity {} on the registry, or a role of your own with these actions.",
        roles.join(" and ")
    );
    match lacking.iter().any(|need| need.reads) {
        true => failed(check, finding, remedy),
        false => warned(check, finding, remedy),
    }
}
