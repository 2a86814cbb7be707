//! The access table against the console itself: every route and every server function, by every role.
#[path = "../support/mod.rs"]
mod support;
mod table;

use axum::http::{Method, StatusCode};
use drydock_domain::access::Role;
use std::collections::{BTreeMap, BTreeSet};
use support::{Answer, Console};
use table::{Kind, Row, rows};
use url::form_urlencoded::byte_serialize;

const POLICY: &str =
    r#"{"version":"v1","repositories":[{"repository":"nothing","tags":["*"],"enabled":true}]}"#;

/// Every route that the router has, as `POST /api/start_run`. Axum tells of them in its `Debug` alone;
/// were that to change, the rows without a route would say so.
fn routes(console: &Console) -> BTreeSet<String> {
    let told = format!("{:?}", console.router);
    let mut methods = BTreeMap::new();
    for part in told.split("RouteId(").skip(1) {
        let (id, rest) = part.split_once(')').unwrap();
        let allowed = rest.split_once("allow_header: Bytes(b\"").map(|it| it.1);
        if rest.starts_with(": MethodRouter")
            && let Some(allowed) = allowed
        {
            let names = allowed.split_once('"').unwrap().0.split(',');
            methods.insert(id, names.filter(|name| *name != "HEAD").collect::<Vec<_>>());
        }
    }
    let paths = told.split_once("paths: {").unwrap().1;
    let paths = paths.split_once("\"}").unwrap().0;
    let mut routes = BTreeSet::new();
    for part in paths.split("RouteId(").skip(1) {
        let (id, path) = part.split_once("): \"").unwrap();
        let path = path.split_once('"').map_or(path, |it| it.0);
        for method in &methods[id] {
            routes.insert(format!("{method} {path}"));
        }
    }
    routes
}

/// A console with sample images, a workflow whose first run has started, and a kept dry run; what
/// stands for the words in braces.
async fn furnished() -> (Console, BTreeMap<&'static str, String>) {
    let console = Console::with_samples().await;

    let admin = console.session("Ada", Role::Admin).await;
    let ask = async |name: &str, arguments: String| -> serde_json::Value {
        let answer = console
            .call(&admin, &format!("/api/{name}"), arguments)
            .await;
        assert_eq!(answer.status, StatusCode::OK, "{name}: {}", answer.text);
        serde_json::from_str(&answer.text).unwrap()
    };
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let policy = encoded(POLICY);
    let form = format!("registry=drydock&policy={policy}");
    let created = ask(
        "create_workflow",
        format!("{form}&days=7&at=03:30&run_now=true"),
    )
    .await;
    let record = ask("record_dry_run", format!("{form}&depth=match")).await;
    let host = ask(
        "create_embed_host",
        "name=Portal&origin=https://p.example".into(),
    )
    .await;
    let embed = format!(
        "view=runs&registry=drydock&role=viewer&hosts[0]={}",
        text(&host)
    );
    let embed = ask("create_embed", embed).await;
    let versions = ask("list_policy_versions", "registry=drydock".into()).await;
    let tags = ask("list_dry_run_tags", "registry=drydock".into()).await;
    let is_image = |listed: &&serde_json::Value| listed[0] != "csscpolicies/patchpolicy";
    let image = tags["repositories"]
        .as_array()
        .unwrap()
        .iter()
        .find(is_image);
    let words = BTreeMap::from([
        ("registry", "drydock".to_owned()),
        ("policy", policy),
        ("embed", text(&embed)),
        ("hash", "none".to_owned()),
        ("id", text(&created["done"]["run_id"])),
        ("record", encoded(&text(&record))),
        ("policy_digest", encoded(&text(&versions[0]["digest"]))),
        ("*repository", text(&image.unwrap()[0])),
        ("repository", text(&image.unwrap()[0])),
        (
            "digest",
            encoded(&format!("sha256:{}", text(&image.unwrap()[1][0][2]))),
        ),
    ]);
    (console, words)
}

fn encoded(text: &str) -> String {
    byte_serialize(text.as_bytes()).collect()
}

fn filled(template: &str, words: &BTreeMap<&str, String>) -> String {
    let fill =
        |text: String, (name, value): (&&str, &String)| text.replace(&format!("{{{name}}}"), value);
    words.iter().fold(template.to_owned(), fill)
}

