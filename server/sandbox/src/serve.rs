//! Starts a sandbox, serves its listener and stops it.
use crate::{
    Clock, Endpoints, SandboxConfig, SandboxError, State, arm, clock::SystemClock, dispatch,
    identity::Identity, running, samples, store::Registry, tasks, tls, tokens::TokenIssuer,
};
use axum::{Router, body::Body};
use drydock_domain::console::SampleProgress;
use drydock_patcher::{Engine, EngineConfig, Limits};
use hyper::server::conn::{http1, http2};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::graceful::{GracefulShutdown, Watcher},
    service::TowerToHyperService,
};
use std::{fs, io, net::SocketAddr, path::Path, sync::Arc, time::Duration};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Semaphore, watch},
    task::JoinHandle,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt;

/// A running sandbox. Dropping it does not stop it; `shutdown` does.
pub struct Sandbox {
    state: Arc<State>,
    address: SocketAddr,
    listener: JoinHandle<()>,
    ca_pem: String,
    /// Held while the sandbox lives: a second one on the same folder would overwrite its records.
    _lock: fs::File,
}

/// How long a client may take to send a request's headers, and how long an idle connection is
/// kept.
const HEADER_TIMEOUT: Duration = Duration::from_secs(60);
/// How long a shutdown waits for transfers under way.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(10);
/// How often a client that speaks HTTP/2 is asked whether it is still there, and how long it may
/// take to say so.
const PING_INTERVAL: Duration = Duration::from_secs(30);
const PING_TIMEOUT: Duration = Duration::from_secs(20);
/// Requests at once on one connection of HTTP/2, and how much of their bodies may be under way: a
/// layer is large, and loopback is fast.
const MAX_STREAMS: u32 = 64;
const STREAM_WINDOW_BYTES: u32 = 4 << 20;
const CONNECTION_WINDOW_BYTES: u32 = 16 << 20;
const MAX_FRAME_BYTES: u32 = 256 << 10;
/// More connections than this wait in the kernel's queue. It is half the number of threads that
/// the runtime has for blocking calls, so that transfers cannot starve the rest.
const MAX_CONNECTIONS: usize = 256;

impl Sandbox {
    /// Opens the state, binds the listener, and starts timers, runs and sample assembly.
    ///
    /// # Errors
    /// The address is taken or not on loopback, or the data directory cannot be used.
    pub async fn start(config: SandboxConfig) -> Result<Self, SandboxError> {
        Self::start_with_clock(config, Arc::new(SystemClock)).await
    }

