//! People whom a proxy in front has signed in: only where the operator named the proxy.
mod support;

use axum::extract::ConnectInfo;
use axum::http::{Request, StatusCode, header};
use drydock_server::auth::ProxyKind;
use drydock_server::cli::SignInArguments;
use std::net::SocketAddr;
use support::{Console, HOST};
use tower::ServiceExt as _;

const EMAIL: (&str, &str) = ("x-auth-request-email", "ada@corp.example");

async fn behind_a_proxy() -> Console {
    Console::start_with(|settings| {
        settings.sign_in = SignInArguments {
            proxy_identity: Some(ProxyKind::Oauth2Proxy),
            trusted_proxies: vec!["10.1.0.0/16".parse().unwrap()],
            grants: vec!["secops=operator".to_owned()],
            ..SignInArguments::default()
        };
    })
    .await
}

/// The status of a request from an address with these headers, and its text.
async fn ask(
    console: &Console,
    peer: &str,
    path: &str,
    headers: &[(&str, &str)],
) -> (StatusCode, String) {
    let mut request = Request::builder()
        .method(if path.starts_with("/api/") {
            "POST"
        } else {
            "GET"
        })
        .uri(path)
        .header(header::HOST, HOST)
        .header(header::ORIGIN, format!("http://{HOST}"))
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let mut request = request
        .body(axum::body::Body::from("registry=drydock"))
        .unwrap();
    let peer: SocketAddr = peer.parse().unwrap();
    request.extensions_mut().insert(ConnectInfo(peer));
    let response = console.router.clone().oneshot(request).await.unwrap();
    let status = response.status();
    let bytes = axum::body::to_bytes(response.into_body(), 1 << 20)
        .await
        .unwrap();
    (status, String::from_utf8_lossy(&bytes).into_owned())
}

#[tokio::test]
async fn the_word_of_a_named_proxy_counts_and_gives_its_role() {
    let console = behind_a_proxy().await;
    let groups = ("x-auth-request-groups", "web,secops");
    let (status, text) = ask(&console, "10.1.0.9:7", "/api/get_console", &[EMAIL, groups]).await;
    assert_eq!(status, StatusCode::OK, "{text}");
    assert!(
        text.contains("ada@corp.example") && text.contains("\"operator\""),
        "{text}"
    );
    let denied = ask(
        &console,
        "10.1.0.9:7",
        "/api/delete_workflow",
        &[EMAIL, groups],
    )
    .await;
    assert_eq!(
        denied.0,
        StatusCode::UNPROCESSABLE_ENTITY,
        "without its confirmation: {}",
        denied.1
    );
    let admin = console.sign_in().await;
    let trail = console
        .call(&admin, "/api/list_entries", String::new())
        .await
        .text;
    let logins = trail.matches("\"actor\":\"ada@corp.example\"").count();
    assert_eq!(logins, 1, "one visit, not one for each request: {trail}");
}

#[tokio::test]
async fn anybody_elses_headers_are_worth_nothing() {
    let groups = ("x-auth-request-groups", "secops");
    let principal = ("x-ms-client-principal", "eyJjbGFpbXMiOltdfQ==");
    let console = behind_a_proxy().await;
    for peer in ["10.2.0.9:7", "127.0.0.1:7", "[::1]:7"] {
        let (status, text) = ask(&console, peer, "/api/get_console", &[EMAIL, groups]).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{peer}: {text}");
    }
    let other = ask(&console, "10.1.0.9:7", "/api/get_console", &[principal]).await;
    assert_eq!(other.0, StatusCode::UNAUTHORIZED);
    // Nobody said that there is a proxy.
    let plain = Console::start().await;
    for headers in [[EMAIL, groups], [principal, groups]] {
        let (status, _) = ask(&plain, "10.1.0.9:7", "/api/get_console", &headers).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn whom_nothing_gives_a_role_is_told_what_was_seen() {
    let console = behind_a_proxy().await;
    let groups = ("x-auth-request-groups", "web,<b>");
    let page = ("accept", "text/html");
    let (status, text) = ask(&console, "10.1.0.9:7", "/", &[EMAIL, groups, page]).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    for part in [
        "ada@corp.example",
        "X-Auth-Request-Groups",
        "<code>web</code>",
        "&lt;b&gt;",
        "--grant",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    let (status, _) = ask(&console, "10.1.0.9:7", "/api/get_console", &[EMAIL, groups]).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
}
