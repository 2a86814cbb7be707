//! Puts the parts together: sandbox, ledger, use cases, console. Nowhere else do they meet.
use crate::auth::{self, Gate};
use crate::cli::{AzureArguments, LedgerArguments, NotifyArguments, SignInArguments};
use crate::console::Console;
use crate::data_directory::DataDirectory;
use crate::embed::EmbedGate;
use crate::feed::{self, Feed};
use crate::metrics::Metrics;
use crate::middleware::AllowedHosts;
use crate::router;
use anyhow::{Context, Result};
use drydock_azure::{Azure, AzureConfig, Cloud, CredentialConfig, Loopback, RegistryScope, Secret};
use drydock_ledger::Ledger;
use drydock_patcher::{ArchiveConfig, Engine, EngineConfig, Limits};
use drydock_sandbox::{Sandbox, SandboxConfig};
use drydock_workflow::{Clock, Workflow};
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// What `serve` was told.
#[derive(Clone, Debug)]
pub struct Settings {
    pub listen: SocketAddr,
    pub sandbox_listen: SocketAddr,
    /// Locked by this process.
    pub data: DataDirectory,
    pub ledger: LedgerArguments,
    /// The registry that the audit trail's head is published in, or `off`.
    pub audit_witness: Option<String>,
    pub print_link: bool,
    pub hosts: Vec<String>,
    /// How people sign in besides the link.
    pub sign_in: SignInArguments,
    pub notify: NotifyArguments,
    /// Where the scanner and the patcher fetch packages.
    pub archive: ArchiveConfig,
    pub samples: bool,
    /// Whether the sandbox takes orders for faults.
    pub faults: bool,
    /// Vulnerability feeds, at most one of a kind.
    pub feeds: Vec<Feed>,
    /// Whether a second person has to approve what changes what is deployed.
    pub require_approval: bool,
    /// Which Azure to drive, where it is not the sandbox.
    pub azure: AzureArguments,
}

/// How long answers under way may take after a signal.
const GRACE: Duration = Duration::from_secs(10);

/// A console that answers, and the sandbox where it speaks to one.
pub struct Running {
    pub console: Console,
    pub address: SocketAddr,
    pub ledger: Ledger,
    pub sandbox: Option<Sandbox>,
    listener: TcpListener,
}

/// Starts everything and serves until ctrl-c or SIGTERM.
pub async fn serve(settings: Settings) -> Result<()> {
    let running = start(&settings).await?;
    let url = format!("http://{}", running.address);
    std::fs::write(settings.data.address(), &url).context("cannot write to the data directory")?;
    announce(&settings, &running, &url).await?;

    let leaving = running.console.leaving.clone();
    let archiving = tokio::spawn(running.console.workflow.clone().keep_archive());
    let witnessing = tokio::spawn(running.console.workflow.clone().keep_witness());
    let notifying = tokio::spawn(running.console.workflow.clone().keep_notices());
    let collecting = tokio::spawn(running.console.workflow.clone().keep_findings());
    let fetching = feed::keep_fetching(settings.feeds.clone(), running.ledger.clone());
    let fetching = tokio::spawn(fetching);
    let service = router::router(running.console);
    // Whose headers count is a matter of the address that they come from.
    let service = service.into_make_service_with_connect_info::<SocketAddr>();
    let stop = leaving.clone();
    let server = axum::serve(running.listener, service)
        .with_graceful_shutdown(async move { stop.cancelled().await });
    let server = tokio::spawn(server.into_future());
    signalled().await?;
    eprintln!("Drydock is stopping; what is under way may finish.");
    leaving.cancel();
    // Its files appear whole or not at all; what it did not reach is archived at the next start.
    archiving.abort();
    notifying.abort();
    fetching.abort();
    // The tag moves in one request; the next start publishes what this one did not.
    witnessing.abort();
    // A scan is kept whole or not at all.
    collecting.abort();
    if tokio::time::timeout(GRACE, server).await.is_err() {
        tracing::warn!(
            "some answers took longer than {} s and were cut off",
            GRACE.as_secs()
        );
    }
    if let Some(sandbox) = running.sandbox {
        sandbox.shutdown().await;
    }
    // Stale, it would send `drydock link` to whoever listens there next.
    let _ = std::fs::remove_file(settings.data.address());
    Ok(())
}

