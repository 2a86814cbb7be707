//! Drydock's one binary: the command line, the console's server, and the sandbox beside it.
pub mod assets;
pub mod auth;
mod backup;
pub mod cli;
pub mod compose;
pub mod console;
pub mod data_directory;
mod downloads;
pub mod embed;
mod events;
mod failure;
pub mod feed;
pub mod metrics;
pub mod middleware;
pub mod router;
pub mod telemetry;
mod webhook;
