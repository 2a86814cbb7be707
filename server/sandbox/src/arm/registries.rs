//! Subscriptions, resource groups and the one registry.
use super::path::Target;
use super::{ArmError, Call};
use crate::tasks::zulu;
use axum::Json;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde_json::{Value, json};

/// What the sandbox calls the place where it is.
pub const LOCATION: &str = "local";
/// Of the SKU Standard, as `listUsages` reports it.
const SIZE_LIMIT_BYTES: u64 = 500 << 30;

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

pub fn list_subscriptions(call: &Call) -> Result<Response, ArmError> {
    let count = json!({"type": "Total", "value": 1});
    Ok(Json(json!({"value": [subscription(call)], "count": count})).into_response())
}

pub fn get_subscription(call: &Call) -> Result<Response, ArmError> {
    Ok(Json(subscription(call)).into_response())
}

fn subscription(call: &Call) -> Value {
    let endpoints = &call.state.endpoints;
    json!({
        "id": format!("/subscriptions/{}", endpoints.subscription_id),
        "subscriptionId": endpoints.subscription_id,
        "tenantId": endpoints.tenant_id,
        "displayName": "Drydock sandbox",
        "state": "Enabled",
        "authorizationSource": "RoleBased",
        "managedByTenants": [],
    })
}

pub fn list_resource_groups(call: &Call) -> Result<Response, ArmError> {
    Ok(Json(json!({"value": [resource_group(call)]})).into_response())
}

pub fn get_resource_group(call: &Call) -> Result<Response, ArmError> {
    Ok(Json(resource_group(call)).into_response())
}

fn resource_group(call: &Call) -> Value {
    let endpoints = &call.state.endpoints;
    json!({
        "id": format!("/subscriptions/{}/resourceGroups/{}", endpoints.subscription_id, endpoints.resource_group),
        "name": endpoints.resource_group,
        "type": "Microsoft.Resources/resourceGroups",
        "location": LOCATION,
        "properties": {"provisioningState": "Succeeded"},
    })
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
    let mut resource = registry(call);
    if let Some(members) = resource.as_object_mut() {
        members.remove("properties");
    }
    let value = if fits { vec![resource] } else { Vec::new() };
    Ok(Json(json!({"value": value})).into_response())
}

pub fn list(call: &Call) -> Result<Response, ArmError> {
    Ok(Json(json!({"value": [registry(call)]})).into_response())
}

pub fn get(call: &Call) -> Result<Response, ArmError> {
    Ok(Json(registry(call)).into_response())
}

fn registry(call: &Call) -> Value {
    let endpoints = &call.state.endpoints;
    let created_at = zulu(call.state.desk.opened_at);
    let owner = call.state.identity.object_id.to_string();
    json!({
        "type": "Microsoft.ContainerRegistry/registries",
        "id": endpoints.registry_id(),
        "name": endpoints.registry_name,
        "location": LOCATION,
        "tags": {},
        "sku": {"name": "Standard", "tier": "Standard"},
        "systemData": {
            "createdBy": owner, "createdByType": "Application", "createdAt": created_at,
            "lastModifiedBy": owner, "lastModifiedByType": "Application", "lastModifiedAt": created_at,
        },
        "properties": {
            "loginServer": endpoints.login_server,
            "creationDate": created_at,
            "provisioningState": "Succeeded",
            "adminUserEnabled": true,
            "policies": policies(),
            "encryption": {"status": "disabled"},
            "dataEndpointEnabled": false,
            "dataEndpointHostNames": [],
            "privateEndpointConnections": [],
            "publicNetworkAccess": "Enabled",
            "networkRuleBypassOptions": "AzureServices",
            "networkRuleBypassAllowedForTasks": false,
            "zoneRedundancy": "Disabled",
            "anonymousPullEnabled": false,
            "roleAssignmentMode": "LegacyRegistryPermissions",
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
    let size =
        json!({"name": "Size", "limit": SIZE_LIMIT_BYTES, "currentValue": used, "unit": "Bytes"});
    let webhooks = json!({"name": "Webhooks", "limit": 10, "currentValue": 0, "unit": "Count"});
    Ok(Json(json!({"value": [size, webhooks]})).into_response())
}

/// The sandbox has no pull-through cache.
pub fn list_cache_rules(_call: &Call) -> Result<Response, ArmError> {
    Ok(Json(json!({"value": []})).into_response())
}
