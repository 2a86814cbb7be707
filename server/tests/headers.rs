//! What every answer says to the browser.
mod support;

use axum::http::StatusCode;
use support::Console;

#[tokio::test]
async fn a_page_runs_only_the_scripts_that_carry_its_nonce() {
    let console = Console::start().await;
    let cookie = console.sign_in().await;
    let nonce = async || {
        let page = console.get("/audit", &[("cookie", &cookie)]).await;
        assert_eq!(page.status, StatusCode::OK);
        let policy = page.header("content-security-policy").to_owned();
        assert!(
            policy.starts_with("default-src 'none'; script-src 'nonce-"),
            "{policy}"
        );
        assert!(
            !policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"),
            "{policy}"
        );
        let nonce = policy
            .split("'nonce-")
            .nth(1)
            .unwrap()
            .split('\'')
            .next()
            .unwrap()
            .to_owned();
        for script in page.text.split("<script").skip(1) {
            let tag = script.split('>').next().unwrap();
            assert!(tag.contains(&format!("nonce=\"{nonce}\"")), "<script{tag}>");
        }
        assert!(
            !page.text.contains(" style=\""),
            "an inline style, which the policy forbids"
        );
        nonce
    };
    let (first, second) = (nonce().await, nonce().await);
    assert!(first.len() >= 16, "{first}");
    assert_ne!(first, second);
}

#[tokio::test]
async fn every_answer_is_guarded_and_kept_by_nobody() {
    let console = Console::start().await;
    for path in ["/sign-in", "/healthz", "/audit", "/events?samples=true"] {
        let answer = console.get(path, &[]).await;
        let check =
            |name: &str, expected: &str| assert_eq!(answer.header(name), expected, "{path}");
        check("x-content-type-options", "nosniff");
        check("referrer-policy", "same-origin");
        check("cross-origin-opener-policy", "same-origin");
        check("cache-control", "no-store");
        assert!(
            answer.header("permissions-policy").contains("camera=()"),
            "{path}"
        );
        assert!(
            answer
                .header("content-security-policy")
                .contains("default-src 'none'"),
            "{path}"
        );
        assert_eq!(answer.header("x-request-id").len(), 16, "{path}");
    }
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused() {
    let console = Console::start().await;
    let cookie = console.sign_in().await;
    let headers = [
        ("cookie", cookie.as_str()),
        ("origin", "http://127.0.0.1:4280"),
        ("content-length", "99999999"),
    ];
    let answer = console.post("/api/list_registries", &headers, "").await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
}
