//! One listener, several services: the path says which one a request is for.
use crate::{State, acr, arm, entra, logs, registry};
use axum::{
    Router,
    extract::Request,
    response::{IntoResponse, Response},
};
use http::{HeaderName, HeaderValue, StatusCode};
use std::sync::Arc;
use tower::ServiceExt;
use uuid::Uuid;

#[derive(Clone)]
struct Rooms {
    registry: Router,
    acr: Router,
    entra: Router,
    arm: Router,
    logs: Router,
}

const REQUEST_ID: HeaderName = HeaderName::from_static("x-ms-request-id");

/// Everything that the sandbox answers.
pub(crate) fn router(state: &Arc<State>) -> Router {
    let rooms = Rooms {
        registry: registry::router(state.clone()),
        acr: acr::router(state.clone()),
        entra: entra::router(state.clone()),
        arm: arm::router(state.clone()),
        logs: logs::router(state.clone()),
    };
    Router::new().fallback(move |request: Request| dispatch(rooms.clone(), request))
}

async fn dispatch(rooms: Rooms, request: Request) -> Response {
    let method = request.method().clone();
    // The path only: a query may hold a signature.
    let path = request.uri().path().to_owned();
    let mut response = match find_room(&rooms, request.uri().path()) {
        Some(room) => match room.clone().oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        },
        None => StatusCode::NOT_FOUND.into_response(),
    };
    let id = Uuid::new_v4().to_string();
    let id = HeaderValue::from_str(&id).expect("a UUID is plain ASCII");
    let id = response
        .headers_mut()
        .entry(REQUEST_ID)
        .or_insert(id)
        .clone();
    let status = response.status().as_u16();
    tracing::debug!(%method, path, status, request_id = ?id, "answered");
    response
}

/// ARM compares paths without case, so the first segment is compared so everywhere.
fn find_room<'a>(rooms: &'a Rooms, path: &str) -> Option<&'a Router> {
    let first = path.trim_start_matches('/').split('/').next().unwrap_or("");
    let first = first.to_ascii_lowercase();
    Some(match first.as_str() {
        "v2" => &rooms.registry,
        "acr" | "oauth2" => &rooms.acr,
        "subscriptions" | "providers" | "tenants" | "metadata" => &rooms.arm,
        _ if first.starts_with("container-") => &rooms.logs,
        _ if entra::answers(path) => &rooms.entra,
        _ => return None,
    })
}
