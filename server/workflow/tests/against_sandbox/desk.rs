//! A console at a sandbox without images, and with faults on purpose.
use axum::body::Body;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use drydock_azure::{Azure, AzureConfig, Cloud, CredentialConfig, Loopback, RegistryScope, Secret};
use drydock_domain::console::AppliedChange;
use drydock_domain::run::RunTree;
use drydock_domain::schedule::Schedule;
use drydock_ledger::Ledger;
use drydock_patcher::ArchiveConfig;
use drydock_sandbox::tokens::Principal;
use drydock_sandbox::{Sandbox, SandboxConfig};
use drydock_workflow::{Caller, Clock, Role, Workflow, WorkflowError};
use http::{Method, Request};
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;
use tower::ServiceExt;

/// It selects nothing, so a cycle ends at once.
pub const POLICY: &str =
    r#"{"version": "v1", "repositories": [{"repository": "nothing", "tags": ["*"]}]}"#;

fn sandbox_config(folder: &Path) -> SandboxConfig {
    SandboxConfig {
        data_dir: folder.to_owned(),
        listen: "127.0.0.1:0".parse().unwrap(),
        archive: ArchiveConfig {
            machine_apt_dir: None,
            offline: true,
            ..ArchiveConfig::default()
        },
        samples: false,
        faults: true,
    }
}

pub struct Desk {
    pub sandbox: Sandbox,
    pub workflow: Workflow,
    pub registry: String,
    pub folder: tempfile::TempDir,
}

impl Desk {
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let sandbox = Sandbox::start(sandbox_config(folder.path())).await.unwrap();
        let workflow = console(&sandbox, folder.path(), "ledger.db").await;
        Self {
            registry: sandbox.endpoints().registry_name.clone(),
            sandbox,
            workflow,
            folder,
        }
    }

    /// The same with continuous patching set up.
    pub async fn configured() -> Self {
        let desk = Self::start().await;
        desk.create().await.unwrap();
        desk
    }

    /// The sandbox starts again on the same files, and the console with it.
    pub async fn restart(self) -> Self {
        drop(self.workflow);
        self.sandbox.shutdown().await;
        let config = sandbox_config(self.folder.path());
        let sandbox = Sandbox::start(config).await.unwrap();
        let workflow = console(&sandbox, self.folder.path(), "ledger.db").await;
        Self {
            sandbox,
            workflow,
            registry: self.registry,
            folder: self.folder,
        }
    }

    /// A console that knows nothing of this one but its ledger.
    pub async fn afresh(&self) -> Workflow {
        console(&self.sandbox, self.folder.path(), "ledger.db").await
    }

    /// A console of somebody else's: its ledger and its key lie elsewhere.
    pub async fn key_of_its_own(&self) -> Workflow {
        let folder = self.folder.path().join("elsewhere");
        std::fs::create_dir(&folder).unwrap();
        console(&self.sandbox, &folder, "ledger.db").await
    }

    /// Asks ARM, or the sandbox itself, for a change that is made.
    async fn ask(&self, method: Method, path: &str, body: Value) -> Value {
        let identity = &self.sandbox.state().identity;
        let principal = Principal {
            object_id: identity.object_id.to_string(),
            client_id: Some(identity.client_id.to_string()),
        };
        let tokens = &self.sandbox.state().tokens;
        let token = tokens.issue_entra(&principal, "https://management.azure.com");
        let request = Request::builder()
            .method(method)
            .uri(format!("{path}?api-version=2025-11-01"))
            .header("authorization", format!("Bearer {token}"))
            .body(Body::from(body.to_string()))
            .unwrap();
        let answer = self.sandbox.router().oneshot(request).await.unwrap();
        let status = answer.status();
        let body = axum::body::to_bytes(answer.into_body(), usize::MAX).await;
        let body = body.unwrap();
        assert!(status.is_success(), "{}", String::from_utf8_lossy(&body));
        serde_json::from_slice(&body).unwrap_or_default()
    }

    pub async fn change(&self, path: &str, body: Value) {
        self.ask(Method::PATCH, path, body).await;
    }

    pub async fn change_registry(&self, body: Value) {
        let id = self.sandbox.endpoints().registry_id();
        self.ask(Method::PATCH, &id, body).await;
    }

    pub async fn put_in_registry(&self, path: &str, body: Value) {
        let id = self.sandbox.endpoints().registry_id();
        self.ask(Method::PUT, &format!("{id}{path}"), body).await;
    }

    /// Writes a task's definition, as another client does.
    pub async fn define(&self, task: &str, yaml: &str) {
        let id = self.sandbox.endpoints().registry_id();
        let content = STANDARD.encode(yaml);
        let step = json!({"type": "EncodedTask", "encodedTaskContent": content});
        let body = json!({"properties": {"step": step}});
        let path = format!("{id}/tasks/{task}");
        self.ask(Method::PATCH, &path, body).await;
    }

    /// The next request that fits meets a fault.
    pub fn fault(&self, kind: &str, method: &str, path: &str) {
        self.add_fault(kind, method, path, 0);
    }

    pub fn add_fault(&self, kind: &str, method: &str, path: &str, seconds: u32) {
        let rule = json!({
            "match": {"method": method, "path": path}, "kind": kind, "seconds": seconds,
        });
        let rule = serde_json::from_value(rule).unwrap();
        let faults = self.sandbox.state().faults.as_ref().unwrap();
        faults.replace(vec![rule]);
    }

    /// Every fault that was asked for has struck.
    pub fn assert_struck(&self) {
        assert!(self.has_struck());
    }

    fn has_struck(&self) -> bool {
        let faults = self.sandbox.state().faults.as_ref().unwrap();
        faults.list().iter().all(|rule| rule.is_spent())
    }

    /// Creates the workflow in a process that dies when the request that fits has been carried out
    /// and not yet answered; then the console starts again.
    pub async fn create_and_die_at(&mut self, path: &str) {
        self.add_fault("slow-body", "PUT", path, 3600);
        let process = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        // Whatever of it still runs ends with its runtime, wherever it stands.
        let (folder, registry) = (self.folder.path().to_owned(), self.registry.clone());
        let azure = azure(&self.sandbox);
        process.spawn(async move {
            let workflow = console_with(azure, &folder, "ledger.db").await;
            create(&workflow, &registry).await
        });
        while !self.has_struck() {
            tokio::task::yield_now().await;
        }
        tokio::task::spawn_blocking(move || process.shutdown_timeout(Duration::from_secs(30)))
            .await
            .unwrap();
        let faults = self.sandbox.state().faults.as_ref().unwrap();
        faults.replace(Vec::new());
        let path = self.folder.path().join("ledger.db");
        let ledger = Ledger::open(&path).await.unwrap();
        ledger.close_abandoned().await.unwrap();
        self.workflow = console(&self.sandbox, self.folder.path(), "ledger.db").await;
    }

    pub async fn create(&self) -> Result<AppliedChange, WorkflowError> {
        create(&self.workflow, &self.registry).await
    }

    pub async fn run(&self) -> Result<String, WorkflowError> {
        self.workflow.start_run(&ada(), &self.registry).await
    }

    pub async fn runs(&self) -> Vec<RunTree> {
        let runs = self.workflow.list_runs(&ada(), &self.registry).await;
        runs.unwrap()
    }

    /// The runs as a console reads them that has read nothing before.
    pub async fn fresh_runs(&self) -> Vec<RunTree> {
        let other = console(&self.sandbox, self.folder.path(), "other.db").await;
        other.list_runs(&ada(), &self.registry).await.unwrap()
    }

    /// Watches until a cycle is as `wanted`.
    pub async fn until(&self, run_id: &str, wanted: impl Fn(&RunTree) -> bool) -> RunTree {
        let watched = self.workflow.watch_runs(&ada(), &self.registry).await;
        let mut runs = watched.unwrap();
        loop {
            let found = runs
                .borrow_and_update()
                .iter()
                .find(|tree| tree.trigger.id == run_id && wanted(tree))
                .cloned();
            match found {
                Some(tree) => return tree,
                None => runs.changed().await.unwrap(),
            }
        }
    }
}

