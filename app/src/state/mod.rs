//! What outlives a page: the session's facts, the theme, live streams.
pub mod console;
pub mod draft;
pub mod events;
pub mod theme;
