//! The blobs that runs write their logs to.
mod folder;
mod range;
mod route;
mod sas;

pub use folder::{LogFacts, LogFolder, RunLog};
pub use sas::{LogLinks, SasError};

use crate::State;
use axum::Router;
use std::sync::Arc;

/// Answers every path that begins with `/container-`.
pub fn router(state: Arc<State>) -> Router {
    Router::new().fallback(route::answer).with_state(state)
}
