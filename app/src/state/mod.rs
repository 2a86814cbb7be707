//! What outlives a page: the session's facts, choices such as the theme, live streams.
pub mod console;
pub mod draft;
#[cfg(target_arch = "wasm32")]
mod event_tab;
pub mod events;
pub mod form_error;
pub mod look;
pub mod permission;
pub(crate) mod preference;
pub mod resource;
pub mod zone;
