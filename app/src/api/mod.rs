//! Server functions, one file per resource: doors, not rooms. Each takes the caller, calls one use
//! case and answers with its nouns. Their addresses are `/api/<name>`, fixed.
pub mod audit;
pub mod calendar;
pub mod compliance;
pub mod console;
#[cfg(not(target_arch = "wasm32"))]
pub mod door;
pub mod dry_run;
pub mod embeds;
pub mod images;
pub mod notices;
pub mod preflight;
pub mod proposals;
pub mod registries;
pub mod runs;
pub mod sessions;
pub mod workflow;
