//! A task definition: the document that ARM keeps under `registries/{r}/tasks/{t}`.
use super::instant;
use super::secrets::{View, hide_secrets};
use chrono::{DateTime, Utc};
use drydock_domain::cron::Cron;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use uuid::Uuid;

/// As a client wrote it, with what the service adds: identity, defaults, dates.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Task {
    pub name: String,
    pub location: String,
    pub tags: Map<String, Value>,
    pub identity: Option<Identity>,
    /// `properties`, secrets included; [`Task::to_arm`] leaves those out.
    pub properties: Map<String, Value>,
    pub created_at: DateTime<Utc>,
    pub modified_at: DateTime<Utc>,
    /// Object id of whoever wrote it.
    pub created_by: String,
    pub modified_by: String,
}

/// A system-assigned identity lives as long as its task has one: a task that is deleted and made
/// again is another principal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// As written: `SystemAssigned`, `UserAssigned`, `SystemAssigned, UserAssigned`.
    pub kind: String,
    pub principal_id: Option<Uuid>,
}

/// A timer that starts runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timer {
    pub name: String,
    pub schedule: String,
    pub cron: Cron,
}

/// A task that the service does not accept: which member, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("The task cannot be used: '{field}' {why}.")]
pub struct InvalidTask {
    pub field: String,
    pub why: String,
}

/// Who writes, and when.
pub struct Edit {
    pub at: DateTime<Utc>,
    pub by: String,
}

const DEFAULT_TIMEOUT_SECONDS: u64 = 3600;
const TIMEOUT_SECONDS: std::ops::RangeInclusive<u64> = 300..=28_800;
const STEP_TYPES: [&str; 3] = ["Docker", "FileTask", "EncodedTask"];

impl Task {
    /// What a PUT of `body` makes. `existing` keeps its creation date and its identity's id.
    pub fn put(
        name: &str,
        body: &Value,
        existing: Option<&Self>,
        location: &str,
        edit: &Edit,
    ) -> Result<Self, InvalidTask> {
        check_name(name)?;
        let properties = body.get("properties").and_then(Value::as_object);
        let Some(properties) = properties else {
            return Err(invalid("properties", "is missing"));
        };
        let mut task = Self {
            name: existing.map_or(name, |task| &task.name).to_owned(),
            location: text(body, "location").unwrap_or(location).to_owned(),
            tags: object(body.get("tags")),
            identity: identity(body, existing),
            properties: properties.clone(),
            created_at: existing.map_or(edit.at, |task| task.created_at),
            created_by: existing.map_or(&edit.by, |task| &task.created_by).clone(),
            modified_at: edit.at,
            modified_by: edit.by.clone(),
        };
        task.properties.retain(|_, value| !value.is_null());
        task.fill_defaults();
        task.check()?;
        Ok(task)
    }

    /// What a PATCH with `body` makes of this task: only what is there changes, and triggers are
    /// merged by their names.
    pub fn patch(&self, body: &Value, edit: &Edit) -> Result<Self, InvalidTask> {
        let mut task = self.clone();
        if let Some(tags) = body.get("tags").and_then(Value::as_object) {
            task.tags = tags.clone();
        }
        if body
            .get("identity")
            .is_some_and(|identity| !identity.is_null())
        {
            task.identity = identity(body, Some(self));
        }
        let changes = object(body.get("properties"));
        for (member, change) in &changes {
            merge(&mut task.properties, member, change);
        }
        task.modified_at = edit.at;
        task.modified_by = edit.by.clone();
        task.fill_defaults();
        task.check()?;
        Ok(task)
    }

    pub fn is_enabled(&self) -> bool {
        is_enabled(self.properties.get("status"))
    }

    pub fn step(&self) -> &Map<String, Value> {
        let step = self.properties.get("step").and_then(Value::as_object);
        step.expect("a task without a step is never made: Task::check refuses it")
    }

