use super::testing::{Bench, PATCH, SCAN, START, TRIGGER};
use axum::body::Body;
use chrono::{DateTime, TimeDelta, Utc};
use drydock_domain::run::RunStatus;
use http::{Method, Request, StatusCode};
use serde_json::{Value, json};

const POLICY: &str = r#"{"version":"v1","tag-convention":"incremental","repositories":[{"repository":"app","tags":["*"]}]}"#;

fn instant(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

pub async fn run_to_end(
    bench: &Bench,
    task: &str,
    values: &[(&str, &str)],
) -> (super::Run, String) {
    let id = bench.schedule(task, values).await;
    let run = bench.wait_for_end(&id).await;
    (run, bench.log(&id))
}

#[tokio::test]
async fn the_trigger_prints_the_selection_and_queues_a_scan_of_each_image() {
    let bench = Bench::start().await;
    bench.put_workflow().await;
    for tag in ["1.0", "1.0-1", "1.0-2", "2.0"] {
        bench.push_image("app", tag);
    }
    bench.push_policy(POLICY);
    let (run, log) = run_to_end(&bench, "cssc-trigger-workflow", &[]).await;
    let login_server = &bench.state().endpoints.login_server;
    let expected = format!(
        "2026/01/05 10:00:00 Executing step ID: filter-images. Timeout(sec): 3600, Working directory: '', Network: 'acb_default_network'\r\n\
         2026/01/05 10:00:00 Launching container with name: filter-images\r\n\
         Validating filter...\r\n\
         Configured Tag Convention:  incremental\r\n\
         Listing repositories and tags matching the filter with corresponding latest patch tag (if present):\r\n\
         Repo,Tag,LatestPatchTag\r\n\
         app,1.0,1.0-2\r\n\
         app,2.0,N/A\r\n\
         Matches found: 2\r\n\
         2026/01/05 10:00:00 Successfully executed container: filter-images\r\n\
         2026/01/05 10:00:00 Executing step ID: scan-and-schedule-patch. Timeout(sec): 3600, Working directory: '', Network: 'acb_default_network'\r\n\
         2026/01/05 10:00:00 Launching container with name: scan-and-schedule-patch\r\n\
         Tag Convention details: Configured Tag Convention:  incremental\r\n\
         Scheduling cssc-scan-image for {login_server}/app, Tag:1.0-2, OriginalTag:1.0, PatchTag:1.0-3\r\n\
         WARNING: Queued a run with ID: ca2\r\n\
         Scheduling cssc-scan-image for {login_server}/app, Tag:2.0, OriginalTag:2.0, PatchTag:2.0-1\r\n\
         WARNING: Queued a run with ID: ca3\r\n\
         2026/01/05 10:00:00 Successfully executed container: scan-and-schedule-patch\r\n\
         2026/01/05 10:00:00 Step ID: filter-images marked as successful (elapsed time in seconds: 0.000000)\r\n\
         2026/01/05 10:00:00 Step ID: scan-and-schedule-patch marked as successful (elapsed time in seconds: 0.000000)\r\n\
         \r\n\
         Run ID: ca1 was successful after 0s\r\n"
    );
    assert_eq!(log, expected);
    assert_eq!(run.status, RunStatus::Succeeded);
    let scan = bench.wait_for_end("ca2").await;
    assert_eq!(scan.task.as_deref(), Some("cssc-scan-image"));
    assert!(
        bench
            .log("ca2")
            .contains("Scanning repo: app, Tag:1.0-2, OriginalTag:1.0\r\n")
    );
}

#[tokio::test]
async fn the_trigger_fails_in_words_and_queues_nothing() {
    let bench = Bench::start().await;
    bench.put_workflow().await;
    let check = async |expected: &str| {
        let (run, log) = run_to_end(&bench, "cssc-trigger-workflow", &[]).await;
        assert!(log.contains(expected), "{log}");
        let last = format!(
            "Run ID: {} failed after 0s. Error: failed during run, err: exit status 1\r\n",
            run.id()
        );
        assert!(log.ends_with(&last), "{log}");
        assert_eq!(
            (run.status, run.error.as_deref()),
            (
                RunStatus::Failed,
                Some("failed during run, err: exit status 1")
            )
        );
    };
    check("Error: error fetching filter manifest content").await;
    bench.push_policy("{");
    check("Error: error unmarshalling json content when reading the filter policy").await;
    bench.push_policy(r#"{"version":"v2","repositories":[]}"#);
    check("Validating filter...\r\nError: Version is required in the filter and should be v1\r\n")
        .await;
    for number in 0..101 {
        bench.push_image("app", &format!("v{number}"));
    }
    bench.push_policy(POLICY);
    check("Matches found: 101\r\nYou have exceeded the maximum limit of 100 images").await;
    assert_eq!(bench.state().desk.list_runs(None, 100, |_| true).len(), 4);
}

#[tokio::test]
async fn an_identity_without_the_role_is_told_so_and_the_trigger_goes_on() {
    let bench = Bench::start().await;
    bench.put_task("cssc-scan-image", SCAN, Value::Null).await;
    bench
        .put_task("cssc-trigger-workflow", TRIGGER, Value::Null)
        .await;
    bench.push_image("app", "1.0");
    bench.push_policy(POLICY);
    let (run, log) = run_to_end(&bench, "cssc-trigger-workflow", &[]).await;
    assert_eq!(run.status, RunStatus::Failed);
    assert!(
        log.contains("Error: the task cssc-trigger-workflow has no system-assigned identity"),
        "{log}"
    );

    let task = bench
        .put_task(
            "cssc-trigger-workflow",
            TRIGGER,
            json!({"type": "SystemAssigned"}),
        )
        .await;
    let (run, log) = run_to_end(&bench, "cssc-trigger-workflow", &[]).await;
    assert_eq!(run.status, RunStatus::Succeeded);
    assert!(
        log.contains("ERROR: (AuthorizationFailed) The client '"),
        "{log}"
    );

    bench
        .grant(task["identity"]["principalId"].as_str().unwrap())
        .await;
    let (_, log) = run_to_end(&bench, "cssc-trigger-workflow", &[]).await;
    assert!(log.contains("WARNING: Queued a run with ID: ca4"), "{log}");
}

#[tokio::test]
async fn after_ten_scans_the_trigger_pauses_and_a_cancel_ends_the_pause() {
    let bench = Bench::start().await;
    bench.put_workflow().await;
    for number in 10..32 {
        bench.push_image("app", &number.to_string());
    }
    bench.push_policy(POLICY);
    let id = bench.schedule("cssc-trigger-workflow", &[]).await;
    let eleventh = bench.wait_for("ca11", |run| run.status.is_finished()).await;
    assert!(bench.state().desk.find_run("ca12").is_none());
    while bench.state().desk.find_run("ca12").is_none() {
        bench.clock.advance(TimeDelta::seconds(1));
        tokio::task::yield_now().await;
    }
    let twelfth = bench.wait_for_end("ca12").await;
    assert!(twelfth.created_at - eleventh.created_at >= TimeDelta::seconds(30));
    bench.wait_for_end("ca21").await;
    assert!(
        bench.log(&id).contains(
            "Waiting for 30 seconds before scheduling scans for next batch of images\r\n"
        )
    );

    bench
        .ok(Method::POST, &format!("/runs/{id}/cancel"), Value::Null)
        .await;
    let run = bench.wait_for_end(&id).await;
    assert_eq!(run.status, RunStatus::Canceled);
    assert!(bench.state().desk.find_run("ca22").is_none());
    assert!(
        bench
            .log(&id)
            .contains("Container stopped: scan-and-schedule-patch\r\n")
    );
    let again = bench
        .call(
            Method::POST,
            &bench.path(&format!("/runs/{id}/cancel")),
            &Value::Null,
        )
        .await;
    assert_eq!(
        (again.status, &again.json()["error"]["code"]),
        (StatusCode::BAD_REQUEST, &json!("RunHasEnded"))
    );
}

/// Two triggers that pause for ever occupy both agents; what is queued behind them waits.
async fn occupy_agents(bench: &Bench) {
    bench.put_workflow().await;
    for number in 10..21 {
        bench.push_image("app", &number.to_string());
    }
    bench.push_policy(POLICY);
    // The scans would take the agents in turn, so the triggers may not queue any.
    for role in bench.state().desk.roles.list(|_| true) {
        bench.state().desk.roles.delete(role.name).unwrap();
    }
    for id in ["ca1", "ca2"] {
        assert_eq!(bench.schedule("cssc-trigger-workflow", &[]).await, id);
        bench
            .wait_for(id, |run| run.status == RunStatus::Running)
            .await;
    }
}

#[tokio::test]
async fn a_run_that_takes_longer_than_its_task_allows_is_stopped() {
    let bench = Bench::start().await;
    occupy_agents(&bench).await;
    bench.clock.advance(TimeDelta::seconds(3600));
    let run = bench.wait_for_end("ca1").await;
    assert_eq!(
        (run.status, run.error.as_deref()),
        (RunStatus::Timeout, Some("the run timed out"))
    );
    assert!(
        bench
            .log("ca1")
            .ends_with("Run ID: ca1 failed after 1h0m0s. Error: the run timed out\r\n")
    );
}

#[tokio::test]
async fn a_queued_run_is_canceled_at_once_and_never_carried_out() {
    let bench = Bench::start().await;
    occupy_agents(&bench).await;
    let id = bench.schedule("cssc-patch-image", &[]).await;
    bench
        .ok(Method::POST, &format!("/runs/{id}/cancel"), Value::Null)
        .await;
    let run = bench
        .ok(Method::GET, &format!("/runs/{id}"), Value::Null)
        .await;
    assert_eq!(run["properties"]["status"], "Canceled");
    assert_eq!(run["properties"].get("startTime"), None);
    assert_eq!(bench.log(&id), "\r\nRun ID: ca3 was canceled after 0s\r\n");
}

#[tokio::test]
async fn after_a_restart_lost_runs_have_failed_and_queued_ones_are_carried_out() {
    let bench = Bench::start().await;
    occupy_agents(&bench).await;
    let waiting = bench
        .schedule("cssc-patch-image", &[("SOURCE_REPOSITORY", "app")])
        .await;
    let bench = bench.restart().await;
    for id in ["ca1", "ca2"] {
        let run = bench.state().desk.find_run(id).unwrap();
        assert_eq!(run.status, RunStatus::Failed);
        assert!(
            run.error
                .unwrap()
                .starts_with("interrupted: Drydock stopped")
        );
        assert!(bench.log(id).contains(&format!(
            "Run ID: {id} failed after 0s. interrupted: Drydock stopped"
        )));
    }
    let run = bench.wait_for_end(&waiting).await;
    assert_eq!(run.status, RunStatus::Failed);
    assert!(
        bench
            .log(&waiting)
            .contains("Error: the value SOURCE_IMAGE_TAG is missing")
    );
    assert_eq!(bench.schedule("cssc-patch-image", &[]).await, "ca4");
}

#[tokio::test]
async fn a_process_that_was_killed_left_its_runs_without_an_agent() {
    let directory = tempfile::tempdir().unwrap();
    let clock = std::sync::Arc::new(crate::clock::ManualClock::at(instant(START)));
    let open =
        || super::Desk::open(directory.path(), clock.clone(), super::Settings::default()).unwrap();
    let desk = open();
    let edit = super::Edit {
        at: instant(START),
        by: String::new(),
    };
    let body = json!({"properties": {"step": {"type": "EncodedTask", "encodedTaskContent": ""}}});
    let (task, _) = desk.put_task("my-task", &body, "local", &edit).unwrap();
    let request = || super::RunRequest {
        kind: super::RunKind::QuickRun,
        timer: None,
        overrides: Vec::new(),
        is_archive_enabled: false,
        by: String::new(),
    };
    let lost = desk.schedule(&task, request()).unwrap();
    desk.schedule(&task, request()).unwrap();
    desk.claim(lost.sequence, &tokio_util::sync::CancellationToken::new())
        .unwrap();
    drop(desk);
    clock.advance(TimeDelta::seconds(12));

    let desk = open();
    assert_eq!(desk.find_run("ca1").unwrap().status, RunStatus::Failed);
    let log = std::fs::read_to_string(desk.logs.path_of("ca1")).unwrap();
    assert!(
        log.starts_with("\r\nRun ID: ca1 failed after 12s. interrupted: Drydock stopped"),
        "{log}"
    );
    // A reason in the log would hide the run's own from whoever lists images.
    let outcome = drydock_domain::task_log::image_status(Some(RunStatus::Failed), &log, None, "");
    assert_eq!(outcome.reason(), None);
    let mut queue = desk.take_queue().unwrap();
    assert_eq!(
        (queue.try_recv().ok(), queue.try_recv().ok()),
        (Some(2), None)
    );
}

#[tokio::test]
async fn timers_fire_when_the_clock_reaches_them_and_not_for_time_that_was_missed() {
    let bench = Bench::start().await;
    bench.put_workflow().await;
    let timers = json!([{"name": "azcli_defined_schedule", "schedule": "30 10 */7 * *"}]);
    let patch = json!({"properties": {"trigger": {"timerTriggers": timers}}});
    bench
        .ok(Method::PATCH, "/tasks/cssc-trigger-workflow", patch)
        .await;
    bench.advance_to("2026-01-08T10:29:59Z");
    bench.advance_to("2026-01-08T10:30:00Z");
    let run = bench.wait_for_end("ca1").await;
    let shown = bench.ok(Method::GET, "/runs/ca1", Value::Null).await;
    assert_eq!(run.created_at, instant("2026-01-08T10:30:00Z"));
    assert_eq!(shown["properties"]["runType"], "AutoRun");
    let trigger = json!({"timerTriggerName": "azcli_defined_schedule", "scheduleOccurrence": "2026-01-08T10:30:00Z"});
    assert_eq!(shown["properties"]["timerTrigger"], trigger);

    // The 15th passes while no process runs.
    let bench = bench.restart_at("2026-01-20T00:00:00Z").await;
    bench.advance_to("2026-01-22T10:30:00Z");
    let run = bench.wait_for_end("ca2").await;
    assert_eq!(
        run.timer.unwrap().occurrence,
        instant("2026-01-22T10:30:00Z")
    );
    assert!(bench.state().desk.find_run("ca3").is_none());
}

#[tokio::test]
async fn a_patch_past_the_last_number_is_refused_in_the_services_words() {
    let bench = Bench::start().await;
    bench.put_workflow().await;
    let values = [
        ("SOURCE_REPOSITORY", "app"),
        ("SOURCE_IMAGE_TAG", "1.0"),
        ("SOURCE_IMAGE_NEWPATCH_TAG", "1000"),
    ];
    let (run, log) = run_to_end(&bench, "cssc-patch-image", &values).await;
    assert_eq!(run.status, RunStatus::Failed);
    assert!(log.contains("New Patch tag is greater than 999. No more than 1000 patches can be created for a tag. Exiting the patching workflow.\r\n"), "{log}");
    assert!(log.contains("failed to run step ID: check-patch-tag: exit status 1\r\n"));
    let values = [values[0], values[1], ("SOURCE_IMAGE_NEWPATCH_TAG", "1")];
    let (_, log) = run_to_end(&bench, "cssc-patch-image", &values).await;
    assert!(log.contains("app:1.0 is not in the registry"), "{log}");
}

#[tokio::test]
async fn a_definition_that_is_not_ours_is_refused_in_the_log() {
    let bench = Bench::start().await;
    bench.put_task("cssc-scan-image", PATCH, Value::Null).await;
    bench
        .put_task("my-build", "steps:\n- build: -t x .", Value::Null)
        .await;
    for (task, part) in [
        (
            "cssc-scan-image",
            "Error: the definition of 'cssc-scan-image' is that of cssc-patch-image",
        ),
        (
            "my-build",
            "Error: the sandbox does not carry out the task 'my-build'",
        ),
    ] {
        let (run, log) = run_to_end(&bench, task, &[]).await;
        assert_eq!(run.status, RunStatus::Failed);
        assert!(log.contains(part), "{log}");
    }
}

#[tokio::test]
async fn a_log_is_a_blob_that_is_read_in_ranges_by_whoever_has_its_link() {
    let bench = Bench::start().await;
    occupy_agents(&bench).await;
    let waiting = bench.schedule("cssc-patch-image", &[]).await;
    let link = log_link(&bench, &waiting).await;
    for method in [Method::GET, Method::HEAD] {
        let missing = read_blob(&bench, method, &link, None).await;
        assert_eq!(
            (missing.status, &missing.headers["x-ms-error-code"]),
            (StatusCode::NOT_FOUND, &"BlobNotFound".parse().unwrap())
        );
    }

    while !bench.log("ca1").ends_with("next batch of images\r\n") {
        tokio::task::yield_now().await;
    }
    let link = log_link(&bench, "ca1").await;
    let whole = bench.log("ca1");
    let head = read_blob(&bench, Method::HEAD, &link, None).await;
    assert_eq!((head.status, head.body.len()), (StatusCode::OK, 0));
    assert_eq!(head.headers["content-length"], whole.len().to_string());
    assert_eq!(head.headers["x-ms-blob-type"], "AppendBlob");
    assert_eq!(head.headers["content-encoding"], "utf-8");
    assert_eq!(head.headers.get("x-ms-meta-complete"), None);
    let part = read_blob(&bench, Method::GET, &link, Some("bytes=5-14")).await;
    assert_eq!(
        (part.status, part.text().as_str()),
        (StatusCode::PARTIAL_CONTENT, &whole[5..15])
    );
    assert_eq!(
        part.headers["content-range"],
        format!("bytes 5-14/{}", whole.len())
    );
    let beyond = format!("bytes={}-", whole.len());
    let beyond = read_blob(&bench, Method::GET, &link, Some(&beyond)).await;
    assert_eq!(
        (beyond.status, &beyond.headers["x-ms-error-code"]),
        (
            StatusCode::RANGE_NOT_SATISFIABLE,
            &"InvalidRange".parse().unwrap()
        )
    );

    bench
        .ok(Method::POST, "/runs/ca1/cancel", Value::Null)
        .await;
    bench.wait_for_end("ca1").await;
    let rest = read_blob(
        &bench,
        Method::GET,
        &link,
        Some(&format!("bytes={}-", whole.len())),
    )
    .await;
    assert!(
        rest.text()
            .ends_with("Run ID: ca1 was canceled after 0s\r\n")
    );
    assert_eq!(rest.headers["x-ms-meta-complete"], "canceled");
    let all = read_blob(&bench, Method::GET, &link, None).await;
    assert_eq!((all.status, all.text()), (StatusCode::OK, bench.log("ca1")));

    let other = read_blob(&bench, Method::GET, &link.replace("/ca1/", "/ca2/"), None).await;
    assert_eq!(other.status, StatusCode::FORBIDDEN);
    bench.clock.advance(TimeDelta::minutes(70));
    let expired = read_blob(&bench, Method::GET, &link, None).await;
    assert_eq!(
        (expired.status, &expired.headers["x-ms-error-code"]),
        (
            StatusCode::FORBIDDEN,
            &"AuthenticationFailed".parse().unwrap()
        )
    );
}

async fn log_link(bench: &Bench, id: &str) -> String {
    let answer = bench
        .ok(
            Method::POST,
            &format!("/runs/{id}/listLogSasUrl"),
            Value::Null,
        )
        .await;
    let link = answer["logLink"].as_str().unwrap();
    link[link.find("/container-").unwrap()..].to_owned()
}

async fn read_blob(
    bench: &Bench,
    method: Method,
    link: &str,
    range: Option<&str>,
) -> super::testing::Answer {
    let mut request = Request::builder().method(method).uri(link);
    if let Some(range) = range {
        request = request.header("x-ms-range", range);
    }
    bench.send(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn a_run_is_gone_after_thirty_days_unless_it_is_archived_and_its_number_is_not_given_again() {
    let bench = Bench::start().await;
    bench.put_task("some-task", "x", Value::Null).await;
    for _ in 0..3 {
        let id = bench.schedule("some-task", &[]).await;
        bench.wait_for_end(&id).await;
    }
    let archive = json!({"isArchiveEnabled": true});
    bench.ok(Method::PATCH, "/runs/ca2", archive).await;
    let mut changes = bench.state().desk.watch_runs();
    bench.advance_to("2026-02-04T10:00:00Z");
    assert!(bench.state().desk.find_run("ca1").is_some());
    bench.advance_to("2026-02-04T10:00:01Z");
    while bench.state().desk.find_run("ca3").is_some() {
        changes.changed().await.unwrap();
    }
    let runs = bench.ok(Method::GET, "/runs", Value::Null).await;
    let names: Vec<&Value> = runs["value"]
        .as_array()
        .unwrap()
        .iter()
        .map(|run| &run["name"])
        .collect();
    assert_eq!(names, ["ca2"]);
    assert_eq!(
        (bench.log("ca1"), bench.log("ca2").is_empty()),
        (String::new(), false)
    );
    let bench = bench.restart().await;
    assert_eq!(bench.schedule("some-task", &[]).await, "ca4");
}
