//! `scheduleRun`, and the upload that a run may need first.
use super::path::{InRegistry, Resource, Target};
use super::{ArmError, Call, tasks};
use crate::logs::{Blob, BlobLinks, SourcePath};
use crate::tasks::{Order, QuickRequest, RunKind, RunRequest, TaskValue, registry_identity};
use axum::Json;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

/// The members of the body that matter; what else clients send is passed over.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ScheduleBody {
    #[serde(rename = "type", default)]
    kind: String,
    is_archive_enabled: Option<bool>,
    task_id: Option<String>,
    override_task_step_properties: Option<Overrides>,
    encoded_task_content: Option<String>,
    task_file_path: Option<String>,
    source_location: Option<String>,
    values: Option<Vec<TaskValue>>,
    timeout: Option<u64>,
    platform: Option<Value>,
    agent_configuration: Option<Value>,
    credentials: Option<Value>,
}

#[derive(Default, Deserialize)]
struct Overrides {
    values: Option<Vec<TaskValue>>,
}

const DEFAULT_TIMEOUT_SECONDS: u64 = 3600;

pub fn schedule(call: &Call) -> Result<Response, ArmError> {
    tasks::check_allowed(call)?;
    let body: ScheduleBody = serde_json::from_value(call.json()?).map_err(|error| {
        ArmError::bad_request(
            "InvalidRequestContent",
            format!("The run request cannot be read: {error}."),
        )
    })?;
    let (kind, step_type) = match body.kind.as_str() {
        "TaskRunRequest" => return schedule_task(call, body),
        "EncodedTaskRunRequest" => (RunKind::QuickRun, "EncodedTask"),
        "FileTaskRunRequest" => (RunKind::QuickRun, "FileTask"),
        "DockerBuildRequest" => (RunKind::QuickBuild, "Docker"),
        other => {
            let message = format!("The run request's type '{other}' is not known.");
            return Err(ArmError::bad_request("InvalidRequestContent", message));
        }
    };
    schedule_quick(call, body, kind, step_type)
}

fn schedule_task(call: &Call, body: ScheduleBody) -> Result<Response, ArmError> {
    let task_id = body.task_id.unwrap_or_default();
    let Some(Target {
        resource: Resource::InRegistry(_, InRegistry::Task(name)),
        ..
    }) = Target::parse(&task_id)
    else {
        let message = format!("The taskId '{task_id}' is not the id of a task.");
        return Err(ArmError::bad_request("InvalidRequestContent", message));
    };
    let task = tasks::find(call, &name)?;
    let overrides = body.override_task_step_properties.unwrap_or_default();
    let request = RunRequest {
        kind: RunKind::QuickRun,
        timer: None,
        overrides: overrides.values.unwrap_or_default(),
        is_archive_enabled: body.is_archive_enabled.unwrap_or_default(),
        by: call.caller.object_id.clone(),
    };
    let run = call.state.desk.schedule(&task, request)?;
    Ok(Json(run.to_arm_queued(&call.state.endpoints.registry_id())).into_response())
}

fn schedule_quick(
    call: &Call,
    body: ScheduleBody,
    kind: RunKind,
    step_type: &str,
) -> Result<Response, ArmError> {
    let required = match step_type {
        "EncodedTask" => Some(("encodedTaskContent", &body.encoded_task_content)),
        "FileTask" => Some(("taskFilePath", &body.task_file_path)),
        _ => None,
    };
    if let Some((name, value)) = required
        && value.as_deref().is_none_or(str::is_empty)
    {
        let message = format!("The run request cannot be used: '{name}' is missing.");
        return Err(ArmError::bad_request("InvalidRequestContent", message));
    }
    let order = Order {
        step_type: step_type.to_owned(),
        encoded_content: body.encoded_task_content,
        task_file: body.task_file_path,
        source: body.source_location,
        values: body.values.unwrap_or_default(),
        timeout_seconds: body.timeout.unwrap_or(DEFAULT_TIMEOUT_SECONDS),
        principal_id: None,
        registry_identity: body.credentials.as_ref().and_then(registry_identity),
    };
    let platform = json!({"os": "linux", "architecture": "amd64"});
    let run = call.state.desk.schedule_quick(QuickRequest {
        kind,
        platform: body.platform.unwrap_or(platform),
        agent_configuration: body.agent_configuration.unwrap_or(json!({"cpu": 2})),
        order,
        is_archive_enabled: body.is_archive_enabled.unwrap_or_default(),
        by: call.caller.object_id.clone(),
    })?;
    Ok(Json(run.to_arm_queued(&call.state.endpoints.registry_id())).into_response())
}

/// `listBuildSourceUploadUrl`: where to PUT the archive, and the name that a run request calls it
/// by.
pub fn list_upload_url(call: &Call) -> Result<Response, ArmError> {
    tasks::check_allowed(call)?;
    let state = &call.state;
    let now = state.clock.now();
    state.desk.sources.sweep(now).map_err(|error| {
        tracing::error!(%error, "old archives could not be removed");
        let message = format!("The place for uploads cannot be used: {error}.");
        ArmError::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "InternalServerError",
            message,
        )
    })?;
    let path = SourcePath::new(now);
    let relative = path.to_string();
    let link = BlobLinks::of(state).link(&Blob::Source(path), now);
    Ok(Json(json!({"uploadUrl": link.as_str(), "relativePath": relative})).into_response())
}
