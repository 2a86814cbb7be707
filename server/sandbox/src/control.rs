//! `/sandbox/settings` and `/sandbox/faults`: what Azure decides about a registry, and what goes
//! wrong with it, are decided here. Both take a token for ARM.
//!
//! `GET /sandbox/settings` shows every setting of the registry, and `PATCH` changes what no property
//! of the registry is for in ARM: `{"isFreeTrial": true}` makes the subscription one for which Azure
//! carries out no tasks. For `/sandbox/faults` see [`crate::faults`].
use crate::State;
use crate::arm::{self, ArmError, SettingsFile};
use crate::faults::Rule;
use axum::Json;
use axum::Router;
use axum::extract::{Request, State as Shared};
use axum::response::{IntoResponse, Response};
use http::{Method, StatusCode};
use serde::{Deserialize, de::DeserializeOwned};
use std::sync::Arc;

const MAX_BODY_BYTES: usize = 64 << 10;

/// Answers every path that begins with `/sandbox`.
pub(crate) fn router(state: Arc<State>) -> Router {
    Router::new().fallback(answer).with_state(state)
}

async fn answer(Shared(state): Shared<Arc<State>>, request: Request) -> Response {
    let answered = dispatch(&state, request).await;
    answered.unwrap_or_else(IntoResponse::into_response)
}

async fn dispatch(state: &State, request: Request) -> Result<Response, ArmError> {
    arm::authenticate(state, request.headers())?;
    let method = request.method().clone();
    let path = request.uri().path().to_ascii_lowercase();
    match (path.trim_end_matches('/'), &state.faults) {
        ("/sandbox/faults", Some(faults)) => {
            match method {
                Method::GET => {}
                Method::PUT => faults.replace(read::<Vec<Rule>>(request).await?),
                Method::DELETE => faults.replace(Vec::new()),
                _ => return Err(ArmError::method_not_allowed(&method)),
            }
            Ok(Json(faults.list()).into_response())
        }
        ("/sandbox/settings", _) => {
            let settings = &state.resources.settings;
            match method {
                Method::GET => {}
                Method::PATCH => change(settings, &read(request).await?)?,
                _ => return Err(ArmError::method_not_allowed(&method)),
            }
            Ok(Json(settings.get()).into_response())
        }
        (path, _) => Err(ArmError::new(
            StatusCode::NOT_FOUND,
            "NotFound",
            format!(
                "There is nothing at '{path}'; /sandbox/faults is there when the sandbox was started with --faults."
            ),
        )),
    }
}

/// What a client may change here.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Change {
    is_free_trial: Option<bool>,
}

fn change(settings: &SettingsFile, change: &Change) -> Result<(), ArmError> {
    settings.change(|settings| {
        settings.is_free_trial = change.is_free_trial.unwrap_or(settings.is_free_trial);
        Ok::<_, ArmError>(())
    })?;
    Ok(())
}

async fn read<T: DeserializeOwned>(request: Request) -> Result<T, ArmError> {
    let body = axum::body::to_bytes(request.into_body(), MAX_BODY_BYTES).await;
    let body = body.map_err(|error| error.to_string());
    let parsed =
        body.and_then(|body| serde_json::from_slice(&body).map_err(|error| error.to_string()));
    parsed.map_err(|error| {
        let message = format!("The request content was invalid and could not be read: {error}.");
        ArmError::bad_request("InvalidRequestContent", message)
    })
}
