//! What every room of the sandbox is given.
use crate::{Clock, arm::LabelScope, identity::Identity, store::Registry, tokens::TokenIssuer};
use drydock_domain::console::SampleProgress;
use drydock_patcher::ArchiveConfig;
use sha2::{Digest, Sha256};
use std::{io, net::SocketAddr, path::PathBuf, sync::Arc};
use tokio::sync::watch;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use url::Url;

/// How a sandbox is started.
#[derive(Clone)]
pub struct SandboxConfig {
    /// The sandbox keeps everything in the folder `sandbox` below this one.
    pub data_dir: PathBuf,
    /// Where it listens; port 0 picks a free one.
    pub listen: SocketAddr,
    /// Where the scanner and the patcher find the signed archive.
    pub archive: ArchiveConfig,
    /// Whether to assemble the sample images where they are missing.
    pub samples: bool,
    /// Whether `/sandbox/faults` is there, where a client asks for faults on purpose.
    pub faults: bool,
}

/// Where a client finds the sandbox and what it signs in with.
#[derive(Clone)]
pub struct Endpoints {
    /// `https://localhost:PORT/`, as every URL of Azure Resource Manager begins.
    pub arm: Url,
    /// `https://localhost:PORT/`, before the tenant's id.
    pub authority: Url,
    pub tenant_id: String,
    pub client_id: String,
    pub client_secret: crate::identity::Secret,
    pub subscription_id: String,
    pub resource_group: String,
    pub registry_name: String,
    /// `localhost:PORT`, or `NAME-HASH.localhost:PORT` with a domain name label.
    pub login_server: String,
    pub domain_label_scope: LabelScope,
}

impl Endpoints {
    pub(crate) fn new(identity: &Identity, scope: LabelScope, port: u16) -> Self {
        let base = format!("https://localhost:{port}/");
        let base = Url::parse(&base).expect("a fixed host and a port make a URL");
        Self {
            arm: base.clone(),
            authority: base,
            tenant_id: identity.tenant_id.to_string(),
            client_id: identity.client_id.to_string(),
            client_secret: identity.client_secret.clone(),
            subscription_id: identity.subscription_id.to_string(),
            resource_group: identity.resource_group.clone(),
            registry_name: identity.registry_name.clone(),
            login_server: format!("{}:{port}", login_host(identity, scope)),
            domain_label_scope: scope,
        }
    }

    /// The ARM id of the one registry, in its canonical casing and without a trailing slash.
    pub fn registry_id(&self) -> String {
        format!(
            "/subscriptions/{}/resourceGroups/{}/providers/Microsoft.ContainerRegistry/registries/{}",
            self.subscription_id, self.resource_group, self.registry_name
        )
    }
}

/// The same parts make the same label, so that a registry keeps its address.
fn login_host(identity: &Identity, scope: LabelScope) -> String {
    let (tenant, subscription) = (identity.tenant_id, identity.subscription_id);
    let within = match scope {
        LabelScope::Unsecure => return "localhost".to_owned(),
        LabelScope::TenantReuse => tenant.to_string(),
        LabelScope::SubscriptionReuse => format!("{tenant}/{subscription}"),
        LabelScope::ResourceGroupReuse => {
            format!("{tenant}/{subscription}/{}", identity.resource_group)
        }
        LabelScope::NoReuse => format!("{tenant}/{}", identity.object_id),
    };
    let name = &identity.registry_name;
    let hash = Sha256::digest(format!("{within}/{name}"));
    format!("{name}-{}.localhost", hex::encode(&hash[..8]))
}

/// One running sandbox, shared by its routes, timers and runs.
pub struct State {
    pub config: SandboxConfig,
    /// `data_dir/sandbox`: each room keeps its files in a folder of its own name below it.
    pub directory: PathBuf,
    pub identity: Identity,
    pub endpoints: Endpoints,
    pub clock: Arc<dyn Clock>,
    pub registry: Arc<Registry>,
    pub tokens: TokenIssuer,
    /// Sign-ins that wait for a person to confirm them.
    pub device_codes: crate::entra::DeviceCodes,
    /// Task definitions, runs, their logs and the role assignments.
    pub desk: crate::tasks::Desk,
    /// The registry's settings, and what else ARM keeps of it.
    pub resources: crate::arm::Resources,
    /// The faults on purpose, when the sandbox was started with them.
    pub faults: Option<crate::faults::Faults>,
    /// Scans and patches; its cache of packages is shared by all runs.
    pub engine: Arc<drydock_patcher::Engine>,
    pub samples: watch::Sender<SampleProgress>,
    /// Cancelled when the sandbox shuts down: background work ends at its next await.
    pub shutdown: CancellationToken,
    /// Background work is spawned here, so that a shutdown waits for it.
    pub background: TaskTracker,
}

/// Why a sandbox did not start.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    #[error(
        "the sandbox cannot listen on {address}: {source}; choose another address or stop the program that uses this one"
    )]
    Listen {
        address: SocketAddr,
        source: io::Error,
    },
    #[error(
        "the sandbox only listens on loopback, and {0} is not a loopback address; use 127.0.0.1 or ::1"
    )]
    NotLoopback(SocketAddr),
    #[error("the sandbox cannot use {}: {source}; check that the folder can be written and that the disk has room", path.display())]
    Storage { path: PathBuf, source: io::Error },
    #[error("another Drydock uses {}; stop it, or give this one a data directory of its own", path.display())]
    InUse { path: PathBuf },
    #[error("no sandbox runs on {}; start one with `drydock serve`, or name its data directory with --data", path.display())]
    NotRunning { path: PathBuf },
    #[error("the sandbox's {part} cannot start: {why}")]
    Part { part: &'static str, why: String },
}
