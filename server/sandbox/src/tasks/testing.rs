//! A sandbox in process, on a clock that the test moves.
use super::run::Run;
use crate::clock::ManualClock;
use crate::store::{Blobs, OCI_MANIFEST, Reference};
use crate::tokens::Principal;
use crate::{Clock, Sandbox, SandboxConfig, State};
use axum::body::Body;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use drydock_domain::patch_report::{PATCH_REPORT_TYPE, PatchReport};
use drydock_domain::run::RunStatus;
use drydock_domain::tag::{RepositoryName, Tag};
use drydock_patcher::{ArchiveConfig, BlobStore, Job, samples};
use flate2::{Compression, write::GzEncoder};
use http::{HeaderMap, Method, Request, StatusCode};
use serde_json::{Value, json};
use std::sync::Arc;
use tempfile::TempDir;
use tower::ServiceExt;

pub const START: &str = "2026-01-05T10:00:00.1234567Z";
pub const TRIGGER: &str =
    "steps:\n- cmd: acr cssc patch --dry-run\n- cmd: az acr task run --name cssc-scan-image";
pub const SCAN: &str =
    "steps:\n- cmd: trivy image x\n- cmd: az acr task run --name cssc-patch-image";
pub const PATCH: &str = "steps:\n- cmd: copa patch -i x";
/// It selects every tag of `app`.
pub const POLICY: &str = r#"{"version":"v1","tag-convention":"incremental","repositories":[{"repository":"app","tags":["*"]}]}"#;
const TASKS_CONTRIBUTOR: &str =
    "/providers/Microsoft.Authorization/roleDefinitions/fb382eab-e894-4461-af04-94435c366c3f";

/// A gzipped tar file as the az extension packs it: a directory without a name, then the files.
pub fn archive(files: &[(&str, &str)]) -> Vec<u8> {
    let mut builder = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    let mut root = tar::Header::new_ustar();
    root.set_entry_type(tar::EntryType::Directory);
    root.set_size(0);
    root.set_mode(0o777);
    root.set_cksum();
    builder.append(&root, std::io::empty()).unwrap();
    for (path, content) in files {
        let mut header = tar::Header::new_ustar();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        builder
            .append_data(&mut header, path, content.as_bytes())
            .unwrap();
    }
    builder.into_inner().unwrap().finish().unwrap()
}

pub struct Bench {
    pub clock: Arc<ManualClock>,
    pub sandbox: Sandbox,
    directory: TempDir,
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
}

impl Bench {
    pub async fn start() -> Self {
        let archive = ArchiveConfig {
            machine_apt_dir: None,
            offline: true,
            ..ArchiveConfig::default()
        };
        Self::start_in(tempfile::tempdir().unwrap(), archive, START).await
    }

