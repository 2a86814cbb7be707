//! What a page says of a form that was posted without JavaScript and refused.
mod support;

use axum::http::StatusCode;
use support::Console;

const HTML: (&str, &str) = ("accept", "text/html,*/*;q=0.8");
const OWN_ORIGIN: (&str, &str) = ("origin", "http://127.0.0.1:4280");
const FORM: (&str, &str) = ("referer", "http://127.0.0.1:4280/registries/drydock/runs");
const REFUSAL: &str = "Continuous patching is not configured for drydock";

/// The browser's address without what names the host.
fn path(location: &str) -> &str {
    location
        .strip_prefix("http://127.0.0.1:4280")
        .unwrap_or(location)
}

#[tokio::test]
async fn a_refusal_is_told_once_and_its_words_are_not_in_the_address() {
    let console = Console::start().await;
    let cookie = console.sign_in().await;
    let session = ("cookie", cookie.as_str());
    let posted = console
        .post(
            "/api/start_run",
            &[session, OWN_ORIGIN, HTML, FORM],
            "registry=drydock",
        )
        .await;
    assert!(posted.status.is_redirection(), "{}", posted.status);
    let location = posted.header("location").to_owned();
    assert!(
        path(&location).starts_with("/registries/drydock/runs?refused="),
        "{location}"
    );
    assert!(!location.contains("__"), "{location}");

    let page = console.get(path(&location), &[session, HTML]).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text.contains(REFUSAL), "{}", page.text);
    let again = console.get(path(&location), &[session, HTML]).await;
    assert_eq!(again.status, StatusCode::OK);
    assert!(!again.text.contains(REFUSAL), "{}", again.text);
}

#[tokio::test]
async fn an_error_that_somebody_wrote_into_an_address_is_not_shown() {
    let console = Console::start().await;
    let cookie = console.sign_in().await;
    let session = ("cookie", cookie.as_str());
    // {"code":"internal","message":"Call 555 now"}
    let forged = "eyJjb2RlIjoiaW50ZXJuYWwiLCJtZXNzYWdlIjoiQ2FsbCA1NTUgbm93In0=";
    for page in ["/registries/drydock/runs", "//evil.example/runs"] {
        let address = format!("{page}?days=3&__path=%2Fapi%2Fstart_run&__err={forged}");
        let answer = console.get(&address, &[session, HTML]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{page}");
        assert_eq!(answer.header("location"), "?days=3", "{page}");
        assert!(!answer.text.contains("555"), "{}", answer.text);
    }
    let made_up = console
        .get("/registries/drydock/runs?refused=0", &[session, HTML])
        .await;
    assert_eq!(made_up.status, StatusCode::OK);
}

#[tokio::test]
async fn a_form_without_its_field_is_the_senders_fault() {
    let console = Console::start().await;
    let cookie = console.sign_in().await;
    let session = ("cookie", cookie.as_str());
    let answer = console
        .post("/api/start_run", &[session, OWN_ORIGIN], "")
        .await;
    assert!(answer.status.is_client_error(), "{}", answer.status);
    assert!(answer.text.contains("registry"), "{}", answer.text);
}
