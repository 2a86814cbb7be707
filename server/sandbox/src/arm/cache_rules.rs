//! Cache rules: repositories that the registry fills from another one. The sandbox fetches nothing
//! by them; they are what makes a repository one that cannot be patched in place.
use super::{ArmError, Call, POLL};
use crate::tasks::{FileError, JsonFolder, zulu};
use axum::Json;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use http::{Method, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use uuid::Uuid;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CacheRule {
    pub name: String,
    /// `docker.io/library/ubuntu`
    pub source: String,
    /// `ubuntu`, or `hub/*` for everything below `hub`.
    pub target: String,
    pub credential_set: Option<String>,
    pub created_at: DateTime<Utc>,
    pub created_by: String,
}

/// The registry's rules, saved as they change.
pub struct CacheRules {
    files: JsonFolder<CacheRule>,
    /// By name in lower case.
    rules: Mutex<BTreeMap<String, CacheRule>>,
}

impl CacheRules {
    pub fn open(directory: &Path) -> Result<Self, FileError> {
        let files = JsonFolder::<CacheRule>::open(directory.join("cache-rules"))?;
        let rules = files.load()?.into_iter();
        let rules = rules.map(|rule| (rule.name.to_ascii_lowercase(), rule));
        Ok(Self {
            rules: Mutex::new(rules.collect()),
            files,
        })
    }

    /// The rule that fills a repository.
    pub fn find_over(&self, repository: &str) -> Option<CacheRule> {
        let rules = self.lock();
        rules.values().find(|rule| rule.fills(repository)).cloned()
    }

    fn put(&self, rule: CacheRule) -> Result<bool, ArmError> {
        let key = rule.name.to_ascii_lowercase();
        let mut rules = self.lock();
        let clash = rules
            .iter()
            .find(|(other, it)| **other != key && it.target == rule.target);
        if let Some((_, clash)) = clash {
            let message = format!(
                "The cache rule '{}' already has the target repository '{}'.",
                clash.name, clash.target
            );
            return Err(ArmError::new(StatusCode::CONFLICT, "Conflict", message));
        }
        self.files.write(&key, &rule)?;
        Ok(rules.insert(key, rule).is_none())
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, CacheRule>> {
        // Each change is one insert or remove: a panic leaves the map whole.
        self.rules.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl CacheRule {
    fn fills(&self, repository: &str) -> bool {
        match self.target.strip_suffix('*') {
            Some(prefix) => repository.starts_with(prefix),
            None => self.target == repository,
        }
    }
}

pub fn list(call: &Call) -> Result<Response, ArmError> {
    let rules = call.state.resources.cache_rules.lock();
    let value: Vec<Value> = rules.values().map(|rule| show(call, rule)).collect();
    Ok(Json(json!({"value": value})).into_response())
}

pub fn answer(call: &Call, name: &str) -> Result<Response, ArmError> {
    let rules = &call.state.resources.cache_rules;
    match call.method {
        Method::GET => Ok(Json(show(call, &find(call, name)?)).into_response()),
        Method::PUT | Method::PATCH => write(call, name),
        Method::DELETE => {
            let key = name.to_ascii_lowercase();
            let mut held = rules.lock();
            rules.files.delete(&key)?;
            let status = match held.remove(&key) {
                Some(_) => StatusCode::OK,
                None => StatusCode::NO_CONTENT,
            };
            Ok(status.into_response())
        }
        _ => Err(ArmError::method_not_allowed(&call.method)),
    }
}

/// The rule is there when this is answered; as in Azure, a client is told to poll nevertheless.
fn write(call: &Call, name: &str) -> Result<Response, ArmError> {
    let rules = &call.state.resources.cache_rules;
    let existing = find(call, name).ok();
    if existing.is_none() && call.method == Method::PATCH {
        return Err(not_found(call, name));
    }
    let rule = read(call, name, existing.as_ref())?;
    let status = if rules.put(rule.clone())? {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    let id = id(call, &rule.name);
    let path = format!("{id}/operationStatuses/cacherules-{}", Uuid::new_v4());
    let response = (status, Json(show(call, &rule))).into_response();
    Ok(call.poll_at(POLL, &path, response))
}

/// What a write has begun is done by now.
pub fn get_status(call: &Call, name: &str) -> Result<Response, ArmError> {
    find(call, name)?;
    Ok(Json(json!({"status": "Succeeded"})).into_response())
}

fn read(call: &Call, name: &str, existing: Option<&CacheRule>) -> Result<CacheRule, ArmError> {
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    if !(5..=50).contains(&name.len()) || !name.bytes().all(is_name) {
        let message =
            format!("The cache rule's name '{name}' is not 5 to 50 letters, digits or '-'.");
        return Err(ArmError::bad_request("InvalidResourceName", message));
    }
    let body = call.json()?;
    let properties = &body["properties"];
    let text = |member: &str| properties[member].as_str().map(str::to_owned);
    let required = |member: &str, old: Option<&String>| {
        text(member).or_else(|| old.cloned()).ok_or_else(|| {
            let message =
                format!("The cache rule cannot be used: 'properties.{member}' is missing.");
            ArmError::bad_request("InvalidRequestContent", message)
        })
    };
    Ok(CacheRule {
        name: existing.map_or(name, |rule| &rule.name).to_owned(),
        source: required("sourceRepository", existing.map(|rule| &rule.source))?,
        target: required("targetRepository", existing.map(|rule| &rule.target))?,
        credential_set: text("credentialSetResourceId")
            .or_else(|| existing.and_then(|rule| rule.credential_set.clone())),
        created_at: existing.map_or_else(|| call.state.clock.now(), |rule| rule.created_at),
        created_by: existing
            .map_or(&call.caller.object_id, |rule| &rule.created_by)
            .clone(),
    })
}

fn find(call: &Call, name: &str) -> Result<CacheRule, ArmError> {
    let rules = call.state.resources.cache_rules.lock();
    let found = rules.get(&name.to_ascii_lowercase()).cloned();
    drop(rules);
    found.ok_or_else(|| not_found(call, name))
}

fn not_found(call: &Call, name: &str) -> ArmError {
    let endpoints = &call.state.endpoints;
    let resource = format!("registries/{}/cacheRules/{name}", endpoints.registry_name);
    ArmError::resource_not_found(&resource, &endpoints.resource_group)
}

fn id(call: &Call, name: &str) -> String {
    format!("{}/cacheRules/{name}", call.state.endpoints.registry_id())
}

fn show(call: &Call, rule: &CacheRule) -> Value {
    let created_at = zulu(rule.created_at);
    let mut properties = json!({
        "sourceRepository": rule.source,
        "targetRepository": rule.target,
        "creationDate": created_at,
        "provisioningState": "Succeeded",
    });
    if let Some(set) = &rule.credential_set {
        properties["credentialSetResourceId"] = set.clone().into();
    }
    json!({
        "type": "Microsoft.ContainerRegistry/registries/cacheRules",
        "id": id(call, &rule.name),
        "name": rule.name,
        "systemData": {
            "createdBy": rule.created_by, "createdByType": "Application", "createdAt": created_at,
        },
        "properties": properties,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_fills_its_target_and_what_is_below_its_star() {
        for (target, repository, expected) in [
            ("ubuntu", "ubuntu", true),
            ("ubuntu", "ubuntu/x", false),
            ("hub/*", "hub/library/alpine", true),
            ("hub/*", "hub", false),
            ("*", "anything/at/all", true),
        ] {
            let rule = CacheRule {
                name: String::new(),
                source: String::new(),
                target: target.to_owned(),
                credential_set: None,
                created_at: DateTime::UNIX_EPOCH,
                created_by: String::new(),
            };
            assert_eq!(rule.fills(repository), expected, "{target} {repository}");
        }
    }
}
