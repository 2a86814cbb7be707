//! Role assignments and the caller's own permissions.
use super::{ArmError, Call};
use crate::rights;
use crate::tasks::{RoleAssignment, is_at_or_above, zulu};
use axum::Json;
use axum::response::{IntoResponse, Response};
use http::{Method, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

/// `$filter` as ARM documents it: `atScope()`, `principalId eq '…'`, `assignedTo('…')`, and one
/// `and` between two of them. Without a filter: at the scope, above it and below it.
pub fn list(call: &Call, scope: &str) -> Result<Response, ArmError> {
    let filter = call.parameter("$filter").unwrap_or_default();
    let mut at_scope = false;
    let mut principal = None;
    for term in filter
        .split(" and ")
        .map(str::trim)
        .filter(|term| !term.is_empty())
    {
        if term.eq_ignore_ascii_case("atScope()") {
            at_scope = true;
        } else if let Some(id) = principal_term(term) {
            principal = Some(id);
        } else {
            let message = format!(
                "The filter '{term}' is not understood: atScope(), principalId eq '<id>' and assignedTo('<id>') are."
            );
            return Err(ArmError::bad_request("InvalidFilter", message));
        }
    }
    let wanted = |role: &RoleAssignment| {
        let above = is_at_or_above(&role.scope, scope);
        (above || (!at_scope && is_at_or_above(scope, &role.scope)))
            && principal.is_none_or(|id| role.principal_id.eq_ignore_ascii_case(id))
    };
    let roles = call.state.desk.roles.list(wanted);
    let value: Vec<Value> = roles.iter().map(show).collect();
    Ok(Json(json!({"value": value})).into_response())
}

fn principal_term(term: &str) -> Option<&str> {
    let lower = term.to_ascii_lowercase();
    let quoted = if lower.starts_with("principalid eq ") {
        &term["principalId eq ".len()..]
    } else if lower.starts_with("assignedto(") {
        term["assignedTo(".len()..].strip_suffix(')')?
    } else {
        return None;
    };
    quoted.trim().strip_prefix('\'')?.strip_suffix('\'')
}

pub fn answer(call: &Call, scope: &str, name: &str) -> Result<Response, ArmError> {
    let Ok(id) = Uuid::parse_str(name) else {
        let message = format!(
            "The role assignment ID '{name}' is not valid. The role assignment ID must be a GUID."
        );
        return Err(ArmError::bad_request("InvalidRoleAssignmentId", message));
    };
    let roles = &call.state.desk.roles;
    match call.method {
        Method::GET => {
            let found = roles
                .find(id)
                .filter(|role| role.scope.eq_ignore_ascii_case(scope));
            let role = found.ok_or_else(|| {
                let message = format!("The role assignment '{name}' is not found.");
                ArmError::new(StatusCode::NOT_FOUND, "RoleAssignmentNotFound", message)
            })?;
            Ok(Json(show(&role)).into_response())
        }
        Method::PUT => {
            let (role, is_new) = roles.create(read(call, scope, id)?)?;
            let status = if is_new {
                StatusCode::CREATED
            } else {
                StatusCode::OK
            };
            Ok((status, Json(show(&role))).into_response())
        }
        Method::DELETE => {
            let here = roles
                .find(id)
                .is_some_and(|role| role.scope.eq_ignore_ascii_case(scope));
            let deleted = if here { roles.delete(id)? } else { None };
            Ok(match deleted {
                Some(role) => Json(show(&role)).into_response(),
                None => StatusCode::NO_CONTENT.into_response(),
            })
        }
        _ => Err(ArmError::method_not_allowed(&call.method)),
    }
}

fn read(call: &Call, scope: &str, name: Uuid) -> Result<RoleAssignment, ArmError> {
    let body = call.json()?;
    let properties = &body["properties"];
    let text = |member: &str| properties[member].as_str().map(str::to_owned);
    let required = |member: &'static str| {
        text(member)
            .filter(|value| !value.is_empty())
            .ok_or_else(|| {
                let message =
                    format!("The request content was invalid: 'properties.{member}' is missing.");
                ArmError::bad_request("InvalidRequestContent", message)
            })
    };
    let now = call.state.clock.now();
    Ok(RoleAssignment {
        name,
        scope: scope.to_owned(),
        role_definition_id: required("roleDefinitionId")?,
        principal_id: required("principalId")?,
        principal_type: text("principalType").unwrap_or_else(|| "ServicePrincipal".to_owned()),
        description: text("description"),
        created_at: now,
        updated_at: now,
        created_by: call.caller.object_id.clone(),
        updated_by: call.caller.object_id.clone(),
    })
}

fn show(role: &RoleAssignment) -> Value {
    let name = role.name.to_string();
    json!({
        "properties": {
            "roleDefinitionId": role.role_definition_id,
            "principalId": role.principal_id,
            "principalType": role.principal_type,
            "scope": role.scope,
            "condition": null,
            "conditionVersion": null,
            "createdOn": zulu(role.created_at),
            "updatedOn": zulu(role.updated_at),
            "createdBy": role.created_by,
            "updatedBy": role.updated_by,
            "delegatedManagedIdentityResourceId": null,
            "description": role.description,
        },
        "id": format!("{}/providers/Microsoft.Authorization/roleAssignments/{name}", role.scope.trim_end_matches('/')),
        "type": "Microsoft.Authorization/roleAssignments",
        "name": name,
    })
}

/// Whoever can sign in to the sandbox owns it.
pub fn list_permissions(call: &Call) -> Result<Response, ArmError> {
    let roles: &[&[&str]] = match rights::is_reader(&call.state, &call.caller) {
        true => &[
            &["*/read"],
            &["Microsoft.ContainerRegistry/registries/pull/read"],
        ],
        false => &[&["*"]],
    };
    let show = |actions: &&[&str]| json!({"actions": actions, "notActions": [], "dataActions": [], "notDataActions": []});
    let value: Vec<Value> = roles.iter().map(show).collect();
    Ok(Json(json!({"value": value})).into_response())
}
