//! The console's error on a route that is not a page: the same words and codes as a page shows.
use axum::Json;
use axum::response::{IntoResponse, Response};
use drydock_app::ApiError;
use drydock_workflow::WorkflowError;

/// An `ApiError` as an HTTP answer.
pub struct Failure(pub ApiError);

impl From<WorkflowError> for Failure {
    fn from(error: WorkflowError) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        (self.0.code.status(), Json(self.0)).into_response()
    }
}
