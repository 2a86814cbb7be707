//! No token, signed link or secret in what a full run leaves behind.
use crate::desk::{Desk, POLICY, ada};
use drydock_domain::audit::AuditQuery;
use futures::StreamExt;
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Mutex};
use tracing_subscriber::EnvFilter;

#[derive(Clone, Default)]
struct Captured(Arc<Mutex<Vec<u8>>>);

impl Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Beginnings of what must not be told: a JWT, a signature of a link, a token in a header.
const SIGNS: [&str; 4] = ["eyJ", "sig=", "Bearer e", "client_secret="];
/// What the client's own log writes in the place of a value of a query.
const REDACTED: &str = "sig=REDACTED";

fn check(what: &str, text: &str, secret: &str) {
    for line in text.lines() {
        let line = line.replace(REDACTED, "");
        let mut signs = SIGNS.into_iter().chain([secret]);
        let found = signs.find(|sign| line.contains(sign));
        if let Some(sign) = found {
            let shown: String = line.chars().take(200).collect();
            panic!("{what} tells `{sign}`: {shown}");
        }
    }
}

fn files(folder: &Path, name: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let file = file.unwrap();
        let is_wanted = file.file_name().to_string_lossy().starts_with(name);
        if is_wanted && file.path().is_file() {
            bytes.extend(std::fs::read(file.path()).unwrap());
        }
    }
    bytes
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_secret_is_logged_kept_or_shown() {
    let logs = Captured::default();
    let writer = logs.clone();
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new("trace"))
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .init();
    let desk = Desk::configured().await;
    let secret = desk.sandbox.endpoints().client_secret.reveal().to_owned();
    let (workflow, registry) = (&desk.workflow, desk.registry.as_str());
    let mut shown = Vec::new();

    let run_id = desk.run().await.unwrap();
    let log: Vec<_> = workflow
        .follow_log(&ada(), registry, &run_id, 0)
        .collect()
        .await;
    assert!(log.iter().all(Result::is_ok));
    let dry_run = workflow.dry_run(&ada(), registry, POLICY).await.unwrap();
    shown.push(serde_json::to_string(&dry_run).unwrap());
    // Links and tokens that fail are where errors are made.
    for (kind, path) in [
        ("reset", "*/logs/*"),
        ("expired-link", "*/logs/*"),
        ("unauthorized", "*/oauth2/*"),
        ("server-error", "*/tasks-source/*"),
        ("reset", "*/tasks-source/*"),
    ] {
        for method in ["GET", "POST", "PUT"] {
            desk.fault(kind, method, path);
            let failed = workflow.dry_run(&ada(), registry, POLICY).await;
            shown.extend(failed.err().map(|error| format!("{error} {error:?}")));
        }
    }
    shown.push(
        serde_json::to_string(&workflow.get_overview(&ada(), registry).await.unwrap()).unwrap(),
    );
    shown
        .push(serde_json::to_string(&workflow.preflight(&ada(), registry).await.unwrap()).unwrap());
    let parts = workflow
        .delete_workflow(&ada(), registry, registry)
        .await
        .unwrap();
    shown.push(serde_json::to_string(&parts).unwrap());
    let entries = workflow
        .list_entries(&ada(), &AuditQuery::default(), 100)
        .await
        .unwrap();
    assert!(entries.len() > 10, "the run was a full one");
    shown.push(serde_json::to_string(&entries).unwrap());

    check("a page", &shown.join("\n"), &secret);
    for (what, bytes) in [
        ("the ledger", files(desk.folder.path(), "ledger.db")),
        (
            "the evidence",
            files(&desk.folder.path().join("evidence"), ""),
        ),
    ] {
        assert!(!bytes.is_empty(), "{what}");
        check(what, &String::from_utf8_lossy(&bytes), &secret);
    }
    let logs = String::from_utf8(logs.0.lock().unwrap().clone()).unwrap();
    assert!(logs.contains("TRACE"), "logs go down to trace");
    check("the log", &logs, &secret);
}
