//! The Compliance page, its forms and files, by who may reach them; and the pack, verified by the same
//! binary with nothing but the file.
mod support;

use axum::http::StatusCode;
use drydock_domain::access::Role;
use drydock_domain::audit::statement_line;
use drydock_ledger::Ledger;
use std::path::Path;
use std::process::{Command, Output};
use support::Console;

const OWN_ORIGIN: (&str, &str) = ("origin", "http://127.0.0.1:4280");
const PAGE: &str = "/registries/drydock/compliance";

async fn session(console: &Console, role: Role) -> String {
    console.session("Vera Sentinel", role).await
}

fn drydock(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_drydock"))
        .args(arguments)
        .env_remove("DRYDOCK_LEDGER")
        .output()
        .unwrap()
}

fn verify(pack: &Path) -> (Option<i32>, String) {
    verify_with(pack, &[])
}

fn verify_with(pack: &Path, options: &[&str]) -> (Option<i32>, String) {
    let verify = ["audit", "verify-pack", pack.to_str().unwrap()];
    let output = drydock(&[&verify, options].concat());
    let said = String::from_utf8(output.stdout).unwrap();
    (output.status.code(), said)
}

#[tokio::test]
async fn every_view_is_there_for_whoever_may_read() {
    let console = Console::start().await;
    let viewer = session(&console, Role::Viewer).await;
    for view in [
        "",
        "fedramp-vdr",
        "fedramp-containers",
        "kev",
        "pci",
        "sp800-190",
        "soc2&seed=a&n=25",
        "iso27001",
        "cra",
        "&as_of=2026-01-01",
        "&status=overdue&page=9",
    ] {
        let page = format!("{PAGE}?view={view}");
        let answer = console.get(&page, &[("cookie", &viewer)]).await;
        assert_eq!(answer.status, StatusCode::OK, "{page}");
        assert!(
            answer.text.contains("known exploited vulnerabilities"),
            "{page}"
        );
    }
    let bad = console
        .get(&format!("{PAGE}?as_of=yesterday"), &[("cookie", &viewer)])
        .await;
    assert_eq!(bad.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn files_are_for_auditors_and_each_is_entered() {
    let console = Console::start().await;
    let auditor = session(&console, Role::Auditor).await;
    let viewer = session(&console, Role::Viewer).await;
    for format in [
        "csv",
        "ndjson",
        "sarif",
        "oscal-assessment-results",
        "oscal-poam",
        "html",
        "ics",
    ] {
        let path = format!("{PAGE}/export?format={format}&status=all");
        let refused = console.get(&path, &[("cookie", &viewer)]).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{format}");
        let answer = console.get(&path, &[("cookie", &auditor)]).await;
        assert_eq!(answer.status, StatusCode::OK, "{format}: {}", answer.text);
        assert!(
            answer
                .header("content-disposition")
                .starts_with("attachment"),
            "{format}"
        );
        assert_eq!(answer.header("x-content-sha256").len(), 64);
    }
    let unknown = console
        .get(
            &format!("{PAGE}/export?format=xls"),
            &[("cookie", &auditor)],
        )
        .await;
    assert_eq!(unknown.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(unknown.text.contains("oscal-poam"), "{}", unknown.text);
    let trail = console
        .get("/audit?operation=export.create", &[("cookie", &auditor)])
        .await;
    assert!(trail.text.contains("oscal-poam, sha256:"), "{}", trail.text);
}

#[tokio::test]
async fn a_form_without_javascript_accepts_a_finding_or_says_why_not() {
    let console = Console::start().await;
    let approver = session(&console, Role::Approver).await;
    let form = [
        ("cookie", approver.as_str()),
        OWN_ORIGIN,
        ("accept", "text/html,*/*;q=0.8"),
        (
            "referer",
            "http://127.0.0.1:4280/registries/drydock/compliance",
        ),
    ];
    let refused = console
        .post(
            "/api/create_exception",
            &form,
            "registry=drydock&cve=CVE-2026-1&repositories=web%2F*&reason=x&owner=team&expires=2001-01-01",
        )
        .await;
    assert_eq!(refused.status, StatusCode::FOUND, "{}", refused.text);
    let back = refused.header("location").to_owned();
    assert!(back.contains("exception-reason=x"), "{back}");
    let accepted = console
        .post(
            "/api/create_exception",
            &form,
            "registry=drydock&cve=cve-2026-1&repositories=web%2F*&reason=not+reachable&owner=team&expires=2027-11-01",
        )
        .await;
    assert_eq!(accepted.status, StatusCode::FOUND, "{}", accepted.text);
    let page = console.get(PAGE, &[("cookie", &approver)]).await.text;
    assert!(
        page.contains("CVE-2026-1") && page.contains("In force"),
        "{page}"
    );
    let auditor = session(&console, Role::Auditor).await;
    let denied = console
        .post(
            "/api/create_exception",
            &[("cookie", &auditor), OWN_ORIGIN],
            "registry=drydock&cve=CVE-2026-2&repositories=*&reason=x&owner=team&expires=2027-11-01",
        )
        .await;
    assert_eq!(denied.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_pack_is_verified_by_the_binary_alone_and_a_change_is_named() {
    let console = Console::start().await;
    let auditor = session(&console, Role::Auditor).await;
    let pack = console
        .get(&format!("{PAGE}/pack"), &[("cookie", &auditor)])
        .await;
    assert_eq!(pack.status, StatusCode::OK, "{}", pack.text);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pack.tar");
    std::fs::write(&file, &pack.text).unwrap();
    let (code, said) = verify(&file);
    assert_eq!(code, Some(0), "{said}");
    assert!(
        said.contains("audit trail: whole") && said.contains("whole, "),
        "{said}"
    );
    let key = console.running.ledger.public_key().to_string();
    assert!(said.contains(&key), "{said}");
    let changed = pack.text.replacen("export.create", "export.creatE", 1);
    assert_ne!(changed, pack.text);
    std::fs::write(&file, changed).unwrap();
    let (code, said) = verify(&file);
    assert_eq!(code, Some(4), "{said}");
    assert!(said.contains("broken at audit.ndjson"), "{said}");
}

#[tokio::test]
async fn a_pack_carries_the_published_head_and_is_compared_with_the_readers_own() {
    let console = Console::start().await;
    let workflow = &console.running.console.workflow;
    let auditor = session(&console, Role::Auditor).await;
    let auditor = [("cookie", auditor.as_str())];
    console.get("/audit", &auditor).await;
    let head = workflow.publish_head().await.unwrap().unwrap();
    let pack = console.get(&format!("{PAGE}/pack"), &auditor).await;
    assert_eq!(pack.status, StatusCode::OK, "{}", pack.text);
    assert!(pack.text.contains("\"name\": \"published-head.json\""));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pack.tar");
    std::fs::write(&file, &pack.text).unwrap();
    let (code, said) = verify(&file);
    let inside = format!("the published head in it, entry {head}, agrees");
    assert_eq!(code, Some(0), "{said}");
    assert!(
        said.contains(&inside) && said.contains("--witness"),
        "{said}"
    );

    let fetched = folder.path().join("fetched.json");
    std::fs::copy(console.data.path().join("audit.head"), &fetched).unwrap();
    let witness = ["--witness", fetched.to_str().unwrap()];
    let (code, said) = verify_with(&file, &witness);
    assert_eq!(code, Some(0), "{said}");
    assert!(
        said.contains(&format!("head, entry {head}, agrees")),
        "{said}"
    );

    // The same key, and another history.
    let key = console.data.path().join("audit.key");
    std::fs::copy(key, folder.path().join("audit.key")).unwrap();
    let other = Ledger::open(&folder.path().join("ledger.sqlite")).await;
    let other = other.unwrap();
    other
        .begin("Eve", "run.start", "drydock", "")
        .await
        .unwrap();
    let contradicting = statement_line(&other.sign_head().await.unwrap());
    std::fs::write(&fetched, contradicting).unwrap();
    let (code, said) = verify_with(&file, &witness);
    assert_eq!(code, Some(4), "{said}");
    let says = "the head that was published gives it another hash";
    assert!(said.contains(says), "{said}");
}

#[tokio::test]
async fn a_feed_is_imported_offline_and_its_source_shown() {
    let console = Console::start().await;
    let file = console.data.path().join("kev.json");
    let catalogue = r#"{"catalogVersion": "2026.11.20", "dateReleased": "2026-11-20T15:00:00Z",
        "vulnerabilities": [{"cveID": "CVE-2026-1", "dateAdded": "2026-11-03", "dueDate": "2026-11-24"}]}"#;
    std::fs::write(&file, catalogue).unwrap();
    let (file, data) = (
        file.to_str().unwrap(),
        console.data.path().to_str().unwrap(),
    );
    let output = drydock(&["feeds", "import", "kev", file, "--data", data]);
    assert!(output.status.success(), "{output:?}");
    let refused = drydock(&["feeds", "import", "epss", file, "--data", data]);
    assert_eq!(refused.status.code(), Some(1), "{refused:?}");
    let viewer = session(&console, Role::Viewer).await;
    let page = console.get(PAGE, &[("cookie", &viewer)]).await.text;
    assert!(
        page.contains("kev.json") && page.contains("2026.11.20"),
        "{page}"
    );
}
