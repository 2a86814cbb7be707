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

/// Where a text names a repository, as a word of its own.
fn find_name<'t>(text: &'t str, repository: &str) -> Option<&'t str> {
    let is_part = |character: char| character.is_ascii_alphanumeric() || "-_/.".contains(character);
    let mut found = text.match_indices(repository).map(|(at, _)| at);
    let at = found.find(|at| {
        let (before, after) = (&text[..*at], &text[at + repository.len()..]);
        !before.ends_with(is_part) && !after.starts_with(is_part)
    })?;
    let start = text.floor_char_boundary(at.saturating_sub(200));
    Some(&text[start..text.ceil_char_boundary(at + 200)])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_that_a_part_of_the_registry_is_told_names_another_repository() {
    let console = Console::with_samples_and(|settings| settings.require_approval = true).await;
    let admin = console.session("Root", Role::Admin).await;
    let (_, all) = ask(&console, &admin, "list_repositories?registry=drydock").await;
    let all: serde_json::Value = serde_json::from_str(&all).unwrap();
    let all = all["repositories"].as_array().unwrap().iter();
    let all: Vec<&str> = all.map(|it| it["repository"].as_str().unwrap()).collect();
    let [mine, foreign @ ..] = all.as_slice() else {
        panic!("no repositories");
    };
    let rows = all.iter().map(|repository| {
        format!(r#"{{"repository":"{repository}","tags":["*"],"enabled":true}}"#)
    });
    let rows: Vec<String> = rows.collect();
    let policy = format!(r#"{{"version":"v1","repositories":[{}]}}"#, rows.join(","));
    let proposed = format!(
        "create_workflow?registry=drydock&policy={policy}&days=7&at=03:30&run_now=true&comment=for {}",
        foreign[0]
    );
    let (status, text) = ask(&console, &admin, &proposed).await;
    assert_eq!(status, StatusCode::OK, "{text}");
    let proposed: serde_json::Value = serde_json::from_str(&text).unwrap();
    let id = proposed["proposed"]["id"].as_str().unwrap().to_owned();

    let scope = format!("drydock/{mine}").parse().unwrap();
    let partly = console.session_within("Ada", Role::Viewer, scope).await;
    let whole = console.session("Vera", Role::Viewer).await;
    let told = async |session: &str, path: &str| {
        let answer = match path.strip_prefix('/') {
            Some(_) => {
                let page = [("cookie", session), ("accept", "text/html")];
                console.get(path, &page).await
            }
            None => {
                let path = format!("/api/{path}");
                console
                    .call(session, &path, "registry=drydock".to_owned())
                    .await
            }
        };
        // A part of a page may be of the whole registry, and is refused.
        let is_told = [StatusCode::OK, StatusCode::FORBIDDEN].contains(&answer.status);
        assert!(is_told, "{path}: {}", answer.text);
        answer.text
    };
    let check = async |places: &[&str]| {
        for place in places {
            let text = told(&partly, place).await;
            for repository in foreign {
                assert_eq!(find_name(&text, repository), None, "{place}");
            }
            let text = told(&whole, place).await;
            assert!(find_name(&text, foreign[0]).is_some(), "{place} names none");
        }
    };
    check(&["find_waiting_proposal", "list_proposals"]).await;
    check(&["/registries/drydock/proposals"]).await;

    let second = console.session("Grace", Role::Admin).await;
    let approve = format!(
        "approve_proposal?registry=drydock&id={id}&comment=seen {}",
        foreign[0]
    );
    let (status, text) = ask(&console, &second, &approve).await;
    assert_eq!(status, StatusCode::OK, "{text}");
    check(&[
        "get_workflow",
        "get_calendar",
        "list_proposals",
        "list_policy_versions",
        "/registries/drydock/policy.json",
        // What a page is made alive with is in it as data.
        "/registries/drydock/policy",
        "/registries/drydock/dry-run",
        "/registries/drydock/proposals",
    ])
    .await;
    let file = told(&partly, "/registries/drydock/policy.json").await;
    assert!(
        find_name(&file, mine).is_some(),
        "what is within reach stays: {file}"
    );

    let runs: serde_json::Value = serde_json::from_str(&told(&whole, "list_runs").await).unwrap();
    let trigger = runs["trees"][0]["trigger"]["id"].as_str().unwrap();
    for place in [
        "get_overview",
        "list_runs",
        "list_tags",
        "/registries/drydock",
        "/registries/drydock/runs",
        "/registries/drydock/images",
        "/registries/drydock/compliance",
        &format!("/registries/drydock/runs/{trigger}"),
    ] {
        let text = told(&partly, place).await;
        for repository in foreign {
            assert_eq!(find_name(&text, repository), None, "{place}");
        }
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
    let typed = format!("policy={policy}");
    let pages: [(&str, bool, &str); 10] = [
        ("", true, ""),
        // The deployed text is cut to what is within reach: one that was typed names what it will.
        ("/policy", true, "You see a part of this policy"),
        (
            &format!("/policy?{typed}"),
            true,
            "outside your access: what it matches",
        ),
        (&format!("/dry-run?{typed}"), true, "is outside your access"),
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
