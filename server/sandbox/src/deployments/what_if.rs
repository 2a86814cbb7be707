//! What a deployment would change: each resource of its template beside the one that is there.
use super::evaluate::Context;
use super::template::{Plan, Planned};
use crate::State;
use crate::arm;
use crate::tokens::Principal;
use http::{Method, StatusCode};
use serde_json::{Map, Value, json};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use uuid::Uuid;

/// One question under way.
pub struct WhatIf {
    pub state: Arc<State>,
    /// In whose name the resources are read.
    pub caller: Principal,
    pub id: Uuid,
    pub plan: Plan,
    pub context: Context,
    /// `ResourceIdOnly`: what is there is not compared, so that a resource that is there is one to
    /// `Deploy`.
    pub ids_only: bool,
}

/// The answers, until they are asked for; the oldest ones are forgotten.
#[derive(Default)]
pub struct WhatIfs(Mutex<VecDeque<(Uuid, Option<Value>)>>);

const KEPT: usize = 32;

impl WhatIfs {
    pub fn begin(&self) -> Uuid {
        let id = Uuid::new_v4();
        let mut answers = self.lock();
        answers.truncate(KEPT - 1);
        answers.push_front((id, None));
        id
    }

    /// The answer within is `None` while it is being worked out; `None` for an id that nobody asked
    /// under, or long ago.
    pub fn find(&self, id: Uuid) -> Option<Option<Value>> {
        let answers = self.lock();
        let found = answers.iter().find(|(known, _)| *known == id);
        found.map(|(_, answer)| answer.clone())
    }

