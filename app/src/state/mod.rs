//! What outlives a page: the session's facts, choices such as the theme, live streams.
pub mod console;
pub mod density;
pub mod draft;
pub mod events;
pub mod form_error;
pub(crate) mod preference;
pub mod shortcuts;
pub mod theme;
pub mod zone;
