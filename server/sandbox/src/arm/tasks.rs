//! Task definitions.
use super::registries::LOCATION;
use super::{ArmError, Call};
use crate::tasks::{Edit, Task, View};
use axum::Json;
use axum::response::{IntoResponse, Response};
use http::{Method, StatusCode};
use serde_json::{Value, json};

pub fn list(call: &Call) -> Result<Response, ArmError> {
    let tasks = call.state.desk.list_tasks();
    let value: Vec<Value> = tasks
        .iter()
        .map(|task| show(call, task, View::Plain))
        .collect();
    Ok(Json(json!({"value": value})).into_response())
}

pub fn answer(call: &Call, name: &str) -> Result<Response, ArmError> {
    let desk = &call.state.desk;
    if matches!(call.method, Method::PUT | Method::PATCH) {
        check_allowed(call)?;
    }
    let task = match call.method {
        Method::GET => find(call, name)?,
        // A new task is answered with 200 like a changed one, as the service does.
        Method::PUT => desk.put_task(name, &call.json()?, LOCATION, &edit(call))?.0,
        Method::PATCH => {
            let patched = desk.patch_task(name, &call.json()?, &edit(call))?;
            patched.ok_or_else(|| not_found(call, name))?
        }
        Method::DELETE => {
            let existed = desk.delete_task(name)?;
            let status = if existed {
                StatusCode::OK
            } else {
                StatusCode::NO_CONTENT
            };
            return Ok(status.into_response());
        }
        _ => return Err(ArmError::method_not_allowed(&call.method)),
    };
    Ok(Json(show(call, &task, View::Plain)).into_response())
}

pub fn list_details(call: &Call, name: &str) -> Result<Response, ArmError> {
    Ok(Json(show(call, &find(call, name)?, View::Details)).into_response())
}

pub fn find(call: &Call, name: &str) -> Result<Task, ArmError> {
    let task = call.state.desk.find_task(name);
    task.ok_or_else(|| not_found(call, name))
}

/// Azure carries out no tasks for some subscriptions, those on a free trial among them.
pub fn check_allowed(call: &Call) -> Result<(), ArmError> {
    if !call.state.resources.settings.get().is_free_trial {
        return Ok(());
    }
    let endpoints = &call.state.endpoints;
    let message = format!(
        "ACR Tasks requests for the registry {} and {} are not permitted. Please file an Azure support request at http://aka.ms/azuresupport for assistance.",
        endpoints.registry_name, endpoints.subscription_id
    );
    Err(ArmError::bad_request("TasksOperationsNotAllowed", message).with_target("request"))
}

fn not_found(call: &Call, name: &str) -> ArmError {
    let endpoints = &call.state.endpoints;
    let resource = format!("registries/{}/tasks/{name}", endpoints.registry_name);
    ArmError::resource_not_found(&resource, &endpoints.resource_group)
}

fn edit(call: &Call) -> Edit {
    Edit {
        at: call.state.clock.now(),
        by: call.caller.object_id.clone(),
    }
}

fn show(call: &Call, task: &Task, view: View) -> Value {
    let endpoints = &call.state.endpoints;
    task.to_arm(&endpoints.registry_id(), &endpoints.tenant_id, view)
}