    pub fn timeout(&self) -> std::time::Duration {
        let seconds = self.properties.get("timeout").and_then(Value::as_u64);
        std::time::Duration::from_secs(seconds.unwrap_or(DEFAULT_TIMEOUT_SECONDS))
    }

    /// The timers that start runs: those of an enabled task that are enabled themselves.
    pub fn timers(&self) -> Vec<Timer> {
        if !self.is_enabled() {
            return Vec::new();
        }
        let enabled = timer_values(&self.properties)
            .iter()
            .filter(|timer| is_enabled(timer.get("status")));
        enabled
            .filter_map(|timer| parse_timer(timer).ok())
            .collect()
    }

    /// The resource as ARM shows it, below the registry `registry_id`.
    pub fn to_arm(&self, registry_id: &str, tenant_id: &str, view: View) -> Value {
        let mut properties = Map::new();
        properties.insert("provisioningState".into(), "Succeeded".into());
        properties.insert(
            "creationDate".into(),
            instant::precise(self.created_at).into(),
        );
        properties.extend(self.properties.clone());
        hide_secrets(&mut properties, view);
        let mut resource = Map::new();
        resource.insert(
            "type".into(),
            "Microsoft.ContainerRegistry/registries/tasks".into(),
        );
        if let Some(identity) = &self.identity {
            resource.insert("identity".into(), identity.to_arm(tenant_id));
        }
        resource.insert("properties".into(), properties.into());
        resource.insert(
            "id".into(),
            format!("{registry_id}/tasks/{}", self.name).into(),
        );
        resource.insert("name".into(), self.name.clone().into());
        resource.insert("tags".into(), self.tags.clone().into());
        resource.insert("location".into(), self.location.clone().into());
        resource.insert("systemData".into(), self.system_data());
        resource.into()
    }

    fn system_data(&self) -> Value {
        json!({
            "createdBy": self.created_by,
            "createdByType": "Application",
            "createdAt": instant::precise(self.created_at),
            "lastModifiedBy": self.modified_by,
            "lastModifiedByType": "Application",
            "lastModifiedAt": instant::precise(self.modified_at),
        })
    }

    fn fill_defaults(&mut self) {
        for read_only in ["provisioningState", "creationDate"] {
            self.properties.remove(read_only);
        }
        for (member, default) in [
            ("status", json!("Enabled")),
            ("platform", json!({"os": "linux", "architecture": "amd64"})),
            ("agentConfiguration", json!({"cpu": 2})),
            ("timeout", json!(DEFAULT_TIMEOUT_SECONDS)),
            ("isSystemTask", json!(false)),
        ] {
            self.properties.entry(member).or_insert(default);
        }
        let timers = self
            .properties
            .get_mut("trigger")
            .and_then(|trigger| trigger.get_mut("timerTriggers"))
            .and_then(Value::as_array_mut);
        for timer in timers
            .into_iter()
            .flatten()
            .filter_map(Value::as_object_mut)
        {
            timer.entry("status").or_insert("Enabled".into());
        }
    }

    fn check(&self) -> Result<(), InvalidTask> {
        let step = self.properties.get("step").and_then(Value::as_object);
        let kind = step
            .and_then(|step| step.get("type"))
            .and_then(Value::as_str);
        if !kind.is_some_and(|kind| STEP_TYPES.contains(&kind)) {
            let why = format!("is not one of {}", STEP_TYPES.join(", "));
            return Err(invalid("properties.step.type", &why));
        }
        let timeout = self.properties.get("timeout").and_then(Value::as_u64);
        if !timeout.is_some_and(|seconds| TIMEOUT_SECONDS.contains(&seconds)) {
            return Err(invalid(
                "properties.timeout",
                "is not between 300 and 28800 seconds",
            ));
        }
        let mut names = BTreeSet::new();
        for timer in timer_values(&self.properties) {
            let timer = parse_timer(timer)?;
            if !names.insert(timer.name.to_ascii_lowercase()) {
                let why = format!("has two timers of the name '{}'", timer.name);
                return Err(invalid("properties.trigger.timerTriggers", &why));
            }
        }
        Ok(())
    }
}

