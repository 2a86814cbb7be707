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
    pub public_network_access: Option<String>,
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
