//! The main job against the real sandbox in process: a policy becomes a patched image, and the
//! console reads back all of it over the wire.
mod toy;

use drydock_domain::lineage::{AttachmentKind, Comparison, Derivation, Lookup};
use drydock_domain::run::{ImageStatus, RunStatus};
use drydock_domain::schedule::Schedule;
use drydock_workflow::{Caller, Role};
use futures::StreamExt;
use std::fmt::Debug;
use toy::{console, ended, sandbox};

const POLICY: &str = r#"{
  "version": "v1",
  "tag-convention": "incremental",
  "repositories": [
    {"repository": "toy/base", "tags": ["2"], "enabled": true},
    {"repository": "toy/clean", "tags": ["1.0"], "enabled": true},
    {"repository": "toy/legacy", "tags": ["*"], "enabled": true}
  ]
}
"#;

/// Asks again until it is found: each answer waits for the work a little.
async fn found<T: Debug>(mut look: impl AsyncFnMut() -> Lookup<T>) -> T {
    loop {
        match look().await {
            Lookup::Found(found) => return found,
            Lookup::Underway(_) => {}
            Lookup::Failed(why) => panic!("{why}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_policy_becomes_a_patched_image() {
    let folder = tempfile::tempdir().unwrap();
    let sandbox = sandbox(folder.path()).await;
    let workflow = console(&sandbox, folder.path()).await;
    let ada = Caller::new("ada", Role::Admin);
    let registry = workflow.list_registries(&ada).await.unwrap()[0]
        .name
        .clone();

    let preview = workflow.preview(&ada, &registry, POLICY).await.unwrap();
    assert_eq!(preview.selection.matches(), 3, "{preview:?}");

    let before = workflow.get_overview(&ada, &registry).await.unwrap();
    assert_eq!((before.matched_images, before.recent.len()), (None, 0));

    let schedule = Schedule::new(7, 3, 30).unwrap();
    let applied = workflow
        .create_workflow(&ada, &registry, POLICY, schedule, true)
        .await
        .unwrap();
    assert!(applied.steps.iter().all(|step| step.done), "{applied:?}");
    let run_id = applied.run_id.unwrap();

    // Followed from before its first line, while the run goes on.
    let log: Vec<_> = workflow
        .follow_log(&ada, &registry, &run_id, 0)
        .map(Result::unwrap)
        .collect()
        .await;
    let text: String = log.iter().map(|chunk| chunk.text.as_str()).collect();
    assert!(text.contains("Scheduling cssc-scan-image for "), "{text}");
    assert!(log.last().unwrap().complete);
    assert_eq!(
        text,
        workflow
            .read_log(&ada, &registry, &run_id)
            .await
            .unwrap()
            .text
    );

    let tree = ended(&workflow, &ada, &registry, &run_id).await;
    assert_eq!(tree.status, RunStatus::Succeeded, "{tree:?}");
    let statuses: Vec<(&str, ImageStatus, &str)> = tree
        .images
        .iter()
        .map(|image| {
            (
                image.repository.as_str(),
                image.status,
                image.reason.as_str(),
            )
        })
        .collect();
    let expected = [
        ("toy/base", ImageStatus::Succeeded, "pushed toy/base:2-1"),
        (
            "toy/clean",
            ImageStatus::Skipped,
            "up to date: nothing in it can be fixed",
        ),
        (
            "toy/legacy",
            ImageStatus::Skipped,
            "not patched: its distribution is at its end of life and ships no fixes any more. \
             Move the image to a supported release",
        ),
    ];
    assert_eq!(statuses, expected);

    let lineage = workflow
        .get_lineage(&ada, &registry, "toy/base")
        .await
        .unwrap();
    let image = lineage
        .images
        .iter()
        .find(|image| image.original == "2")
        .unwrap();
    let patch = &image.patches[0];
    assert_eq!(
        (patch.tag.as_str(), patch.derivation),
        ("2-1", Derivation::Verified)
    );
    let report = patch.report.as_ref().unwrap();
    assert_eq!(report.patched.digest, patch.digest);
    assert!(!report.upgraded.is_empty());
    assert_eq!(report.vulnerabilities_after, 0);

    let original = image.node.as_ref().unwrap();
    let compare = async || {
        let (before, after) = (&original.digest, &patch.digest);
        let found = workflow.compare_images(&ada, &registry, "toy/base", before, after);
        match found.await.unwrap() {
            Lookup::Found(Comparison {
                vulnerabilities: Lookup::Underway(progress),
                ..
            }) => Lookup::Underway(progress),
            other => other,
        }
    };
    let comparison = found(compare).await;
    let read: Vec<_> = comparison
        .packages
        .changed
        .iter()
        .map(|it| (it.name.as_str(), it.old.as_str(), it.new.as_str()))
        .collect();
    let mut reported: Vec<_> = report
        .upgraded
        .iter()
        .map(|it| (it.package.as_str(), it.old.as_str(), it.new.as_str()))
        .collect();
    reported.sort_unstable();
    assert_eq!(read, reported, "the layers say what the report says");
    assert_eq!(comparison.layers.only_before, []);
    assert_eq!(comparison.layers.only_after.len(), 1);
    let Lookup::Found(scans) = comparison.vulnerabilities else {
        panic!("{:?}", comparison.vulnerabilities);
    };
    let n_fixed = scans.difference.fixed.len() as u32;
    assert_eq!(n_fixed, report.vulnerabilities_before);
    assert_eq!(scans.difference.remaining, []);
    let again = compare().await;
    assert!(matches!(again, Lookup::Found(_)), "kept: {again:?}");
    let attached = workflow.list_attachments(&ada, &registry, "toy/base", &patch.digest);
    let kinds: Vec<_> = attached.await.unwrap().iter().map(|it| it.kind).collect();
    assert!(kinds.contains(&AttachmentKind::Vex) && kinds.contains(&AttachmentKind::PatchReport));

    for nowhere in [format!("sha256:{}", "0".repeat(64)), "sha256:00".to_owned()] {
        let (there, absent) = (&patch.digest, &nowhere);
        let listed = workflow.list_attachments(&ada, &registry, "toy/base", absent);
        let read = workflow.get_contents(&ada, &registry, "toy/base", absent);
        let compared = workflow.compare_images(&ada, &registry, "toy/base", there, absent);
        let refused = [
            listed.await.map(drop),
            read.await.map(drop),
            compared.await.map(drop),
        ];
        for answer in refused {
            let error = answer.unwrap_err().to_string();
            assert_eq!(error, "no image with this digest is in toy/base");
        }
    }

    let drawing = workflow.draw_lineage(&ada, &registry, "toy/base").await;
    let graph = drawing.unwrap().graph;
    let edge = graph.edges.iter().find(|edge| edge.to == patch.digest);
    let (edge, ran) = (edge.unwrap(), &tree.images[0]);
    let id = |run: &Option<drydock_domain::run::Run>| run.as_ref().map(|run| run.id.clone());
    assert_eq!(edge.made.run, id(&ran.patch));
    assert_eq!(edge.made.scan, id(&ran.scan));

    let overview = workflow.get_overview(&ada, &registry).await.unwrap();
    assert!(overview.state.is_configured());
    assert_eq!(overview.matched_images, Some(3));
    assert_eq!(overview.patch_tags, before.patch_tags + 1);
    assert_eq!(overview.recent[0].trigger.id, run_id);

    let parts = workflow
        .delete_workflow(&ada, &registry, &registry)
        .await
        .unwrap();
    assert!(parts.iter().all(|part| part.done), "{parts:?}");
    let state = workflow.get_workflow(&ada, &registry).await.unwrap();
    assert!(!state.is_configured() && !state.is_partial());
    sandbox.shutdown().await;
}
