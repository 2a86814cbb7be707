//! The one registry: found, shown and changed.
use super::path::Target;
use super::settings::{NetworkRuleSet, Settings, Sku, Switch};
use super::{ArmError, Call};
use crate::tasks::zulu;
use axum::Json;
use axum::response::{IntoResponse, Response};
use http::{Method, StatusCode};
use serde_json::{Value, json};

/// What the sandbox calls the place where it is.
pub const LOCATION: &str = "local";

/// Whether the subscription and the resource group of a path are the sandbox's own.
pub fn check_scope(call: &Call, target: &Target) -> Result<(), ArmError> {
    let endpoints = &call.state.endpoints;
    if let Some(subscription) = &target.subscription
        && !subscription.eq_ignore_ascii_case(&endpoints.subscription_id)
    {
        let message = format!("The subscription '{subscription}' could not be found.");
        return Err(ArmError::new(
            StatusCode::NOT_FOUND,
            "SubscriptionNotFound",
            message,
        ));
    }
    if let Some(group) = &target.resource_group
        && !group.eq_ignore_ascii_case(&endpoints.resource_group)
    {
        let message = format!("Resource group '{group}' could not be found.");
        return Err(ArmError::new(
            StatusCode::NOT_FOUND,
            "ResourceGroupNotFound",
            message,
        ));
    }
    Ok(())
}

pub fn check_name(call: &Call, name: &str) -> Result<(), ArmError> {
    let endpoints = &call.state.endpoints;
    if name.eq_ignore_ascii_case(&endpoints.registry_name) {
        return Ok(());
    }
    Err(ArmError::resource_not_found(
        &format!("registries/{name}"),
        &endpoints.resource_group,
    ))
}

/// The sandbox holds registries only: a filter for another type finds nothing.
pub fn list_resources(call: &Call) -> Result<Response, ArmError> {
    let filter = call
        .parameter("$filter")
        .unwrap_or_default()
        .to_ascii_lowercase();
    let resource_type = "microsoft.containerregistry/registries";
    let name = format!(
        "name eq '{}'",
        call.state.endpoints.registry_name.to_ascii_lowercase()
    );
    let fits = (!filter.contains("resourcetype eq")
        || filter.contains(&format!("resourcetype eq '{resource_type}'")))
        && (!filter.contains("name eq") || filter.contains(&name));
    let mut resource = show(call);
    if let Some(members) = resource.as_object_mut() {
        members.remove("properties");
    }
    let value = if fits { vec![resource] } else { Vec::new() };
    Ok(Json(json!({"value": value})).into_response())
}

pub fn list(call: &Call) -> Result<Response, ArmError> {
    Ok(Json(json!({"value": [show(call)]})).into_response())
}

pub fn answer(call: &Call) -> Result<Response, ArmError> {
    match call.method {
        Method::GET => {}
        // The registry is there, so that a PUT of it changes what it names, as a PATCH does.
        Method::PUT | Method::PATCH => update(call)?,
        Method::DELETE => {
            let id = call.state.endpoints.registry_id();
            let message = format!(
                "The scope '{id}' cannot perform delete operation because following scope(s) are locked: '{id}'. The sandbox is this registry: to begin with another one, start it on another data directory."
            );
            return Err(ArmError::new(StatusCode::CONFLICT, "ScopeLocked", message));
        }
        _ => return Err(ArmError::method_not_allowed(&call.method)),
    }
    Ok(Json(show(call)).into_response())
}

fn update(call: &Call) -> Result<(), ArmError> {
    let body = call.json()?;
    call.state.resources.settings.change(|settings| {
        apply(settings, &body).map_err(|error| {
            let message = format!("The registry cannot be changed so: {error}.");
            ArmError::bad_request("InvalidRequestContent", message)
        })?;
        check(settings)
    })?;
    Ok(())
}

/// Puts what the body names over the settings; members that cannot be switched here are passed
/// over, as a client sends the whole registry back.
fn apply(settings: &mut Settings, body: &Value) -> Result<(), serde_json::Error> {
    let mut merged = serde_json::to_value(&*settings)?;
    let changes = [("tags", &body["tags"]), ("sku", &body["sku"]["name"])]
        .into_iter()
        .chain(SWITCHES.map(|name| (name, &body["properties"][name])));
    for (name, change) in changes.filter(|(_, change)| !change.is_null()) {
        merged[name] = change.clone();
    }
    *settings = serde_json::from_value(merged)?;
    Ok(())
}

const SWITCHES: [&str; 6] = [
    "adminUserEnabled",
    "publicNetworkAccess",
    "networkRuleSet",
    "networkRuleBypassOptions",
    "networkRuleBypassAllowedForTasks",
    "roleAssignmentMode",
];

fn check(settings: &Settings) -> Result<(), ArmError> {
    let rules = &settings.network_rule_set;
    if let Some(rule) = rules.ip_rules.iter().find(|rule| rule.network().is_none()) {
        let message = format!(
            "The IP rule's value '{}' is neither an address nor a range.",
            rule.value
        );
        return Err(ArmError::bad_request("InvalidParameter", message));
    }
    let is_restricted =
        *rules != NetworkRuleSet::default() || settings.public_network_access == Switch::Disabled;
    if is_restricted && settings.sku != Sku::Premium {
        let message = format!(
            "The network of a registry can be restricted in the SKU Premium, and this one is {}.",
            settings.sku.as_str()
        );
        return Err(ArmError::bad_request("InvalidParameter", message));
    }
    Ok(())
}

