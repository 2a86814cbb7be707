//! What is there after a restart, and what is swept.
use crate::support::{TestSandbox, digest, files_below};
use chrono::TimeDelta;
use http::{Method, StatusCode};
use serde_json::json;
use std::fs::{self, File};

#[tokio::test]
async fn everything_is_there_after_a_restart() {
    let sandbox = TestSandbox::start().await;
    let digest = sandbox.push_image("team/app", "v1", "layer").await;
    sandbox.advance(TimeDelta::minutes(1));
    sandbox.push_image("team/app", "v2", "other").await;
    sandbox
        .send(Method::DELETE, "/acr/v1/team/app/_tags/v2", &[], "")
        .await;
    let without_registry = |mut facts: serde_json::Value| {
        facts["registry"] = serde_json::Value::Null;
        facts
    };
    let before = without_registry(sandbox.get("/acr/v1/team/app/_manifests").await.json());
    let sandbox = sandbox.restart().await;
    let after = without_registry(sandbox.get("/acr/v1/team/app/_manifests").await.json());
    assert_eq!(before, after);
    let tags = sandbox.get("/v2/team/app/tags/list").await.json();
    assert_eq!(tags["tags"], json!(["v1"]));
    let manifest = sandbox
        .get(&format!("/v2/team/app/manifests/{digest}"))
        .await;
    assert_eq!(crate::support::digest(&manifest.body), digest);
}

#[tokio::test]
async fn what_a_killed_process_left_is_swept_and_the_rest_stays() {
    let sandbox = TestSandbox::start().await;
    sandbox.push_image("a", "v1", "layer").await;
    let files = sandbox.registry_files();
    let orphans = [
        files.join("temporary/.tmp-blob"),
        files.join("repositories/a/tags/.tmp-tag"),
        files.join("repositories/a/manifests/.tmp-manifest"),
        files.join("uploads/.tmp-record"),
    ];
    for orphan in &orphans {
        fs::write(orphan, "half").unwrap();
    }
    // A process that died between a manifest's record and its tags'.
    let tag = json!({"name": "ghost", "digest": digest(b"gone"),
        "created_at": "2026-11-21T12:00:00Z", "updated_at": "2026-11-21T12:00:00Z"});
    fs::write(
        files.join("repositories/a/tags/ghost.json"),
        tag.to_string(),
    )
    .unwrap();
    let sandbox = sandbox.restart().await;
    for orphan in &orphans {
        assert!(!orphan.exists(), "{}", orphan.display());
    }
    let tags = sandbox.get("/v2/a/tags/list").await.json();
    assert_eq!(tags["tags"], json!(["v1"]));
    assert_eq!(
        sandbox.get("/v2/a/manifests/v1").await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn content_that_no_manifest_needs_is_swept_after_a_day() {
    let sandbox = TestSandbox::start().await;
    sandbox.push_image("a", "v1", "kept").await;
    let old = sandbox.push_image("a", "v2", "dropped").await;
    sandbox
        .push_blob("a", b"pushed long ago, and no manifest since")
        .await;
    sandbox.push_blob("a", b"pushed just now").await;
    sandbox
        .send(Method::DELETE, &format!("/v2/a/manifests/{old}"), &[], "")
        .await;
    let files = sandbox.registry_files();
    let fresh = digest(b"pushed just now");
    let now = std::time::SystemTime::from(drydock_sandbox::Clock::now(&*sandbox.clock));
    for file in files_below(&files) {
        let is_fresh = file
            .to_string_lossy()
            .ends_with(fresh.trim_start_matches("sha256:"));
        let age = if is_fresh { 1 } else { 25 * 3600 };
        let at = now - std::time::Duration::from_secs(age);
        File::options()
            .append(true)
            .open(&file)
            .unwrap()
            .set_modified(at)
            .unwrap();
    }
    let sandbox = sandbox.restart().await;
    let held = async |content: &[u8]| {
        let path = format!("/v2/a/blobs/{}", digest(content));
        sandbox.get(&path).await.status == StatusCode::OK
    };
    assert!(held(b"kept").await);
    assert!(held(b"pushed just now").await);
    assert!(!held(b"dropped").await);
    assert!(!held(b"pushed long ago, and no manifest since").await);
    // Two manifest's blobs (config, layer), the manifest itself, and the fresh one.
    assert_eq!(files_below(&files.join("blobs")).len(), 4);
}

#[tokio::test]
async fn a_second_sandbox_on_the_same_folder_is_refused() {
    let first = TestSandbox::start().await;
    let config = first.sandbox.state().config.clone();
    let second = drydock_sandbox::Sandbox::start(config).await;
    let error = second.err().unwrap().to_string();
    assert!(error.contains("another Drydock uses"), "{error}");
}