pub fn ada() -> Caller {
    Caller::new("ada", Role::Admin)
}

async fn create(workflow: &Workflow, registry: &str) -> Result<AppliedChange, WorkflowError> {
    let schedule = Schedule::new(7, 3, 30).unwrap();
    workflow
        .create_workflow(&ada(), registry, POLICY, schedule, false)
        .await
}

async fn console(sandbox: &Sandbox, folder: &Path, ledger: &str) -> Workflow {
    console_with(azure(sandbox), folder, ledger).await
}

async fn console_with(azure: Azure, folder: &Path, ledger: &str) -> Workflow {
    let ledger = Ledger::open(&folder.join(ledger)).await.unwrap();
    Workflow::new(azure, ledger, Clock::system(), folder.join("evidence"))
}

fn azure(sandbox: &Sandbox) -> Azure {
    let secret = sandbox.endpoints().client_secret.reveal();
    azure_with(sandbox, Secret::new(secret))
}

pub fn azure_with(sandbox: &Sandbox, secret: Secret) -> Azure {
    let endpoints = sandbox.endpoints();
    let connected = Azure::connect(AzureConfig {
        cloud: Cloud::at(endpoints.arm.clone(), endpoints.authority.clone()),
        registries: RegistryScope::Visible,
        credential: CredentialConfig::ClientSecret {
            tenant_id: endpoints.tenant_id.clone(),
            client_id: endpoints.client_id.clone(),
            secret,
        },
        loopback: Some(Loopback {
            address: sandbox.address(),
            ca_pem: sandbox.ca_pem().to_owned(),
        }),
    });
    connected.unwrap()
}
