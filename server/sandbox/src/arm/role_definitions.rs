//! The built-in roles that matter to a registry: clients name the roles of assignments by them.
use super::{ArmError, Call};
use axum::Json;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde_json::{Value, json};

struct Role {
    id: &'static str,
    name: &'static str,
    description: &'static str,
    actions: &'static [&'static str],
    not_actions: &'static [&'static str],
    data_actions: &'static [&'static str],
}

const ROLES: [Role; 9] = [
    Role {
        id: "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
        name: "Owner",
        description: "Everything, the roles of others included.",
        actions: &["*"],
        not_actions: &[],
        data_actions: &[],
    },
    Role {
        id: "b24988ac-6180-42a0-ab88-20f7382dd24c",
        name: "Contributor",
        description: "Everything but the roles of others.",
        actions: &["*"],
        not_actions: &[
            "Microsoft.Authorization/*/Delete",
            "Microsoft.Authorization/*/Write",
            "Microsoft.Authorization/elevateAccess/Action",
        ],
        data_actions: &[],
    },
    Role {
        id: "acdd72a7-3385-48ef-bd42-f606fba81ae7",
        name: "Reader",
        description: "Sees everything and changes nothing.",
        actions: &["*/read"],
        not_actions: &[],
        data_actions: &[],
    },
    Role {
        id: "fb382eab-e894-4461-af04-94435c366c3f",
        name: "Container Registry Tasks Contributor",
        description: "Configures, starts and cancels tasks and reads their runs.",
        actions: &[
            "Microsoft.ContainerRegistry/registries/read",
            "Microsoft.ContainerRegistry/registries/tasks/*",
            "Microsoft.ContainerRegistry/registries/runs/*",
            "Microsoft.ContainerRegistry/registries/scheduleRun/action",
            "Microsoft.ContainerRegistry/registries/listBuildSourceUploadUrl/action",
        ],
        not_actions: &[],
        data_actions: &[],
    },
    Role {
        id: "7f951dda-4ed3-4680-a7ca-43fe172d538d",
        name: "AcrPull",
        description: "Pulls from a registry that is not in ABAC mode.",
        actions: &["Microsoft.ContainerRegistry/registries/pull/read"],
        not_actions: &[],
        data_actions: &[],
    },
    Role {
        id: "8311e382-0749-4cb8-b61a-304f252e45ec",
        name: "AcrPush",
        description: "Pulls from and pushes to a registry that is not in ABAC mode.",
        actions: &[
            "Microsoft.ContainerRegistry/registries/pull/read",
            "Microsoft.ContainerRegistry/registries/push/write",
        ],
        not_actions: &[],
        data_actions: &[],
    },
    Role {
        id: "b93aa761-3e63-49ed-ac28-beffa264f7ac",
        name: "Container Registry Repository Reader",
        description: "Pulls from the repositories of a registry in ABAC mode.",
        actions: &[],
        not_actions: &[],
        data_actions: &[
            "Microsoft.ContainerRegistry/registries/repositories/content/read",
            "Microsoft.ContainerRegistry/registries/repositories/metadata/read",
        ],
    },
    Role {
        id: "2efddaa5-3f1f-4df3-97df-af3f13818f4c",
        name: "Container Registry Repository Contributor",
        description: "Pulls from, pushes to and deletes in the repositories of a registry in ABAC mode.",
        actions: &[],
        not_actions: &[],
        data_actions: &[
            "Microsoft.ContainerRegistry/registries/repositories/content/*",
            "Microsoft.ContainerRegistry/registries/repositories/metadata/*",
        ],
    },
    Role {
        id: "bfdb9389-c9a5-478a-bb2f-ba9ca092c3c7",
        name: "Container Registry Repository Catalog Lister",
        description: "Lists the repositories of a registry in ABAC mode.",
        actions: &[],
        not_actions: &[],
        data_actions: &["Microsoft.ContainerRegistry/registries/catalog/read"],
    },
];

/// `$filter=roleName eq '…'`, or every role.
pub fn list(call: &Call) -> Result<Response, ArmError> {
    let filter = call.parameter("$filter").unwrap_or_default().trim();
    let wanted = match filter.split_once(" eq ") {
        Some((member, name)) if member.trim().eq_ignore_ascii_case("roleName") => {
            Some(name.trim().trim_matches('\''))
        }
        // `atScopeAndBelow()` and its kin: built-in roles are at every scope.
        _ => None,
    };
    let roles = ROLES
        .iter()
        .filter(|role| wanted.is_none_or(|name| role.name.eq_ignore_ascii_case(name)));
    let value: Vec<Value> = roles.map(|role| show(call, role)).collect();
    Ok(Json(json!({"value": value})).into_response())
}

pub fn get(call: &Call, id: &str) -> Result<Response, ArmError> {
    let role = ROLES.iter().find(|role| role.id.eq_ignore_ascii_case(id));
    let role = role.ok_or_else(|| {
        let message = format!("The role definition with ID '{id}' does not exist.");
        ArmError::new(StatusCode::NOT_FOUND, "RoleDefinitionDoesNotExist", message)
    })?;
    Ok(Json(show(call, role)).into_response())
}

fn show(call: &Call, role: &Role) -> Value {
    let subscription = &call.state.endpoints.subscription_id;
    json!({
        "properties": {
            "roleName": role.name,
            "type": "BuiltInRole",
            "description": role.description,
            "assignableScopes": ["/"],
            "permissions": [{
                "actions": role.actions,
                "notActions": role.not_actions,
                "dataActions": role.data_actions,
                "notDataActions": [],
            }],
        },
        "id": format!(
            "/subscriptions/{subscription}/providers/Microsoft.Authorization/roleDefinitions/{}",
            role.id
        ),
        "type": "Microsoft.Authorization/roleDefinitions",
        "name": role.id,
    })
}