/// Binds the console's address, then starts the sandbox and everything between the two.
///
/// # Errors
/// An address that is taken, or a data directory that cannot be used.
pub async fn start(settings: &Settings) -> Result<Running> {
    // First: what cannot be used as it was set leaves nothing behind.
    let metrics = Metrics::new(settings.notify.metrics_token()?.as_ref());
    let sign_in = settings.sign_in.config()?;
    let listener = bind(settings.listen).await?;
    let address = listener.local_addr()?;
    let (azure, sandbox) = match settings.azure.config().await? {
        Some(config) => (Azure::connect(config)?, None),
        None => {
            let sandbox = start_sandbox(settings).await?;
            (connect(&sandbox)?, Some(sandbox))
        }
    };
    let ledger = settings.ledger.open(&settings.data).await?;
    ledger.close_abandoned().await?;
    feed::import_files(&settings.feeds, &ledger).await?;
    let evidence = settings.data.path().join("evidence");
    let workflow = Workflow::new(azure, ledger.clone(), Clock::system(), evidence)
        .scanning_with(Arc::new(scanner(settings)?));
    let workflow = match settings.require_approval {
        true => workflow.requiring_approval(),
        false => workflow,
    };
    let own = settings.sign_in.public_url.as_deref();
    let own = own.map_or_else(|| format!("http://{address}"), str::to_owned);
    let workflow = match settings
        .notify
        .webhook(own.trim_end_matches('/').to_owned())?
    {
        Some(webhook) => workflow.notifying_by(Arc::new(webhook)),
        None => workflow,
    };
    let workflow = match witness(settings, sandbox.as_ref()) {
        Some(registry) => workflow.witnessed_in(registry),
        None => workflow,
    };
    let mut hosts = settings.hosts.clone();
    hosts.extend(settings.sign_in.host());
    let console = Console {
        options: router::options(),
        workflow,
        gate: Gate::new(ledger.clone(), address, sign_in)?,
        embeds: EmbedGate::new(ledger.clone(), Clock::system()),
        hosts: AllowedHosts::new(&hosts),
        metrics: Arc::new(metrics),
        samples: sandbox.as_ref().map(Sandbox::sample_progress),
        leaving: CancellationToken::new(),
    };
    Ok(Running {
        console,
        address,
        ledger,
        sandbox,
        listener,
    })
}

/// A registry of somebody's own is written to only where they said so.
fn witness(settings: &Settings, sandbox: Option<&Sandbox>) -> Option<String> {
    match settings.audit_witness.as_deref() {
        Some("off") => None,
        Some(registry) => Some(registry.to_owned()),
        None => sandbox.map(|sandbox| sandbox.endpoints().registry_name.clone()),
    }
}

/// The console's own scanner, for images that it compares. It shares what the sandbox's has fetched.
fn scanner(settings: &Settings) -> Result<Engine> {
    Engine::new(EngineConfig {
        cache_dir: settings.data.path().join("cache"),
        archive: settings.archive.clone(),
        limits: Limits::default(),
    })
    .context("the scanner cannot start")
}

async fn start_sandbox(settings: &Settings) -> Result<Sandbox> {
    let config = SandboxConfig {
        data_dir: settings.data.path().to_path_buf(),
        listen: settings.sandbox_listen,
        archive: settings.archive.clone(),
        samples: settings.samples,
        faults: settings.faults,
    };
    Ok(Sandbox::start(config).await?)
}

async fn bind(address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| match error.kind() {
        ErrorKind::AddrInUse => anyhow::anyhow!(
            "{address} is already in use, by another Drydock or another program: stop that one, or \
             choose another address with --listen (127.0.0.1:0 is any free port)"
        ),
        _ => anyhow::anyhow!("the console cannot listen on {address}: {error}"),
    })
}

/// The sandbox differs from Azure in its endpoints, its credential and the transport, here and
/// nowhere else.
fn connect(sandbox: &Sandbox) -> Result<Azure> {
    let endpoints = sandbox.endpoints();
    let config = AzureConfig {
        cloud: Cloud::at(endpoints.arm.clone(), endpoints.authority.clone()),
        registries: RegistryScope::Visible,
        credential: CredentialConfig::ClientSecret {
            tenant_id: endpoints.tenant_id.clone(),
            client_id: endpoints.client_id.clone(),
            secret: Secret::new(endpoints.client_secret.reveal()),
        },
        loopback: Some(Loopback {
            address: sandbox.address(),
            ca_pem: sandbox.ca_pem().to_owned(),
        }),
    };
    Azure::connect(config).context("the console cannot connect to its sandbox")
}

/// The first thing that a person sees, on standard output; logs go to standard error.
async fn announce(settings: &Settings, running: &Running, url: &str) -> Result<()> {
    println!("Drydock is at {url}");
    match (&running.sandbox, &settings.azure.azure) {
        (Some(sandbox), _) => println!(
            "The sandbox, an Azure of its own, is at {}",
            sandbox.endpoints().arm
        ),
        (None, Some(cloud)) => println!("It drives the Azure of {cloud}; there is no sandbox"),
        (None, None) => {}
    }
    println!(
        "Everything it keeps is in {}",
        settings.data.path().display()
    );
    if settings.print_link {
        let link = auth::link(&running.ledger, url).await?;
        println!("\nOpen this link in a browser; it works once, within ten minutes:\n\n  {link}\n");
    }
    Ok(())
}

async fn signalled() -> Result<()> {
    let mut terminate = signal(SignalKind::terminate()).context("cannot listen for SIGTERM")?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted.context("cannot listen for ctrl-c"),
        _ = terminate.recv() => Ok(()),
    }
}
