//! Blobs: what runs write their logs to, and the archives that clients upload for a run.
mod folder;
mod headers;
mod range;
mod refusal;
mod route;
mod sas;
mod sources;

pub use folder::{LogFacts, LogFolder, RunLog};
pub use sas::{Blob, BlobLinks, SasError, SourcePath};
pub use sources::{SourceFiles, SourceFolder};

use crate::State;
use axum::Router;
use std::sync::Arc;

/// Answers every path that begins with `/container-`.
pub fn router(state: Arc<State>) -> Router {
    Router::new().fallback(route::answer).with_state(state)
}
