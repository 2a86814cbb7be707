//! Who reaches what.
mod support;

use axum::http::{Method, StatusCode};
use drydock_app::ApiError;
use drydock_app::error::ErrorCode;
use support::{Console, HOST};

const PAGES: [&str; 13] = [
    "/registries/drydock/compliance",
    "/registries/drydock/settings/preflight",
    "/",
    "/audit",
    "/registries/drydock",
    "/registries/drydock/policy",
    "/registries/drydock/dry-run",
    "/registries/drydock/schedule",
    "/registries/drydock/runs",
    "/registries/drydock/runs/ca1",
    "/registries/drydock/images",
    "/registries/drydock/images/library/debian",
    "/registries/drydock/settings",
];
const FILES_AND_STREAMS: [&str; 9] = [
    "/registries/drydock/compliance/export?format=csv",
    "/registries/drydock/compliance/pack",
    "/registries/drydock/schedule.ics",
    "/audit.ndjson",
    "/events?samples=true&runs=drydock",
    "/events?logs_of=drydock&log=ca1",
    "/registries/drydock/runs/ca1/log.txt",
    "/registries/drydock/policy.json",
    "/no-such-page",
];
const OWN_ORIGIN: (&str, &str) = ("origin", "http://127.0.0.1:4280");

fn server_functions() -> Vec<(String, Method)> {
    let functions = leptos::server_fn::axum::server_fn_paths();
    functions
        .map(|(path, method)| (path.to_owned(), method))
        .collect()
}

#[tokio::test]
async fn without_a_session_a_page_leads_to_the_sign_in_page() {
    let console = Console::start().await;
    for page in PAGES {
        let answer = console
            .get(page, &[("accept", "text/html,*/*;q=0.8")])
            .await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{page}");
        assert_eq!(answer.header("location"), "/sign-in", "{page}");
        assert_eq!(answer.text, "", "{page}");
    }
}

#[tokio::test]
async fn without_a_session_everything_else_is_refused() {
    let console = Console::start().await;
    let forged = format!(
        "drydock_session_{}={}",
        console.running.address.port(),
        "0".repeat(64)
    );
    for path in PAGES.into_iter().chain(FILES_AND_STREAMS) {
        for headers in [vec![], vec![("cookie", forged.as_str())]] {
            let answer = console.get(path, &headers).await;
            assert_eq!(
                answer.status,
                StatusCode::UNAUTHORIZED,
                "{path} {headers:?}"
            );
        }
    }
    let functions = server_functions();
    assert!(functions.len() > 10, "{functions:?}");
    for (path, method) in functions {
        let answer = console
            .send(method, &path, &[OWN_ORIGIN], "registry=drydock")
            .await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path}");
    }
}

#[tokio::test]
async fn only_who_had_a_session_is_told_that_it_has_ended() {
    let console = Console::start().await;
    let cookie = console.sign_in().await;
    let signed_in = [("cookie", cookie.as_str()), OWN_ORIGIN];
    console.post("/sign-out", &signed_in, "").await;
    let check = async |headers: &[(&str, &str)], expected: &str| {
        let file = console.get("/events?samples=true", headers).await;
        assert!(file.text.starts_with(expected), "{}", file.text);
        let headers: Vec<_> = headers.iter().copied().chain([OWN_ORIGIN]).collect();
        let answer = console.post("/api/list_registries", &headers, "").await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        let error: ApiError = serde_json::from_str(&answer.text).unwrap();
        assert_eq!(error.code, ErrorCode::SignedOut);
        assert!(error.message.starts_with(expected), "{error}");
    };
    check(&[], "Sign in first").await;
    check(&[signed_in[0]], "Your session has ended").await;
}

#[tokio::test]
async fn a_form_posted_without_a_session_leads_to_the_sign_in_page() {
    let console = Console::start().await;
    let form = [OWN_ORIGIN, ("accept", "text/html,*/*;q=0.8")];
    let answer = console
        .post("/api/start_run", &form, "registry=drydock")
        .await;
    assert_eq!(
        (answer.status, answer.header("location")),
        (StatusCode::SEE_OTHER, "/sign-in")
    );
}

