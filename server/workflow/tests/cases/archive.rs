//! What stays readable when Azure has let go of it.
use crate::bench::{Bench, POLICY, admin};
use drydock_domain::audit::AuditQuery;
use drydock_workflow::WorkflowError;
use futures::StreamExt;

const SCAN: &str = "Scanning repo: app, Tag:1.0, OriginalTag:1.0\n\
                    PATCHING will be skipped as no vulnerability found in the image app:1.0\n";

/// One cycle of a scan, `ca2`, that `ca1` asked for.
fn add_cycle(bench: &Bench) {
    let trigger = "Scheduling cssc-scan-image for h/app, Tag:1.0, OriginalTag:1.0, PatchTag:1.0-1\n\
                   WARNING: Queued a run with ID: ca2\n";
    let mut contents = bench.azure.open();
    contents.run("ca1", "cssc-trigger-workflow", "Succeeded", trigger);
    contents.run("ca2", "cssc-scan-image", "Succeeded", SCAN);
}

fn forget_runs(bench: &Bench) {
    let mut contents = bench.azure.open();
    contents.runs.clear();
    contents.logs.clear();
}

/// Day-one check 6.
#[tokio::test]
async fn deleting_a_workflow_keeps_runs_logs_policy_and_audit_readable() {
    let bench = Bench::configured().await;
    add_cycle(&bench);
    let (caller, before) = (admin(), &bench.workflow);
    assert_eq!(before.archive_runs("harbour").await.unwrap(), 2);
    let live = before.get_run(&caller, "harbour", "ca2").await.unwrap();
    let log = before.read_log(&caller, "harbour", "ca2").await.unwrap();
    let deleted = before.delete_workflow(&caller, "harbour", "harbour").await;
    assert!(deleted.unwrap().iter().all(|part| part.done));
    forget_runs(&bench);

    let after = bench.after_thirty_days().await;
    assert_eq!(after.list_runs(&caller, "harbour").await.unwrap(), []);
    let earlier = after
        .list_earlier_runs(&caller, "harbour", 1)
        .await
        .unwrap();
    assert_eq!((earlier.n_cycles, earlier.page, earlier.n_pages), (1, 1, 1));
    assert_eq!(earlier.trees[0].trigger.id, "ca1");
    for id in ["ca1", "ca2"] {
        let detail = after.get_run(&caller, "harbour", id).await.unwrap();
        assert!(detail.from_archive && !live.from_archive);
        assert_eq!(detail.tree, live.tree, "{id}");
    }
    let kept = after.read_log(&caller, "harbour", "ca2").await.unwrap();
    assert_eq!((kept.text, kept.complete), (log.text, true));
    let rest: Vec<_> = after
        .follow_log(&caller, "harbour", "ca2", 46)
        .collect()
        .await;
    assert_eq!(rest.len(), 1);
    let rest = rest.into_iter().next().unwrap().unwrap();
    assert!(
        rest.text.starts_with("PATCHING will be skipped"),
        "{rest:?}"
    );

    let versions = after
        .list_policy_versions(&caller, "harbour")
        .await
        .unwrap();
    assert!(!versions[0].is_deployed);
    let text = after.get_policy_text(&caller, "harbour", &versions[0].digest);
    assert_eq!(text.await.unwrap(), POLICY);
    let entries = before
        .list_entries(&caller, &AuditQuery::default(), 10)
        .await;
    let operations: Vec<_> = entries
        .unwrap()
        .into_iter()
        .map(|it| it.operation)
        .collect();
    for operation in ["workflow.create", "workflow.delete"] {
        assert!(
            operations.iter().any(|it| it == operation),
            "{operations:?}"
        );
    }
}

/// Day-one check 7.
#[tokio::test]
async fn a_log_older_than_thirty_days_opens_and_its_hash_is_verified() {
    let bench = Bench::configured().await;
    add_cycle(&bench);
    let caller = admin();
    bench.workflow.archive_runs("harbour").await.unwrap();
    forget_runs(&bench);
    let after = bench.after_thirty_days().await;
    let read = async || after.read_log(&caller, "harbour", "ca2").await;
    assert_eq!(read().await.unwrap().text, SCAN.replace('\n', "\r\n"));
    let archived = after.find_archived_run(&caller, "harbour", "ca2").await;
    let digest = archived.unwrap().unwrap().log.unwrap();

    let name = digest.trim_start_matches("sha256:");
    let file = bench.folder.path().join("evidence").join(name);
    std::fs::write(&file, "Nothing happened.").unwrap();
    for error in [
        read().await.unwrap_err(),
        after
            .find_archived_run(&caller, "harbour", "ca2")
            .await
            .unwrap_err(),
    ] {
        let tells =
            matches!(&error, WorkflowError::Conflict { why } if why.contains("was changed"));
        assert!(tells, "{error:?}");
    }
    std::fs::remove_file(&file).unwrap();
    let error = read().await.unwrap_err().to_string();
    assert!(error.contains("is missing"), "{error}");
}

#[tokio::test]
async fn the_archive_is_read_page_by_page_from_the_newest_cycle_on() {
    let bench = Bench::configured().await;
    {
        let mut contents = bench.azure.open();
        for number in 0..45 {
            contents.run(
                &format!("ca{number}"),
                "cssc-trigger-workflow",
                "Succeeded",
                "\n",
            );
        }
    }
    assert_eq!(bench.workflow.archive_runs("harbour").await.unwrap(), 45);
    // The newest five are still listed.
    bench.azure.open().runs.truncate(5);
    let after = bench.after_thirty_days().await;
    let page = async |page| {
        let earlier = after
            .list_earlier_runs(&admin(), "harbour", page)
            .await
            .unwrap();
        assert_eq!((earlier.n_cycles, earlier.n_pages), (40, 2));
        let ids = earlier.trees.iter().map(|tree| tree.trigger.id.clone());
        (earlier.page, ids.collect::<Vec<_>>())
    };
    let (first, second) = (page(1).await, page(2).await);
    assert_eq!((first.0, first.1.len(), second.1.len()), (1, 20, 20));
    assert_eq!(
        (first.1[0].as_str(), second.1[19].as_str()),
        ("ca39", "ca0")
    );
    assert_eq!(page(9).await, second, "behind the last page is the last");
    assert_eq!(page(0).await, first);
}
