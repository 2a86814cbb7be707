use crate::tasks::testing::{Bench, SCAN};
use http::{Method, StatusCode};
use serde_json::{Value, json};
use std::collections::BTreeSet;

#[tokio::test]
async fn a_task_lives_and_dies() {
    let bench = Bench::start().await;
    let identity = json!({"type": "SystemAssigned"});
    let made = bench
        .put_task("cssc-scan-image", SCAN, identity.clone())
        .await;
    let found = bench
        .ok(Method::GET, "/tasks/CSSC-SCAN-IMAGE", Value::Null)
        .await;
    assert_eq!(found, made);
    assert_eq!(
        found["properties"]["creationDate"],
        "2026-01-05T10:00:00.1234567+00:00"
    );
    let timers = json!([{"name": "t", "schedule": "0 1 * * *"}]);
    let patch = json!({"properties": {"trigger": {"timerTriggers": timers}}});
    bench
        .ok(Method::PATCH, "/tasks/cssc-scan-image", patch)
        .await;
    let listed = bench.ok(Method::GET, "/tasks", Value::Null).await;
    assert_eq!(
        listed["value"][0]["properties"]["trigger"]["timerTriggers"][0]["status"],
        "Enabled"
    );
    let details = bench
        .ok(
            Method::POST,
            "/tasks/cssc-scan-image/listDetails",
            Value::Null,
        )
        .await;
    assert_eq!(details, listed["value"][0]);

    let bench = bench.restart().await;
    assert_eq!(
        bench
            .ok(Method::GET, "/tasks/cssc-scan-image", Value::Null)
            .await,
        details
    );

    let path = bench.path("/tasks/cssc-scan-image");
    assert_eq!(
        bench.call(Method::DELETE, &path, &Value::Null).await.status,
        StatusCode::OK
    );
    assert_eq!(
        bench.call(Method::DELETE, &path, &Value::Null).await.status,
        StatusCode::NO_CONTENT
    );
    let again = bench.put_task("cssc-scan-image", SCAN, identity).await;
    assert_ne!(
        again["identity"]["principalId"],
        made["identity"]["principalId"]
    );
    let broken = bench
        .call(Method::PUT, &path, &json!({"properties": {}}))
        .await;
    assert_eq!(
        (broken.status, &broken.json()["error"]["code"]),
        (StatusCode::BAD_REQUEST, &json!("InvalidRequestContent"))
    );
}

#[tokio::test]
async fn only_runs_of_saved_enabled_tasks_are_queued() {
    let bench = Bench::start().await;
    bench.put_task("my-task", "x", Value::Null).await;
    bench
        .ok(
            Method::PATCH,
            "/tasks/my-task",
            json!({"properties": {"status": "Disabled"}}),
        )
        .await;
    let task = format!("{}/tasks/my-task", bench.state().endpoints.registry_id());
    for (body, status, code) in [
        (
            json!({"type": "TaskRunRequest", "taskId": task}),
            400,
            "TaskDisabled",
        ),
        (
            json!({"type": "TaskRunRequest", "taskId": task.replace("my-", "no-")}),
            404,
            "ResourceNotFound",
        ),
        (
            json!({"type": "TaskRunRequest", "taskId": "my-task"}),
            400,
            "InvalidRequestContent",
        ),
        (
            json!({"type": "FileTaskRunRequest"}),
            400,
            "InvalidRequestContent",
        ),
        (json!({"type": "Other"}), 400, "InvalidRequestContent"),
        (json!([]), 400, "InvalidRequestContent"),
    ] {
        let answer = bench
            .call(Method::POST, &bench.path("/scheduleRun"), &body)
            .await;
        assert_eq!(
            (
                answer.status.as_u16(),
                answer.json()["error"]["code"].as_str()
            ),
            (status, Some(code)),
            "{body}"
        );
    }
}

/// The ids on all pages from `path` on, and how many pages there were.
async fn read_pages(bench: &Bench, path: String) -> (Vec<String>, usize) {
    let (mut ids, mut pages, mut next) = (Vec::new(), 0, Some(path));
    while let Some(path) = next {
        let page = bench.get(&path).await.json();
        let runs = page["value"].as_array().unwrap();
        ids.extend(
            runs.iter()
                .map(|run| run["name"].as_str().unwrap().to_owned()),
        );
        pages += 1;
        next = page["nextLink"].as_str().map(|link| {
            let base = bench.state().endpoints.arm.as_str().trim_end_matches('/');
            link.strip_prefix(base).unwrap().to_owned()
        });
    }
    (ids, pages)
}

#[tokio::test]
async fn runs_are_listed_newest_first_and_top_bounds_all_pages() {
    let bench = Bench::start().await;
    bench.put_task("my-task", "x", Value::Null).await;
    bench.put_task("other-task", "x", Value::Null).await;
    for _ in 0..125 {
        bench.schedule("my-task", &[]).await;
    }
    bench.schedule("other-task", &[]).await;
    let (ids, pages) = read_pages(&bench, bench.path("/runs")).await;
    assert_eq!((ids.len(), pages), (126, 2));
    assert_eq!((ids[0].as_str(), ids[125].as_str()), ("ca126", "ca1"));
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), 126);

    let (ids, pages) = read_pages(
        &bench,
        bench.path("/runs?$top=110&$filter=TaskName%20eq%20'MY-task'"),
    )
    .await;
    assert_eq!((ids.len(), pages, ids[0].as_str()), (110, 2, "ca125"));
    let (ids, pages) = read_pages(&bench, bench.path("/runs?$top=100")).await;
    assert_eq!((ids.len(), pages), (100, 1));

    // A run that is queued between two pages moves nothing.
    let first = bench.get(&bench.path("/runs")).await.json();
    bench.schedule("my-task", &[]).await;
    let link = first["nextLink"].as_str().unwrap();
    let second = bench
        .get(&link[link.find("/subscriptions").unwrap()..])
        .await
        .json();
    assert_eq!(second["value"][0]["name"], "ca26");

    let archived = bench
        .ok(
            Method::PATCH,
            "/runs/ca1",
            json!({"isArchiveEnabled": true}),
        )
        .await;
    assert_eq!(archived["properties"]["isArchiveEnabled"], true);
    let (ids, _) = read_pages(
        &bench,
        bench.path("/runs?$filter=isArchiveEnabled%20eq%20true"),
    )
    .await;
    assert_eq!(ids, ["ca1"]);
}
