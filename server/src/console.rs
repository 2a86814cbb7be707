//! What the router's handlers share.
use crate::auth::Gate;
use crate::embed::EmbedGate;
use crate::metrics::Metrics;
use crate::middleware::AllowedHosts;
use axum::extract::FromRef;
use drydock_domain::console::SampleProgress;
use drydock_workflow::Workflow;
use leptos::config::LeptosOptions;
use std::sync::Arc;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// The console's parts, put together by `compose`; cheap to clone.
#[derive(Clone)]
pub struct Console {
    pub options: LeptosOptions,
    pub workflow: Workflow,
    pub gate: Gate,
    pub embeds: EmbedGate,
    pub hosts: AllowedHosts,
    pub metrics: Arc<Metrics>,
    /// Absent where there is no sandbox.
    pub samples: Option<watch::Receiver<SampleProgress>>,
    /// Cancelled when the process is to end: open streams end then, and nothing waits for them.
    pub leaving: CancellationToken,
}

impl FromRef<Console> for LeptosOptions {
    fn from_ref(console: &Console) -> Self {
        console.options.clone()
    }
}

impl FromRef<Console> for Gate {
    fn from_ref(console: &Console) -> Self {
        console.gate.clone()
    }
}

impl FromRef<Console> for AllowedHosts {
    fn from_ref(console: &Console) -> Self {
        console.hosts.clone()
    }
}
