//! Server functions, one file per resource: doors, not rooms. Each takes the caller, calls one use
//! case and answers with its nouns. Their addresses are `/api/<name>`, fixed.
pub mod audit;
pub mod console;
#[cfg(not(target_arch = "wasm32"))]
pub mod door;
pub mod images;
pub mod registries;
pub mod runs;
pub mod workflow;
