use crate::bench::{Bench, admin};
use drydock_domain::console::{AuditOutcome, PartOutcome};
use drydock_domain::run::RetryOf;
use drydock_workflow::{Caller, Role, WorkflowError};
use serde_json::Value;

const TRIGGER: &str = "\
Scheduling cssc-scan-image for h/app, Tag:1.0-2, OriginalTag:1.0, PatchTag:1.0-3
WARNING: Queued a run with ID: ca2
Scheduling cssc-scan-image for h/app, Tag:2.0, OriginalTag:2.0, PatchTag:2.0-1
WARNING: Queued a run with ID: ca3
Scheduling cssc-scan-image for h/app, Tag:3.0, OriginalTag:3.0, PatchTag:3.0-1
WARNING: Queued a run with ID: ca5
";

fn scan(tag: &str, original: &str, rest: &str) -> String {
    format!("Scanning repo: app, Tag:{tag}, OriginalTag:{original}\n{rest}")
}

/// A cycle with a scan and a patch that failed, and an image that was up to date.
async fn failed_cycle() -> Bench {
    let bench = Bench::configured().await;
    {
        let mut contents = bench.azure.open();
        let tags = ["1.0", "1.0-2", "2.0", "3.0"].map(String::from);
        contents.tags.insert("app".into(), tags.to_vec());
        contents.run("ca1", "cssc-trigger-workflow", "Succeeded", TRIGGER);
        let broken = scan("1.0-2", "1.0", "Error: no database\n");
        contents.run("ca2", "cssc-scan-image", "Failed", &broken);
        let found = "PATCHING task scheduled for image app:2.0, new patch tag will be 2.0-1\n\
                     WARNING: Queued a run with ID: ca4\n";
        contents.run(
            "ca3",
            "cssc-scan-image",
            "Succeeded",
            &scan("2.0", "2.0", found),
        );
        contents.run("ca4", "cssc-patch-image", "Failed", "Error: no archive\n");
        let clean = "PATCHING will be skipped as no vulnerability found in the image app:3.0\n";
        contents.run(
            "ca5",
            "cssc-scan-image",
            "Succeeded",
            &scan("3.0", "3.0", clean),
        );
    }
    bench
}

/// The task, and its values in their order.
fn order(request: &Value) -> Vec<String> {
    let task = request["taskId"].as_str().unwrap().rsplit('/').next();
    let values = request["overrideTaskStepProperties"]["values"].as_array();
    let values = values.unwrap().iter();
    let written = |one: &Value| {
        let (name, value) = (
            one["name"].as_str().unwrap(),
            one["value"].as_str().unwrap(),
        );
        format!("{name}={value}")
    };
    let task = task.map(String::from).into_iter();
    task.chain(values.map(written)).collect()
}

async fn retry(bench: &Bench) -> Result<Vec<PartOutcome>, WorkflowError> {
    bench
        .workflow
        .retry(&admin(), "harbour", "ca1", RetryOf::Failed)
        .await
}

#[tokio::test]
async fn only_what_failed_starts_again_with_the_values_it_had() {
    let bench = failed_cycle().await;
    let parts = retry(&bench).await.unwrap();
    let parts: Vec<_> = parts
        .iter()
        .map(|part| (part.part.as_str(), part.done, part.detail.as_str()))
        .collect();
    let expected = [
        ("app:1.0", true, "started as run ca6"),
        ("app:2.0", true, "started as run ca7"),
    ];
    assert_eq!(parts, expected);
    let orders: Vec<_> = bench.azure.open().scheduled.iter().map(order).collect();
    let scan = [
        "cssc-scan-image",
        "SOURCE_REPOSITORY=app",
        "SOURCE_IMAGE_TAG=1.0-2",
        "SOURCE_IMAGE_ORIGINAL_TAG=1.0",
        "SOURCE_IMAGE_NEWPATCH_TAG=3",
    ];
    let patch = [
        "cssc-patch-image",
        "SOURCE_REPOSITORY=app",
        "SOURCE_IMAGE_TAG=2.0",
        "SOURCE_IMAGE_ORIGINAL_TAG=2.0",
        "SOURCE_IMAGE_NEWPATCH_TAG=1",
    ];
    assert_eq!(orders, [scan, patch]);
    let entry = bench.newest_entry().await;
    assert_eq!(entry.operation, "run.retry");
    assert!(matches!(
        entry.outcome,
        Some(AuditOutcome::Succeeded { .. })
    ));
}

#[tokio::test]
async fn what_has_begun_again_is_not_begun_twice() {
    let bench = failed_cycle().await;
    retry(&bench).await.unwrap();
    let parts = retry(&bench).await.unwrap();
    assert!(parts.iter().all(|part| !part.done), "{parts:?}");
    assert!(
        parts[0].detail.contains("has taken it up since"),
        "{parts:?}"
    );
    assert_eq!(bench.azure.changes("scheduleRun"), 2);
}

