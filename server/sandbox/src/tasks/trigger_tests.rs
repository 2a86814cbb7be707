use super::testing::{Bench, PATCH, POLICY, SCAN, TRIGGER, run_to_end};
use chrono::TimeDelta;
use drydock_domain::run::RunStatus;
use http::{Method, StatusCode};
use serde_json::{Value, json};

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