    /// `start` with a clock of the caller's: tests move it instead of waiting.
    ///
    /// # Errors
    /// As `start`.
    pub async fn start_with_clock(
        config: SandboxConfig,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, SandboxError> {
        if !config.listen.ip().is_loopback() {
            return Err(SandboxError::NotLoopback(config.listen));
        }
        let listen_error = |source| SandboxError::Listen {
            address: config.listen,
            source,
        };
        let listener = TcpListener::bind(config.listen)
            .await
            .map_err(listen_error)?;
        let address = listener.local_addr().map_err(listen_error)?;
        let directory = config.data_dir.join("sandbox");
        let lock = lock(&directory)?;
        let state = open(config, address.port(), clock)?;
        let authority = authority(&state)?;
        let ca_pem = authority.pem().to_owned();
        let doors = tls::server_config(authority).map_err(|error| SandboxError::Part {
            part: "TLS",
            why: error.to_string(),
        })?;
        let doors = tls::Doors::new(doors);
        tasks::start(&state)?;
        samples::start(&state);
        let listener = tokio::spawn(serve(
            listener,
            doors,
            dispatch::router(&state),
            state.shutdown.clone(),
        ));
        let scope = state.endpoints.domain_label_scope;
        running::announce(&directory, address, scope).map_err(|source| SandboxError::Storage {
            path: directory,
            source,
        })?;
        Ok(Self {
            state,
            address,
            listener,
            ca_pem,
            _lock: lock,
        })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn endpoints(&self) -> &Endpoints {
        &self.state.endpoints
    }

    /// The certificate that clients of `endpoints` have to trust, in PEM.
    pub fn ca_pem(&self) -> &str {
        &self.ca_pem
    }

    pub fn state(&self) -> &Arc<State> {
        &self.state
    }

    /// Every route, for a caller that speaks to the sandbox in process.
    pub fn router(&self) -> Router {
        dispatch::router(&self.state)
    }

    pub fn sample_progress(&self) -> watch::Receiver<SampleProgress> {
        self.state.samples.subscribe()
    }

    /// Stops accepting, lets transfers under way end for ten seconds, and waits for background
    /// work to stop.
    pub async fn shutdown(self) {
        self.state.shutdown.cancel();
        if let Err(error) = self.listener.await {
            tracing::error!(%error, "the sandbox's listener did not end in order");
        }
        self.state.background.close();
        self.state.background.wait().await;
        running::withdraw(&self.state.directory);
    }
}

/// Removes the uploads under way of a sandbox that does not run, for a disk that is full. Returns
/// how many bytes that freed; their clients begin again.
///
/// # Errors
/// The sandbox runs, or a file cannot be removed.
pub fn discard_uploads(data_dir: &Path) -> Result<u64, SandboxError> {
    let directory = data_dir.join("sandbox");
    if !directory.is_dir() {
        return Ok(0);
    }
    let _lock = lock(&directory)?;
    Registry::discard_uploads(&directory.join("registry")).map_err(|source| SandboxError::Storage {
        path: directory,
        source,
    })
}

fn lock(directory: &Path) -> Result<fs::File, SandboxError> {
    let storage = |source| SandboxError::Storage {
        path: directory.to_owned(),
        source,
    };
    fs::create_dir_all(directory).map_err(storage)?;
    let file = fs::File::create(directory.join("lock")).map_err(storage)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(fs::TryLockError::WouldBlock) => Err(SandboxError::InUse {
            path: directory.to_owned(),
        }),
        Err(fs::TryLockError::Error(source)) => Err(storage(source)),
    }
}

fn open(
    config: SandboxConfig,
    port: u16,
    clock: Arc<dyn Clock>,
) -> Result<Arc<State>, SandboxError> {
    let directory = config.data_dir.join("sandbox");
    let storage = |source: io::Error| SandboxError::Storage {
        path: directory.clone(),
        source,
    };
    let identity = Identity::load_or_create(&directory).map_err(storage)?;
    let registry = Registry::open(&directory.join("registry"), clock.clone()).map_err(storage)?;
    let desk = tasks::Desk::open(&directory, clock.clone(), tasks::Settings::default());
    let desk = desk.map_err(|error| SandboxError::Part {
        part: "task service",
        why: error.to_string(),
    })?;
    let resources = arm::Resources::open(&directory, clock.clone());
    let resources = resources.map_err(|error| SandboxError::Part {
        part: "resource manager",
        why: error.to_string(),
    })?;
    let settings = resources.settings.get();
    let scope = settings.auto_generated_domain_name_label_scope;
    let endpoints = Endpoints::new(&identity, scope, port);
    let mut archive = config.archive.clone();
    // The samples come from there where no other archive can be reached.
    let toy_dir = || directory.join("toy-archive");
    archive.toy_dir.get_or_insert_with(toy_dir);
    let engine = Engine::new(EngineConfig {
        cache_dir: directory.join("cache"),
        archive,
        limits: Limits::default(),
    });
    let engine = engine.map_err(|error| SandboxError::Part {
        part: "patcher",
        why: error.to_string(),
    })?;
    Ok(Arc::new(State {
        tokens: TokenIssuer::new(&identity, &endpoints, clock.clone()),
        device_codes: Default::default(),
        registry: Arc::new(registry),
        desk,
        resources,
        faults: config.faults.then(crate::faults::Faults::default),
        engine: Arc::new(engine),
        samples: watch::Sender::new(SampleProgress::default()),
        shutdown: CancellationToken::new(),
        background: TaskTracker::new(),
        config,
        directory,
        identity,
        endpoints,
        clock,
    }))
}

/// Made at the first start.
fn authority(state: &State) -> Result<tls::Authority, SandboxError> {
    let path = state.directory.join(tls::FOLDER);
    let endpoints = &state.endpoints;
    let login_host = endpoints.login_server.split(':').next();
    let names = [
        format!("{}.localhost", endpoints.registry_name),
        login_host.unwrap_or_default().to_owned(),
    ];
    tls::Authority::load_or_create(&path, &endpoints.tenant_id, &names)
        .map_err(|source| SandboxError::Storage { path, source })
}

async fn serve(
    listener: TcpListener,
    doors: tls::Doors,
    router: Router,
    shutdown: CancellationToken,
) {
    let connections = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let graceful = GracefulShutdown::new();
    while let Some(stream) = accept(&listener, &shutdown).await {
        let permit = tokio::select! {
            permit = connections.clone().acquire_owned() => permit,
            () = shutdown.cancelled() => break,
        };
        let (doors, router, watcher) = (doors.clone(), router.clone(), graceful.watcher());
        let shutdown = shutdown.clone();
        tokio::spawn(async move {
            let _permit = permit;
            let opened = tokio::select! {
                opened = doors.open(stream) => opened,
                () = shutdown.cancelled() => return,
            };
            match opened {
                Ok(opened) => converse(opened, router, watcher).await,
                Err(error) => tracing::debug!(%error, "a connection to the sandbox did not begin"),
            }
        });
    }
    drop(listener);
    tokio::select! {
        () = graceful.shutdown() => {}
        () = tokio::time::sleep(SHUTDOWN_GRACE) => {
            tracing::warn!("the sandbox stopped while transfers were under way");
        }
    }
}

/// Answers the requests of one connection, each marked with how it came: in HTTP/2 where the client
/// chose it in the handshake, else in HTTP/1.1.
async fn converse(opened: tls::Opened, router: Router, watcher: Watcher) {
    let channel = opened.channel();
    let service = router.map_request(move |mut request: http::Request<_>| {
        request.extensions_mut().insert(channel);
        request.map(Body::new)
    });
    let service = TowerToHyperService::new(service);
    let is_http2 = opened.is_http2();
    let io = TokioIo::new(opened);
    let ended = if is_http2 {
        let mut builder = http2::Builder::new(TokioExecutor::new());
        builder
            .timer(TokioTimer::new())
            .keep_alive_interval(PING_INTERVAL)
            .keep_alive_timeout(PING_TIMEOUT)
            .max_concurrent_streams(MAX_STREAMS)
            .initial_stream_window_size(STREAM_WINDOW_BYTES)
            .initial_connection_window_size(CONNECTION_WINDOW_BYTES)
            .max_frame_size(MAX_FRAME_BYTES);
        watcher.watch(builder.serve_connection(io, service)).await
    } else {
        let mut builder = http1::Builder::new();
        builder
            .timer(TokioTimer::new())
            .header_read_timeout(HEADER_TIMEOUT);
        watcher.watch(builder.serve_connection(io, service)).await
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection to the sandbox broke");
    }
}

/// The next connection; `None` when the sandbox shuts down.
async fn accept(listener: &TcpListener, shutdown: &CancellationToken) -> Option<TcpStream> {
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return None,
            accepted = listener.accept() => match accepted {
                Ok((stream, _peer)) => {
                    // Answers are written whole: waiting to fill a packet only delays them.
                    let _ = stream.set_nodelay(true);
                    return Some(stream);
                }
                Err(error) => {
                    tracing::warn!(%error, "the sandbox could not accept a connection");
                    // Out of file descriptors: trying again at once would only spin.
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            },
        }
    }
}
