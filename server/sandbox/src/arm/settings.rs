//! What can be switched on the registry. A client switches with a PATCH of the registry what is a
//! property of it in Azure, and through `/sandbox/settings` what Azure decides itself.
use crate::tasks::{FileError, JsonFolder};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::net::IpAddr;
use std::path::Path;
use std::sync::{PoisonError, RwLock};

/// As a registry is when it is made. Members are named as ARM names them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Settings {
    pub tags: Map<String, Value>,
    pub sku: Sku,
    pub admin_user_enabled: bool,
    pub public_network_access: Switch,
    pub network_rule_set: NetworkRuleSet,
    pub network_rule_bypass_options: Bypass,
    pub network_rule_bypass_allowed_for_tasks: bool,
    pub role_assignment_mode: RoleAssignmentMode,
    /// Azure decides it when it makes a registry, and the sandbox when it starts.
    pub auto_generated_domain_name_label_scope: LabelScope,
    /// The subscription is one of those for which Azure carries out no tasks.
    pub is_free_trial: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sku {
    Basic,
    Standard,
    Premium,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Switch {
    Enabled,
    Disabled,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Bypass {
    AzureServices,
    None,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RoleAssignmentMode {
    LegacyRegistryPermissions,
    AbacRepositoryPermissions,
}

/// What the hash in the login server is made of besides the name; `Unsecure` has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LabelScope {
    Unsecure,
    TenantReuse,
    SubscriptionReuse,
    ResourceGroupReuse,
    NoReuse,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NetworkRuleSet {
    pub default_action: Action,
    pub ip_rules: Vec<IpRule>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Action {
    Allow,
    Deny,
}

/// `{"action": "Allow", "value": "127.0.0.1"}`; the value may be a range, `10.0.0.0/8`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IpRule {
    pub action: Action,
    pub value: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            tags: Map::new(),
            sku: Sku::Standard,
            admin_user_enabled: true,
            public_network_access: Switch::Enabled,
            network_rule_set: NetworkRuleSet::default(),
            network_rule_bypass_options: Bypass::AzureServices,
            network_rule_bypass_allowed_for_tasks: false,
            role_assignment_mode: RoleAssignmentMode::LegacyRegistryPermissions,
            auto_generated_domain_name_label_scope: LabelScope::Unsecure,
            is_free_trial: false,
        }
    }
}

impl Default for NetworkRuleSet {
    fn default() -> Self {
        Self {
            default_action: Action::Allow,
            ip_rules: Vec::new(),
        }
    }
}

impl Sku {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Basic => "Basic",
            Self::Standard => "Standard",
            Self::Premium => "Premium",
        }
    }

    /// Of the storage that is included, as `listUsages` reports it.
    pub fn size_limit_bytes(self) -> u64 {
        match self {
            Self::Basic => 10 << 30,
            Self::Standard => 100 << 30,
            Self::Premium => 500 << 30,
        }
    }
}

impl Settings {
    /// Whether the data plane answers a client with this address.
    pub fn admits(&self, client: IpAddr) -> bool {
        let rules = &self.network_rule_set;
        self.public_network_access == Switch::Enabled
            && (rules.default_action == Action::Allow
                || rules.ip_rules.iter().any(|rule| rule.admits(client)))
    }

    /// Whether the data plane answers a run that signs in with its task's own identity. Azure lets
    /// runs past the network's rules only where that is allowed for tasks in particular.
    pub fn admits_tasks(&self) -> bool {
        let is_open = self.public_network_access == Switch::Enabled
            && self.network_rule_set.default_action == Action::Allow;
        is_open
            || (self.network_rule_bypass_options == Bypass::AzureServices
                && self.network_rule_bypass_allowed_for_tasks)
    }

    pub fn is_abac(&self) -> bool {
        self.role_assignment_mode == RoleAssignmentMode::AbacRepositoryPermissions
    }
}

impl IpRule {
    fn admits(&self, client: IpAddr) -> bool {
        let Some((network, prefix)) = self.network() else {
            return false;
        };
        let (ours, theirs, width) = match (network, client.to_canonical()) {
            (IpAddr::V4(ours), IpAddr::V4(theirs)) => {
                (ours.to_bits().into(), theirs.to_bits().into(), 32)
            }
            (IpAddr::V6(ours), IpAddr::V6(theirs)) => (ours.to_bits(), theirs.to_bits(), 128),
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => return false,
        };
        let shift = width - prefix.min(width);
        let prefix_of = |address: u128| address.checked_shr(shift).unwrap_or(0);
        self.action == Action::Allow && prefix_of(ours) == prefix_of(theirs)
    }

    /// The address and how many of its bits count; `None` when the value is neither an address nor
    /// a range.
    pub fn network(&self) -> Option<(IpAddr, u32)> {
        let (address, prefix) = match self.value.split_once('/') {
            Some((address, prefix)) => (address, prefix.parse().ok()?),
            None => (self.value.as_str(), 128),
        };
        Some((address.parse().ok()?, prefix))
    }
}

/// The settings, saved as they change.
pub struct SettingsFile {
    folder: JsonFolder<Settings>,
    settings: RwLock<Settings>,
}

const NAME: &str = "registry";

impl SettingsFile {
    pub fn open(directory: &Path) -> Result<Self, FileError> {
        let folder = JsonFolder::<Settings>::open(directory.join("settings"))?;
        let settings = folder.load()?.pop().unwrap_or_default();
        Ok(Self {
            folder,
            settings: RwLock::new(settings),
        })
    }

    pub fn get(&self) -> Settings {
        let settings = self.settings.read().unwrap_or_else(PoisonError::into_inner);
        settings.clone()
    }

    /// Two changes at once would lose one, so a change is made under the lock.
    pub fn change<E: From<FileError>>(
        &self,
        change: impl FnOnce(&mut Settings) -> Result<(), E>,
    ) -> Result<Settings, E> {
        let mut settings = self
            .settings
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        let mut changed = settings.clone();
        change(&mut changed)?;
        self.folder.write(NAME, &changed)?;
        *settings = changed.clone();
        Ok(changed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_let_in_by_a_rule_that_covers_it() {
        for (rule, client, expected) in [
            ("127.0.0.1", "127.0.0.1", true),
            ("127.0.0.1", "::ffff:127.0.0.1", true),
            ("127.0.0.0/8", "127.9.9.9", true),
            ("128.0.0.0/1", "127.0.0.1", false),
            ("0.0.0.0/0", "127.0.0.1", true),
            ("::1", "::1", true),
            ("::1", "127.0.0.1", false),
            ("everybody", "127.0.0.1", false),
        ] {
            let settings = Settings {
                network_rule_set: NetworkRuleSet {
                    default_action: Action::Deny,
                    ip_rules: vec![IpRule {
                        action: Action::Allow,
                        value: rule.to_owned(),
                    }],
                },
                ..Settings::default()
            };
            let client: IpAddr = client.parse().unwrap();
            assert_eq!(settings.admits(client), expected, "{rule} {client}");
        }
    }

    #[test]
    fn runs_pass_the_networks_rules_only_where_that_is_allowed_for_tasks() {
        let mut settings = Settings::default();
        assert!(settings.admits_tasks());
        settings.public_network_access = Switch::Disabled;
        assert!(!settings.admits_tasks());
        settings.network_rule_bypass_allowed_for_tasks = true;
        assert!(settings.admits_tasks());
        settings.network_rule_bypass_options = Bypass::None;
        assert!(!settings.admits_tasks());
    }
}
