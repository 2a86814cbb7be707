//! A deployment: what was asked, how far it is, and how ARM shows it.
use super::template::{Plan, Planned};
use crate::tasks::zulu;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Saved at each change of state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Deployment {
    pub name: String,
    /// Names the status that a client polls; a new one at each PUT.
    pub number: String,
    pub mode: String,
    pub state: DeploymentState,
    pub template_hash: String,
    pub parameters: Value,
    pub outputs: Value,
    /// Ids of the resources, in the order in which they are made.
    pub resources: Vec<String>,
    providers: Value,
    dependencies: Value,
    pub started_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub correlation_id: Uuid,
    /// ARM's `error` object.
    pub error: Option<Value>,
    pub operations: Vec<Operation>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DeploymentState {
    Accepted,
    Running,
    Succeeded,
    Failed,
    Canceled,
}

/// What became of one resource, or of the outputs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Operation {
    pub id: String,
    pub target: Option<Target>,
    pub started_at: DateTime<Utc>,
    pub ended_at: DateTime<Utc>,
    pub tracking_id: Uuid,
    /// HTTP status of the answer.
    pub status: u16,
    pub error: Option<Value>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    pub id: String,
    pub kind: String,
    pub name: String,
}

impl DeploymentState {
    pub fn is_finished(self) -> bool {
        match self {
            Self::Accepted | Self::Running => false,
            Self::Succeeded | Self::Failed | Self::Canceled => true,
        }
    }
}

impl Deployment {
    pub fn new(name: &str, mode: &str, plan: &Plan, location: &str, now: DateTime<Utc>) -> Self {
        let correlation_id = Uuid::new_v4();
        let (high, _) = correlation_id.as_u64_pair();
        Self {
            name: name.to_owned(),
            number: format!("{high:020}"),
            mode: mode.to_owned(),
            state: DeploymentState::Accepted,
            template_hash: plan.template_hash.clone(),
            parameters: plan.parameters.clone(),
            outputs: json!({}),
            resources: plan.resources.iter().map(|it| it.id.clone()).collect(),
            providers: providers(&plan.resources, location),
            dependencies: dependencies(&plan.resources),
            started_at: now,
            updated_at: now,
            correlation_id,
            error: None,
            operations: Vec::new(),
        }
    }

    /// The resource, below the resource group `group_id`.
    pub fn to_arm(&self, group_id: &str) -> Value {
        let mut shown = self.envelope(group_id, &format!("{:?}", self.state));
        let properties = &mut shown["properties"];
        properties["duration"] = duration(self.updated_at - self.started_at).into();
        if self.state == DeploymentState::Succeeded {
            properties["outputs"] = self.outputs.clone();
            properties["outputResources"] = ids(&self.resources);
        }
        if let Some(error) = &self.error {
            properties["error"] = error.clone();
        }
        shown
    }

    /// What `validate` answers: nothing has been made.
    pub fn to_arm_validated(&self, group_id: &str) -> Value {
        let mut shown = self.envelope(group_id, "Succeeded");
        shown["properties"]["duration"] = "PT0S".into();
        shown["properties"]["validatedResources"] = ids(&self.resources);
        shown
    }

    fn envelope(&self, group_id: &str, state: &str) -> Value {
        json!({
            "id": format!("{group_id}/providers/Microsoft.Resources/deployments/{}", self.name),
            "name": self.name,
            "type": "Microsoft.Resources/deployments",
            "properties": {
                "templateHash": self.template_hash,
                "parameters": self.parameters,
                "mode": self.mode,
                "provisioningState": state,
                "timestamp": zulu(self.updated_at),
                "correlationId": self.correlation_id,
                "providers": self.providers,
                "dependencies": self.dependencies,
            },
        })
    }

    /// `{"status"}`, and why it failed.
    pub fn status(&self) -> Value {
        let mut status = json!({"status": format!("{:?}", self.state)});
        if let Some(error) = &self.error {
            status["error"] = error.clone();
        }
        status
    }
}

impl Operation {
    pub fn to_arm(&self, deployment_id: &str) -> Value {
        let provisioning = match &self.target {
            Some(_) => "Create",
            None => "EvaluateDeploymentOutput",
        };
        let is_ok = (200..300).contains(&self.status);
        let status = http::StatusCode::from_u16(self.status).unwrap_or_default();
        let reason = status.canonical_reason().unwrap_or_default();
        let mut properties = json!({
            "provisioningOperation": provisioning,
            "provisioningState": if is_ok { "Succeeded" } else { "Failed" },
            "timestamp": zulu(self.ended_at),
            "duration": duration(self.ended_at - self.started_at),
            "trackingId": self.tracking_id,
            "statusCode": reason.replace(' ', ""),
        });
        if let Some(target) = &self.target {
            properties["targetResource"] = json!({
                "id": target.id, "resourceType": target.kind, "resourceName": target.name,
            });
        }
        if let Some(error) = &self.error {
            properties["statusMessage"] = json!({"error": error});
        }
        let id = &self.id;
        json!({
            "id": format!("{deployment_id}/operations/{id}"),
            "operationId": id,
            "properties": properties,
        })
    }
}

fn ids(ids: &[String]) -> Value {
    ids.iter().map(|id| json!({"id": id})).collect()
}

/// `PT12.065742S`
fn duration(elapsed: TimeDelta) -> String {
    let seconds = format!("{:.7}", elapsed.as_seconds_f64().max(0.0));
    let seconds = seconds.trim_end_matches('0').trim_end_matches('.');
    format!("PT{seconds}S")
}

fn providers(resources: &[Planned], location: &str) -> Value {
    let mut types = BTreeMap::<&str, Vec<&str>>::new();
    for resource in resources {
        let (namespace, kind) = resource.kind.split_once('/').unwrap_or_default();
        let kinds = types.entry(namespace).or_default();
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    let provider = |(namespace, kinds): (&str, Vec<&str>)| {
        let kinds = kinds
            .iter()
            .map(|kind| json!({"resourceType": kind, "locations": [location]}));
        json!({"namespace": namespace, "resourceTypes": kinds.collect::<Vec<_>>()})
    };
    types.into_iter().map(provider).collect()
}

fn dependencies(resources: &[Planned]) -> Value {
    let show = |resource: &Planned| json!({"id": resource.id, "resourceType": resource.kind, "resourceName": resource.name});
    let dependency = |resource: &Planned| {
        let mut named = resource.depends_on.clone();
        named.dedup();
        let on = resources.iter().filter(|other| named.contains(&other.id));
        let mut shown = show(resource);
        shown["dependsOn"] = on.map(show).collect();
        shown
    };
    let dependent = resources.iter().filter(|it| !it.depends_on.is_empty());
    dependent.map(dependency).collect()
}
