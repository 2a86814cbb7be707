//! The facts about the session, read once and shared by the frame and the pages.
use crate::api::console::{ConsoleFacts, get_console};
use crate::error::ApiError;
use crate::state::resource::{Resource, load};
use leptos::prelude::*;

/// What the frame knows, for whoever asks with [`use_console`].
#[derive(Clone, Copy)]
pub struct Console {
    /// Session, registries and sample progress.
    pub facts: Resource<Result<ConsoleFacts, ApiError>>,
    /// Counts up whenever images came into the sandbox by themselves: pages that list what is in
    /// a registry read it with their other sources.
    pub arrivals: RwSignal<u32>,
}

pub fn provide() {
    provide_context(Console {
        facts: load(get_console),
        arrivals: RwSignal::new(0),
    });
}

/// # Panics
/// Outside of the application, which provides it first of all.
pub fn use_console() -> Console {
    expect_context()
}