    /// With the sample images of the toy archive in the registry.
    pub async fn start_with_toy_images() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let archive = ArchiveConfig {
            machine_apt_dir: None,
            offline: true,
            toy_dir: Some(directory.path().join("toy")),
            ..ArchiveConfig::default()
        };
        let bench = Self::start_in(directory, archive, START).await;
        let (state, now) = (bench.state().clone(), bench.clock.now());
        let assembled = tokio::task::spawn_blocking(move || {
            let job = Job {
                log: &|_| {},
                cancelled: &|| false,
                now,
            };
            samples::assemble(&state.engine, &*state.registry, &|_| {}, &job)
        });
        let progress = assembled.await.unwrap().unwrap();
        assert!(
            progress.images.iter().all(|image| image.state == "ready"),
            "{progress:?}"
        );
        bench
    }

    pub async fn start_in(directory: TempDir, archive: ArchiveConfig, now: &str) -> Self {
        let clock = Arc::new(ManualClock::at(now.parse().unwrap()));
        let config = SandboxConfig {
            data_dir: directory.path().to_owned(),
            listen: "127.0.0.1:0".parse().unwrap(),
            archive,
            samples: false,
            faults: true,
        };
        let sandbox = Sandbox::start_with_clock(config, clock.clone())
            .await
            .unwrap();
        Self {
            clock,
            sandbox,
            directory,
        }
    }

    /// Ends the process, so to speak, and starts the next one on the same files.
    pub async fn restart(self) -> Self {
        let now = self.clock.now().to_rfc3339();
        self.restart_at(&now).await
    }

    pub async fn restart_at(self, now: &str) -> Self {
        let Self {
            sandbox, directory, ..
        } = self;
        let archive = sandbox.state().config.archive.clone();
        sandbox.shutdown().await;
        Self::start_in(directory, archive, now).await
    }

    pub fn advance_to(&self, instant: &str) {
        let instant: DateTime<Utc> = instant.parse().unwrap();
        self.clock.advance(instant - self.clock.now());
    }

    pub fn state(&self) -> &Arc<State> {
        self.sandbox.state()
    }

    /// `/subscriptions/…/registries/{name}` and `rest`, with an api-version.
    pub fn path(&self, rest: &str) -> String {
        let mark = if rest.contains('?') { '&' } else { '?' };
        format!(
            "{}{rest}{mark}api-version=2019-06-01-preview",
            self.state().endpoints.registry_id()
        )
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.sandbox.router().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX)
            .await
            .unwrap()
            .to_vec();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body,
        }
    }

    /// A GET of ARM as the service principal.
    pub async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, &Value::Null).await
    }

    /// A request of a caller who is signed in.
    pub async fn call(&self, method: Method, path: &str, body: &Value) -> Answer {
        let body = if body.is_null() {
            Body::empty()
        } else {
            Body::from(body.to_string())
        };
        let request = Request::builder().method(method).uri(path);
        let request = request.header("authorization", format!("Bearer {}", self.token()));
        self.send(request.body(body).unwrap()).await
    }

    /// A call on the registry that must succeed.
    pub async fn ok(&self, method: Method, rest: &str, body: Value) -> Value {
        let answer = self.call(method.clone(), &self.path(rest), &body).await;
        assert!(
            answer.status.is_success(),
            "{method} {rest}: {} {}",
            answer.status,
            answer.text()
        );
        if answer.body.is_empty() {
            Value::Null
        } else {
            answer.json()
        }
    }

    pub fn token(&self) -> String {
        let identity = &self.state().identity;
        let principal = Principal {
            object_id: identity.object_id.to_string(),
            client_id: Some(identity.client_id.to_string()),
        };
        self.state()
            .tokens
            .issue_entra(&principal, "https://management.azure.com")
    }

    /// The three tasks with their identities, and the roles of the two that queue runs.
    pub async fn put_workflow(&self) {
        for (name, content, identity) in [
            ("cssc-patch-image", PATCH, Value::Null),
            ("cssc-scan-image", SCAN, json!({"type": "SystemAssigned"})),
            (
                "cssc-trigger-workflow",
                TRIGGER,
                json!({"type": "SystemAssigned"}),
            ),
        ] {
            let task = self.put_task(name, content, identity).await;
            if let Some(principal) = task["identity"]["principalId"].as_str() {
                self.grant(principal).await;
            }
        }
    }

    pub async fn put_task(&self, name: &str, content: &str, identity: Value) -> Value {
        let step = json!({"type": "EncodedTask", "encodedTaskContent": STANDARD.encode(content)});
        let body = json!({"identity": identity, "properties": {"step": step}});
        self.ok(Method::PUT, &format!("/tasks/{name}"), body).await
    }

    pub async fn grant(&self, principal: &str) {
        let name = uuid::Uuid::new_v4();
        let role = json!({"properties": {"roleDefinitionId": TASKS_CONTRIBUTOR, "principalId": principal}});
        let path = format!("/providers/Microsoft.Authorization/roleAssignments/{name}");
        self.ok(Method::PUT, &path, role).await;
    }

    /// Queues a run and answers its id.
    pub async fn schedule(&self, task: &str, values: &[(&str, &str)]) -> String {
        let values: Vec<Value> = values
            .iter()
            .map(|(name, value)| json!({"name": name, "value": value}))
            .collect();
        let body = json!({
            "type": "TaskRunRequest",
            "taskId": format!("{}/tasks/{task}", self.state().endpoints.registry_id()),
            "overrideTaskStepProperties": {"arguments": [], "values": values},
        });
        let run = self.ok(Method::POST, "/scheduleRun", body).await;
        run["properties"]["runId"].as_str().unwrap().to_owned()
    }

    /// Uploads an archive as a client does, and answers the name that a run calls it by.
    pub async fn upload(&self, files: &[(&str, &str)]) -> String {
        let link = self
            .ok(Method::POST, "/listBuildSourceUploadUrl", Value::Null)
            .await;
        let request = Request::put(link["uploadUrl"].as_str().unwrap());
        let request = request.header("x-ms-blob-type", "BlockBlob");
        let answer = self
            .send(request.body(Body::from(archive(files))).unwrap())
            .await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
        link["relativePath"].as_str().unwrap().to_owned()
    }

    /// Waits until a run is as wanted.
    pub async fn wait_for(&self, id: &str, wanted: impl Fn(&Run) -> bool) -> Run {
        let mut changes = self.state().desk.watch_runs();
        loop {
            changes.mark_unchanged();
            if let Some(run) = self.state().desk.find_run(id).filter(|run| wanted(run)) {
                return run;
            }
            changes.changed().await.unwrap();
        }
    }

    pub async fn wait_for_end(&self, id: &str) -> Run {
        self.wait_for(id, |run| run.status.is_finished()).await
    }

    pub fn log(&self, id: &str) -> String {
        std::fs::read_to_string(self.state().desk.logs.path_of(id)).unwrap_or_default()
    }

    /// Pushes an image without layers, of which nothing but its tag matters.
    pub fn push_image(&self, repository: &str, tag: &str) {
        let config = json!({"architecture": "amd64", "os": "linux", "config": {}, "rootfs": {"type": "layers", "diff_ids": []}});
        let media_type = "application/vnd.oci.image.config.v1+json";
        self.push(repository, tag, media_type, &config.to_string(), &[]);
    }

    /// The report that is attached to an image.
    pub fn patch_report(&self, repository: &str, tag: &str) -> PatchReport {
        let registry = &self.state().registry;
        let repository = RepositoryName::parse(repository).unwrap();
        let tag = registry
            .tag(&repository, &Tag::parse(tag).unwrap())
            .unwrap();
        let referrers = registry.referrers(&repository, &tag.digest);
        let mut reports = referrers.iter();
        let report = reports
            .find(|record| record.summary.artifact_type.as_deref() == Some(PATCH_REPORT_TYPE));
        let reference = Reference::Digest(report.unwrap().digest.clone());
        let manifest: Value =
            serde_json::from_slice(&registry.manifest(&repository, &reference).unwrap().content)
                .unwrap();
        let layer = manifest["layers"][0]["digest"].as_str().unwrap();
        serde_json::from_reader(registry.open(layer).unwrap()).unwrap()
    }

    pub fn referrer_count(&self, repository: &str, tag: &str) -> usize {
        let registry = &self.state().registry;
        let repository = RepositoryName::parse(repository).unwrap();
        let tag = registry
            .tag(&repository, &Tag::parse(tag).unwrap())
            .unwrap();
        registry.referrers(&repository, &tag.digest).len()
    }

    pub fn push_policy(&self, policy: &str) {
        let config = "application/vnd.unknown.config.v1+json";
        self.push(
            "csscpolicies/patchpolicy",
            "v1",
            config,
            "{}",
            &["not the policy", policy],
        );
    }

    fn push(&self, repository: &str, tag: &str, config_type: &str, config: &str, layers: &[&str]) {
        let registry = &self.state().registry;
        let descriptor = |media_type: &str, content: &str| {
            let blob = registry.put(&mut content.as_bytes()).unwrap();
            json!({"mediaType": media_type, "digest": blob.digest, "size": blob.size_bytes})
        };
        let layers = layers
            .iter()
            .map(|layer| descriptor("application/vnd.oci.image.layer.v1.tar", layer));
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": OCI_MANIFEST,
            "config": descriptor(config_type, config),
            "layers": layers.collect::<Vec<_>>(),
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

/// Runs a task; answers the run that has ended, and its log.
pub async fn run_to_end(bench: &Bench, task: &str, values: &[(&str, &str)]) -> (Run, String) {
    let id = bench.schedule(task, values).await;
    let run = bench.wait_for_end(&id).await;
    (run, bench.log(&id))
}

/// Two triggers that pause for ever occupy both agents; what is queued behind them waits.
pub async fn occupy_agents(bench: &Bench) {
    bench.put_workflow().await;
    for number in 10..21 {
        bench.push_image("app", &number.to_string());
    }
    bench.push_policy(POLICY);
    // The scans would take the agents in turn, so the triggers may not queue any.
    for role in bench.state().desk.roles.list(|_| true) {
        bench.state().desk.roles.delete(role.name).unwrap();
    }
    for id in ["ca1", "ca2"] {
        assert_eq!(bench.schedule("cssc-trigger-workflow", &[]).await, id);
        bench
            .wait_for(id, |run| run.status == RunStatus::Running)
            .await;
    }
}
