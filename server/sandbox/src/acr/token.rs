//! The registry's token endpoints: a token of Entra becomes a refresh token, and that an access
//! token for named scopes.
use super::credentials;
use crate::{
    State, gate,
    registry::{error::RegistryError, paging::query, read_whole},
    tokens::{Principal, scope},
};
use axum::{
    Json,
    body::Body,
    response::{IntoResponse, Response},
};
use http::{StatusCode, header, request::Parts};
use serde_json::json;

const MAX_FORM_BYTES: usize = 64 * 1024;

/// The parameters of a form or a query. A key may come more than once.
pub(crate) struct Form(Vec<(String, String)>);

impl Form {
    /// # Errors
    /// The body is too long or broke off.
    pub async fn read(body: Body) -> Result<Self, RegistryError> {
        let body = read_whole(body, MAX_FORM_BYTES).await?;
        Ok(Self(
            url::form_urlencoded::parse(&body).into_owned().collect(),
        ))
    }

    pub fn get(&self, key: &str) -> &str {
        let found = self.0.iter().find(|(name, _)| name == key);
        found.map_or("", |(_, value)| value)
    }

    /// Scopes, from every `scope` and from within each, where spaces separate them.
    fn scopes(&self) -> Vec<scope::Access> {
        let scopes = self.0.iter().filter(|(name, _)| name == "scope");
        scopes
            .flat_map(|(_, value)| value.split(' '))
            .filter_map(scope::Access::parse)
            .collect()
    }
}

/// `POST /oauth2/exchange`.
pub(super) async fn exchange(state: &State, body: Body) -> Result<Response, RegistryError> {
    let form = Form::read(body).await?;
    check_service(state, &form)?;
    let principal = match form.get("grant_type") {
        "access_token" | "access_token_refresh_token" => {
            let token = form.get("access_token");
            state.tokens.verify_exchange(token)
        }
        "refresh_token" => state.tokens.verify_refresh(form.get("refresh_token")),
        other => return Err(unsupported_grant(other)),
    };
    let principal = principal.map_err(|error| unauthorized(&error.to_string()))?;
    let token = state.tokens.issue_refresh(&principal);
    Ok(Json(json!({ "refresh_token": token })).into_response())
}

/// `POST /oauth2/token`.
pub(super) async fn post(state: &State, body: Body) -> Result<Response, RegistryError> {
    let form = Form::read(body).await?;
    check_service(state, &form)?;
    match form.get("grant_type") {
        "refresh_token" => {
            let principal = state.tokens.verify_refresh(form.get("refresh_token"));
            let principal = principal.map_err(|error| unauthorized(&error.to_string()))?;
            let granted = gate::grant(state, &principal, scope::grantable(form.scopes()));
            let access = state.tokens.issue_access(&principal, granted);
            Ok(Json(json!({ "access_token": access })).into_response())
        }
        "password" => {
            let (user, password) = (form.get("username"), form.get("password"));
            let principal = credentials::check(state, user, password);
            let principal = principal.ok_or_else(|| unauthorized(WRONG_PASSWORD))?;
            Ok(both_tokens(state, &principal, &form))
        }
        other => Err(unsupported_grant(other)),
    }
}

/// `GET /oauth2/token?service=&scope=` with a user and a password: what `docker`, `skopeo` and
/// `oras` do. Without them it is anonymous, and this registry lets nobody in anonymously.
pub(super) fn get(state: &State, parts: &Parts) -> Result<Response, RegistryError> {
    let form = Form(query(parts).into_owned().collect());
    check_service(state, &form)?;
    let header = parts.headers.get(header::AUTHORIZATION);
    let header = header.and_then(|value| value.to_str().ok());
    let (kind, encoded) = header
        .and_then(|value| value.split_once(' '))
        .unwrap_or_default();
    if !kind.eq_ignore_ascii_case("basic") {
        return Err(unauthorized(
            "a user and a password are needed: anonymous pull is off in this registry",
        ));
    }
    let principal = credentials::check_basic(state, encoded.trim());
    let principal = principal.ok_or_else(|| unauthorized(WRONG_PASSWORD))?;
    Ok(both_tokens(state, &principal, &form))
}

const WRONG_PASSWORD: &str = "the user and the password do not fit, or the refresh token expired";

fn both_tokens(state: &State, principal: &Principal, form: &Form) -> Response {
    let granted = gate::grant(state, principal, scope::grantable(form.scopes()));
    let access = state.tokens.issue_access(principal, granted);
    let refresh = state.tokens.issue_refresh(principal);
    Json(json!({"access_token": access, "refresh_token": refresh})).into_response()
}

/// A token is for one registry.
fn check_service(state: &State, form: &Form) -> Result<(), RegistryError> {
    let service = form.get("service");
    if service.is_empty() || service.eq_ignore_ascii_case(&state.endpoints.login_server) {
        return Ok(());
    }
    Err(unauthorized(&format!(
        "the service is '{service}', and this registry is '{}'",
        state.endpoints.login_server
    )))
}

fn unauthorized(why: &str) -> RegistryError {
    let message = format!("authentication failed: {why}");
    RegistryError::new(StatusCode::UNAUTHORIZED, "UNAUTHORIZED", message)
}

fn unsupported_grant(grant: &str) -> RegistryError {
    let message = format!("the grant_type '{grant}' is not supported");
    RegistryError::new(StatusCode::BAD_REQUEST, "UNSUPPORTED", message)
}
