//! Microsoft Entra, as far as a service principal and a person need it: discovery, and tokens for
//! a client's secret, for a person's password, for a code that the person confirmed on a page,
//! and for a refresh token.
mod device;
mod discovery;
mod error;
mod page;
mod token;

pub use device::DeviceCodes;

use crate::{State, acr::token::Form};
use axum::{
    Json, Router,
    body::Body,
    extract::Request,
    response::{IntoResponse, Response},
};
use discovery::Manner;
use error::EntraError;
use http::{HeaderValue, Method, header, request::Parts};
use page::{form_page, message_page};
use serde_json::json;
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
                Ok(response) => response,
                Err(error) => error.into_response(&state),
            };
            forbid_caching(&mut response);
            response
        }
    })
}

#[derive(Debug, PartialEq, Eq)]
enum Route<'a> {
    Discovery(&'a str, Manner),
    Keys(&'a str),
    Token(&'a str),
    DeviceCode(&'a str),
    /// The page at which a person confirms a code.
    DevicePage(&'a str),
}

impl<'a> Route<'a> {
    fn parse(path: &'a str) -> Option<Self> {
        let segments: Vec<_> = path.trim_matches('/').split('/').collect();
        Some(match segments.as_slice() {
            [tenant, ".well-known", "openid-configuration"] if is_adfs(tenant) => {
                Self::Discovery(tenant, Manner::Adfs)
            }
            [tenant, ".well-known", "openid-configuration"] => {
                Self::Discovery(tenant, Manner::EntraV1)
            }
            [tenant, "v2.0", ".well-known", "openid-configuration"] => {
                Self::Discovery(tenant, Manner::EntraV2)
            }
            [tenant, "discovery", "v2.0", "keys"] => Self::Keys(tenant),
            [tenant, "oauth2", rest @ ..] => match rest {
                ["token"] | ["v2.0", "token"] => Self::Token(tenant),
                ["devicecode"] | ["v2.0", "devicecode"] => Self::DeviceCode(tenant),
                ["deviceauth"] => Self::DevicePage(tenant),
                _ => return None,
            },
            _ => return None,
        })
    }

    fn tenant(&self) -> &'a str {
        match self {
            Self::Discovery(tenant, _)
            | Self::Keys(tenant)
            | Self::Token(tenant)
            | Self::DeviceCode(tenant)
            | Self::DevicePage(tenant) => tenant,
        }
    }
}

fn is_adfs(tenant: &str) -> bool {
    tenant.eq_ignore_ascii_case("adfs")
}

async fn answer(state: &State, parts: &Parts, body: Body) -> Result<Response, EntraError> {
    let route = Route::parse(parts.uri.path()).ok_or(EntraError::Method)?;
    check_tenant(state, route.tenant())?;
    let json = match (route, &parts.method) {
        (Route::Discovery(_, manner), &Method::GET) => discovery::document(state, manner),
        // The sandbox signs with a key of its own that it shares with nobody.
        (Route::Keys(_), &Method::GET) => json!({ "keys": [] }),
        (Route::Token(_), &Method::POST) => token::issue(state, &read(body).await?)?,
        (Route::DeviceCode(_), &Method::POST) => device::begin(state, &read(body).await?)?,
        (Route::DevicePage(_), &Method::GET) => return Ok(page::respond(form_page(""))),
        (Route::DevicePage(_), &Method::POST) => {
            return Ok(page::respond(device::confirm(state, &read(body).await?)));
        }
        _ => return Err(EntraError::Method),
    };
    Ok(Json(json).into_response())
}

async fn read(body: Body) -> Result<Form, EntraError> {
    Form::read(body).await.map_err(|_| EntraError::Body)
}

/// The names that stand for any tenant are taken for the only one. AD FS has none.
fn check_tenant(state: &State, tenant: &str) -> Result<(), EntraError> {
    let ours = state.endpoints.tenant_id.as_str();
    if [ours, "common", "organizations", "adfs"]
        .iter()
        .any(|name| tenant.eq_ignore_ascii_case(name))
    {
        return Ok(());
    }
    Err(EntraError::Tenant(tenant.to_owned()))
}

fn forbid_caching(response: &mut Response) {
    let value = HeaderValue::from_static("no-store, no-cache");
    response.headers_mut().insert(header::CACHE_CONTROL, value);
}
