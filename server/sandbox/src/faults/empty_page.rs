//! A page of a list without items that leads to the list's beginning, as each service writes one.
use super::answers::Plane;
use crate::State;
use crate::registry::{self, paging::Page};
use axum::Json;
use axum::response::{IntoResponse, Response};
use http::{header, request::Parts};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

/// `None` where the registry is asked for something that has no pages.
pub(super) fn answer(state: &State, plane: Plane, parts: &Parts) -> Option<Response> {
    match plane {
        Plane::Registry => of_registry(state, parts),
        Plane::Arm | Plane::Blob => Some(of_arm(state, parts)),
    }
}

/// The next link is the same list again, from the same place.
fn of_arm(state: &State, parts: &Parts) -> Response {
    let asked = parts.uri.path_and_query();
    let asked = asked.map_or("/", http::uri::PathAndQuery::as_str);
    let base = state.endpoints.arm.as_str().trim_end_matches('/');
    Json(json!({"value": [], "nextLink": format!("{base}{asked}")})).into_response()
}

/// The same list from the same place too, in ACR's form of a `Link`.
fn of_registry(state: &State, parts: &Parts) -> Option<Response> {
    let path = percent_decode_str(parts.uri.path()).decode_utf8_lossy();
    let body = listing(&path, &state.endpoints.login_server)?;
    let page = Page::parse(parts).ok()?;
    let last = page.last.as_deref().unwrap_or_default();
    let link = [(header::LINK, page.link(parts.uri.path(), last))];
    let mut response = (link, Json(body)).into_response();
    registry::mark(&mut response);
    Some(response)
}

fn listing(path: &str, login_server: &str) -> Option<Value> {
    let segments: Vec<_> = path.trim_matches('/').split('/').collect();
    Some(match segments.as_slice() {
        ["v2", "_catalog"] | ["acr", "v1", "_catalog"] => json!({"repositories": []}),
        ["v2", name @ .., "tags", "list"] => json!({"name": name.join("/"), "tags": []}),
        ["acr", "v1", name @ .., "_tags"] => {
            json!({"registry": login_server, "imageName": name.join("/"), "tags": []})
        }
        ["acr", "v1", name @ .., "_manifests"] => {
            json!({"registry": login_server, "imageName": name.join("/"), "manifests": []})
        }
        _ => return None,
    })
}