impl Identity {
    fn to_arm(&self, tenant_id: &str) -> Value {
        let mut identity = Map::new();
        if let Some(principal_id) = self.principal_id {
            identity.insert("principalId".into(), principal_id.to_string().into());
            identity.insert("tenantId".into(), tenant_id.into());
        }
        identity.insert("type".into(), self.kind.clone().into());
        identity.into()
    }
}

fn check_name(name: &str) -> Result<(), InvalidTask> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if (5..=50).contains(&name.len()) && name.bytes().all(allowed) {
        return Ok(());
    }
    Err(invalid(
        "name",
        "is not 5 to 50 letters, digits, '-' or '_'",
    ))
}

fn identity(body: &Value, existing: Option<&Task>) -> Option<Identity> {
    let kind = text(body.get("identity")?, "type")?;
    if kind.eq_ignore_ascii_case("None") {
        return None;
    }
    let system_assigned = kind.to_ascii_lowercase().contains("systemassigned");
    let kept = existing.and_then(|task| task.identity.as_ref()?.principal_id);
    Some(Identity {
        kind: kind.to_owned(),
        principal_id: system_assigned.then(|| kept.unwrap_or_else(Uuid::new_v4)),
    })
}

fn timer_values(properties: &Map<String, Value>) -> &[Value] {
    let timers = properties
        .get("trigger")
        .and_then(|trigger| trigger.get("timerTriggers"));
    timers.and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn parse_timer(timer: &Value) -> Result<Timer, InvalidTask> {
    let Some(name) = text(timer, "name").filter(|name| !name.is_empty()) else {
        return Err(invalid(
            "properties.trigger.timerTriggers.name",
            "is missing",
        ));
    };
    let field = format!("properties.trigger.timerTriggers[{name}].schedule");
    let Some(schedule) = text(timer, "schedule") else {
        return Err(invalid(&field, "is missing"));
    };
    let cron = Cron::parse(schedule)
        .map_err(|error| invalid(&field, &format!("'{schedule}' is refused: {error}")))?;
    Ok(Timer {
        name: name.to_owned(),
        schedule: schedule.to_owned(),
        cron,
    })
}

/// Objects are merged member by member, lists of triggers by name, everything else is replaced.
/// A `null` is as good as an absent member.
fn merge(into: &mut Map<String, Value>, member: &str, change: &Value) {
    match (into.get_mut(member), change) {
        (_, Value::Null) => {}
        (Some(Value::Object(old)), Value::Object(new)) => {
            for (inner, change) in new {
                merge(old, inner, change);
            }
        }
        (Some(Value::Array(old)), Value::Array(new)) if member.ends_with("Triggers") => {
            merge_by_name(old, new);
        }
        _ => {
            into.insert(member.to_owned(), change.clone());
        }
    }
}

fn merge_by_name(old: &mut Vec<Value>, new: &[Value]) {
    for change in new {
        let name = text(change, "name").unwrap_or_default();
        let same = old
            .iter_mut()
            .find(|value| text(value, "name").is_some_and(|old| old.eq_ignore_ascii_case(name)));
        match (same, change) {
            (Some(Value::Object(old)), Value::Object(change)) => {
                for (member, change) in change {
                    merge(old, member, change);
                }
            }
            _ => old.push(change.clone()),
        }
    }
}

fn is_enabled(status: Option<&Value>) -> bool {
    let status = status.and_then(Value::as_str).unwrap_or("Enabled");
    status.eq_ignore_ascii_case("Enabled")
}

fn object(value: Option<&Value>) -> Map<String, Value> {
    value
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default()
}

fn text<'a>(value: &'a Value, member: &str) -> Option<&'a str> {
    value.get(member)?.as_str()
}

fn invalid(field: &str, why: &str) -> InvalidTask {
    InvalidTask {
        field: field.to_owned(),
        why: why.to_owned(),
    }
}

#[cfg(test)]
#[path = "task_tests.rs"]
mod tests;
