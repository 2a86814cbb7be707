use crate::bench::{Bench, admin};
use drydock_domain::console::AuditOutcome;
use drydock_workflow::WorkflowError;

#[tokio::test]
async fn a_delete_wants_the_registry_s_name() {
    let bench = Bench::configured().await;
    for wrong in ["", "yes", "Harbour"] {
        let error = bench
            .workflow
            .delete_workflow(&admin(), "harbour", wrong)
            .await
            .unwrap_err();
        assert!(matches!(error, WorkflowError::Invalid { .. }), "{error:?}");
    }
    assert!(bench.azure.open().changes.is_empty());
}

#[tokio::test]
async fn everything_goes_and_each_part_says_so() {
    let bench = Bench::configured().await;
    bench
        .azure
        .open()
        .run("ca1", "cssc-scan-image", "Running", "");
    let parts = bench
        .workflow
        .delete_workflow(&admin(), "harbour", "harbour")
        .await
        .unwrap();
    let names: Vec<&str> = parts.iter().map(|part| part.part.as_str()).collect();
    let expected = [
        "role of cssc-trigger-workflow",
        "cssc-trigger-workflow",
        "run ca1",
        "role of cssc-scan-image",
        "cssc-scan-image",
        "cssc-patch-image",
        "policy",
    ];
    assert_eq!(names, expected);
    assert!(parts.iter().all(|part| part.done), "{parts:?}");
    let contents = bench.azure.open();
    assert!(
        contents.tasks.is_empty() && contents.roles.is_empty() && contents.manifests.is_empty()
    );
    assert_eq!(contents.runs[0]["properties"]["status"], "Canceled");
}

#[tokio::test]
async fn a_part_that_stays_is_not_called_deleted_and_the_rest_goes_on() {
    let bench = Bench::configured().await;
    bench.azure.fail("tasks/cssc-scan-image");
    let parts = bench
        .workflow
        .delete_workflow(&admin(), "harbour", "harbour")
        .await
        .unwrap();
    let failed: Vec<&str> = parts
        .iter()
        .filter(|part| !part.done)
        .map(|part| part.part.as_str())
        .collect();
    assert_eq!(failed, ["cssc-scan-image"]);
    assert_eq!(bench.azure.policy(), None);
    assert!(matches!(
        bench.newest_outcome().await,
        AuditOutcome::Failed { .. }
    ));
    let again = bench
        .workflow
        .delete_workflow(&admin(), "harbour", "harbour")
        .await
        .unwrap();
    assert!(again.iter().all(|part| part.done), "{again:?}");
}
