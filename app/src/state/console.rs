//! The facts about the session, read once and shared by the frame and the pages.
use crate::api::console::{ConsoleFacts, get_console};
use crate::error::ApiError;
use leptos::prelude::*;

/// Session, registries and sample progress, for whoever asks with [`use_console`].
#[derive(Clone, Copy)]
pub struct Console(pub Resource<Result<ConsoleFacts, ApiError>>);

pub fn provide() {
    provide_context(Console(Resource::new(|| (), |()| get_console())));
}

/// # Panics
/// Outside of the application, which provides it first of all.
pub fn use_console() -> Console {
    expect_context()
}