    fn end(&self, id: Uuid, answer: Value) {
        let mut answers = self.lock();
        if let Some(place) = answers.iter_mut().find(|(known, _)| *known == id) {
            place.1 = Some(answer);
        }
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<(Uuid, Option<Value>)>> {
        // Each change is one insert or one field: a panic leaves the list whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl WhatIf {
    pub async fn carry_out(mut self) {
        let resources = std::mem::take(&mut self.plan.resources);
        let mut before = Vec::with_capacity(resources.len());
        for resource in &resources {
            let found = self.get(&resource.id, &resource.api_version).await;
            if let Some(found) = &found {
                let id = resource.id.to_ascii_lowercase();
                self.context.resources.insert(id, found.clone());
            }
            before.push(found);
        }
        let mut changes: Vec<Value> = resources
            .iter()
            .zip(&before)
            .map(|(resource, before)| self.change(resource, before.as_ref()))
            .collect();
        // Whatever else is in the group stays as it is.
        let registry_id = self.state.endpoints.registry_id();
        let is_named = |resource: &Planned| resource.id.eq_ignore_ascii_case(&registry_id);
        if !resources.iter().any(is_named) {
            let found = self.get(&registry_id, "2025-11-01").await;
            let mut ignored = json!({"resourceId": registry_id, "changeType": "Ignore"});
            if let Some(found) = found.filter(|_| !self.ids_only) {
                ignored["before"] = found.clone();
                ignored["after"] = found;
            }
            changes.push(ignored);
        }
        let answer = json!({"status": "Succeeded", "properties": {"changes": changes}});
        self.state.resources.what_ifs.end(self.id, answer);
    }

    async fn get(&self, id: &str, api_version: &str) -> Option<Value> {
        let asked = arm::request(
            &self.state,
            &self.caller,
            Method::GET,
            id,
            api_version,
            &Value::Null,
        );
        let (status, found) = asked.await;
        (status == StatusCode::OK).then_some(found)
    }

    fn change(&self, resource: &Planned, before: Option<&Value>) -> Value {
        let mut change = json!({"resourceId": resource.id});
        if self.ids_only {
            let kind = before.map_or("Create", |_| "Deploy");
            change["changeType"] = kind.into();
            return change;
        }
        let mut after = resource.evaluate_known(&self.context);
        let short = resource.name.rsplit('/').next().unwrap_or_default();
        for (name, value) in [
            ("id", resource.id.as_str()),
            ("name", short),
            ("apiVersion", &resource.api_version),
            ("type", &resource.kind),
        ] {
            after[name] = value.into();
        }
        let deltas = match before {
            None => {
                change["changeType"] = "Create".into();
                change["after"] = after;
                return change;
            }
            Some(before) => differences(before, &resource.evaluate_known(&self.context)),
        };
        let kind = if deltas.is_empty() {
            "NoChange"
        } else {
            "Modify"
        };
        change["changeType"] = kind.into();
        change["before"] = before.cloned().unwrap_or_default();
        change["after"] = after;
        change["delta"] = deltas.into();
        change
    }
}

/// What `after` says otherwise than `before`. Members that it does not have are the service's own,
/// and stay.
fn differences(before: &Value, after: &Value) -> Vec<Value> {
    let mut deltas = Vec::new();
    compare("", before, after, &mut deltas);
    deltas
}

fn compare(path: &str, before: &Value, after: &Value, deltas: &mut Vec<Value>) {
    match (before, after) {
        (Value::Object(old), Value::Object(new)) => {
            for (name, after) in new {
                let before = member(old, name).unwrap_or(&Value::Null);
                let path = match path {
                    "" => name.clone(),
                    path => format!("{path}.{name}"),
                };
                compare(&path, before, after, deltas);
            }
        }
        (Value::Array(old), Value::Array(new)) => {
            let children = compare_items(old, new);
            if !children.is_empty() {
                deltas.push(json!({
                    "path": path, "propertyChangeType": "Array", "children": children,
                }));
            }
        }
        _ if before == after => {}
        (Value::Null, after) => deltas.push(json!({
            "path": path, "propertyChangeType": "Create", "after": after,
        })),
        (before, after) => deltas.push(json!({
            "path": path, "propertyChangeType": "Modify", "before": before, "after": after,
        })),
    }
}

fn compare_items(old: &[Value], new: &[Value]) -> Vec<Value> {
    let mut children = Vec::new();
    for at in 0..old.len().max(new.len()) {
        let path = at.to_string();
        match (old.get(at), new.get(at)) {
            (Some(old @ Value::Object(_)), Some(new @ Value::Object(_))) => {
                let within = differences(old, new);
                if !within.is_empty() {
                    children.push(json!({
                        "path": path, "propertyChangeType": "Modify", "children": within,
                    }));
                }
            }
            (Some(old), None) => children.push(json!({
                "path": path, "propertyChangeType": "Delete", "before": old,
            })),
            (old, new) => {
                let none = Value::Null;
                let (old, new) = (old.unwrap_or(&none), new.unwrap_or(&none));
                compare(&path, old, new, &mut children);
            }
        }
    }
    children
}

fn member<'v>(members: &'v Map<String, Value>, name: &str) -> Option<&'v Value> {
    let mut members = members.iter();
    let found = members.find(|(known, _)| known.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(before: Value, after: Value, expected: Value) {
        assert_eq!(Value::from(differences(&before, &after)), expected);
    }

    #[test]
    fn what_a_template_leaves_out_is_no_difference() {
        let before = json!({"name": "x", "properties": {"Status": "Enabled", "creationDate": "t"}});
        check(
            before,
            json!({"properties": {"status": "Enabled"}}),
            json!([]),
        );
    }

    #[test]
    fn differences_are_told_by_their_path() {
        check(
            json!({"sku": {"name": "A"}, "tags": {}}),
            json!({"sku": {"name": "B"}, "tags": {"cssc": "true"}}),
            json!([
                {"path": "sku.name", "propertyChangeType": "Modify", "before": "A", "after": "B"},
                {"path": "tags.cssc", "propertyChangeType": "Create", "after": "true"},
            ]),
        );
    }

    #[test]
    fn lists_are_compared_item_by_item() {
        check(
            json!({"n": [1], "timers": [{"name": "t", "schedule": "1"}, {"name": "u"}]}),
            json!({"n": [1, 2], "timers": [{"name": "t", "schedule": "2"}]}),
            json!([
                {"path": "n", "propertyChangeType": "Array", "children": [
                    {"path": "1", "propertyChangeType": "Create", "after": 2},
                ]},
                {"path": "timers", "propertyChangeType": "Array", "children": [
                    {"path": "0", "propertyChangeType": "Modify", "children": [
                        {"path": "schedule", "propertyChangeType": "Modify", "before": "1", "after": "2"},
                    ]},
                    {"path": "1", "propertyChangeType": "Delete", "before": {"name": "u"}},
                ]},
            ]),
        );
    }
}
