//! Refusals in ARM's envelope: `{"error": {"code", "message"}}`.
use crate::rights;
use crate::tasks::{DeskError, FileError, RoleError};
use crate::tokens::TokenError;
use axum::Json;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde_json::json;

/// What went wrong with a request.
#[derive(Debug)]
pub struct ArmError {
    status: StatusCode,
    code: &'static str,
    message: String,
    target: Option<&'static str>,
    /// `WWW-Authenticate`.
    challenge: Option<String>,
}

impl ArmError {
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            target: None,
            challenge: None,
        }
    }

    /// What of the request is refused.
    pub fn with_target(mut self, target: &'static str) -> Self {
        self.target = Some(target);
        self
    }

    pub fn bad_request(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }

    /// `resource` is `registries/r/tasks/t`.
    pub fn resource_not_found(resource: &str, resource_group: &str) -> Self {
        let message = format!(
            "The Resource 'Microsoft.ContainerRegistry/{resource}' under resource group '{resource_group}' was not \
             found. For more details please go to https://aka.ms/ARMResourceNotFoundFix"
        );
        Self::new(StatusCode::NOT_FOUND, "ResourceNotFound", message)
    }

    pub fn no_route(path: &str) -> Self {
        let message = format!(
            "The sandbox has no resource at '{path}'; it answers for one registry, its tasks, its runs and its role assignments."
        );
        Self::new(StatusCode::NOT_FOUND, "InvalidResourceType", message)
    }

    pub fn method_not_allowed(method: &http::Method) -> Self {
        let message = format!("The requested resource does not support http method '{method}'.");
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed", message)
    }

    /// The caller has no role that allows this.
    pub(super) fn forbidden(call: &super::Call) -> Self {
        let client = call.caller.client_id.as_deref().unwrap_or_default();
        let message = format!(
            "The client '{client}' with object id '{}' does not have authorization to perform action '{}' over scope \
             '{}' or the scope is invalid. If access was recently granted, please refresh your credentials.",
            call.caller.object_id,
            rights::action(&call.method, &call.path),
            call.path.trim_end_matches('/'),
        );
        Self::new(StatusCode::FORBIDDEN, "AuthorizationFailed", message)
    }

    /// Nobody has signed in, or with something that is not accepted.
    pub fn unauthorized(authority: &str, refused: Option<&TokenError>) -> Self {
        let (code, message) = match refused {
            None => (
                "AuthenticationFailed",
                "Authentication failed. The 'Authorization' header is missing.".to_owned(),
            ),
            Some(error @ TokenError::Expired(_)) => (
                "ExpiredAuthenticationToken",
                format!("The access token is refused: {error}."),
            ),
            Some(error) => (
                "InvalidAuthenticationToken",
                format!("The access token is refused: {error}."),
            ),
        };
        let challenge = format!(
            "Bearer authorization_uri=\"{authority}\", error=\"invalid_token\", error_description=\"{}\"",
            message.replace(['"', '\\'], "'")
        );
        Self {
            challenge: Some(challenge),
            ..Self::new(StatusCode::UNAUTHORIZED, code, message)
        }
    }
}

impl IntoResponse for ArmError {
    fn into_response(self) -> Response {
        let mut body = json!({"error": {"code": self.code, "message": self.message}});
        if let Some(target) = self.target {
            body["error"]["target"] = target.into();
        }
        let mut response = (self.status, Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert("x-ms-failure-cause", HeaderValue::from_static("gateway"));
        if let Some(Ok(challenge)) = self.challenge.map(HeaderValue::try_from) {
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

impl From<FileError> for ArmError {
    fn from(error: FileError) -> Self {
        tracing::error!(%error, "the sandbox's state could not be saved");
        let message = format!("The change was not made because it could not be saved: {error}.");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "InternalServerError",
            message,
        )
    }
}

impl From<DeskError> for ArmError {
    fn from(error: DeskError) -> Self {
        match error {
            DeskError::Invalid(_) => Self::bad_request("InvalidRequestContent", error.to_string()),
            DeskError::Disabled(_) => Self::bad_request("TaskDisabled", error.to_string()),
            DeskError::Finished { .. } => Self::bad_request("RunHasEnded", error.to_string()),
            DeskError::File(error) => error.into(),
        }
    }
}

impl From<RoleError> for ArmError {
    fn from(error: RoleError) -> Self {
        let code = match error {
            RoleError::Exists(_) => "RoleAssignmentExists",
            RoleError::UpdateNotPermitted => "RoleAssignmentUpdateNotPermitted",
            RoleError::File(error) => return error.into(),
        };
        Self::new(StatusCode::CONFLICT, code, error.to_string())
    }
}
