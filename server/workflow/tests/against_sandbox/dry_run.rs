//! The dry run in Azure is a real quick run, and says what ours says.
use crate::desk::{Desk, POLICY, ada};
use drydock_domain::run::RunStatus;
use drydock_workflow::{Caller, Role, WorkflowError};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn azure_and_the_console_select_the_same_and_a_lost_answer_starts_no_second_run() {
    let desk = Desk::configured().await;
    desk.fault("reset", "POST", "*/scheduleRun");
    let dry_run = desk.workflow.dry_run(&ada(), &desk.registry, POLICY).await;
    let dry_run = dry_run.unwrap();
    desk.assert_struck();
    assert_eq!(dry_run.status, RunStatus::Succeeded, "{dry_run:?}");
    assert_eq!(dry_run.only_in_azure, [""; 0], "{dry_run:?}");
    assert_eq!(dry_run.only_here, [""; 0], "{dry_run:?}");
    assert!(
        dry_run.output[0].starts_with("DRY RUN mode enabled"),
        "{dry_run:?}"
    );
    let next = desk.workflow.dry_run(&ada(), &desk.registry, POLICY).await;
    assert_ne!(next.unwrap().run_id, dry_run.run_id);
    assert!(desk.runs().await.is_empty(), "it is no run of the workflow");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_policy_that_azure_refuses_fails_there_and_a_viewer_asks_for_nothing() {
    let desk = Desk::start().await;
    let refused = desk.workflow.dry_run(&ada(), &desk.registry, "{}").await;
    assert_eq!(refused.unwrap().status, RunStatus::Failed);
    let viewer = Caller::new("vera", Role::Viewer);
    let denied = desk.workflow.dry_run(&viewer, &desk.registry, POLICY).await;
    assert!(matches!(denied, Err(WorkflowError::Forbidden(_))));
}
