//! The registry and its subscription.
use super::{Facts, failed, passed, unknown, warned};
use drydock_azure::{RegistryProperties, RegistryResource};
use drydock_domain::preflight::{Check, Line};
use drydock_domain::verdict::RegistryObstacle;

/// The tiers of a registry that has tasks.
const TIERS: [&str; 3] = ["Basic", "Standard", "Premium"];
/// The role assignment mode that continuous patching does not support.
const BY_REPOSITORY: &str = "AbacRepositoryPermissions";

/// What stops every task of a registry, by what Azure says of the registry itself.
pub(crate) fn obstacle(registry: &RegistryResource) -> Option<RegistryObstacle> {
    if registry.properties.role_assignment_mode.as_deref() == Some(BY_REPOSITORY) {
        return Some(RegistryObstacle::RepositoryPermissions);
    }
    (!has_tasks(&registry.sku.name)).then_some(RegistryObstacle::NoTasks)
}

fn has_tasks(tier: &str) -> bool {
    TIERS.iter().any(|known| known.eq_ignore_ascii_case(tier))
}

impl Facts {
    pub(super) fn tier(&self) -> Line {
        let check = Check::Tier;
        let registry = match &self.registry {
            Ok(registry) => registry,
            Err(error) => return unknown(check, error),
        };
        let tier = &registry.sku.name;
        if !has_tasks(tier) {
            let finding = format!("The tier is `{tier}`, which has no tasks.");
            return failed(
                check,
                finding,
                "Move the registry to Basic, Standard or Premium.",
            );
        }
        let state = registry.properties.provisioning_state.as_deref();
        match state.filter(|state| !state.eq_ignore_ascii_case("Succeeded")) {
            Some(state) => {
                let finding = format!("Azure says `{state}` of the registry itself.");
                warned(
                    check,
                    finding,
                    "Wait until Azure has finished changing it, and look again.",
                )
            }
            None => passed(
                check,
                format!("{tier}: every tier has tasks, and they may run here."),
            ),
        }
    }

    /// Azure refuses tasks to free trials with `TasksOperationsNotAllowed`.
    pub(super) fn offer(&self) -> Line {
        let check = Check::Offer;
        let subscription = match &self.subscription {
            Ok(subscription) => subscription,
            Err(error) => return unknown(check, error),
        };
        let name = match subscription.display_name.as_str() {
            "" => self.id.subscription(),
            name => name,
        };
        let state = subscription.state.as_deref().unwrap_or("Enabled");
        if !state.eq_ignore_ascii_case("Enabled") {
            let finding = format!("The subscription {name} is `{state}`.");
            return failed(
                check,
                finding,
                "Have its owner set it right in the Azure portal.",
            );
        }
        let policies = subscription.subscription_policies.as_ref();
        match policies.and_then(|policies| policies.quota_id.as_deref()) {
            Some(offer) if offer.to_ascii_lowercase().starts_with("freetrial") => failed(
                check,
                format!(
                    "The subscription {name} is a free trial ({offer}): Azure runs no tasks for its credits."
                ),
                "Upgrade the subscription to pay-as-you-go, or move the registry to another one.",
            ),
            Some(offer) => passed(check, format!("{name} is no free trial ({offer}).")),
            None => passed(
                check,
                format!(
                    "{name} is enabled. Azure does not say whether it is a free trial; if it is, runs are refused with TasksOperationsNotAllowed."
                ),
            ),
        }
    }

    pub(super) fn role_assignment_mode(&self) -> Line {
        let check = Check::RoleAssignmentMode;
        let registry = match &self.registry {
            Ok(registry) => registry,
            Err(error) => return unknown(check, error),
        };
        match registry.properties.role_assignment_mode.as_deref() {
            Some(BY_REPOSITORY) => failed(
                check,
                "Permissions are given by repository (ABAC), where tasks have no access of their own.",
                "Set the registry's role assignment mode to RBAC Registry Permissions, in Azure under Properties.",
            ),
            Some("LegacyRegistryPermissions") | None => passed(
                check,
                "Permissions are given on the whole registry, as tasks need it.",
            ),
            Some(other) => warned(
                check,
                format!("The mode is `{other}`, which this version of Drydock does not know."),
                "Try one run, and look at its log before relying on the schedule.",
            ),
        }
    }

    pub(super) fn network(&self) -> Line {
        let registry = match &self.registry {
            Ok(registry) => registry,
            Err(error) => return unknown(Check::Network, error),
        };
        network(&registry.properties)
    }
}

fn network(properties: &RegistryProperties) -> Line {
    let check = Check::Network;
    let is = |value: &Option<String>, word: &str| {
        value
            .as_deref()
            .is_some_and(|value| value.eq_ignore_ascii_case(word))
    };
    let rules = properties.network_rule_set.as_ref();
    let closed = is(&properties.public_network_access, "Disabled")
        || is(&properties.public_network_access, "SecuredByPerimeter");
    let restricted = closed || rules.is_some_and(|rules| is(&rules.default_action, "Deny"));
    if !restricted {
        return passed(
            check,
            "The registry answers on its public address, so tasks reach it.",
        );
    }
    let way = if closed {
        "its public address is switched off"
    } else {
        "its network rules refuse addresses that they do not name"
    };
    if !is(&properties.network_rule_bypass_options, "AzureServices") {
        let finding =
            format!("Tasks cannot reach the registry: {way}, for Azure's own services too.");
        return failed(
            check,
            finding,
            "Allow trusted services in the registry's networking, and network bypass for tasks.",
        );
    }
    if properties.network_rule_bypass_allowed_for_tasks != Some(true) {
        let finding = format!(
            "Tasks cannot reach the registry: {way}, and network bypass for tasks is not allowed."
        );
        return failed(
            check,
            finding,
            "Set networkRuleBypassAllowedForTasks to true: az resource update --ids REGISTRY_ID --api-version 2025-06-01-preview --set properties.networkRuleBypassAllowedForTasks=true",
        );
    }
    passed(check, format!("{}, and tasks may pass.", capitalised(way)))
}

fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(characters).collect()
}
