//! Routes of registry.
use crate::State;
use axum::Router;
use std::sync::Arc;

pub fn router(state: Arc<State>) -> Router {
    Router::new().with_state(state)
}
