//! Sessions: who is signed in, ending that, another token now and then, and an administrator who looks
//! at the console as an auditor.
mod support;

use axum::http::StatusCode;
use drydock_domain::access::Role;
use drydock_domain::console::{SessionList, SignedIn};
use drydock_server::cli::SignInArguments;
use std::process::Command;
use support::Console;

async fn sessions(console: &Console, session: &str) -> Vec<SignedIn> {
    let answer = console
        .call(session, "/api/list_sessions", String::new())
        .await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    let list: SessionList = serde_json::from_str(&answer.text).unwrap();
    list.sessions
}

async fn is_signed_in(console: &Console, session: &str) -> bool {
    let answer = console
        .call(session, "/api/get_console", String::new())
        .await;
    answer.status == StatusCode::OK
}

#[tokio::test]
async fn a_session_that_an_administrator_ends_is_over_at_its_next_request() {
    let console = Console::start().await;
    let admin = console.session("Ada", Role::Admin).await;
    let other = console.session("Bob", Role::Operator).await;
    let third = console.session("Eve", Role::Viewer).await;
    let listed = sessions(&console, &admin).await;
    let own: Vec<&str> = listed
        .iter()
        .filter(|it| it.is_own)
        .map(|it| it.actor.as_str())
        .collect();
    assert_eq!((listed.len(), own), (3, vec!["Ada"]));

    let bob = listed.iter().find(|it| it.actor == "Bob").unwrap();
    let revoke = |id: &str| format!("id={id}");
    let ended = console
        .call(&admin, "/api/revoke_session", revoke(&bob.id))
        .await;
    assert_eq!(ended.status, StatusCode::OK, "{}", ended.text);
    assert!(!is_signed_in(&console, &other).await);
    assert!(is_signed_in(&console, &third).await);
    let again = console
        .call(&admin, "/api/revoke_session", revoke(&bob.id))
        .await;
    assert_eq!(again.status, StatusCode::NOT_FOUND);

    let all = console
        .call(&admin, "/api/revoke_other_sessions", String::new())
        .await;
    assert_eq!(all.text, "1");
    assert!(!is_signed_in(&console, &third).await);
    assert!(is_signed_in(&console, &admin).await);
    let trail = console
        .get("/audit?operation=session.revoke", &[("cookie", &admin)])
        .await;
    assert_eq!(trail.text.matches("<code>session.revoke").count(), 2);
}

#[tokio::test]
async fn signing_in_begins_a_new_session_and_ends_the_one_before() {
    let console = Console::start().await;
    let before = console.sign_in().await;
    let link = console.link().await;
    let answer = console.get(&link, &[("cookie", &before)]).await;
    let cookie = answer.header("set-cookie");
    let after = cookie.split_once(';').unwrap().0;
    assert_ne!(before, after);
    assert!(!is_signed_in(&console, &before).await);
    assert!(is_signed_in(&console, after).await);
    let listed = sessions(&console, after).await;
    assert_eq!((listed.len(), listed[0].method.as_str()), (1, "link"));
}

#[tokio::test]
async fn by_tls_the_cookie_is_for_this_host_and_tls_alone() {
    let console = Console::start_with(|settings| {
        settings.sign_in = SignInArguments {
            public_url: Some("https://drydock.corp.example".to_owned()),
            ..SignInArguments::default()
        };
    })
    .await;
    let host = ("host", "drydock.corp.example");
    let answer = console.get(&console.link().await, &[host]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    let cookie = answer.header("set-cookie").to_owned();
    assert!(
        cookie.starts_with("__Host-drydock_session=") && cookie.ends_with("; Secure"),
        "{cookie}"
    );
    let session = cookie.split_once(';').unwrap().0;
    let page = console.get("/sessions", &[host, ("cookie", session)]).await;
    assert_eq!(page.status, StatusCode::OK);
    let other = console
        .get("/sign-in", &[("host", "drydock.other.example")])
        .await;
    assert_eq!(other.status, StatusCode::MISDIRECTED_REQUEST);
}

#[tokio::test]
async fn an_administrator_who_views_as_an_auditor_is_one_until_they_go_back() {
    let console = Console::start().await;
    let admin = console.session("Ada", Role::Admin).await;
    let go = async |name: &str| {
        console
            .call(&admin, &format!("/api/{name}"), String::new())
            .await
    };
    let start = async || {
        let arguments = "registry=drydock".to_owned();
        console
            .call(&admin, "/api/start_run", arguments)
            .await
            .status
    };
    assert_eq!(go("view_as_oneself").await.status, StatusCode::CONFLICT);
    assert_eq!(go("view_as_auditor").await.status, StatusCode::OK);
    assert_eq!(start().await, StatusCode::FORBIDDEN);
    assert_eq!(go("view_as_auditor").await.status, StatusCode::FORBIDDEN);
    let page = console.get("/audit", &[("cookie", &admin)]).await.text;
    for part in [
        "data-denied=\"run.cancel\"",
        "Back to your own view",
        "data-denied=\"run.start\"",
    ] {
        assert!(page.contains(part), "{part}");
    }
    // Somebody who reads the list sees who it is, and not as whom they look.
    let listed = sessions(&console, &admin).await;
    assert_eq!(listed[0].role, Role::Admin);

    assert_eq!(go("view_as_oneself").await.status, StatusCode::OK);
    assert_ne!(start().await, StatusCode::FORBIDDEN);
    let page = console.get("/audit", &[("cookie", &admin)]).await.text;
    assert!(!page.contains("Back to your own view") && !page.contains("data-denied"));
    for operation in ["session.view", "session.return"] {
        assert!(page.contains(operation), "{operation}");
    }
}

#[tokio::test]
async fn the_command_line_lists_and_ends_sessions() {
    let console = Console::start().await;
    let session = console.session("Ada", Role::Admin).await;
    let data = console.data.path().to_str().unwrap();
    let drydock = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_drydock"));
        let output = command
            .arg("sessions")
            .args(arguments)
            .args(["--data", data])
            .output();
        let output = output.unwrap();
        (
            output.status.code(),
            String::from_utf8(output.stdout).unwrap(),
        )
    };
    let (code, listed) = drydock(&["list"]);
    assert_eq!(code, Some(0));
    let fields: Vec<&str> = listed.trim().split('\t').collect();
    assert_eq!(&fields[1..4], ["Ada", "admin", "everything"]);
    let (code, said) = drydock(&["revoke", fields[0]]);
    assert_eq!((code, said.trim()), (Some(0), "1 session ended"));
    assert!(!is_signed_in(&console, &session).await);
    assert_eq!(drydock(&["revoke", fields[0]]).0, Some(1));
    assert_eq!(drydock(&["revoke"]).0, Some(64));
    console.session("Bob", Role::Viewer).await;
    assert_eq!(
        drydock(&["revoke", "--all"]),
        (Some(0), "1 session ended\n".to_owned())
    );
}
