//! `/metadata/endpoints`: where the services of this cloud are. One address is then enough for
//! `az cloud register`.
use crate::State;
use axum::{
    Json, Router,
    extract::Request,
    response::{IntoResponse, Response},
};
use http::{Method, StatusCode};
use serde_json::{Value, json};
use std::sync::Arc;

/// Answers every path that begins with `/metadata`, to anybody.
pub fn router(state: Arc<State>) -> Router {
    Router::new().fallback(move |request: Request| {
        let response = answer(&state, &request);
        async move { response }
    })
}

fn answer(state: &State, request: &Request) -> Response {
    let path = request.uri().path().trim_end_matches('/');
    if !path.eq_ignore_ascii_case("/metadata/endpoints") {
        return refuse(
            StatusCode::NOT_FOUND,
            "NotFound",
            "The only metadata is at /metadata/endpoints.",
        );
    }
    if request.method() != Method::GET {
        return refuse(
            StatusCode::METHOD_NOT_ALLOWED,
            "MethodNotAllowed",
            "Metadata is only read.",
        );
    }
    let query = request.uri().query().unwrap_or_default();
    let mut query = url::form_urlencoded::parse(query.as_bytes());
    let version = query.find(|(key, _)| key == "api-version");
    let Some((_, version)) = version else {
        let why = "The api-version query parameter (?api-version=) is required for all requests.";
        return refuse(StatusCode::BAD_REQUEST, "MissingApiVersionParameter", why);
    };
    let cloud = cloud(state);
    // A list of clouds until 2019, the one that was asked since. Dates compare as text.
    if version.as_ref() < "2020-01-01" {
        Json(json!([cloud])).into_response()
    } else {
        Json(cloud).into_response()
    }
}

/// The login endpoint ends in `/adfs`, which tells clients not to look for it among Microsoft's
/// own clouds.
fn cloud(state: &State) -> Value {
    let endpoints = &state.endpoints;
    let arm = endpoints.arm.as_str().trim_end_matches('/');
    json!({
        "name": "Drydock",
        "resourceManager": arm,
        "portal": arm,
        "authentication": {
            "loginEndpoint": format!("{}adfs", endpoints.authority),
            "audiences": [arm],
            "tenant": endpoints.tenant_id,
            "identityProvider": "ADFS",
        },
        "graphAudience": arm,
        "graph": arm,
        "microsoftGraphResourceId": arm,
        "suffixes": {
            "acrLoginServer": endpoints.login_server,
            "storage": "localhost",
            "keyVaultDns": "vault.localhost",
        },
    })
}

fn refuse(status: StatusCode, code: &str, message: &str) -> Response {
    let body = json!({"error": {"code": code, "message": message}});
    (status, Json(body)).into_response()
}