#[tokio::test]
async fn an_image_whose_scan_could_not_be_queued_is_scanned() {
    let bench = Bench::configured().await;
    {
        let mut contents = bench.azure.open();
        contents.tags.insert("app".into(), vec!["4.0".into()]);
        let log = "Scheduling cssc-scan-image for h/app, Tag:4.0, OriginalTag:4.0, PatchTag:4.0-1\n\
                   ERROR: too many requests\n";
        contents.run("ca1", "cssc-trigger-workflow", "Failed", log);
    }
    let parts = retry(&bench).await.unwrap();
    assert_eq!(parts.len(), 1, "{parts:?}");
    assert!(parts[0].done, "{parts:?}");
    let orders: Vec<_> = bench.azure.open().scheduled.iter().map(order).collect();
    assert_eq!(orders[0][0], "cssc-scan-image");
    assert_eq!(orders[0][2], "SOURCE_IMAGE_TAG=4.0");
    let again = retry(&bench).await.unwrap();
    assert!(
        again[0].detail.contains("has taken it up since"),
        "{again:?}"
    );
}

#[tokio::test]
async fn what_a_canceled_cycle_never_came_to_is_listed_and_scanned_on_request() {
    let bench = Bench::configured().await;
    {
        let mut contents = bench.azure.open();
        let tags = ["1.0", "2.0", "2.0-3", "3.0"].map(String::from);
        contents.tags.insert("app".into(), tags.to_vec());
        let log = "Repo,Tag,LatestPatchTag\napp,1.0,N/A\napp,2.0,2.0-3\napp,3.0,N/A\n\
                   Matches found: 3\n\
                   Scheduling cssc-scan-image for h/app, Tag:1.0, OriginalTag:1.0, PatchTag:1.0-1\n\
                   WARNING: Queued a run with ID: ca2\n";
        contents.run("ca1", "cssc-trigger-workflow", "Canceled", log);
        contents.run(
            "ca2",
            "cssc-scan-image",
            "Canceled",
            &scan("1.0", "1.0", ""),
        );
    }
    let detail = bench.workflow.get_run(&admin(), "harbour", "ca1").await;
    let tree = detail.unwrap().tree.unwrap();
    assert_eq!(tree.summary, "1 canceled, 2 never begun");
    let of = RetryOf::NeverBegun;
    let begin = async || bench.workflow.retry(&admin(), "harbour", "ca1", of).await;
    let parts = begin().await.unwrap();
    let names: Vec<_> = parts
        .iter()
        .map(|part| (part.part.as_str(), part.done))
        .collect();
    assert_eq!(names, [("app:2.0", true), ("app:3.0", true)]);
    let orders: Vec<_> = bench.azure.open().scheduled.iter().map(order).collect();
    let expected = [
        "cssc-scan-image",
        "SOURCE_REPOSITORY=app",
        "SOURCE_IMAGE_TAG=2.0-3",
        "SOURCE_IMAGE_ORIGINAL_TAG=2.0",
        "SOURCE_IMAGE_NEWPATCH_TAG=4",
    ];
    assert_eq!(orders[0], expected);
    let again = begin().await.unwrap();
    assert!(again.iter().all(|part| !part.done), "{again:?}");
    let failed = retry(&bench).await;
    assert!(
        matches!(failed, Err(WorkflowError::Conflict { .. })),
        "{failed:?}"
    );
}

#[tokio::test]
async fn an_image_that_is_gone_is_left_alone() {
    let bench = failed_cycle().await;
    bench
        .azure
        .open()
        .tags
        .insert("app".into(), vec!["1.0".into()]);
    let parts = retry(&bench).await.unwrap();
    assert_eq!((parts[0].done, parts[1].done), (true, false));
    assert_eq!(
        parts[1].detail,
        "left alone: the tag 2.0 is no longer there"
    );
}

#[tokio::test]
async fn a_cycle_without_failures_and_a_viewer_retry_nothing() {
    let bench = failed_cycle().await;
    let viewer = Caller::new("vera", Role::Viewer);
    let denied = bench
        .workflow
        .retry(&viewer, "harbour", "ca1", RetryOf::Failed)
        .await;
    assert!(matches!(denied, Err(WorkflowError::Forbidden(_))));
    let fine = bench
        .workflow
        .retry(&admin(), "harbour", "ca5", RetryOf::Failed)
        .await;
    assert!(
        matches!(fine, Err(WorkflowError::Conflict { .. })),
        "{fine:?}"
    );
    assert_eq!(bench.azure.changes("scheduleRun"), 0);
}
