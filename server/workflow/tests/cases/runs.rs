use crate::bench::{Bench, admin};
use drydock_domain::console::AuditOutcome;
use drydock_domain::run::{ImageStatus, RunStatus};
use drydock_ledger::Ledger;
use drydock_workflow::{Caller, Role, WorkflowError};
use futures::StreamExt;

const TRIGGER: &str = "\
Scheduling cssc-scan-image for h/app, Tag:1.0, OriginalTag:1.0, PatchTag:1.0-1
WARNING: Queued a run with ID: ca2
";

#[tokio::test]
async fn of_a_double_click_one_run_is_started() {
    let bench = Bench::configured().await;
    let operator = Caller::new("otto", Role::Operator);
    let start = || bench.workflow.start_run(&operator, "harbour");
    let (first, second) = tokio::join!(start(), start());
    assert_eq!([&first, &second].iter().filter(|it| it.is_ok()).count(), 1);
    let refused = first.err().or(second.err()).unwrap();
    assert!(
        refused.to_string().contains("run ca1 is under way"),
        "{refused}"
    );
    assert_eq!(bench.azure.changes("scheduleRun"), 1);
}

#[tokio::test]
async fn a_run_whose_answer_was_lost_is_found_and_not_started_again() {
    let bench = Bench::configured().await;
    bench.azure.lose_the_answer_to("scheduleRun");
    let id = bench.workflow.start_run(&admin(), "harbour").await.unwrap();
    assert_eq!(id, "ca1");
    assert_eq!(bench.azure.changes("scheduleRun"), 1);

    let bench = Bench::configured().await;
    bench.azure.fail("scheduleRun");
    let error = bench
        .workflow
        .start_run(&admin(), "harbour")
        .await
        .unwrap_err();
    assert!(
        matches!(error, WorkflowError::Unavailable { .. }),
        "{error:?}"
    );
    assert_eq!(bench.azure.changes("scheduleRun"), 1);
}

#[tokio::test]
async fn a_cycle_is_put_together_from_its_logs_and_each_finished_log_is_read_once() {
    let bench = Bench::configured().await;
    {
        let mut contents = bench.azure.open();
        contents.run("ca1", "cssc-trigger-workflow", "Succeeded", TRIGGER);
        let scan = "Scanning repo: app, Tag:1.0, OriginalTag:1.0\n\
                    PATCHING will be skipped as no vulnerability found in the image app:1.0\n";
        contents.run("ca2", "cssc-scan-image", "Succeeded", scan);
    }
    let trees = bench.workflow.list_runs(&admin(), "harbour").await.unwrap();
    assert_eq!(trees.len(), 1);
    assert_eq!(trees[0].images[0].status, ImageStatus::Skipped);
    let detail = bench
        .workflow
        .get_run(&admin(), "harbour", "ca2")
        .await
        .unwrap();
    assert_eq!(detail.tree.unwrap().trigger.id, "ca1");
    let gone = bench
        .workflow
        .get_run(&admin(), "harbour", "ca77")
        .await
        .unwrap_err();
    assert!(matches!(gone, WorkflowError::NotFound { .. }));
    bench.workflow.start_run(&admin(), "harbour").await.unwrap();
    bench.workflow.list_runs(&admin(), "harbour").await.unwrap();
    let links = |id: &str| bench.azure.changes(&format!("runs/{id}/listLogSasUrl"));
    assert_eq!((links("ca1"), links("ca2"), links("ca3")), (1, 1, 1));
}

#[tokio::test]
async fn cancelling_a_trigger_cancels_what_it_scheduled() {
    let bench = Bench::configured().await;
    {
        let mut contents = bench.azure.open();
        contents.run("ca1", "cssc-trigger-workflow", "Succeeded", TRIGGER);
        contents.run(
            "ca2",
            "cssc-scan-image",
            "Running",
            "Scanning repo: app, Tag:1.0, OriginalTag:1.0\n",
        );
    }
    let parts = bench
        .workflow
        .cancel_run(&admin(), "harbour", "ca1")
        .await
        .unwrap();
    assert_eq!(parts.len(), 1);
    assert_eq!((parts[0].part.as_str(), parts[0].done), ("run ca2", true));
    let trees = bench.workflow.list_runs(&admin(), "harbour").await.unwrap();
    assert_eq!(trees[0].status, RunStatus::Canceled);
    let error = bench
        .workflow
        .cancel_run(&admin(), "harbour", "ca1")
        .await
        .unwrap_err();
    assert!(matches!(error, WorkflowError::Conflict { .. }), "{error:?}");
}

