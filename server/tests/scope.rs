//! What a session reaches, and that nothing else is there for it.
mod support;

use axum::http::StatusCode;
use drydock_domain::access::Role;
use support::Console;

async fn ask(console: &Console, session: &str, call: &str) -> (StatusCode, String) {
    let (name, arguments) = call.split_once('?').unwrap_or((call, ""));
    let path = format!("/api/{name}");
    let answer = console.call(session, &path, arguments.to_owned()).await;
    (answer.status, answer.text)
}

#[tokio::test]
async fn a_registry_out_of_reach_is_not_there() {
    let console = Console::start().await;
    let elsewhere = console
        .session_within("Ada", Role::Admin, "prod".parse().unwrap())
        .await;
    let listed = ask(&console, &elsewhere, "list_registries").await;
    assert_eq!(listed, (StatusCode::OK, "[]".to_owned()));
    for call in [
        "get_overview?registry=drydock",
        "get_workflow?registry=DRYDOCK",
        "list_tags?registry=drydock",
        "list_runs?registry=drydock",
        "start_run?registry=drydock",
        "delete_workflow?registry=drydock&confirmation=drydock",
        "get_overview?registry=nowhere",
    ] {
        let (status, text) = ask(&console, &elsewhere, call).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{call}: {text}");
        assert!(text.contains("among those that you can see here"), "{text}");
    }
    // The trail is of every registry.
    let (status, text) = ask(&console, &elsewhere, "list_entries").await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    assert!(text.contains("reaches prod alone"), "{text}");
    let here = console
        .session_within("Bob", Role::Viewer, "drydock".parse().unwrap())
        .await;
    assert_eq!(
        ask(&console, &here, "get_overview?registry=drydock")
            .await
            .0,
        StatusCode::OK
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn repositories_out_of_reach_are_in_no_list_and_under_no_name() {
    let console = Console::with_samples().await;
    let admin = console.session("Root", Role::Admin).await;
    let (_, all) = ask(&console, &admin, "list_repositories?registry=drydock").await;
    let all: serde_json::Value = serde_json::from_str(&all).unwrap();
    let names: Vec<String> = all["repositories"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["repository"].as_str().unwrap().to_owned())
        .collect();
    let [mine, foreign, ..] = names.as_slice() else {
        panic!("two repositories: {names:?}");
    };
    let scope = format!("drydock/{mine}").parse().unwrap();
    let partly = console.session_within("Ada", Role::Admin, scope).await;
    for call in [
        "list_repositories",
        "list_tags",
        "list_dry_run_tags",
        "list_runs",
        "get_overview",
    ] {
        let (status, text) = ask(&console, &partly, &format!("{call}?registry=drydock")).await;
        assert_eq!(status, StatusCode::OK, "{call}: {text}");
        assert!(!text.contains(&format!("\"{foreign}\"")), "{call}: {text}");
    }
    let draw = |name: &str| format!("draw_lineage?registry=drydock&repository={name}");
    assert_eq!(ask(&console, &partly, &draw(mine)).await.0, StatusCode::OK);
    assert_eq!(
        ask(&console, &partly, &draw(foreign)).await.0,
        StatusCode::NOT_FOUND
    );
    let file = console
        .get("/registries/drydock/images.csv", &[("cookie", &partly)])
        .await;
    assert!(file.text.contains(mine.as_str()) && !file.text.contains(foreign.as_str()));
    // A run, the policy and the kept dry runs are of the whole registry.
    for call in ["start_run", "list_dry_runs", "get_preflight"] {
        let (status, text) = ask(&console, &partly, &format!("{call}?registry=drydock")).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{call}: {text}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_reaches_a_part_is_told_so_beside_each_button_and_refused_no_page() {
    let console = Console::with_samples().await;
    let admin = console.session("Root", Role::Admin).await;
    let (_, all) = ask(&console, &admin, "list_repositories?registry=drydock").await;
    let all: serde_json::Value = serde_json::from_str(&all).unwrap();
    let mine = all["repositories"][0]["repository"].as_str().unwrap();
    let foreign = all["repositories"][1]["repository"].as_str().unwrap();
    let scope = format!("drydock/{mine}").parse().unwrap();
    let partly = console.session_within("Eva", Role::Editor, scope).await;
    let why =
        format!("this is about all of drydock, and this session reaches drydock/{mine} alone");
    let policy = format!(
        "%7B%22version%22%3A%22v1%22%2C%22repositories%22%3A%5B%7B%22repository%22%3A%22{foreign}%22%2C\
         %22tags%22%3A%5B%22*%22%5D%7D%5D%7D"
    );
    let create = format!("create_workflow?registry=drydock&days=7&at=03%3A30&policy={policy}");
    assert_eq!(ask(&console, &admin, &create).await.0, StatusCode::OK);
    let pages = [
        ("", true, ""),
        ("/policy", true, "outside your access: what it matches"),
        ("/dry-run", true, "is outside your access"),
        ("/schedule", true, ""),
        ("/runs", true, ""),
        ("/images", false, ""),
        ("/compliance", true, ""),
        ("/settings", false, ""),
        ("/settings/preflight", true, ""),
    ];
    for (page, is_refused, words) in pages {
        let path = format!("/registries/drydock{page}");
        let answer = console.get(&path, &[("cookie", &partly)]).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert_eq!(answer.text.contains(&why), is_refused, "{path}");
        assert!(answer.text.contains(words), "{path}: {}", answer.text);
        assert!(!answer.text.contains("o such repository"), "{path}");
        assert!(!answer.text.contains("There is no repository"), "{path}");
    }
}

#[tokio::test]
async fn a_name_that_is_empty_is_not_found() {
    let console = Console::start().await;
    let admin = console.session("Root", Role::Admin).await;
    for call in [
        "get_run?registry=drydock&id=",
        "get_run?registry=&id=ca1",
        "read_log_head?registry=drydock&id=",
        "find_archived_run?registry=drydock&id=",
    ] {
        let (status, text) = ask(&console, &admin, call).await;
        let is_fault = status.is_server_error();
        assert!(!is_fault, "{call}: {status} {text}");
    }
}
