//! The whole console in process, without samples and without a browser.
#![allow(dead_code, reason = "each test file uses a part of it")]
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use axum::{Router, body};
use drydock_domain::access::{Role, Scope};
use drydock_ledger::{NewSession, SessionLimits};
use drydock_server::auth;
use drydock_server::cli::{AzureArguments, LedgerArguments, NotifyArguments, SignInArguments};
use drydock_server::compose::{self, Running, Settings};
use drydock_server::data_directory::{DataDirectory, Lock};
use drydock_server::router::router;
use tempfile::TempDir;
use tower::ServiceExt as _;

pub struct Console {
    pub router: Router,
    pub running: Running,
    pub data: TempDir,
    _lock: Lock,
}

pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

pub const HOST: &str = "127.0.0.1:4280";

impl Console {
    pub async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// With the sample images of the toy archive, all of them there.
    pub async fn with_samples() -> Self {
        Self::with_samples_and(|_| {}).await
    }

    pub async fn with_samples_and(change: impl FnOnce(&mut Settings)) -> Self {
        let console = Self::start_with(|settings| {
            change(settings);
            settings.samples = true;
            settings.archive = drydock_patcher::ArchiveConfig {
                toy_dir: Some(settings.data.path().join("toy-archive")),
                machine_apt_dir: None,
                offline: true,
                ..drydock_patcher::ArchiveConfig::default()
            };
        })
        .await;
        let sandbox = console.running.sandbox.as_ref().unwrap();
        let mut samples = sandbox.sample_progress();
        samples
            .wait_for(|progress| progress.finished)
            .await
            .unwrap();
        console
    }

    /// With other settings than the usual ones.
    pub async fn start_with(change: impl FnOnce(&mut Settings)) -> Self {
        let data = tempfile::tempdir().unwrap();
        let directory = DataDirectory::find(Some(data.path())).unwrap();
        let lock = directory.lock().unwrap();
        let mut settings = Settings {
            listen: "127.0.0.1:0".parse().unwrap(),
            sandbox_listen: "127.0.0.1:0".parse().unwrap(),
            data: directory,
            ledger: LedgerArguments::default(),
            audit_witness: None,
            print_link: false,
            hosts: vec!["drydock.test".to_owned()],
            sign_in: SignInArguments::default(),
            notify: NotifyArguments::default(),
            archive: drydock_patcher::ArchiveConfig::default(),
            samples: false,
            faults: false,
            feeds: Vec::new(),
            require_approval: false,
            azure: AzureArguments::default(),
        };
        change(&mut settings);
        let running = compose::start(&settings).await.unwrap();
        let router = router(running.console.clone());
        Self {
            router,
            running,
            data,
            _lock: lock,
        }
    }

    /// The path and query of a fresh sign-in link.
    pub async fn link(&self) -> String {
        auth::link(&self.running.ledger, "").await.unwrap()
    }

    /// Opens a fresh link, as a browser would; answers with the session's cookie.
    pub async fn sign_in(&self) -> String {
        let answer = self.get(&self.link().await, &[]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
        let cookie = answer.header("set-cookie").to_owned();
        cookie.split_once(';').unwrap().0.to_owned()
    }

    /// A session of somebody with this role, as its cookie.
    pub async fn session(&self, actor: &str, role: Role) -> String {
        self.session_within(actor, role, Scope::everything()).await
    }

    /// The same for somebody who reaches these places alone.
    pub async fn session_within(&self, actor: &str, role: Role, scope: Scope) -> String {
        let subject = actor.to_lowercase();
        let new = NewSession {
            actor,
            subject: &subject,
            role,
            scope,
            method: "test",
            id_token: None,
        };
        let hour = chrono::TimeDelta::hours(1);
        let limits = SessionLimits {
            life: hour,
            idle: hour,
            renewal: hour,
        };
        let begun = self.running.ledger.begin_session(&new, &limits).await;
        let (_, token) = begun.unwrap();
        let port = self.running.address.port();
        format!("drydock_session_{port}={}", token.expose())
    }

    /// Calls a server function as a living page does.
    pub async fn call(&self, session: &str, path: &str, arguments: String) -> Answer {
        let headers = [
            ("cookie", session),
            ("origin", "http://127.0.0.1:4280"),
            ("accept", "application/json"),
            ("content-type", "application/x-www-form-urlencoded"),
        ];
        self.send(Method::POST, path, &headers, arguments).await
    }

    pub async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send(Method::GET, path, headers, "").await
    }

    pub async fn post(&self, path: &str, headers: &[(&str, &str)], body: &'static str) -> Answer {
        let form = ("content-type", "application/x-www-form-urlencoded");
        let headers: Vec<_> = headers.iter().copied().chain([form]).collect();
        self.send(Method::POST, path, &headers, body).await
    }

    /// Sends a request to the router. A header given twice counts the last time.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .body(body.into())
            .unwrap();
        request
            .headers_mut()
            .insert(header::HOST, HOST.parse().unwrap());
        for (name, value) in headers {
            let name: header::HeaderName = name.parse().unwrap();
            request.headers_mut().insert(name, value.parse().unwrap());
        }
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body::to_bytes(body, 64 << 20).await.unwrap();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Answer {
            status: parts.status,
            headers: parts.headers,
            text,
        }
    }
}

impl Answer {
    /// A header's text, empty where it is missing.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }
}
