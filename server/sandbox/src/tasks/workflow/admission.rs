//! Whether the registry lets a run in: the runner signs in before the first step, and what the
//! registry's settings refuse ends the run there.
use crate::tasks::runner::{Agent, Halt};

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
    let roles = &agent.state.desk.roles;
    let actions = roles.repository_actions(&principal_id, &registry_id);
    actions.contains(&"pull")
}
