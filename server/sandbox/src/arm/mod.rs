//! Azure Resource Manager's routes.
use crate::State;
use axum::Router;
use std::sync::Arc;

/// Answers every path that begins with `/subscriptions`, `/providers`, `/tenants` or `/metadata`,
/// in any casing.
pub fn router(state: Arc<State>) -> Router {
    Router::new().with_state(state)
}
