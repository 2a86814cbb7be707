//! The registry over HTTP: what a client sends and what it must get.
mod acr;
mod chunks;
mod client;
mod entra;
mod failures;
mod full_disk;
mod locks;
mod manifests;
mod restart;
mod samples;
mod support;
mod tls;
mod tokens;
mod uploads;
