//! The tenant, its one subscription, and the one resource group in that.
use super::registries::LOCATION;
use super::{ArmError, Call};
use axum::Json;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde_json::{Value, json};

pub fn list_tenants(call: &Call) -> Result<Response, ArmError> {
    let id = &call.state.endpoints.tenant_id;
    let tenant = json!({
        "id": format!("/tenants/{id}"),
        "tenantId": id,
        "displayName": "Drydock sandbox",
        "defaultDomain": "localhost",
        "domains": ["localhost"],
        "tenantCategory": "Home",
        "tenantType": "AAD",
    });
    Ok(Json(json!({"value": [tenant]})).into_response())
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
    let (offer, limit) = match call.state.resources.settings.get().is_free_trial {
        true => ("FreeTrial_2014-09-01", "On"),
        false => ("PayAsYouGo_2014-09-01", "Off"),
    };
    json!({
        "id": format!("/subscriptions/{}", endpoints.subscription_id),
        "subscriptionPolicies": {
            "locationPlacementId": "Public_2014-09-01", "quotaId": offer, "spendingLimit": limit,
        },
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

pub fn resource_group(call: &Call) -> Value {
    let endpoints = &call.state.endpoints;
    json!({
        "id": format!("/subscriptions/{}/resourceGroups/{}", endpoints.subscription_id, endpoints.resource_group),
        "name": endpoints.resource_group,
        "type": "Microsoft.Resources/resourceGroups",
        "location": LOCATION,
        "properties": {"provisioningState": "Succeeded"},
    })
}

/// `GET /subscriptions/{s}/providers/{namespace}`: what clients look at before they register one.
pub fn get_provider(call: &Call, namespace: &str) -> Result<Response, ArmError> {
    let known = PROVIDERS
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(namespace));
    let Some((namespace, types)) = known else {
        let message = format!("The resource provider '{namespace}' is not one of the sandbox's.");
        return Err(ArmError::new(
            StatusCode::NOT_FOUND,
            "InvalidResourceNamespace",
            message,
        ));
    };
    let resource_type =
        |name: &&str| json!({"resourceType": name, "locations": [LOCATION], "apiVersions": []});
    let types: Vec<Value> = types.iter().map(resource_type).collect();
    let subscription = &call.state.endpoints.subscription_id;
    Ok(Json(json!({
        "id": format!("/subscriptions/{subscription}/providers/{namespace}"),
        "namespace": namespace,
        "registrationState": "Registered",
        "registrationPolicy": "RegistrationRequired",
        "resourceTypes": types,
    }))
    .into_response())
}

const PROVIDERS: [(&str, &[&str]); 3] = [
    (
        "Microsoft.ContainerRegistry",
        &[
            "registries",
            "registries/cacheRules",
            "registries/runs",
            "registries/tasks",
        ],
    ),
    (
        "Microsoft.Authorization",
        &["permissions", "roleAssignments", "roleDefinitions"],
    ),
    ("Microsoft.Resources", &["deployments", "resourceGroups"]),
];
