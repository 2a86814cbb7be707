//! Microsoft Entra, as far as a service principal needs it: discovery, and a token for a client
//! id and a secret.
mod error;
mod token;

use crate::{State, acr::token::Form};
use axum::{
    Json, Router,
    body::Body,
    extract::Request,
    response::{IntoResponse, Response},
};
use error::EntraError;
use http::{HeaderValue, Method, header, request::Parts};
use serde_json::{Value, json};
use std::sync::Arc;

/// Whether a path is one of Entra's: the tenant comes first, so only the rest tells.
pub(crate) fn answers(path: &str) -> bool {
    Route::parse(path).is_some()
}

/// Answers the paths that `answers` names.
pub fn router(state: Arc<State>) -> Router {
    Router::new().fallback(move |request: Request| {
        let state = state.clone();
        async move {
            let (parts, body) = request.into_parts();
            let mut response = match answer(&state, &parts, body).await {
                Ok(body) => Json(body).into_response(),
                Err(error) => error.into_response(&state),
            };
            forbid_caching(&mut response);
            response
        }
    })
}

#[derive(Debug, PartialEq, Eq)]
enum Route<'a> {
    Discovery(&'a str),
    Keys(&'a str),
    Token(&'a str),
}

impl<'a> Route<'a> {
    fn parse(path: &'a str) -> Option<Self> {
        let segments: Vec<_> = path.trim_matches('/').split('/').collect();
        Some(match segments.as_slice() {
            [tenant, ".well-known", "openid-configuration"]
            | [tenant, "v2.0", ".well-known", "openid-configuration"] => Self::Discovery(tenant),
            [tenant, "discovery", "v2.0", "keys"] => Self::Keys(tenant),
            [tenant, "oauth2", "token"] | [tenant, "oauth2", "v2.0", "token"] => {
                Self::Token(tenant)
            }
            _ => return None,
        })
    }
}

async fn answer(state: &State, parts: &Parts, body: Body) -> Result<Value, EntraError> {
    let Some(route) = Route::parse(parts.uri.path()) else {
        return Err(EntraError::Method);
    };
    match (route, &parts.method) {
        (Route::Discovery(tenant), &Method::GET) => {
            check_tenant(state, tenant)?;
            Ok(discovery(state, parts.uri.path().contains("/v2.0/")))
        }
        (Route::Keys(tenant), &Method::GET) => {
            check_tenant(state, tenant)?;
            // The sandbox signs with a key of its own that it shares with nobody.
            Ok(json!({ "keys": [] }))
        }
        (Route::Token(tenant), &Method::POST) => {
            check_tenant(state, tenant)?;
            let form = Form::read(body).await.map_err(|_| EntraError::Body)?;
            token::issue(state, &form)
        }
        _ => Err(EntraError::Method),
    }
}

/// The names that stand for any tenant are taken for the only one.
fn check_tenant(state: &State, tenant: &str) -> Result<(), EntraError> {
    let ours = state.endpoints.tenant_id.as_str();
    if [ours, "common", "organizations"]
        .iter()
        .any(|name| tenant.eq_ignore_ascii_case(name))
    {
        return Ok(());
    }
    Err(EntraError::Tenant(tenant.to_owned()))
}

fn discovery(state: &State, v2: bool) -> Value {
    let tenant = &state.endpoints.tenant_id;
    let base = format!("{}{tenant}", state.endpoints.authority);
    let version = if v2 { "/v2.0" } else { "" };
    json!({
        "token_endpoint": format!("{base}/oauth2{version}/token"),
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        "jwks_uri": format!("{base}/discovery/v2.0/keys"),
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["code"],
        "scopes_supported": ["openid"],
        "issuer": if v2 { format!("{base}/v2.0") } else { format!("https://sts.windows.net/{tenant}/") },
        "authorization_endpoint": format!("{base}/oauth2{version}/authorize"),
        "grant_types_supported": ["client_credentials"],
        "tenant_region_scope": null,
        "cloud_instance_name": state.endpoints.authority.authority(),
    })
}

fn forbid_caching(response: &mut Response) {
    let value = HeaderValue::from_static("no-store, no-cache");
    response.headers_mut().insert(header::CACHE_CONTROL, value);
}
