//! The audit trail in the console: who signed in, who was denied, what fits a filter, and the file.
mod support;

use axum::http::StatusCode;
use drydock_domain::access::Role;
use drydock_domain::audit::{Trust, verify};
use support::Console;

const OWN_ORIGIN: (&str, &str) = ("origin", "http://127.0.0.1:4280");

#[tokio::test]
async fn a_denial_is_entered_and_found_by_its_outcome() {
    let console = Console::start().await;
    let auditor = console.session("Vera Sentinel", Role::Auditor).await;
    let auditor = [("cookie", auditor.as_str()), OWN_ORIGIN];
    let denied = console
        .post("/api/start_run", &auditor, "registry=drydock")
        .await;
    assert_eq!(denied.status, StatusCode::FORBIDDEN, "{}", denied.text);
    // An auditor's own page says in its head what is denied to them.
    let admin = console.session("Root", Role::Admin).await;
    let admin = [("cookie", admin.as_str())];
    let page = console.get("/audit?outcome=denied", &admin).await.text;
    assert!(page.contains("run.start needs the role operator"), "{page}");
    assert!(page.contains("Vera Sentinel"), "{page}");
    for other in ["outcome=succeeded", "actor=nobody", "until=2001-01-01"] {
        let page = console.get(&format!("/audit?{other}"), &admin).await.text;
        assert!(!page.contains("run.start needs"), "{other}");
    }
    let page = console.get("/audit?from=yesterday", &admin).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.text.contains("is no day"), "{}", page.text);
}

#[tokio::test]
async fn signing_in_and_out_and_looking_at_the_trail_are_entered() {
    let console = Console::start().await;
    let cookie = console.sign_in().await;
    let first = [("cookie", cookie.as_str()), OWN_ORIGIN];
    console.post("/sign-out", &first, "").await;
    let cookie = console.sign_in().await;
    let page = console.get("/audit", &[("cookie", &cookie)]).await.text;
    for operation in ["auth.login", "auth.logout", "audit.view"] {
        assert!(page.contains(operation), "{operation}");
    }
    assert!(page.contains("Verified to #"), "{page}");
}

#[tokio::test]
async fn the_exported_file_is_whole_and_names_nobody() {
    let console = Console::start().await;
    let cookie = console.session("Vera Sentinel", Role::Auditor).await;
    let answer = console.get("/audit.ndjson", &[("cookie", &cookie)]).await;
    assert_eq!(answer.status, StatusCode::OK);
    let trust = Trust {
        keys: vec![console.running.ledger.public_key()],
        witness: None,
    };
    let found = verify(answer.text.lines(), &trust);
    assert_eq!(found.broken, None);
    assert!(found.last >= Some(1) && found.signed_through == found.last);
    assert!(answer.text.contains("export.created"));
    assert!(!answer.text.contains("Vera Sentinel"));
}