pub fn show(call: &Call) -> Value {
    let endpoints = &call.state.endpoints;
    let settings = call.state.resources.settings.get();
    let created_at = zulu(call.state.desk.opened_at);
    let owner = call.state.identity.object_id.to_string();
    let sku = settings.sku.as_str();
    json!({
        "type": "Microsoft.ContainerRegistry/registries",
        "id": endpoints.registry_id(),
        "name": endpoints.registry_name,
        "location": LOCATION,
        "tags": settings.tags,
        "sku": {"name": sku, "tier": sku},
        "systemData": {
            "createdBy": owner, "createdByType": "Application", "createdAt": created_at,
            "lastModifiedBy": owner, "lastModifiedByType": "Application", "lastModifiedAt": created_at,
        },
        "properties": {
            "loginServer": endpoints.login_server,
            "creationDate": created_at,
            "provisioningState": "Succeeded",
            "adminUserEnabled": settings.admin_user_enabled,
            "policies": policies(),
            "encryption": {"status": "disabled"},
            "dataEndpointEnabled": false,
            "dataEndpointHostNames": [],
            "privateEndpointConnections": [],
            "publicNetworkAccess": settings.public_network_access,
            "networkRuleSet": settings.network_rule_set,
            "networkRuleBypassOptions": settings.network_rule_bypass_options,
            "networkRuleBypassAllowedForTasks": settings.network_rule_bypass_allowed_for_tasks,
            "zoneRedundancy": "Disabled",
            "anonymousPullEnabled": false,
            "roleAssignmentMode": settings.role_assignment_mode,
            "autoGeneratedDomainNameLabelScope": endpoints.domain_label_scope,
        },
    })
}

fn policies() -> Value {
    json!({
        "quarantinePolicy": {"status": "disabled"},
        "trustPolicy": {"type": "Notary", "status": "disabled"},
        "retentionPolicy": {"days": 7, "status": "disabled"},
        "exportPolicy": {"status": "enabled"},
        "azureADAuthenticationAsArmPolicy": {"status": "enabled"},
        "softDeletePolicy": {"retentionDays": 7, "status": "disabled"},
    })
}

pub fn list_usages(call: &Call) -> Result<Response, ArmError> {
    let registry = &call.state.registry;
    let manifests = registry
        .repositories()
        .into_iter()
        .filter_map(|facts| registry.manifests(&facts.name))
        .flatten();
    // A blob that several images share is counted with each of them.
    let used: u64 = manifests
        .map(|(record, _)| record.size_bytes + record.summary.image_size_bytes)
        .sum();
    let limit = call.state.resources.settings.get().sku.size_limit_bytes();
    let size = json!({"name": "Size", "limit": limit, "currentValue": used, "unit": "Bytes"});
    let webhooks = json!({"name": "Webhooks", "limit": 10, "currentValue": 0, "unit": "Count"});
    Ok(Json(json!({"value": [size, webhooks]})).into_response())
}

/// The admin user's name and its two passwords.
pub fn list_credentials(call: &Call) -> Result<Response, ArmError> {
    let registry = &call.state.endpoints.registry_name;
    if !call.state.resources.settings.get().admin_user_enabled {
        let message = format!(
            "Cannot perform credential operations for {} as admin user is disabled. Kindly enable admin user as per docs: https://aka.ms/acr/admin-account",
            call.state.endpoints.registry_id()
        );
        return Err(ArmError::bad_request(
            "UnAuthorizedForCredentialOperations",
            message,
        ));
    }
    let identity = &call.state.identity;
    Ok(Json(json!({
        "username": registry,
        "passwords": [
            {"name": "password", "value": identity.admin_password.reveal()},
            {"name": "password2", "value": identity.admin_password2.reveal()},
        ],
    }))
    .into_response())
}

/// `POST …/checkNameAvailability`.
pub fn check_name_availability(call: &Call) -> Result<Response, ArmError> {
    let body = call.json()?;
    let name = body["name"].as_str().unwrap_or_default();
    let allowed =
        (5..=50).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let answer = if !allowed {
        let message = format!(
            "The registry name '{name}' is invalid. It has 5 to 50 alphanumeric characters."
        );
        json!({"nameAvailable": false, "reason": "Invalid", "message": message})
    } else if name.eq_ignore_ascii_case(&call.state.endpoints.registry_name) {
        let message = format!("The registry {name} is already in use.");
        json!({"nameAvailable": false, "reason": "AlreadyExists", "message": message})
    } else {
        json!({"nameAvailable": true})
    };
    Ok(Json(answer).into_response())
}

/// Of resources that a registry may have, and this one does not.
pub fn list_nothing(_call: &Call) -> Result<Response, ArmError> {
    Ok(Json(json!({"value": []})).into_response())
}
