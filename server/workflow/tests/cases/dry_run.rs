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
async fn a_line_that_azure_says_otherwise_is_named_on_either_side() {
    let bench = Bench::configured().await;
    let same = "DRY RUN mode enabled...\n\
        DRY RUN mode will only list all the repositories and tags that match the filter and are \
        eligible for continuous scan and patch. During the actual patch operation, each of the \
        eligible images will first be scanned using trivy and if there are any vulnerabilities \
        found, a new patched image will be generated with tag <originaltag>-patched or \
        <originaltag>-x based on the configured tag-convention.\n\
        Reading filter from filter file path...\nValidating filter...\n\
        Configured Tag Convention:  \n\
        Listing repositories and tags matching the filter:\nRepo,Tag\napp,1.0\n\
        Matches found: 1\n";
    let ask = async |log: &str| {
        bench.azure.open().dry_run_log =
            format!("2026/11/21 08:00:00 Launching\n{log}Run ID: ca1\n");
        let answer = bench.workflow.dry_run(&admin(), "harbour", POLICY).await;
        let answer = answer.unwrap();
        (answer.only_in_azure, answer.only_here)
    };
    assert_eq!(ask(same).await, (Vec::new(), Vec::new()));
    let other = same.replace(
        "app,1.0\nMatches found: 1",
        "app,2.0\napp,3.0\nMatches found: 2",
    );
    let lines = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect();
    let theirs: Vec<String> = lines(&["Matches found: 2", "app,2.0", "app,3.0"]);
    let ours: Vec<String> = lines(&["Matches found: 1", "app,1.0"]);
    assert_eq!(ask(&other).await, (theirs, ours));
    let (theirs, ours) = ask("").await;
    assert!(
        theirs.is_empty() && ours.contains(&"app,1.0".to_owned()),
        "it said nothing"
    );
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
