//! The registry over HTTP: what a client sends and what it must get.
mod acr;
mod chunks;
mod client;
mod failures;
mod full_disk;
mod manifests;
mod restart;
mod samples;
mod support;
mod tokens;
mod uploads;
