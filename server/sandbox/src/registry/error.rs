//! The error envelope of the distribution API, as ACR fills it.
use crate::store::StoreError;
use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::{HeaderName, HeaderValue, Method, StatusCode};
use serde_json::{Value, json};

/// `{"errors":[{"code","message","detail"}]}` with its status and headers.
#[derive(Debug)]
pub(crate) struct RegistryError {
    status: StatusCode,
    code: &'static str,
    message: String,
    /// Boxed to keep a `Result` small.
    detail: Box<Value>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl RegistryError {
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            detail: Box::new(Value::Null),
            headers: Vec::new(),
        }
    }

    pub fn with_detail(mut self, detail: Value) -> Self {
        *self.detail = detail;
        self
    }

    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    pub fn method_not_allowed(method: &Method) -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "UNSUPPORTED",
            format!("{method} is not an operation on this resource"),
        )
    }

    pub fn status(&self) -> StatusCode {
        self.status
    }

    #[cfg(test)]
    pub fn code(&self) -> &'static str {
        self.code
    }
}

impl IntoResponse for RegistryError {
    fn into_response(self) -> Response {
        let error = json!({"code": self.code, "message": self.message, "detail": self.detail});
        let mut response = (self.status, Json(json!({ "errors": [error] }))).into_response();
        response.headers_mut().insert(
            http::header::CONTENT_TYPE,
            HeaderValue::from_static("application/json; charset=utf-8"),
        );
        response.headers_mut().extend(self.headers);
        response
    }
}

impl From<StoreError> for RegistryError {
    fn from(error: StoreError) -> Self {
        let (status, code) = status_and_code(&error);
        let detail = detail(&error);
        if let StoreError::Io(source) = &error {
            tracing::error!(%source, "the registry's store failed");
        }
        let message = match &error {
            // What the system said may hold a path; the log has it.
            StoreError::Io(_) => "the registry's store failed; its log says why".to_owned(),
            _ => error.to_string(),
        };
        Self::new(status, code, message).with_detail(detail)
    }
}

fn status_and_code(error: &StoreError) -> (StatusCode, &'static str) {
    match error {
        StoreError::RepositoryUnknown(_) => (StatusCode::NOT_FOUND, "NAME_UNKNOWN"),
        StoreError::ManifestUnknown { .. } => (StatusCode::NOT_FOUND, "MANIFEST_UNKNOWN"),
        StoreError::TagUnknown { .. } => (StatusCode::NOT_FOUND, "TAG_UNKNOWN"),
        StoreError::BlobUnknown { .. } => (StatusCode::NOT_FOUND, "BLOB_UNKNOWN"),
        StoreError::UploadUnknown { .. } => (StatusCode::NOT_FOUND, "BLOB_UPLOAD_UNKNOWN"),
        StoreError::UploadBusy(_) => (StatusCode::CONFLICT, "BLOB_UPLOAD_INVALID"),
        StoreError::DigestMismatch { .. } | StoreError::DigestUnsupported(_) => {
            (StatusCode::BAD_REQUEST, "DIGEST_INVALID")
        }
        StoreError::ManifestInvalid(_) => (StatusCode::BAD_REQUEST, "MANIFEST_INVALID"),
        StoreError::ContentMissing { .. } => (StatusCode::BAD_REQUEST, "MANIFEST_BLOB_UNKNOWN"),
        StoreError::OffsetMismatch { .. } => {
            (StatusCode::RANGE_NOT_SATISFIABLE, "BLOB_UPLOAD_INVALID")
        }
        StoreError::BlobInUse { .. } => (StatusCode::METHOD_NOT_ALLOWED, "UNSUPPORTED"),
        StoreError::Locked => (
            StatusCode::METHOD_NOT_ALLOWED,
            "REGISTRY_DISALLOWED_OPERATION",
        ),
        StoreError::DiskFull => (StatusCode::INSUFFICIENT_STORAGE, "UNAVAILABLE"),
        StoreError::Io(_) => (StatusCode::INTERNAL_SERVER_ERROR, "UNKNOWN"),
    }
}

fn detail(error: &StoreError) -> Value {
    match error {
        StoreError::RepositoryUnknown(name) => json!({ "name": name }),
        StoreError::ManifestUnknown {
            repository,
            reference,
        } => json!({"name": repository, "reference": reference.to_string()}),
        StoreError::TagUnknown { repository, tag } => json!({"name": repository, "tag": tag}),
        StoreError::BlobUnknown { digest, .. } | StoreError::DigestUnsupported(digest) => {
            json!({ "digest": digest })
        }
        StoreError::DigestMismatch { claimed, actual } => {
            json!({"digest": claimed, "actual": actual})
        }
        StoreError::ContentMissing { missing, .. } => missing
            .iter()
            .map(|missing| json!({"digest": missing.digest, "role": missing.role}))
            .collect(),
        StoreError::BlobInUse { manifest, .. } => json!({ "manifest": manifest }),
        StoreError::OffsetMismatch { held, .. } => json!({ "offset": held }),
        StoreError::Locked => json!({}),
        StoreError::UploadUnknown { .. }
        | StoreError::UploadBusy(_)
        | StoreError::ManifestInvalid(_)
        | StoreError::DiskFull
        | StoreError::Io(_) => Value::Null,
    }
}
