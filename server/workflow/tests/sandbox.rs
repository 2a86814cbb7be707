//! The main job against the real sandbox in process: a policy becomes a patched image, and the
//! console reads back all of it over the wire.
use drydock_azure::{Azure, AzureConfig, CredentialConfig, Secret};
use drydock_domain::lineage::Derivation;
use drydock_domain::run::{ImageStatus, RunStatus, RunTree};
use drydock_domain::schedule::Schedule;
use drydock_ledger::Ledger;
use drydock_patcher::ArchiveConfig;
use drydock_sandbox::{Sandbox, SandboxConfig};
use drydock_workflow::{Caller, Clock, Role, Workflow};
use futures::StreamExt;
use std::path::Path;

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

/// A sandbox with the sample images of the toy archive; nothing outside the machine is asked.
async fn sandbox(folder: &Path) -> Sandbox {
    let archive = ArchiveConfig {
        machine_apt_dir: None,
        offline: true,
        ..ArchiveConfig::default()
    };
    let config = SandboxConfig {
        data_dir: folder.to_owned(),
        listen: "127.0.0.1:0".parse().unwrap(),
        archive,
        samples: true,
    };
    let sandbox = Sandbox::start(config).await.unwrap();
    let mut progress = sandbox.sample_progress();
    let finished = progress.wait_for(|progress| progress.finished).await;
    let states = finished.unwrap().images.clone();
    assert!(
        states.iter().all(|image| image.state == "ready"),
        "{states:?}"
    );
    sandbox
}

async fn console(sandbox: &Sandbox, folder: &Path) -> Workflow {
    let endpoints = sandbox.endpoints();
    let azure = Azure::connect(AzureConfig {
        arm_endpoint: endpoints.arm.clone(),
        authority: endpoints.authority.clone(),
        arm_scope: "https://management.azure.com/.default".into(),
        acr_scope: "https://containerregistry.azure.net/.default".into(),
        subscription_id: endpoints.subscription_id.clone(),
        credential: CredentialConfig::ClientSecret {
            tenant_id: endpoints.tenant_id.clone(),
            client_id: endpoints.client_id.clone(),
            secret: Secret::new(endpoints.client_secret.reveal()),
        },
        loopback: Some(sandbox.address()),
    });
    let ledger = Ledger::open(&folder.join("ledger.db")).await.unwrap();
    Workflow::new(azure.unwrap(), ledger, Clock::system())
}

/// Watches until a cycle has ended.
async fn ended(workflow: &Workflow, caller: &Caller, registry: &str, run_id: &str) -> RunTree {
    let mut runs = workflow.watch_runs(caller, registry).await.unwrap();
    loop {
        let found = runs
            .borrow_and_update()
            .iter()
            .find(|tree| tree.trigger.id == run_id && tree.status.is_finished())
            .cloned();
        match found {
            Some(tree) => return tree,
            None => runs.changed().await.unwrap(),
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
