//! Runs: listing, following, stopping.
use super::filter::{Filter, Property, Value as FilterValue};
use super::{ArmError, Call};
use crate::logs::{Blob, BlobLinks};
use crate::tasks::Run;
use axum::Json;
use axum::response::{IntoResponse, Response};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{Method, StatusCode};
use serde_json::{Value, json};

const PAGE_SIZE: usize = 100;

/// Newest first. `$top` bounds the whole answer, not a page: each link carries what is left of it.
/// The cursor is the last run's number, so that a run queued meanwhile moves nothing.
pub fn list(call: &Call) -> Result<Response, ArmError> {
    let invalid = |message: String| ArmError::bad_request("InvalidQueryParameter", message);
    let filter = call
        .parameter("$filter")
        .filter(|filter| !filter.trim().is_empty());
    let filter = filter
        .map(Filter::parse)
        .transpose()
        .map_err(|error| invalid(format!("$filter is refused: {error}.")))?;
    let top = match call.parameter("$top") {
        None => None,
        Some(text) => match text.parse::<usize>() {
            Ok(top) if top > 0 => Some(top),
            _ => {
                return Err(invalid(format!(
                    "$top is refused: '{text}' is not a whole number above 0."
                )));
            }
        },
    };
    let before = match call.parameter("$skiptoken") {
        None => None,
        Some(token) => Some(
            read_cursor(token)
                .ok_or_else(|| invalid(format!("$skiptoken '{token}' is not one of ours.")))?,
        ),
    };
    let size = top.unwrap_or(PAGE_SIZE).min(PAGE_SIZE);
    let wanted = |run: &Run| {
        filter
            .as_ref()
            .is_none_or(|filter| filter.matches(|property| value_of(run, property)))
    };
    // One more than the page tells whether there is another.
    let mut runs = call.state.desk.list_runs(before, size + 1, wanted);
    let is_last = runs.len() <= size || top == Some(size);
    runs.truncate(size);
    let registry_id = call.state.endpoints.registry_id();
    let value: Vec<Value> = runs.iter().map(|run| run.to_arm(&registry_id)).collect();
    let mut page = json!({"value": value});
    if let Some(last) = runs.last().filter(|_| !is_last) {
        page["nextLink"] = next_link(call, last.sequence, top.map(|top| top - size)).into();
    }
    Ok(Json(page).into_response())
}

fn next_link(call: &Call, before: u64, top: Option<usize>) -> String {
    let endpoints = &call.state.endpoints;
    let mut link = endpoints.arm.clone();
    link.set_path(&format!("{}/runs", endpoints.registry_id()));
    let mut query = link.query_pairs_mut();
    for name in ["api-version", "$filter"] {
        if let Some(value) = call.parameter(name) {
            query.append_pair(name, value);
        }
    }
    if let Some(top) = top {
        query.append_pair("$top", &top.to_string());
    }
    query.append_pair(
        "$skiptoken",
        &URL_SAFE_NO_PAD.encode(format!("before:{before}")),
    );
    drop(query);
    link.into()
}

fn read_cursor(token: &str) -> Option<u64> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(token).ok()?).ok()?;
    text.strip_prefix("before:")?.parse().ok()
}

fn value_of(run: &Run, property: Property) -> FilterValue {
    match property {
        Property::RunId => FilterValue::Text(run.id()),
        Property::RunType => FilterValue::Text(format!("{:?}", run.kind)),
        Property::Status => FilterValue::Text(run.status.as_str().to_owned()),
        Property::CreateTime => FilterValue::Instant(run.created_at),
        Property::FinishTime => run
            .finished_at
            .map_or(FilterValue::Absent, FilterValue::Instant),
        Property::OutputImageManifests => {
            let images = run.output_images.iter();
            FilterValue::List(
                images
                    .map(|image| format!("{}@{}", image.repository, image.digest))
                    .collect(),
            )
        }
        Property::IsArchiveEnabled => FilterValue::Boolean(run.is_archive_enabled),
        Property::TaskName => run
            .task
            .clone()
            .map_or(FilterValue::Absent, FilterValue::Text),
    }
}

pub fn answer(call: &Call, id: &str) -> Result<Response, ArmError> {
    let run = find(call, id)?;
    let run = match call.method {
        Method::GET => run,
        Method::PATCH => {
            let body = call.json()?;
            // The real service takes the member at the top, and clients of its schema send it so.
            let archived = body
                .get("isArchiveEnabled")
                .and_then(Value::as_bool)
                .unwrap_or(run.is_archive_enabled);
            call.state
                .desk
                .set_archived(run.sequence, archived)?
                .unwrap_or(run)
        }
        _ => return Err(ArmError::method_not_allowed(&call.method)),
    };
    Ok(Json(run.to_arm(&call.state.endpoints.registry_id())).into_response())
}

pub fn cancel(call: &Call, id: &str) -> Result<Response, ArmError> {
    let run = find(call, id)?;
    call.state.desk.cancel(run.sequence)?;
    Ok(StatusCode::OK.into_response())
}

/// A link to the log; it can be had before there is a log.
pub fn list_log_sas_url(call: &Call, id: &str) -> Result<Response, ArmError> {
    let run = find(call, id)?;
    let state = &call.state;
    let link = BlobLinks::of(state).link(&Blob::Log(run.id()), state.clock.now());
    Ok(Json(json!({"logLink": link.as_str()})).into_response())
}

fn find(call: &Call, id: &str) -> Result<Run, ArmError> {
    let endpoints = &call.state.endpoints;
    call.state.desk.find_run(id).ok_or_else(|| {
        let resource = format!("registries/{}/runs/{id}", endpoints.registry_name);
        ArmError::resource_not_found(&resource, &endpoints.resource_group)
    })
}
