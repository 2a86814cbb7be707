//! Refusals in the storage service's own envelope.
use super::SasError;
use super::range::RangeError;
use axum::response::{IntoResponse, Response};
use http::{Method, StatusCode, header};

pub const SERVICE_VERSION: &str = "2022-11-02";

/// An answer other than the blob, in the storage service's own envelope.
pub struct Refusal {
    status: StatusCode,
    code: &'static str,
    message: String,
    size_bytes: Option<u64>,
}

impl Refusal {
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            size_bytes: None,
        }
    }

    pub fn not_found() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "BlobNotFound",
            "The specified blob does not exist.",
        )
    }

    pub fn not_authenticated(error: SasError) -> Self {
        let message = format!("Server failed to authenticate the request: {error}.");
        Self::new(StatusCode::FORBIDDEN, "AuthenticationFailed", message)
    }

    pub fn method(method: &Method) -> Self {
        let message = format!(
            "The resource doesn't support the HTTP verb {method}: a log is only read, and an archive only written."
        );
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "UnsupportedHttpVerb",
            message,
        )
    }

    pub fn range(error: RangeError, size_bytes: u64) -> Self {
        let mut refusal = match error {
            RangeError::BeyondTheEnd => Self::new(
                StatusCode::RANGE_NOT_SATISFIABLE,
                "InvalidRange",
                "The range specified is invalid for the current size of the resource.",
            ),
            RangeError::Malformed => Self::new(
                StatusCode::BAD_REQUEST,
                "InvalidHeaderValue",
                "The range is not of the form bytes=FIRST-LAST.",
            ),
        };
        refusal.size_bytes = Some(size_bytes);
        refusal
    }

    pub fn too_large(limit_bytes: u64) -> Self {
        let message = format!(
            "The request body is too large and exceeds the maximum permissible limit of {limit_bytes} bytes."
        );
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "RequestBodyTooLarge",
            message,
        )
    }

    pub fn blob_type() -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "MissingRequiredHeader",
            "An HTTP header that's mandatory for this request is not specified: x-ms-blob-type, with the value BlockBlob.",
        )
    }

    pub fn storage(error: std::io::Error) -> Self {
        tracing::error!(%error, "a blob cannot be read or written");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "InternalError",
            "The blob cannot be read or written.",
        )
    }

    pub fn into_response(self, is_head: bool) -> Response {
        let Self {
            status,
            code,
            message,
            size_bytes,
        } = self;
        let xml = format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>{code}</Code><Message>{message}</Message></Error>"
        );
        let body = if is_head { String::new() } else { xml };
        let headers = [
            (header::CONTENT_TYPE.as_str(), "application/xml"),
            ("x-ms-error-code", code),
            ("x-ms-version", SERVICE_VERSION),
        ];
        let mut response = (status, headers, body).into_response();
        if let (StatusCode::RANGE_NOT_SATISFIABLE, Some(size)) = (status, size_bytes) {
            let value = http::HeaderValue::from_str(&format!("bytes */{size}"));
            response.headers_mut().insert(
                header::CONTENT_RANGE,
                value.expect("a number is plain ASCII"),
            );
        }
        response
    }
}