/// Day-one check 5.
#[tokio::test]
async fn day_one_check_5_cancelling_with_one_failing_task_does_not_claim_success() {
    let bench = Bench::configured().await;
    let trigger = format!(
        "{TRIGGER}{}",
        TRIGGER.replace("ca2", "ca3").replace("app", "web")
    );
    {
        let mut contents = bench.azure.open();
        contents.run("ca1", "cssc-trigger-workflow", "Succeeded", &trigger);
        for (id, repository) in [("ca2", "app"), ("ca3", "web")] {
            let log = format!("Scanning repo: {repository}, Tag:1.0, OriginalTag:1.0\n");
            contents.run(id, "cssc-scan-image", "Running", &log);
        }
    }
    bench.azure.fail("runs/ca2/cancel");
    let parts = bench
        .workflow
        .cancel_run(&admin(), "harbour", "ca1")
        .await
        .unwrap();
    let said: Vec<_> = parts
        .iter()
        .map(|part| (part.part.as_str(), part.done))
        .collect();
    assert_eq!(said, [("run ca2", false), ("run ca3", true)]);
    assert!(
        parts[0].detail.contains("could not be canceled"),
        "{parts:?}"
    );
    let outcome = bench.newest_outcome().await;
    assert!(
        matches!(outcome, AuditOutcome::Failed { .. }),
        "{outcome:?}"
    );
    let trees = bench.workflow.list_runs(&admin(), "harbour").await.unwrap();
    assert_eq!(trees[0].status, RunStatus::Running, "one scan goes on");
}

#[tokio::test]
async fn a_viewer_changes_nothing() {
    let bench = Bench::configured().await;
    let viewer = Caller::new("vera", Role::Viewer);
    let started = bench.workflow.start_run(&viewer, "harbour").await;
    assert!(matches!(started, Err(WorkflowError::Forbidden(_))));
    assert!(bench.azure.open().changes.is_empty());
    assert!(bench.workflow.list_runs(&viewer, "harbour").await.is_ok());
}

#[tokio::test]
async fn what_the_patcher_kept_back_is_read_out_of_the_log() {
    let bench = Bench::configured().await;
    {
        let mut contents = bench.azure.open();
        contents.run("ca1", "cssc-trigger-workflow", "Succeeded", TRIGGER);
        let scan = "Scanning repo: app, Tag:1.0, OriginalTag:1.0\n\
                    PATCHING task scheduled for image app:1.0, new patch tag will be 1.0-1\n\
                    WARNING: Queued a run with ID: ca3\n";
        contents.run("ca2", "cssc-scan-image", "Succeeded", scan);
        let patch = "Patching repo: app, Tag:1.0, NewPatchTag:1\n\
                     app:1.0 is not patched: 3 findings left, and nothing can be upgraded\n";
        contents.run("ca3", "cssc-patch-image", "Succeeded", patch);
    }
    let trees = bench.workflow.list_runs(&admin(), "harbour").await.unwrap();
    assert_eq!(trees[0].summary, "1 kept back");
    let reason = &trees[0].images[0].reason;
    assert!(reason.contains("3 findings left"), "{reason}");
}

#[tokio::test]
async fn a_log_is_followed_in_whole_lines_from_any_offset() {
    let bench = Bench::configured().await;
    bench
        .azure
        .open()
        .run("ca1", "cssc-scan-image", "Succeeded", "one\ntwo\nthree\n");
    let follow = |offset| {
        bench
            .workflow
            .follow_log(&admin(), "harbour", "ca1", offset)
    };
    let chunks: Vec<_> = follow(0).map(Result::unwrap).collect().await;
    assert_eq!(chunks.len(), 1);
    assert_eq!(
        (chunks[0].text.as_str(), chunks[0].complete),
        ("one\r\ntwo\r\nthree\r\n", true)
    );
    let rest: Vec<_> = follow(5).map(Result::unwrap).collect().await;
    assert_eq!(
        (rest[0].offset, rest[0].text.as_str()),
        (5, "two\r\nthree\r\n")
    );
    let missing: Vec<_> = bench
        .workflow
        .follow_log(&admin(), "harbour", "x", 0)
        .collect()
        .await;
    assert!(matches!(missing[..], [Err(WorkflowError::NotFound { .. })]));
}

#[tokio::test]
async fn viewers_share_one_watch_and_see_a_change() {
    let bench = Bench::configured().await;
    let mut first = bench
        .workflow
        .watch_runs(&admin(), "harbour")
        .await
        .unwrap();
    let second = bench
        .workflow
        .watch_runs(&admin(), "harbour")
        .await
        .unwrap();
    assert!(first.same_channel(&second));
    assert!(first.borrow_and_update().is_empty());
    bench.workflow.start_run(&admin(), "harbour").await.unwrap();
    first.changed().await.unwrap();
    assert_eq!(first.borrow()[0].status, RunStatus::Queued);
}

#[tokio::test]
async fn a_change_goes_on_when_its_caller_goes_away() {
    let bench = Bench::configured().await;
    let mut watch = bench
        .workflow
        .watch_runs(&admin(), "harbour")
        .await
        .unwrap();
    let caller = admin();
    let mut start = Box::pin(bench.workflow.start_run(&caller, "harbour"));
    // Polled until Azure is asked, and then dropped, as when a browser closes.
    while bench.azure.open().scheduled.is_empty() {
        let _ = futures::poll!(&mut start);
        tokio::task::yield_now().await;
    }
    drop(start);
    watch.changed().await.unwrap();
    assert_eq!(watch.borrow()[0].trigger.id, "ca1");
}

#[tokio::test]
async fn an_entry_of_a_process_that_died_is_closed_as_unknown() {
    let bench = Bench::configured().await;
    let died = Ledger::open(&bench.ledger_path).await.unwrap();
    drop(died.begin("ada", "run.start", "harbour", "").await.unwrap());
    died.close_abandoned().await.unwrap();
    assert_eq!(bench.newest_outcome().await, AuditOutcome::Unknown);
}
