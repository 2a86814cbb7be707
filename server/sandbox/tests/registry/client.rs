//! A real client against the real listener: `skopeo`, where it is installed.
use crate::support::{TestSandbox, digest, image};
use serde_json::{Value, json};
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

fn has_skopeo() -> bool {
    let found = Command::new("skopeo").arg("--version").output().is_ok();
    if !found {
        eprintln!("skipped: skopeo is not installed (Debian's package is 'skopeo')");
    }
    found
}

async fn run(arguments: Vec<String>) -> Output {
    tokio::task::spawn_blocking(move || Command::new("skopeo").args(arguments).output().unwrap())
        .await
        .unwrap()
}

async fn run_well(arguments: Vec<String>) -> Vec<u8> {
    let what = arguments[0].clone();
    let output = run(arguments).await;
    assert!(
        output.status.success(),
        "{what}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    output.stdout
}

/// An OCI layout with one image of two layers. Returns the manifest's digest.
fn write_layout(folder: &Path) -> String {
    fs::create_dir_all(folder.join("blobs/sha256")).unwrap();
    let store = |content: &[u8]| {
        let digest = digest(content);
        fs::write(folder.join("blobs").join(digest.replace(':', "/")), content).unwrap();
        digest
    };
    let layer = vec![0; 3 * 1024 * 1024];
    let diff_id = store(&layer);
    let config = json!({"architecture": "amd64", "os": "linux", "config": {},
        "rootfs": {"type": "layers", "diff_ids": [diff_id]}});
    let config = config.to_string();
    store(config.as_bytes());
    let manifest = image(config.as_bytes(), &layer).to_string();
    let digest = store(manifest.as_bytes());
    let index = json!({"schemaVersion": 2, "manifests": [{
        "mediaType": crate::support::MANIFEST, "digest": digest, "size": manifest.len(),
        "annotations": {"org.opencontainers.image.ref.name": "v1"}}]});
    fs::write(folder.join("index.json"), index.to_string()).unwrap();
    fs::write(
        folder.join("oci-layout"),
        r#"{"imageLayoutVersion":"1.0.0"}"#,
    )
    .unwrap();
    digest
}

fn credentials(sandbox: &TestSandbox) -> String {
    let identity = &sandbox.sandbox.state().identity;
    format!(
        "{}:{}",
        identity.registry_name,
        identity.admin_password.reveal()
    )
}

fn arguments(words: &[&str]) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn skopeo_pushes_lists_pulls_and_deletes() {
    if !has_skopeo() {
        return;
    }
    let sandbox = TestSandbox::start().await;
    let folder = tempfile::tempdir().unwrap();
    let (source, target) = (folder.path().join("in"), folder.path().join("out"));
    let digest = write_layout(&source);
    let oci = |path: &PathBuf| format!("oci:{}:v1", path.display());
    let image = format!(
        "docker://{}/team/app:v1",
        sandbox.sandbox.endpoints().login_server
    );
    let creds = credentials(&sandbox);
    let (source, target) = (oci(&source), oci(&target));
    run_well(arguments(&[
        "--insecure-policy",
        "copy",
        "--preserve-digests",
        "--dest-tls-verify=false",
        "--dest-creds",
        &creds,
        &source,
        &image,
    ]))
    .await;
    let inspected = run_well(arguments(&[
        "inspect",
        "--tls-verify=false",
        "--creds",
        &creds,
        &image,
    ]))
    .await;
    let inspected: Value = serde_json::from_slice(&inspected).unwrap();
    assert_eq!(inspected["Digest"], digest);
    assert_eq!(inspected["RepoTags"], json!(["v1"]));
    run_well(arguments(&[
        "--insecure-policy",
        "copy",
        "--preserve-digests",
        "--src-tls-verify=false",
        "--src-creds",
        &creds,
        &image,
        &target,
    ]))
    .await;
    let out: Value =
        serde_json::from_slice(&fs::read(folder.path().join("out/index.json")).unwrap()).unwrap();
    assert_eq!(out["manifests"][0]["digest"], digest);
    run_well(arguments(&[
        "delete",
        "--tls-verify=false",
        "--creds",
        &creds,
        &image,
    ]))
    .await;
    let gone = run(arguments(&[
        "inspect",
        "--tls-verify=false",
        "--creds",
        &creds,
        &image,
    ]))
    .await;
    assert!(!gone.status.success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn skopeo_without_or_with_wrong_credentials_is_refused() {
    if !has_skopeo() {
        return;
    }
    let sandbox = TestSandbox::start().await;
    sandbox.push_image("app", "v1", "layer").await;
    let image = format!(
        "docker://{}/app:v1",
        sandbox.sandbox.endpoints().login_server
    );
    for credentials in [
        vec![],
        vec!["--creds".to_owned(), "drydock:wrong".to_owned()],
    ] {
        let mut words = arguments(&["inspect", "--raw", "--tls-verify=false"]);
        words.extend(credentials);
        words.push(image.clone());
        let output = run(words).await;
        assert!(!output.status.success());
        let said = String::from_utf8_lossy(&output.stderr).to_lowercase();
        assert!(
            said.contains("unauthorized") || said.contains("401"),
            "{said}"
        );
    }
}
