//! Routes of entra.
use crate::State;
use axum::Router;
use std::sync::Arc;

pub fn router(state: Arc<State>) -> Router {
    Router::new().with_state(state)
}

/// Whether a path is one of Entra's.
pub fn answers(path: &str) -> bool {
    path.contains("/oauth2/") || path.contains("/.well-known/")
}
