//! A sandbox of one's own, and requests to it.
use axum::{Router, body::Body};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use drydock_patcher::ArchiveConfig;
use drydock_sandbox::{Sandbox, SandboxConfig, clock::ManualClock};
use http::{HeaderMap, Method, Request, StatusCode};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::{path::Path, sync::Arc};
use tempfile::TempDir;
use tower::ServiceExt;

pub const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
pub const INDEX: &str = "application/vnd.oci.image.index.v1+json";
pub const CONFIG: &str = "application/vnd.oci.image.config.v1+json";

pub struct TestSandbox {
    pub sandbox: Sandbox,
    pub clock: Arc<ManualClock>,
    router: Router,
    directory: TempDir,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl TestSandbox {
    pub async fn start() -> Self {
        Self::start_on(tempfile::tempdir().unwrap()).await
    }

    /// With the sample images, which take a moment.
    pub async fn start_with_samples() -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), noon(), true).await
    }

    pub async fn start_on(directory: TempDir) -> Self {
        Self::start_in(directory, noon(), false).await
    }

    async fn start_in(directory: TempDir, clock: Arc<ManualClock>, samples: bool) -> Self {
        let config = SandboxConfig {
            data_dir: directory.path().to_owned(),
            listen: "127.0.0.1:0".parse().unwrap(),
            archive: ArchiveConfig {
                machine_apt_dir: None,
                offline: true,
                ..ArchiveConfig::default()
            },
            samples,
            faults: false,
        };
        let sandbox = Sandbox::start_with_clock(config, clock.clone())
            .await
            .unwrap();
        Self {
            router: sandbox.router(),
            sandbox,
            clock,
            directory,
        }
    }

    /// Stops it and starts another on the same folder.
    pub async fn restart(self) -> Self {
        let samples = self.sandbox.state().config.samples;
        self.sandbox.shutdown().await;
        Self::start_in(self.directory, self.clock, samples).await
    }

    /// Stops it; its folder stays until what comes back is dropped.
    pub async fn stop(self) -> TempDir {
        self.sandbox.shutdown().await;
        self.directory
    }

    pub fn registry_files(&self) -> std::path::PathBuf {
        self.directory.path().join("sandbox/registry")
    }

    pub fn advance(&self, by: TimeDelta) {
        self.clock.advance(by);
    }

    /// As the registry's admin user, who follows a redirect without showing who he is.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Answer {
        let authorization = self.admin();
        let mut all = vec![("authorization", authorization.as_str())];
        all.extend_from_slice(headers);
        let answer = self.send_as_is(method.clone(), path, &all, body).await;
        if answer.status != StatusCode::TEMPORARY_REDIRECT {
            return answer;
        }
        let elsewhere = url::Url::parse(answer.header("location")).unwrap();
        let path = &elsewhere[url::Position::BeforePath..];
        self.send_as_is(method, path, headers, "").await
    }

    pub async fn send_as_is(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(body.into()).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body,
        }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], "").await
    }

    pub fn admin(&self) -> String {
        let identity = &self.sandbox.state().identity;
        basic(&identity.registry_name, identity.admin_password.reveal())
    }

    /// Pushes a blob in one request and returns its digest.
    pub async fn push_blob(&self, repository: &str, content: &[u8]) -> String {
        let digest = digest(content);
        let path = format!("/v2/{repository}/blobs/uploads/?digest={digest}");
        let answer = self.send(Method::POST, &path, &[], content.to_vec()).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
        digest
    }

    /// Pushes an image of one layer, which holds `text`, and returns its manifest's digest.
    pub async fn push_image(&self, repository: &str, tag: &str, text: &str) -> String {
        let config = br#"{"architecture":"amd64","os":"linux"}"#;
        self.push_blob(repository, config).await;
        self.push_blob(repository, text.as_bytes()).await;
        let manifest = image(config, text.as_bytes());
        let answer = self
            .put_manifest(repository, tag, MANIFEST, &manifest)
            .await;
        assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
        digest(manifest.to_string().as_bytes())
    }

    pub async fn put_manifest(
        &self,
        repository: &str,
        reference: &str,
        media_type: &str,
        manifest: &Value,
    ) -> Answer {
        let path = format!("/v2/{repository}/manifests/{reference}");
        let headers = [("content-type", media_type)];
        self.send(Method::PUT, &path, &headers, manifest.to_string())
            .await
    }
}

fn noon() -> Arc<ManualClock> {
    let noon = "2026-11-21T12:00:00Z".parse::<DateTime<Utc>>().unwrap();
    Arc::new(ManualClock::at(noon))
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("not JSON: {self:?}"))
    }

    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().unwrap())
    }

    /// The status and the code of the distribution API's envelope.
    pub fn error(&self) -> (u16, String) {
        let code = self.json()["errors"][0]["code"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        (self.status.as_u16(), code)
    }

    pub fn message(&self) -> String {
        self.json()["errors"][0]["message"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }
}

pub fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
}

pub fn digest(content: &[u8]) -> String {
    format!("sha256:{}", hex::encode(Sha256::digest(content)))
}

pub fn descriptor(media_type: &str, content: &[u8]) -> Value {
    json!({"mediaType": media_type, "digest": digest(content), "size": content.len()})
}

pub fn image(config: &[u8], layer: &[u8]) -> Value {
    json!({
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": descriptor(CONFIG, config),
        "layers": [descriptor("application/vnd.oci.image.layer.v1.tar", layer)],
    })
}

/// All files below a folder, without the folders.
pub fn files_below(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_below(&path));
        } else {
            files.push(path);
        }
    }
    files
}
