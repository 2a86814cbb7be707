//! Deployments: validated, begun, polled, listed.
use super::path::{InRegistry, Resource, Target};
use super::registries::LOCATION;
use super::{ArmError, Call, POLL, retry_soon};
use crate::deployments::{
    BeginError, Context, Deployment, DeploymentState, Job, Plan, TemplateError, WhatIf,
};
use axum::Json;
use axum::response::{IntoResponse, Response};
use http::{Method, StatusCode, header};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use uuid::Uuid;

pub fn list(call: &Call) -> Result<Response, ArmError> {
    let group = group_id(call);
    let deployments = call.state.resources.deployments.list();
    let value: Vec<Value> = deployments.iter().map(|it| it.to_arm(&group)).collect();
    Ok(Json(json!({"value": value})).into_response())
}

pub fn answer(call: &Call, name: &str) -> Result<Response, ArmError> {
    let deployments = &call.state.resources.deployments;
    match call.method {
        Method::GET => Ok(Json(find(call, name)?.to_arm(&group_id(call))).into_response()),
        Method::HEAD => {
            let found = deployments.find(name);
            let status = found.map_or(StatusCode::NOT_FOUND, |_| StatusCode::NO_CONTENT);
            Ok(status.into_response())
        }
        Method::PUT => begin(call, name),
        Method::DELETE => {
            deployments.delete(name)?;
            Ok(StatusCode::NO_CONTENT.into_response())
        }
        _ => Err(ArmError::method_not_allowed(&call.method)),
    }
}

pub fn validate(call: &Call, name: &str) -> Result<Response, ArmError> {
    let (deployment, _, _) = read(call, name)?;
    Ok(Json(deployment.to_arm_validated(&group_id(call))).into_response())
}

/// `POST …/whatIf`: nothing is made, and what would change is polled.
pub fn what_if(call: &Call, name: &str) -> Result<Response, ArmError> {
    let (_, plan, context) = read(call, name)?;
    let format = &call.json_with_bare_keys()?["properties"]["whatIfSettings"]["resultFormat"];
    let ids_only = format
        .as_str()
        .is_some_and(|format| format.eq_ignore_ascii_case("ResourceIdOnly"));
    let state = &call.state;
    let id = state.resources.what_ifs.begin();
    let question = WhatIf {
        state: state.clone(),
        caller: call.caller.clone(),
        id,
        plan,
        context,
        ids_only,
    };
    state.background.spawn(question.carry_out());
    Ok(poll_what_if(call, id))
}

pub fn get_what_if_result(call: &Call, name: &str) -> Result<Response, ArmError> {
    let id = Uuid::parse_str(name).ok();
    let found = id.and_then(|id| Some((id, call.state.resources.what_ifs.find(id)?)));
    match found {
        Some((_, Some(answer))) => Ok(Json(answer).into_response()),
        Some((id, None)) => Ok(poll_what_if(call, id)),
        None => {
            let message = format!(
                "The operation '{name}' could not be found; the sandbox keeps the newest few until it stops."
            );
            Err(ArmError::new(
                StatusCode::NOT_FOUND,
                "OperationNotFound",
                message,
            ))
        }
    }
}

fn poll_what_if(call: &Call, id: Uuid) -> Response {
    let subscription = &call.state.endpoints.subscription_id;
    let path = format!("/subscriptions/{subscription}/operationresults/{id}");
    let response = StatusCode::ACCEPTED.into_response();
    call.poll_at(header::LOCATION, &path, response)
}

