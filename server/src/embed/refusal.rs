//! Why a frame is not shown: a code for the host's program, a sentence for its author.
use axum::Json;
use axum::response::{IntoResponse, Response};
use drydock_app::RequestId;
use drydock_domain::embed::ScopeError;
use http::StatusCode;
use serde::Serialize;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Code {
    TokenMalformed,
    TokenAlgorithm,
    TokenKeyUnknown,
    TokenSignature,
    TokenAudience,
    TokenExpired,
    TokenTooLong,
    TokenReplayed,
    TokenOrigin,
    TokenView,
    TokenRegistry,
    TokenScope,
    TokenRole,
    ForeignOrigin,
    EmbedUnknown,
    EmbedRevoked,
    RateLimited,
    SessionsFull,
    SessionExpired,
    RouteRefused,
    NotFound,
    Unavailable,
}

impl Code {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TokenMalformed => "TOKEN_MALFORMED",
            Self::TokenAlgorithm => "TOKEN_ALGORITHM",
            Self::TokenKeyUnknown => "TOKEN_KEY_UNKNOWN",
            Self::TokenSignature => "TOKEN_SIGNATURE",
            Self::TokenAudience => "TOKEN_AUDIENCE",
            Self::TokenExpired => "TOKEN_EXPIRED",
            Self::TokenTooLong => "TOKEN_TOO_LONG",
            Self::TokenReplayed => "TOKEN_REPLAYED",
            Self::TokenOrigin => "TOKEN_ORIGIN",
            Self::TokenView => "TOKEN_VIEW",
            Self::TokenRegistry => "TOKEN_REGISTRY",
            Self::TokenScope => "TOKEN_SCOPE",
            Self::TokenRole => "TOKEN_ROLE",
            Self::ForeignOrigin => "FOREIGN_ORIGIN",
            Self::EmbedUnknown => "EMBED_UNKNOWN",
            Self::EmbedRevoked => "EMBED_REVOKED",
            Self::RateLimited => "RATE_LIMITED",
            Self::SessionsFull => "SESSIONS_FULL",
            Self::SessionExpired => "SESSION_EXPIRED",
            Self::RouteRefused => "ROUTE_REFUSED",
            Self::NotFound => "NOT_FOUND",
            Self::Unavailable => "UNAVAILABLE",
        }
    }

    fn status(self) -> StatusCode {
        match self {
            Self::TokenMalformed
            | Self::TokenAlgorithm
            | Self::TokenKeyUnknown
            | Self::TokenSignature
            | Self::TokenAudience
            | Self::TokenExpired
            | Self::TokenTooLong
            | Self::TokenReplayed
            | Self::SessionExpired => StatusCode::UNAUTHORIZED,
            Self::TokenOrigin
            | Self::TokenView
            | Self::TokenRegistry
            | Self::TokenScope
            | Self::TokenRole
            | Self::ForeignOrigin
            | Self::RouteRefused => StatusCode::FORBIDDEN,
            Self::EmbedUnknown | Self::NotFound => StatusCode::NOT_FOUND,
            Self::EmbedRevoked => StatusCode::GONE,
            Self::RateLimited => StatusCode::TOO_MANY_REQUESTS,
            Self::SessionsFull | Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub code: Code,
    pub why: String,
}

impl Refusal {
    pub fn new(code: Code, why: impl Into<String>) -> Self {
        let why = why.into();
        Self { code, why }
    }

    /// JSON with the request's id, which finds the log lines.
    pub fn answer(self, request: &RequestId) -> Response {
        let body = Body {
            code: self.code.as_str(),
            message: &self.why,
            trace_id: &request.0,
        };
        (self.code.status(), Json(body)).into_response()
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'b> {
    code: &'static str,
    message: &'b str,
    trace_id: &'b str,
}

impl From<ScopeError> for Refusal {
    fn from(error: ScopeError) -> Self {
        let code = match error.field {
            "view" => Code::TokenView,
            "registry" => Code::TokenRegistry,
            "role" => Code::TokenRole,
            _ => Code::TokenScope,
        };
        Self::new(code, error.to_string())
    }
}

impl From<drydock_ledger::LedgerError> for Refusal {
    fn from(error: drydock_ledger::LedgerError) -> Self {
        tracing::error!(
            error = &error as &dyn std::error::Error,
            "a frame cannot be served"
        );
        Self::new(
            Code::Unavailable,
            "Drydock cannot read its ledger at the moment",
        )
    }
}

impl From<drydock_workflow::WorkflowError> for Refusal {
    /// The host's page is told as much as the console's page would be.
    fn from(error: drydock_workflow::WorkflowError) -> Self {
        let told = drydock_app::ApiError::from(error);
        let code = match told.code {
            drydock_app::error::ErrorCode::NotFound => Code::NotFound,
            _ => Code::Unavailable,
        };
        Self::new(code, told.message)
    }
}
