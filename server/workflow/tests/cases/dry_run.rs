use crate::bench::{Bench, POLICY, admin};
use drydock_domain::dry_run::Depth;
use drydock_workflow::WorkflowError;

#[tokio::test]
async fn a_dry_run_leaves_registry_digests_identical_before_and_after() {
    let bench = Bench::configured().await;
    let caller = admin();
    let digest = bench
        .workflow
        .record_dry_run(&caller, "harbour", POLICY, Depth::Match);
    let digest = digest.await.unwrap();
    assert!(bench.azure.open().changes.is_empty());
    let record = bench.workflow.get_dry_run(&caller, "harbour", &digest);
    let record = record.await.unwrap();
    assert!(record.receipt.is_unchanged());
    assert_eq!(record.receipt.matches, 1);
    assert_eq!(record.policy, POLICY);
    let kept = bench.workflow.list_dry_runs(&caller, "harbour");
    assert_eq!(kept.await.unwrap()[0].digest, digest);
    let other = bench
        .workflow
        .get_dry_run(&caller, "harbour", &record.receipt.policy_digest)
        .await
        .unwrap_err();
    assert!(matches!(other, WorkflowError::NotFound { .. }), "{other:?}");
}

#[tokio::test]
async fn exactly_this_is_applied_only_while_no_image_moved() {
    let bench = Bench::configured().await;
    let caller = admin();
    let text = format!("{POLICY}\n");
    let digest = bench
        .workflow
        .record_dry_run(&caller, "harbour", &text, Depth::Match);
    let digest = digest.await.unwrap();
    let tags = |tags: &[&str]| {
        let tags = tags.iter().map(|tag| (*tag).to_owned()).collect();
        bench.azure.open().tags.insert("app".into(), tags);
    };
    let apply = async || {
        bench
            .workflow
            .apply_dry_run(&caller, "harbour", &digest, "as tried")
            .await
    };
    tags(&["1.0", "2.0"]);
    let error = apply().await.unwrap_err();
    assert!(matches!(error, WorkflowError::Conflict { .. }), "{error:?}");
    assert!(error.to_string().contains("app:2.0"), "{error}");
    assert_eq!(bench.azure.policy().as_deref(), Some(POLICY));
    tags(&["1.0"]);
    apply().await.unwrap();
    assert_eq!(bench.azure.policy(), Some(text));
}