fn begin(call: &Call, name: &str) -> Result<Response, ArmError> {
    let (deployment, plan, context) = read(call, name)?;
    let state = &call.state;
    let is_new = state.resources.deployments.begin(deployment.clone());
    let status = if is_new? {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    let job = Job {
        state: state.clone(),
        caller: call.caller.clone(),
        name: name.to_owned(),
        number: deployment.number.clone(),
        plan,
        context,
    };
    state.background.spawn(job.carry_out());
    let path = format!(
        "{}/operationStatuses/{}",
        deployment_id(call, name),
        deployment.number
    );
    let response = (status, Json(deployment.to_arm(&group_id(call)))).into_response();
    Ok(call.poll_at(POLL, &path, response))
}

/// What a client polls until the deployment has ended.
pub fn get_status(call: &Call, name: &str, number: &str) -> Result<Response, ArmError> {
    let deployment = find(call, name)?;
    if deployment.number != number {
        let message = format!("The deployment operation '{number}' could not be found.");
        return Err(ArmError::new(
            StatusCode::NOT_FOUND,
            "DeploymentOperationNotFound",
            message,
        ));
    }
    let response = Json(deployment.status()).into_response();
    Ok(if deployment.state.is_finished() {
        response
    } else {
        retry_soon(response)
    })
}

pub fn list_operations(call: &Call, name: &str) -> Result<Response, ArmError> {
    let deployment = find(call, name)?;
    let id = deployment_id(call, name);
    let value: Vec<Value> = deployment
        .operations
        .iter()
        .map(|operation| operation.to_arm(&id))
        .collect();
    Ok(Json(json!({"value": value})).into_response())
}

pub fn cancel(call: &Call, name: &str) -> Result<Response, ArmError> {
    let deployment = find(call, name)?;
    let canceled =
        call.state
            .resources
            .deployments
            .update(name, &deployment.number, |deployment| {
                deployment.state = DeploymentState::Canceled
            });
    if canceled {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let message = format!(
        "The deployment '{name}' cannot be cancelled because it has ended. Please see https://aka.ms/arm-deploy for usage details."
    );
    Err(ArmError::new(
        StatusCode::CONFLICT,
        "DeploymentCannotBeCancelled",
        message,
    ))
}

fn read(call: &Call, name: &str) -> Result<(Deployment, Plan, Context), ArmError> {
    check_name(name)?;
    let body = call.json_with_bare_keys()?;
    let mode = body["properties"]["mode"].as_str().unwrap_or("Incremental");
    if !mode.eq_ignore_ascii_case("Incremental") {
        let message = format!(
            "The sandbox deploys in the mode Incremental, and this deployment's is '{mode}'."
        );
        return Err(ArmError::bad_request("InvalidDeployment", message));
    }
    let mut context = context(call, name);
    let plan = Plan::read(&body, &mut context).map_err(|error| invalid(&error))?;
    for resource in &plan.resources {
        check_kind(&resource.id, &resource.kind)?;
    }
    let now = call.state.clock.now();
    let deployment = Deployment::new(name, "Incremental", &plan, LOCATION, now);
    Ok((deployment, plan, context))
}

/// The name is a file's, too.
fn check_name(name: &str) -> Result<(), ArmError> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.()".contains(&byte);
    if (1..=64).contains(&name.len()) && name.bytes().all(allowed) && !name.starts_with('.') {
        return Ok(());
    }
    let message = format!(
        "The provided deployment name '{name}' is not valid: it has 1 to 64 letters, digits and '-', '_', '.', '(' or ')', and does not begin with a dot."
    );
    Err(ArmError::bad_request("InvalidDeploymentName", message))
}

/// Refused before anything is made, as Azure refuses what no provider is registered for.
fn check_kind(id: &str, kind: &str) -> Result<(), ArmError> {
    let resource = Target::parse(id).map(|target| target.resource);
    match resource {
        Some(
            Resource::RoleAssignment(..)
            | Resource::InRegistry(_, InRegistry::Itself | InRegistry::Task(_)),
        ) => Ok(()),
        _ => {
            let message = format!(
                "The sandbox makes no resource of the type '{kind}': it has registries, their tasks, and role assignments. The template names '{id}'."
            );
            Err(ArmError::bad_request("NoRegisteredProviderFound", message))
        }
    }
}

fn context(call: &Call, name: &str) -> Context {
    let endpoints = &call.state.endpoints;
    Context {
        subscription_id: endpoints.subscription_id.clone(),
        tenant_id: endpoints.tenant_id.clone(),
        resource_group: super::subscriptions::resource_group(call),
        deployment: name.to_owned(),
        parameters: BTreeMap::new(),
        variables: BTreeMap::new(),
        resources: BTreeMap::new(),
    }
}

fn invalid(error: &TemplateError) -> ArmError {
    let message = format!("Deployment template validation failed: '{error}'.");
    ArmError::bad_request("InvalidTemplate", message)
}

fn find(call: &Call, name: &str) -> Result<Deployment, ArmError> {
    let found = call.state.resources.deployments.find(name);
    found.ok_or_else(|| {
        let message = format!("Deployment '{name}' could not be found.");
        ArmError::new(StatusCode::NOT_FOUND, "DeploymentNotFound", message)
    })
}

fn group_id(call: &Call) -> String {
    let endpoints = &call.state.endpoints;
    format!(
        "/subscriptions/{}/resourceGroups/{}",
        endpoints.subscription_id, endpoints.resource_group
    )
}

fn deployment_id(call: &Call, name: &str) -> String {
    let group = group_id(call);
    format!("{group}/providers/Microsoft.Resources/deployments/{name}")
}

impl From<BeginError> for ArmError {
    fn from(error: BeginError) -> Self {
        match error {
            BeginError::Active { .. } => {
                Self::new(StatusCode::CONFLICT, "DeploymentActive", error.to_string())
            }
            BeginError::File(error) => error.into(),
        }
    }
}
