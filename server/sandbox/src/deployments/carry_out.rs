//! Makes the resources of a deployment, one after the other, by the requests that a client would
//! send.
use super::evaluate::{Context, TemplateError};
use super::record::{DeploymentState, Operation, Target};
use super::template::{Plan, Planned, references};
use crate::State;
use crate::arm;
use crate::tokens::Principal;
use http::{Method, StatusCode};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;
use uuid::Uuid;

/// A deployment under way.
pub struct Job {
    pub state: Arc<State>,
    /// In whose name the resources are made.
    pub caller: Principal,
    pub name: String,
    pub number: String,
    pub plan: Plan,
    pub context: Context,
}

impl Job {
    pub async fn carry_out(mut self) {
        self.update(|deployment| deployment.state = DeploymentState::Running);
        let resources = std::mem::take(&mut self.plan.resources);
        let mut failed = BTreeSet::new();
        let mut errors = Vec::new();
        for resource in &resources {
            if self.is_canceled() {
                return;
            }
            // What stands on a failed resource is left out; the rest goes on, as in Azure.
            if resource.depends_on.iter().any(|id| failed.contains(id)) {
                failed.insert(resource.id.clone());
            } else if let Some(error) = self.make(resource).await {
                failed.insert(resource.id.clone());
                errors.push(error);
            }
        }
        if errors.is_empty()
            && let Some(error) = self.evaluate_outputs().await
        {
            errors.push(error);
        }
        self.end(errors);
    }

    /// Makes one resource; answers what the deployment's error says of it when it is refused.
    async fn make(&mut self, resource: &Planned) -> Option<Value> {
        let started_at = self.state.clock.now();
        let (status, answer) = self.request(resource).await;
        let error = (!status.is_success()).then(|| answer["error"].clone());
        let target = Target {
            id: resource.id.clone(),
            kind: resource.kind.clone(),
            name: resource.name.clone(),
        };
        self.record(started_at, Some(target), status, error.clone());
        if error.is_none() {
            let id = resource.id.to_ascii_lowercase();
            self.context.resources.insert(id, answer);
        }
        error.map(|error| nested(status, &error))
    }

    async fn request(&mut self, resource: &Planned) -> (StatusCode, Value) {
        let wanted = resource.references(&self.context);
        let body = match wanted {
            Ok(ids) => {
                self.fetch(ids, &resource.api_version).await;
                resource.evaluate(&self.context)
            }
            Err(error) => Err(error),
        };
        match body {
            Ok(body) => {
                let version = &resource.api_version;
                self.send(Method::PUT, &resource.id, version, &body).await
            }
            Err(error) => invalid(&error),
        }
    }

    /// Reads what `reference()` names and this deployment has not made itself.
    async fn fetch(&mut self, ids: Vec<String>, api_version: &str) {
        for id in ids {
            let key = id.to_ascii_lowercase();
            if self.context.resources.contains_key(&key) {
                continue;
            }
            let (status, found) = self.send(Method::GET, &id, api_version, &Value::Null).await;
            if status.is_success() {
                self.context.resources.insert(key, found);
            }
        }
    }

    async fn send(
        &self,
        method: Method,
        id: &str,
        api_version: &str,
        body: &Value,
    ) -> (StatusCode, Value) {
        arm::request(&self.state, &self.caller, method, id, api_version, body).await
    }

    async fn evaluate_outputs(&mut self) -> Option<Value> {
        let outputs = Value::from(std::mem::take(&mut self.plan.outputs));
        let started_at = self.state.clock.now();
        let evaluated = match references(&outputs, &self.context) {
            Ok(ids) => {
                self.fetch(ids, "1").await;
                self.context.evaluate_all(&outputs)
            }
            Err(error) => Err(error),
        };
        match evaluated {
            Ok(outputs) => {
                self.record(started_at, None, StatusCode::OK, None);
                self.update(|deployment| deployment.outputs = outputs);
                None
            }
            Err(error) => {
                let (status, answer) = invalid(&error);
                self.record(started_at, None, status, Some(answer["error"].clone()));
                Some(nested(status, &answer["error"]))
            }
        }
    }

    fn record(
        &self,
        started_at: chrono::DateTime<chrono::Utc>,
        target: Option<Target>,
        status: StatusCode,
        error: Option<Value>,
    ) {
        let tracking_id = Uuid::new_v4();
        let (high, _) = tracking_id.as_u64_pair();
        let operation = Operation {
            id: format!("{high:016X}"),
            target,
            started_at,
            ended_at: self.state.clock.now(),
            tracking_id,
            status: status.as_u16(),
            error,
        };
        self.update(|deployment| deployment.operations.push(operation));
    }

    fn end(&self, errors: Vec<Value>) {
        self.update(|deployment| {
            if errors.is_empty() {
                deployment.state = DeploymentState::Succeeded;
                return;
            }
            deployment.state = DeploymentState::Failed;
            deployment.error = Some(json!({
                "code": "DeploymentFailed",
                "message": "At least one resource deployment operation failed. Please list deployment operations for details. Please see https://aka.ms/arm-deployment-operations for usage details.",
                "details": errors,
            }));
        });
    }

    fn is_canceled(&self) -> bool {
        let found = self.state.resources.deployments.find(&self.name);
        found.is_none_or(|deployment| {
            deployment.number != self.number || deployment.state == DeploymentState::Canceled
        })
    }

    fn update(&self, change: impl FnOnce(&mut super::Deployment)) {
        let deployments = &self.state.resources.deployments;
        deployments.update(&self.name, &self.number, change);
    }
}

/// An error within the error of a deployment is JSON in a text, with the line ends of Windows.
fn nested(status: StatusCode, error: &Value) -> Value {
    let code = status
        .canonical_reason()
        .unwrap_or_default()
        .replace(' ', "");
    let mut wrapped = Map::new();
    wrapped.insert("error".into(), error.clone());
    let message = serde_json::to_string_pretty(&wrapped).unwrap_or_default();
    json!({"code": code, "message": message.replace('\n', "\r\n")})
}

fn invalid(error: &TemplateError) -> (StatusCode, Value) {
    let message = format!("Unable to process template language expressions: '{error}'");
    let error = json!({"code": "InvalidTemplate", "message": message});
    (StatusCode::BAD_REQUEST, json!({"error": error}))
}
