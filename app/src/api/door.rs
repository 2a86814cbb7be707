//! What the server puts into the context of each request, and how a server function takes it.
use crate::error::{ApiError, ErrorCode};
use drydock_domain::console::SampleProgress;
use drydock_workflow::{Caller, Workflow};
use leptos::prelude::use_context;
use std::sync::Arc;

/// Finds the log lines of one request.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

/// Tells how far the sandbox is with its sample images. Absent where there is no sandbox.
#[derive(Clone)]
pub struct SampleFeed(Arc<dyn Fn() -> SampleProgress + Send + Sync>);

impl SampleFeed {
    pub fn new(read: impl Fn() -> SampleProgress + Send + Sync + 'static) -> Self {
        Self(Arc::new(read))
    }

    pub fn read(&self) -> SampleProgress {
        (self.0)()
    }
}

/// The use cases, and who asks.
///
/// # Errors
/// `SignedOut` where the request has no caller: the router lets none through, so this is the
/// second lock on the same door.
pub fn open() -> Result<(Workflow, Caller), ApiError> {
    use_context::<Workflow>()
        .zip(use_context::<Caller>())
        .ok_or_else(|| {
            let message = "Your session has ended. Open the sign-in link again.";
            ApiError::new(ErrorCode::SignedOut, message).answered()
        })
}
