//! Entra's own errors, with its codes.
use crate::{State, tokens::TokenError};
use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::StatusCode;
use serde_json::json;
use uuid::Uuid;

/// Why no token was given. Nothing that was sent as a secret is repeated.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum EntraError {
    Method,
    Body,
    Tenant(String),
    ParameterMissing(&'static str),
    GrantUnsupported(String),
    ClientUnknown(String),
    SecretWrong(String),
    ScopeInvalid(String),
    ResourceUnknown(String),
    UserUnknown(String),
    PasswordWrong,
    RefreshToken(TokenError),
    AuthorizationPending,
    DeviceCodeExpired,
    DeviceCodeUnknown,
}

impl EntraError {
    pub fn into_response(self, state: &State) -> Response {
        let (status, error, code, message) = self.describe(&state.endpoints.tenant_id);
        let (trace, correlation) = (Uuid::new_v4(), Uuid::new_v4());
        let timestamp = state.clock.now().format("%Y-%m-%d %H:%M:%SZ").to_string();
        let body = json!({
            "error": error,
            "error_description": format!(
                "AADSTS{code}: {message} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {timestamp}"
            ),
            "error_codes": [code],
            "timestamp": timestamp,
            "trace_id": trace,
            "correlation_id": correlation,
        });
        (status, Json(body)).into_response()
    }

    fn describe(&self, tenant: &str) -> (StatusCode, &'static str, u32, String) {
        let bad = StatusCode::BAD_REQUEST;
        match self {
            Self::Method => (
                StatusCode::METHOD_NOT_ALLOWED,
                "invalid_request",
                900_561,
                "The endpoint does not accept requests of this method.".into(),
            ),
            Self::Body => (
                bad,
                "invalid_request",
                900_144,
                "The request body is too long or broke off.".into(),
            ),
            Self::Tenant(name) => (
                bad,
                "invalid_request",
                90_002,
                format!(
                    "Tenant '{name}' not found. Check to make sure you have the correct tenant ID."
                ),
            ),
            Self::ParameterMissing(name) => (
                bad,
                "invalid_request",
                900_144,
                format!("The request body must contain the following parameter: '{name}'."),
            ),
            Self::GrantUnsupported(grant) => (
                bad,
                "unsupported_grant_type",
                70_003,
                format!("The app requested an unsupported grant type '{grant}'."),
            ),
            Self::ClientUnknown(client) => (
                bad,
                "unauthorized_client",
                700_016,
                format!(
                    "Application with identifier '{client}' was not found in the directory '{tenant}'."
                ),
            ),
            Self::SecretWrong(client) => (
                StatusCode::UNAUTHORIZED,
                "invalid_client",
                7_000_215,
                format!(
                    "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '{client}'."
                ),
            ),
            Self::ScopeInvalid(scope) => (
                bad,
                "invalid_scope",
                1_002_012,
                format!(
                    "The provided value for scope {scope} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI)."
                ),
            ),
            Self::UserUnknown(name) => (
                bad,
                "invalid_grant",
                50_034,
                format!(
                    "The user account {name} does not exist in the {tenant} directory. To sign into this application, the account must be added to the directory."
                ),
            ),
            Self::PasswordWrong => (
                bad,
                "invalid_grant",
                50_126,
                "Error validating credentials due to invalid username or password.".into(),
            ),
            Self::RefreshToken(TokenError::Expired(_)) => (
                bad,
                "invalid_grant",
                700_082,
                "The refresh token has expired due to inactivity. Sign in again.".into(),
            ),
            Self::RefreshToken(why) => (
                bad,
                "invalid_grant",
                9_002_313,
                format!("Invalid request. The refresh token is not accepted: {why}."),
            ),
            Self::AuthorizationPending => (
                bad,
                "authorization_pending",
                70_016,
                "OAuth 2.0 device flow error. Authorization is pending. Continue polling.".into(),
            ),
            Self::DeviceCodeExpired => (
                bad,
                "expired_token",
                70_020,
                "The device code has expired. Ask for another, and for another confirmation."
                    .into(),
            ),
            Self::DeviceCodeUnknown => (
                bad,
                "bad_verification_code",
                70_018,
                "The device code is not one that was given to this client, or was used before."
                    .into(),
            ),
            Self::ResourceUnknown(resource) => (
                bad,
                "invalid_resource",
                500_011,
                format!(
                    "The resource principal named {resource} was not found in the tenant named {tenant}."
                ),
            ),
        }
    }
}
