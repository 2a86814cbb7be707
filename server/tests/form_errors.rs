//! What a page says of a form that was posted without JavaScript and refused, and of an address that it
//! cannot read.
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

#[tokio::test]
async fn a_run_time_is_not_moved_without_javascript_before_the_page_has_said_so() {
    let console = Console::start().await;
    let cookie = console.sign_in().await;
    let session = ("cookie", cookie.as_str());
    let create = "registry=drydock&days=7&at=03%3A30&policy=%7B%22version%22%3A%22v1%22%2C\
                  %22repositories%22%3A%5B%7B%22repository%22%3A%22nothing%22%2C%22tags%22%3A%5B%22*%22%5D\
                  %7D%5D%7D";
    let json = ("accept", "application/json");
    let created = console
        .post("/api/create_workflow", &[session, OWN_ORIGIN, json], create)
        .await;
    assert_eq!(created.status, StatusCode::OK, "{}", created.text);
    let from = (
        "referer",
        "http://127.0.0.1:4280/registries/drydock/schedule",
    );
    let save = async |body: &'static str| {
        let headers = [session, OWN_ORIGIN, HTML, from];
        let posted = console.post("/api/update_schedule", &headers, body).await;
        assert!(posted.status.is_redirection(), "{}", posted.status);
        let location = posted.header("location").to_owned();
        let page = console.get(path(&location), &[session, HTML]).await;
        (location, page.text)
    };
    let (location, page) = save("registry=drydock&days=7&at=05%3A41&seen=30+3+*%2F7+*+*").await;
    assert!(location.contains("days=7&at=05%3A41"), "{location}");
    assert!(page.contains("Not saved yet"), "{page}");
    assert!(
        page.contains("Saving moves the run time from 03:30 to 05:41 UTC."),
        "{page}"
    );
    assert!(page.contains("7d at 03:30 UTC"), "{page}");
    assert!(
        page.contains(r#"name="seen" value="41 5 */7 * *""#),
        "{page}"
    );
    let (location, page) = save("registry=drydock&days=7&at=05%3A41&seen=41+5+*%2F7+*+*").await;
    assert!(!location.contains("refused"), "{location}");
    assert!(!page.contains("Not saved yet"), "{page}");
    assert!(page.contains("7d at 05:41 UTC"), "{page}");
}

#[tokio::test]
async fn what_of_an_address_cannot_be_read_is_said() {
    let console = Console::start().await;
    let cookie = console.sign_in().await;
    let page = async |address: &str| {
        let path = format!("/registries/drydock/{address}");
        let answer = console.get(&path, &[("cookie", &cookie), HTML]).await;
        assert_eq!(answer.status, StatusCode::OK, "{address}");
        answer.text
    };
    let text = page("runs?status=broken&earlier=abc").await;
    assert!(text.contains("Passed over in the address"), "{text}");
    assert!(text.contains("earlier=abc"), "{text}");
    let text = page("runs?status=Failed&earlier=1").await;
    assert!(!text.contains("Passed over in the address"), "{text}");
}
