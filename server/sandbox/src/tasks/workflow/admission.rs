//! Whether the registry lets a run in: the runner signs in before the first step, and what the
//! registry's settings refuse ends the run there.
use crate::tasks::is_at_or_above;
use crate::tasks::runner::{Agent, Halt};

/// Roles that give access to the repositories of a registry in ABAC mode: Container Registry
/// Repository Reader, Writer, Contributor.
const REPOSITORY_ROLES: [&str; 3] = [
    "b93aa761-3e63-49ed-ac28-beffa264f7ac",
    "2a1e307c-b015-4ebd-883e-5b7698a07328",
    "2efddaa5-3f1f-4df3-97df-af3f13818f4c",
];

pub fn sign_in(agent: &Agent) -> Result<(), Halt> {
    let settings = agent.state.resources.settings.get();
    let registry = &agent.state.endpoints.login_server;
    let refused = |why: &str| {
        agent.fail(&format!(
            "failed to login, ran out of retries: failed to set docker credentials: https://{registry}/v2/: {why}"
        ))
    };
    if !settings.admits_tasks() {
        return Err(refused(
            "denied: the network rules of the registry keep the run out. Refer https://aka.ms/acr/firewall to grant access, or set networkRuleBypassAllowedForTasks",
        ));
    }
    if settings.is_abac() && !may_enter(agent) {
        return Err(refused(
            "unauthorized: authentication required, visit https://aka.ms/acr/authorization for more information. The registry is in ABAC mode: a task names credentials.sourceRegistry.identity, and that identity has a Container Registry Repository role",
        ));
    }
    Ok(())
}

/// In ABAC mode nobody is let in by default, the runner neither.
fn may_enter(agent: &Agent) -> bool {
    let principal_id = match agent.order.registry_identity.as_deref() {
        Some("[caller]") => agent.queued_by.clone(),
        Some("[system]") => match agent.order.principal_id {
            Some(id) => id.to_string(),
            None => return false,
        },
        Some(id) => id.to_owned(),
        None => return false,
    };
    let registry_id = agent.state.endpoints.registry_id();
    let roles = agent.state.desk.roles.list(|role| {
        let definition = role.role_definition_id.rsplit('/').next();
        role.principal_id.eq_ignore_ascii_case(&principal_id)
            && is_at_or_above(&role.scope, &registry_id)
            && definition.is_some_and(|id| {
                REPOSITORY_ROLES
                    .iter()
                    .any(|role| role.eq_ignore_ascii_case(id))
            })
    });
    !roles.is_empty()
}
