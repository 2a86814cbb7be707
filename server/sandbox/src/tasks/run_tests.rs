use super::testing::{Bench, START, occupy_agents};
use chrono::{DateTime, TimeDelta, Utc};
use drydock_domain::run::RunStatus;
use http::Method;
use serde_json::{Value, json};

fn instant(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
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