#[tokio::test]
async fn the_sign_in_page_the_assets_and_the_health_check_are_open() {
    let console = Console::start().await;
    let page = console.get("/sign-in", &[]).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text.contains("drydock link"), "{}", page.text);
    let sheet = page
        .text
        .split("rel=\"stylesheet\" href=\"")
        .nth(1)
        .unwrap();
    let sheet = sheet.split('"').next().unwrap();
    assert_eq!(
        console.get(sheet, &[]).await.status,
        StatusCode::OK,
        "{sheet}"
    );
    assert_eq!(console.get("/healthz", &[]).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_link_signs_one_browser_in_once() {
    let console = Console::start().await;
    let link = console.link().await;
    let prefetch = console
        .get(&link, &[("sec-purpose", "prefetch;prerender")])
        .await;
    assert_eq!(prefetch.status, StatusCode::NO_CONTENT);
    assert_eq!(prefetch.header("set-cookie"), "");
    let head = console.send(Method::HEAD, &link, &[], "").await;
    assert_eq!(head.header("set-cookie"), "");

    let first = console.get(&link, &[]).await;
    assert_eq!(
        (first.status, first.header("location")),
        (StatusCode::SEE_OTHER, "/")
    );
    let cookie = first.header("set-cookie");
    assert!(
        cookie.contains("; HttpOnly") && cookie.contains("; SameSite=Lax"),
        "{cookie}"
    );
    let second = console.get(&link, &[]).await;
    assert_eq!(second.status, StatusCode::FORBIDDEN);
    assert_eq!(second.header("set-cookie"), "");
    assert_eq!(
        console.get("/sign-in?token=wrong", &[]).await.status,
        StatusCode::FORBIDDEN
    );
}

#[tokio::test]
async fn signing_out_ends_the_session_on_the_server() {
    let console = Console::start().await;
    let cookie = console.sign_in().await;
    let signed_in = [("cookie", cookie.as_str()), OWN_ORIGIN];
    assert_eq!(
        console.get("/audit", &signed_in).await.status,
        StatusCode::OK
    );
    let answer = console.post("/sign-out", &signed_in, "").await;
    assert_eq!(
        (answer.status, answer.header("location")),
        (StatusCode::SEE_OTHER, "/sign-in")
    );
    assert!(answer.header("set-cookie").contains("Max-Age=0"));
    assert_eq!(
        console.get("/audit", &signed_in).await.status,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn another_sites_page_changes_nothing_even_with_the_session() {
    let console = Console::start().await;
    let cookie = console.sign_in().await;
    let session = ("cookie", cookie.as_str());
    let foreign: [&[(&str, &str)]; 4] = [
        &[],
        &[("origin", "https://evil.example")],
        &[
            ("origin", "http://127.0.0.1:5080"),
            ("sec-fetch-site", "same-site"),
        ],
        &[OWN_ORIGIN, ("sec-fetch-site", "cross-site")],
    ];
    for headers in foreign {
        for path in server_functions()
            .iter()
            .map(|(path, _)| path.as_str())
            .chain(["/sign-out"])
        {
            let headers: Vec<_> = headers.iter().copied().chain([session]).collect();
            let answer = console.post(path, &headers, "registry=drydock").await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path} {headers:?}");
        }
    }
    assert_eq!(
        console.get("/audit", &[session]).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn only_our_own_host_names_are_answered() {
    let console = Console::start().await;
    let check = async |host: &str, expected| {
        let answer = console.get("/healthz", &[("host", host)]).await;
        assert_eq!(answer.status, expected, "{host}");
    };
    check(HOST, StatusCode::OK).await;
    check("localhost:4280", StatusCode::OK).await;
    check("[::1]:4280", StatusCode::OK).await;
    check("drydock.test", StatusCode::OK).await;
    check("rebound.example:4280", StatusCode::MISDIRECTED_REQUEST).await;
    check("127.0.0.1.rebound.example", StatusCode::MISDIRECTED_REQUEST).await;
    check("", StatusCode::MISDIRECTED_REQUEST).await;
}
