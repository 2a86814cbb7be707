//! Plain files for people and scripts: a run's log, the policy as deployed.
use crate::console::Console;
use crate::failure::Failure;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Router};
use drydock_app::ApiError;
use drydock_app::error::ErrorCode;
use drydock_workflow::Caller;
use http::header;

pub fn routes() -> Router<Console> {
    Router::new()
        .route("/registries/{registry}/runs/{id}/log.txt", get(log))
        .route("/registries/{registry}/policy.json", get(policy))
}

/// The log as far as it is written; the browser shows it.
async fn log(
    State(console): State<Console>,
    Extension(caller): Extension<Caller>,
    Path((registry, id)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let chunk = console.workflow.read_log(&caller, &registry, &id).await?;
    let media_type = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
    Ok((media_type, chunk.text).into_response())
}

/// The policy artifact's layer, byte for byte; the browser saves it.
async fn policy(
    State(console): State<Console>,
    Extension(caller): Extension<Caller>,
    Path(registry): Path<String>,
) -> Result<Response, Failure> {
    let state = console.workflow.get_workflow(&caller, &registry).await?;
    let Some(policy) = state.policy else {
        let sentence = "This registry has no policy yet: create one on its Policy page.";
        return Err(Failure(ApiError::new(ErrorCode::NotFound, sentence)));
    };
    let fields = [
        (header::CONTENT_TYPE, "application/json"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"policy.json\"",
        ),
    ];
    Ok((fields, policy.text).into_response())
}
