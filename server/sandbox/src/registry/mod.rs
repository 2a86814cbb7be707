//! The container registry: the OCI distribution API, version 1.1, with ACR's tokens and errors.
pub(crate) mod authorise;
mod blobs;
pub(crate) mod error;
mod manifests;
mod names;
pub(crate) mod paging;
mod receive;
mod referrers;
mod route;
mod send;
pub(crate) mod storage;
mod uploads;

use crate::State;
pub(crate) use names::list_repositories;
pub(crate) use receive::whole as read_whole;
pub(crate) use route::{parse_digest, parse_repository, parse_tag};

use authorise::Caller;
use axum::{
    Router,
    body::Body,
    extract::Request,
    response::{IntoResponse, Response},
};
use error::RegistryError;
use http::{HeaderName, HeaderValue, Method, StatusCode, request::Parts};
use route::Route;
use std::sync::Arc;

const API_VERSION: HeaderName = HeaderName::from_static("docker-distribution-api-version");

/// Answers every path that begins with `/v2`.
pub fn router(state: Arc<State>) -> Router {
    Router::new().fallback(move |request: Request| {
        let state = state.clone();
        async move {
            let (parts, body) = request.into_parts();
            let mut response = match answer(&state, &parts, body).await {
                Ok(response) => response,
                Err(error) => {
                    if error.status() == StatusCode::INSUFFICIENT_STORAGE {
                        // The path names the repository and what was pushed, and no secret.
                        let (method, path) = (&parts.method, parts.uri.path());
                        tracing::warn!(%method, path, "a push failed: the registry's disk is full");
                    }
                    error.into_response()
                }
            };
            mark(&mut response);
            response
        }
    })
}

/// Every answer of a registry says that it is one.
pub(crate) fn mark(response: &mut Response) {
    let version = HeaderValue::from_static("registry/2.0");
    response.headers_mut().insert(API_VERSION, version);
}

async fn answer(state: &Arc<State>, parts: &Parts, body: Body) -> Result<Response, RegistryError> {
    let route = Route::parse(parts.uri.path())?;
    let caller = Caller::authenticate(state, parts);
    match (&route, &parts.method) {
        (Route::Base, &Method::GET | &Method::HEAD) => {
            caller.require_any()?;
            Ok(axum::Json(serde_json::json!({})).into_response())
        }
        (Route::Catalog, &Method::GET) => names::list_repositories(state, &caller, parts),
        (Route::Tags(repository), &Method::GET) => {
            names::list_tags(state, &caller, parts, repository)
        }
        (Route::Manifest(repository, reference), _) => {
            manifests::answer(state, &caller, parts, body, repository, reference).await
        }
        (Route::Blob(repository, digest), _) => {
            blobs::answer(state, &caller, parts, repository, digest).await
        }
        (Route::Uploads(repository), &Method::POST) => {
            uploads::start(state, &caller, parts, body, repository).await
        }
        (Route::Upload(repository, id), _) => {
            uploads::answer(state, &caller, parts, body, repository, *id).await
        }
        (Route::Referrers(repository, digest), &Method::GET) => {
            referrers::list(state, &caller, parts, repository, digest)
        }
        _ => Err(RegistryError::method_not_allowed(&parts.method)),
    }
}

/// Runs one call of the store where it may block.
pub(crate) async fn blocking<T: Send + 'static>(
    call: impl FnOnce() -> Result<T, crate::store::StoreError> + Send + 'static,
) -> Result<T, RegistryError> {
    match tokio::task::spawn_blocking(call).await {
        Ok(result) => Ok(result?),
        Err(error) => {
            tracing::error!(%error, "a call of the registry's store did not end");
            Err(RegistryError::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "UNKNOWN",
                "the registry failed; its log says why",
            ))
        }
    }
}
