//! The blobs that runs write their logs to.
use crate::State;
use axum::Router;
use std::sync::Arc;

/// Answers every path that begins with `/container-`.
pub fn router(state: Arc<State>) -> Router {
    Router::new().with_state(state)
}
