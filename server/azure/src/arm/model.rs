//! ARM's resources, as far as continuous patching reads them. Members that a resource lacks are
//! empty, members that this client does not know are ignored.
use crate::AzureError;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use drydock_domain::run::{Run, RunCause, RunStatus, TaskName};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RegistryResource {
    pub id: String,
    pub name: String,
    pub location: String,
    pub sku: Sku,
    pub properties: RegistryProperties,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Sku {
    pub name: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RegistryProperties {
    /// Not always `NAME.azurecr.io`: a Domain Name Label registry has a hash in it.
    pub login_server: String,
    /// `LegacyRegistryPermissions` or `AbacRepositoryPermissions`.
    pub role_assignment_mode: Option<String>,
    pub provisioning_state: Option<String>,
    /// `Enabled`, `Disabled` or `SecuredByPerimeter`.
    pub public_network_access: Option<String>,
    pub network_rule_set: Option<NetworkRuleSet>,
    /// `AzureServices` or `None`.
    pub network_rule_bypass_options: Option<String>,
    /// Without it, tasks that sign in with their own identity are refused by the registry's
    /// network rules.
    pub network_rule_bypass_allowed_for_tasks: Option<bool>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NetworkRuleSet {
    /// `Allow` or `Deny`.
    pub default_action: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Subscription {
    pub subscription_id: String,
    pub display_name: String,
    /// `Enabled`, `Warned`, `PastDue`, `Disabled` or `Deleted`.
    pub state: Option<String>,
    pub subscription_policies: Option<SubscriptionPolicies>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SubscriptionPolicies {
    /// The offer: `FreeTrial_2014-09-01`, `PayAsYouGo_2014-09-01`.
    pub quota_id: Option<String>,
}

/// A rule of the artifact cache: pulling `target_repository` fetches `source_repository`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CacheRule {
    pub name: String,
    pub properties: CacheRuleProperties,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CacheRuleProperties {
    /// `docker.io/library/ubuntu`, or `mcr.microsoft.com/*`.
    pub source_repository: String,
    /// `ubuntu`, or `mcr/*`.
    pub target_repository: String,
}

impl CacheRule {
    /// Whether pulling from `repository` goes through this rule.
    pub fn covers(&self, repository: &str) -> bool {
        let target = &self.properties.target_repository;
        match target.strip_suffix('*') {
            Some(prefix) => repository.starts_with(prefix),
            None => repository == target,
        }
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Task {
    pub id: String,
    pub name: String,
    pub identity: Option<Identity>,
    pub properties: TaskProperties,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Identity {
    pub principal_id: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct TaskProperties {
    pub creation_date: Option<DateTime<Utc>>,
    pub status: Option<String>,
    pub step: Option<Step>,
    pub trigger: Option<Trigger>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Step {
    pub encoded_task_content: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Trigger {
    pub timer_triggers: Option<Vec<TimerTrigger>>,
}

/// A cron of five fields in UTC.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TimerTrigger {
    pub name: String,
    pub schedule: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
}

impl Task {
    /// Object id of the task's system-assigned identity.
    pub fn principal_id(&self) -> Option<&str> {
        let identity = self.identity.as_ref()?;
        identity.principal_id.as_deref().filter(|id| !id.is_empty())
    }

    /// The task's definition in YAML; line ends as deployed.
    pub fn yaml(&self) -> Option<String> {
        let encoded = self
            .properties
            .step
            .as_ref()?
            .encoded_task_content
            .as_ref()?;
        String::from_utf8(STANDARD.decode(encoded).ok()?).ok()
    }

    pub fn timers(&self) -> &[TimerTrigger] {
        self.properties
            .trigger
            .as_ref()
            .and_then(|trigger| trigger.timer_triggers.as_deref())
            .unwrap_or_default()
    }
}

/// What a PUT of a task is made of.
#[derive(Clone, Debug)]
pub struct TaskDefinition {
    pub location: String,
    /// ARM tags, in this order.
    pub tags: Vec<(&'static str, &'static str)>,
    /// With a system-assigned identity.
    pub identity: bool,
    pub yaml: String,
    pub timer: Option<TimerTrigger>,
}

impl TaskDefinition {
    pub(super) fn body(&self) -> Value {
        let tags: serde_json::Map<String, Value> = self
            .tags
            .iter()
            .map(|(name, value)| ((*name).to_owned(), json!(value)))
            .collect();
        let mut body = json!({
            "location": self.location,
            "tags": tags,
            "properties": {
                "status": "Enabled",
                "platform": {"os": "linux", "architecture": "amd64"},
                "agentConfiguration": {"cpu": 2},
                "timeout": 3600,
                "isSystemTask": false,
                "step": encoded_step(&self.yaml),
            },
        });
        if self.identity {
            body["identity"] = json!({"type": "SystemAssigned"});
        }
        if let Some(timer) = &self.timer {
            body["properties"]["trigger"] = json!({"timerTriggers": [timer]});
        }
        body
    }
}

/// The `step` of a task whose definition is sent along.
pub(super) fn encoded_step(yaml: &str) -> Value {
    json!({
        "type": "EncodedTask",
        "encodedTaskContent": STANDARD.encode(yaml),
        "values": [],
    })
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RoleAssignment {
    pub id: String,
    pub name: String,
    pub properties: RoleAssignmentProperties,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RoleAssignmentProperties {
    pub role_definition_id: String,
    pub principal_id: String,
    pub scope: String,
}

/// What one of the credential's roles allows at a scope; names may hold `*`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Permission {
    pub actions: Vec<String>,
    pub not_actions: Vec<String>,
    pub data_actions: Vec<String>,
    pub not_data_actions: Vec<String>,
}

impl Permission {
    /// Whether this role lets a call through: an action of the management plane, whose names are
    /// compared without case, and `*` stands for any part of one.
    pub fn allows(&self, action: &str) -> bool {
        let any = |patterns: &[String]| patterns.iter().any(|pattern| matches(pattern, action));
        any(&self.actions) && !any(&self.not_actions)
    }
}

fn matches(pattern: &str, action: &str) -> bool {
    let (pattern, action) = (pattern.to_ascii_lowercase(), action.to_ascii_lowercase());
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = action.strip_prefix(first) else {
        return false;
    };
    let mut last = None;
    for part in parts {
        if let Some(middle) = last.replace(part) {
            match rest.split_once(middle) {
                Some((_, after)) => rest = after,
                None => return false,
            }
        }
    }
    last.map_or(rest.is_empty(), |end| rest.ends_with(end))
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct RunResource {
    pub name: String,
    pub properties: RunProperties,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct RunProperties {
    run_id: Option<String>,
    status: Option<RunStatus>,
    last_updated_time: Option<DateTime<Utc>>,
    create_time: Option<DateTime<Utc>>,
    start_time: Option<DateTime<Utc>>,
    finish_time: Option<DateTime<Utc>>,
    task: Option<String>,
    timer_trigger: Option<RunTimer>,
    image_update_trigger: Option<Value>,
    source_trigger: Option<Value>,
    run_error_message: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct RunTimer {
    timer_trigger_name: Option<String>,
    schedule_occurrence: Option<String>,
}

impl RunResource {
    pub(super) fn into_run(self) -> Result<Run, AzureError> {
        let properties = self.properties;
        let id = properties.run_id.unwrap_or(self.name);
        let created_at = properties
            .create_time
            .or(properties.last_updated_time)
            .ok_or_else(|| AzureError::internal(format!("run {id} has no time of creation")))?;
        let cause = match (
            properties.timer_trigger,
            properties.image_update_trigger,
            properties.source_trigger,
        ) {
            (Some(timer), _, _) => RunCause::Timer {
                name: timer.timer_trigger_name.unwrap_or_default(),
                occurrence: timer.schedule_occurrence.and_then(|text| text.parse().ok()),
            },
            (None, Some(_), _) => RunCause::ImageUpdate,
            (None, None, Some(_)) => RunCause::Source,
            (None, None, None) => RunCause::Manual,
        };
        Ok(Run {
            id,
            task: properties.task.as_deref().and_then(TaskName::find),
            status: properties.status.unwrap_or(RunStatus::Unknown),
            cause,
            created_at,
            started_at: properties.start_time,
            finished_at: properties.finish_time,
            error: properties.run_error_message,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_allows_what_its_actions_name_less_what_it_excepts() {
        let role = |actions: &[&str], not_actions: &[&str]| Permission {
            actions: actions.iter().map(|&action| action.into()).collect(),
            not_actions: not_actions.iter().map(|&action| action.into()).collect(),
            ..Permission::default()
        };
        let write = "Microsoft.ContainerRegistry/registries/tasks/write";
        let check = |actions: &[&str], not_actions: &[&str], expected| {
            let allowed = role(actions, not_actions).allows(write);
            assert_eq!(allowed, expected, "{actions:?} less {not_actions:?}");
        };
        check(&["*"], &[], true);
        check(&["*/read"], &[], false);
        check(&["*/write"], &[], true);
        check(
            &["microsoft.containerregistry/registries/*/Write"],
            &[],
            true,
        );
        check(
            &["Microsoft.ContainerRegistry/registries/tasks"],
            &[],
            false,
        );
        check(&["*"], &["Microsoft.ContainerRegistry/*/tasks/*"], false);
        check(&["*"], &["Microsoft.Authorization/*/Write"], true);
        check(&[], &[], false);
    }

    #[test]
    fn a_cache_rule_covers_one_repository_or_all_below_a_path() {
        let rule = |target: &str| CacheRule {
            properties: CacheRuleProperties {
                target_repository: target.into(),
                ..CacheRuleProperties::default()
            },
            ..CacheRule::default()
        };
        assert!(rule("ubuntu").covers("ubuntu") && !rule("ubuntu").covers("ubuntu/x"));
        assert!(rule("mcr/*").covers("mcr/dotnet/sdk") && !rule("mcr/*").covers("mcrx"));
    }
}
