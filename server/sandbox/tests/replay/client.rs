//! A client of the sandbox in process that counts its requests.
use axum::body::Body;
use chrono::{DateTime, Utc};
use drydock_domain::run::RunStatus;
use drydock_domain::tag::{RepositoryName, Tag};
use drydock_patcher::{ArchiveConfig, BlobStore};
use drydock_sandbox::clock::ManualClock;
use drydock_sandbox::store::{Blobs, OCI_MANIFEST, Reference};
use drydock_sandbox::{Endpoints, Sandbox, SandboxConfig};
use http::{HeaderMap, Method, Request, StatusCode};
use serde_json::{Value, json};
use std::cell::{Cell, RefCell};
use std::future::Future;
use std::sync::Arc;
use tempfile::TempDir;
use tower::ServiceExt;

pub const NOW: &str = "2026-11-21T05:40:36Z";

pub struct Client {
    sandbox: Sandbox,
    requests: Cell<usize>,
    pub arm_token: RefCell<String>,
    pub refresh_token: RefCell<String>,
    _directory: TempDir,
}

pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value
            .unwrap_or_else(|| panic!("no {name}"))
            .to_str()
            .unwrap()
    }

    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text());
        self
    }
}

impl Client {
    pub async fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let now: DateTime<Utc> = NOW.parse().unwrap();
        let config = SandboxConfig {
            data_dir: directory.path().to_owned(),
            listen: "127.0.0.1:0".parse().unwrap(),
            archive: ArchiveConfig {
                machine_apt_dir: None,
                offline: true,
                ..ArchiveConfig::default()
            },
            samples: false,
            faults: true,
        };
        let clock = Arc::new(ManualClock::at(now));
        Self {
            sandbox: Sandbox::start_with_clock(config, clock).await.unwrap(),
            requests: Cell::new(0),
            arm_token: RefCell::default(),
            refresh_token: RefCell::default(),
            _directory: directory,
        }
    }

    pub async fn stop(self) {
        self.sandbox.shutdown().await;
    }

    pub fn endpoints(&self) -> &Endpoints {
        self.sandbox.endpoints()
    }

    /// Carries out a command and compares how many requests it sent.
    pub async fn count<T>(&self, expected: usize, command: impl Future<Output = T>) -> T {
        self.requests.set(0);
        let result = command.await;
        assert_eq!(self.requests.get(), expected);
        result
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        self.requests.set(self.requests.get() + 1);
        let response = self.sandbox.router().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: body.to_vec(),
        }
    }

    /// A call of ARM by its path and query.
    pub async fn arm(&self, method: Method, path: impl Into<String>, body: Value) -> Answer {
        let request = Request::builder().method(method).uri(path.into());
        let token = format!("Bearer {}", self.arm_token.borrow());
        let request = request.header("authorization", token);
        let body = match body {
            Value::Null => Body::empty(),
            body => Body::from(body.to_string()),
        };
        self.send(request.body(body).unwrap()).await
    }

    /// A call below the registry; `rest` has its own query behind `?`.
    pub async fn registry(&self, method: Method, rest: impl Into<String>, body: Value) -> Answer {
        let id = self.endpoints().registry_id();
        self.arm(method, id + &rest.into(), body).await
    }

    /// The path and query of a link that the sandbox handed out.
    pub fn local(&self, link: &str) -> String {
        let base = self.endpoints().arm.as_str().trim_end_matches('/');
        link.strip_prefix(base).unwrap_or(link).to_owned()
    }

    pub async fn runs(&self, filter: &str) -> Vec<Value> {
        let filter = filter.replace(' ', "%20").replace('\'', "%27");
        let rest = format!("/runs?api-version=2019-06-01-preview&$filter={filter}&$top=1000");
        let page = self
            .registry(Method::GET, &rest, Value::Null)
            .await
            .expect(200);
        let page = page.json();
        assert!(page.get("nextLink").is_none());
        page["value"].as_array().unwrap().clone()
    }

    /// Waits until no run is queued or under way.
    pub async fn wait_until_quiet(&self) {
        let desk = &self.sandbox.state().desk;
        let mut changes = desk.watch_runs();
        while !desk
            .list_runs(None, 1, |run| !run.status.is_finished())
            .is_empty()
        {
            changes.changed().await.unwrap();
        }
    }

    pub async fn wait_for(&self, run_id: &str, status: RunStatus) {
        let desk = &self.sandbox.state().desk;
        let mut changes = desk.watch_runs();
        while desk.find_run(run_id).unwrap().status != status {
            changes.changed().await.unwrap();
        }
    }

    pub async fn wait_for_deployment(&self, name: &str) {
        let state = self.sandbox.state();
        let mut changes = state.resources.deployments.watch();
        while !state
            .resources
            .deployments
            .find(name)
            .unwrap()
            .state
            .is_finished()
        {
            changes.changed().await.unwrap();
        }
    }

    /// Follows a redirect without a token, which the extension's requests do not show as one more.
    pub async fn follow(&self, location: &str) -> Answer {
        let requests = self.requests.get();
        let path = self.local(location);
        let answer = self
            .send(Request::get(path).body(Body::empty()).unwrap())
            .await;
        self.requests.set(requests);
        answer
    }

    /// The next run of the trigger goes on until it is canceled.
    pub async fn ask_for_an_endless_run(&self) {
        let rule =
            json!([{"match": {"path": "*/tasks/cssc-trigger-workflow"}, "kind": "endless-run"}]);
        let answer = self.arm(Method::PUT, "/sandbox/faults", rule).await;
        answer.expect(200);
    }

    pub async fn state_of_everything(&self) -> Value {
        let state = self.sandbox.state();
        let repositories = state.registry.repositories().into_iter();
        let repositories: Vec<String> = repositories.map(|it| it.name.to_string()).collect();
        json!({
            "tasks": state.desk.list_tasks().len(),
            "roles": state.desk.roles.list(|_| true).len(),
            "repositories": repositories,
        })
    }

    /// An image without layers, of which nothing but its tag matters.
    pub fn push_image(&self, repository: &str, tag: &str) {
        let registry = &self.sandbox.state().registry;
        let config = json!({"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": []}});
        let blob = registry.put(&mut config.to_string().as_bytes()).unwrap();
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": OCI_MANIFEST,
            "config": {
                "mediaType": "application/vnd.oci.image.config.v1+json",
                "digest": blob.digest,
                "size": blob.size_bytes,
            },
            "layers": [],
        });
        let repository = RepositoryName::parse(repository).unwrap();
        let reference = Reference::Tag(Tag::parse(tag).unwrap());
        let manifest = manifest.to_string();
        let put = registry.put_manifest(
            &repository,
            &reference,
            OCI_MANIFEST,
            manifest.as_bytes(),
            Blobs::Anywhere,
        );
        put.unwrap();
    }
}
