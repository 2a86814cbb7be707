use crate::bench::{Bench, POLICY, admin};
use drydock_domain::console::AuditOutcome;
use drydock_workflow::WorkflowError;
use serde_json::Value;
use sha2::{Digest, Sha256};

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
        "evidence",
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

#[tokio::test]
async fn day_one_check_6_the_runs_their_logs_and_the_policy_are_kept_before_anything_goes() {
    let bench = Bench::configured().await;
    bench
        .azure
        .open()
        .run("ca1", "cssc-scan-image", "Succeeded", "a line\n");
    let parts = bench
        .workflow
        .delete_workflow(&admin(), "harbour", "harbour")
        .await
        .unwrap();
    let (words, digest) = parts[0].detail.rsplit_once("sha256:").unwrap();
    assert_eq!(words, "1 runs and 1 logs are kept as ");
    let read = |digest: &str| {
        let bytes = std::fs::read(bench.folder.path().join("evidence").join(digest)).unwrap();
        assert_eq!(hex::encode(Sha256::digest(&bytes)), digest);
        String::from_utf8(bytes).unwrap()
    };
    let kept: Value = serde_json::from_str(&read(digest)).unwrap();
    assert_eq!(kept["runs"][0]["run"]["id"], "ca1");
    let named = |value: &Value| read(value.as_str().unwrap().trim_start_matches("sha256:"));
    assert_eq!(named(&kept["runs"][0]["log"]), "a line\r\n");
    assert_eq!(named(&kept["policy"]["text"]), POLICY);
}

#[tokio::test]
async fn without_its_evidence_nothing_is_deleted() {
    let bench = Bench::configured().await;
    let evidence = bench.folder.path().join("evidence");
    std::fs::remove_dir_all(&evidence).unwrap();
    std::fs::write(&evidence, "in the way").unwrap();
    let deleted = bench
        .workflow
        .delete_workflow(&admin(), "harbour", "harbour")
        .await;
    let error = deleted.unwrap_err().to_string();
    assert!(error.contains("nothing else was done"), "{error}");
    assert!(bench.azure.open().changes.is_empty());
    assert_eq!(bench.azure.open().tasks.len(), 3);
}

#[tokio::test]
async fn a_task_whose_answer_was_lost_is_looked_for() {
    let bench = Bench::configured().await;
    bench.azure.lose_the_answer_to("tasks/cssc-scan-image");
    let parts = bench
        .workflow
        .delete_workflow(&admin(), "harbour", "harbour")
        .await
        .unwrap();
    assert!(parts.iter().all(|part| part.done), "{parts:?}");
}