async fn call(
    console: &Console,
    row: &Row,
    session: &str,
    words: &BTreeMap<&str, String>,
) -> Answer {
    let path = filled(&row.path, words);
    let arguments = filled(&row.arguments, words);
    let headers = [
        ("cookie", session),
        ("origin", "http://127.0.0.1:4280"),
        (
            "accept",
            if row.path.starts_with("/api/") {
                "application/json"
            } else {
                "text/html"
            },
        ),
        ("content-type", "application/x-www-form-urlencoded"),
    ];
    match row.method {
        Method::GET => {
            console
                .send(Method::GET, &format!("{path}?{arguments}"), &headers, "")
                .await
        }
        _ => {
            console
                .send(row.method.clone(), &path, &headers, arguments)
                .await
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn day_one_check_8_every_write_is_403_for_an_auditor_and_every_read_is_200() {
    let rows = rows();
    for row in &rows {
        let auditor = row.allows(Role::Auditor);
        match row.kind {
            Kind::Read => assert!(auditor, "an auditor may not {row}"),
            Kind::Write => assert!(!auditor, "an auditor may {row}"),
            Kind::Own | Kind::Open | Kind::Frame => {}
        }
    }
    let (console, words) = furnished().await;
    let mut wrong = Vec::new();
    // What is read is there before anything is changed.
    for kind in [Kind::Read, Kind::Open, Kind::Frame, Kind::Write, Kind::Own] {
        for row in rows.iter().filter(|row| row.kind == kind) {
            for role in Role::ALL {
                let session = console.session("Somebody", role).await;
                let mut answer = call(&console, row, &session, &words).await;
                // With one registry the list of them leads on to it.
                if kind == Kind::Read && answer.status == StatusCode::FOUND {
                    let path = answer.header("location").to_owned();
                    answer = console.get(&path, &[("cookie", &session)]).await;
                }
                let fits = match (row.allows(role), kind) {
                    (_, Kind::Frame) => {
                        answer.status == call(&console, row, "", &words).await.status
                    }
                    (false, _) => answer.status == StatusCode::FORBIDDEN,
                    (true, Kind::Read) => answer.status == StatusCode::OK,
                    // Whether it can be done now is not the question.
                    (true, Kind::Write | Kind::Own | Kind::Open) => {
                        let refusals = [StatusCode::FORBIDDEN, StatusCode::UNAUTHORIZED];
                        !refusals.contains(&answer.status) && !answer.status.is_server_error()
                    }
                };
                if !fits {
                    let text: String = answer.text.chars().take(300).collect();
                    wrong.push(format!(
                        "{} for {}: {} {text}",
                        row,
                        role.as_str(),
                        answer.status
                    ));
                }
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "not as in the table:\n{}",
        wrong.join("\n")
    );
}

#[tokio::test]
async fn every_route_and_every_server_function_has_a_row_and_every_row_a_route() {
    let console = Console::start().await;
    let routes = routes(&console);
    let functions = leptos::server_fn::axum::server_fn_paths();
    let functions = functions.map(|(path, method)| format!("{method} {path}"));
    let served: BTreeSet<String> = functions.chain(routes).collect();
    let listed: BTreeSet<String> = rows().iter().map(ToString::to_string).collect();
    let without: Vec<_> = served.difference(&listed).collect();
    assert!(
        without.is_empty(),
        "give these a row in table.txt: {without:#?}"
    );
    let stale: Vec<_> = listed.difference(&served).collect();
    assert!(
        stale.is_empty(),
        "nothing serves these rows of table.txt: {stale:#?}"
    );
}

#[tokio::test]
async fn without_a_session_only_what_is_open_answers() {
    let console = Console::start().await;
    let words = BTreeMap::new();
    for row in rows().into_iter().filter(|row| row.kind != Kind::Frame) {
        let status = call(&console, &row, "", &words).await.status;
        let is_refused = matches!(status, StatusCode::UNAUTHORIZED | StatusCode::SEE_OTHER);
        assert_eq!(is_refused, row.kind != Kind::Open, "{row}: {status}");
    }
}
