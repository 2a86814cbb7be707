//! What Azure refuses is told on the page, and no token, signed link or secret with it.
mod support;

use axum::http::StatusCode;
use serde_json::json;
use support::Console;

const OWN_ORIGIN: (&str, &str) = ("origin", "http://127.0.0.1:4280");
/// A policy that selects nothing, every seven days.
const WORKFLOW: &str = "registry=drydock&days=7&at=03%3A30&policy=%7B%22version%22%3A%22v1%22%2C\
    %22repositories%22%3A%5B%7B%22repository%22%3A%22nothing%22%2C%22tags%22%3A%5B%22%2A%22%5D%7D%5D%7D";
/// Beginnings of what must not be told: a JWT, a signature of a link, a token in a header.
const SIGNS: [&str; 4] = ["eyJ", "sig=", "Bearer e", "client_secret="];

const PAGES: [&str; 4] = [
    "/registries/drydock",
    "/registries/drydock/runs",
    "/registries/drydock/settings/preflight",
    "/audit",
];

/// From now on each request that fits meets it.
fn fault(console: &Console, kind: &str, path: &str) {
    let sandbox = console.running.sandbox.as_ref().unwrap();
    let rule = json!({"match": {"path": path}, "kind": kind, "seconds": 0, "times": null});
    let rules = vec![serde_json::from_value(rule).unwrap()];
    sandbox.state().faults.as_ref().unwrap().replace(rules);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_tells_azure_s_words_and_ids_and_no_secret() {
    let console = Console::start_with(|settings| settings.faults = true).await;
    let cookie = console.sign_in().await;
    let signed_in = [("cookie", cookie.as_str()), OWN_ORIGIN];
    let sandbox = console.running.sandbox.as_ref().unwrap();
    let client_secret = sandbox.endpoints().client_secret.reveal().to_owned();
    let session = cookie.split_once('=').unwrap().1;
    let created = console
        .post("/api/create_workflow", &signed_in, WORKFLOW)
        .await;
    assert_eq!(created.status, StatusCode::OK, "{}", created.text);

    let mut told = 0;
    for (kind, path) in [
        ("slow-body", "*"),
        ("server-error", "*/tasks/*"),
        ("reset", "*/runs"),
        ("unauthorized", "*/oauth2/*"),
    ] {
        fault(&console, kind, path);
        for page in PAGES {
            let answer = console.get(page, &signed_in).await;
            let mut signs = SIGNS.into_iter().chain([client_secret.as_str(), session]);
            let found = signs.find(|sign| answer.text.contains(sign));
            assert_eq!(found, None, "{kind} at {path}: {page}");
            if kind == "server-error" && answer.status == StatusCode::SERVICE_UNAVAILABLE {
                for words in [
                    "answered 500 InternalServerError",
                    "(request ",
                    "Try again in a",
                ] {
                    assert!(answer.text.contains(words), "{words}: {page}");
                }
                told += 1;
            }
        }
    }
    assert!(told > 0, "some page met a server's error");
}
