//! What monitoring programs ask, and what receivers of notifications get.
mod support;

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use drydock_domain::access::Role;
use support::Console;
use tokio::sync::mpsc;

#[tokio::test]
async fn metrics_are_for_the_bearer_of_their_token() {
    let folder = tempfile::tempdir().unwrap();
    let token = folder.path().join("token");
    std::fs::write(&token, "0123456789abcdef\n").unwrap();
    let console = Console::start_with(|settings| {
        settings.notify.metrics_token_file = Some(token);
    })
    .await;
    assert_eq!(console.get("/readyz", &[]).await.text, "ready\n");
    let asked = async |value: &str| console.get("/metrics", &[("authorization", value)]).await;
    assert_eq!(asked("Bearer wrong").await.status, StatusCode::UNAUTHORIZED);
    let page = asked("Bearer 0123456789abcdef").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(
        page.header("content-type")
            .starts_with("text/plain; version=0.0.4")
    );
    for line in [
        "drydock_http_requests_total{method=\"GET\",status=\"401\"} 1",
        "drydock_registry_readable{registry=\"drydock\"} 1",
        "drydock_missed_runs{registry=\"drydock\"} 0",
    ] {
        assert!(
            page.text.lines().any(|found| found == line),
            "{line} in {}",
            page.text
        );
    }
}

#[tokio::test]
async fn a_token_that_can_be_guessed_is_refused_before_anything_starts() {
    let data = tempfile::tempdir().unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let token = elsewhere.path().join("token");
    std::fs::write(&token, "short\n").unwrap();
    let started = std::process::Command::new(env!("CARGO_BIN_EXE_drydock"))
        .args(["serve", "--data", data.path().to_str().unwrap()])
        .args(["--metrics-token-file", token.to_str().unwrap()])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&started.stderr);
    assert_eq!(started.status.code(), Some(1), "{said}");
    assert!(said.contains("has fewer than 16 characters"), "{said}");
    let left = std::fs::read_dir(data.path()).unwrap();
    let left: Vec<_> = left.map(|file| file.unwrap().file_name()).collect();
    assert_eq!(left, ["drydock.lock"]);
}

#[tokio::test]
async fn metrics_are_off_where_there_is_no_token() {
    let console = Console::start().await;
    let answer = console
        .get("/metrics", &[("authorization", "Bearer ")])
        .await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert!(
        answer.text.contains("--metrics-token-file"),
        "{}",
        answer.text
    );
}

#[tokio::test]
async fn a_test_notification_reaches_the_webhook_signed() {
    let (sender, mut received) = mpsc::channel::<(HeaderMap, Bytes)>(1);
    let take = async move |headers: HeaderMap, body: Bytes| {
        sender.send((headers, body)).await.unwrap();
        StatusCode::NO_CONTENT
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let receiver = Router::new().route("/hook", post(take));
    let serving = tokio::spawn(async { axum::serve(listener, receiver).await });
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("secret");
    std::fs::write(&secret, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
    let console = Console::start_with(|settings| {
        settings.notify.webhook = Some(format!("http://{address}/hook"));
        settings.notify.webhook_secret_file = Some(secret);
    })
    .await;
    let admin = console.session("ada", Role::Admin).await;
    let answer = console
        .call(&admin, "/api/send_test_notice", String::new())
        .await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    let (headers, body) = received.recv().await.unwrap();
    let header = |name: &str| headers[name].to_str().unwrap().to_owned();
    assert!(header("webhook-id").starts_with("msg_"));
    assert!(header("webhook-signature").starts_with("v1,"));
    let sent: serde_json::Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(sent["type"], "test");
    assert!(
        sent["data"]["url"]
            .as_str()
            .unwrap()
            .ends_with("/notifications")
    );
    serving.abort();
}
