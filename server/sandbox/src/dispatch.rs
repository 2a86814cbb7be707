//! One listener, several services: the path says which one a request is for.
use crate::{
    State, acr, arm, control, discovery, entra, gate, logs, registry, tls::Channel, unread,
};
use axum::{
    Json, Router,
    extract::Request,
    response::{IntoResponse, Response},
};
use http::{HeaderName, HeaderValue, StatusCode};
use serde_json::json;
use std::sync::Arc;
use tower::ServiceExt;
use uuid::Uuid;

#[derive(Clone)]
struct Rooms {
    registry: Router,
    acr: Router,
    storage: Router,
    entra: Router,
    discovery: Router,
    arm: Router,
    logs: Router,
    control: Router,
}

const REQUEST_ID: HeaderName = HeaderName::from_static("x-ms-request-id");

/// Everything that the sandbox answers.
pub(crate) fn router(state: &Arc<State>) -> Router {
    let guard = |room: Router| gate::guard(state, room);
    let rooms = Rooms {
        registry: guard(registry::router(state.clone())),
        acr: guard(acr::router(state.clone())),
        storage: guard(registry::storage::router(state.clone())),
        entra: entra::router(state.clone()),
        discovery: discovery::router(state.clone()),
        arm: guard(arm::router(state.clone())),
        logs: guard(logs::router(state.clone())),
        control: control::router(state.clone()),
    };
    Router::new().fallback(move |request: Request| dispatch(rooms.clone(), request))
}

async fn dispatch(rooms: Rooms, request: Request) -> Response {
    let method = request.method().clone();
    // The path only: a query may hold a signature.
    let path = request.uri().path().to_owned();
    let (request, rest) = unread::watch(request);
    let mut response = answer(&rooms, request).await;
    rest.read_away().await;
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

async fn answer(rooms: &Rooms, request: Request) -> Response {
    let channel = request.extensions().get::<Channel>().copied();
    match find_room(rooms, request.uri().path()) {
        Some(room) if channel == Some(Channel::Plain) && !room.answers_plain => insist_on_tls(),
        Some(room) => match room.router.clone().oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        },
        None => nothing_here(),
    }
}

/// One service, as found by a path.
struct Room<'a> {
    router: &'a Router,
    /// Registry clients may ask for plain HTTP on loopback. Nobody else does, so nobody else gets
    /// it: what they send is worth more than one registry.
    answers_plain: bool,
}

/// ARM compares paths without case, so the first segment is compared so everywhere.
fn find_room<'a>(rooms: &'a Rooms, path: &str) -> Option<Room<'a>> {
    let first = path.trim_start_matches('/').split('/').next().unwrap_or("");
    let first = first.to_ascii_lowercase();
    let (router, answers_plain) = match first.as_str() {
        "v2" => (&rooms.registry, true),
        "acr" | "oauth2" => (&rooms.acr, true),
        _ if first.starts_with(registry::storage::PREFIX) => (&rooms.storage, true),
        "subscriptions" | "providers" | "tenants" => (&rooms.arm, false),
        "metadata" => (&rooms.discovery, false),
        "sandbox" => (&rooms.control, false),
        _ if first.starts_with("container-") => (&rooms.logs, false),
        _ if entra::answers(path) => (&rooms.entra, false),
        _ => return None,
    };
    Some(Room {
        router,
        answers_plain,
    })
}

fn nothing_here() -> Response {
    let message = "There is nothing at this address. It is Drydock's sandbox, an Azure for programs: `drydock \
                   sandbox env` points them at it, and the console for people is at another port.";
    let body = json!({"error": {"code": "NotFound", "message": message}});
    (StatusCode::NOT_FOUND, Json(body)).into_response()
}

/// What was sent, a secret perhaps, was sent unprotected: it is not looked at.
fn insist_on_tls() -> Response {
    let message = "This service answers over TLS only, as Azure does: say https instead of http, and trust the \
                   sandbox's authority. `drydock sandbox env` prints how.";
    let body = json!({"error": {"code": "HttpsRequired", "message": message}});
    (StatusCode::FORBIDDEN, Json(body)).into_response()
}
