//! Dry runs that look into images, against the real sandbox: what they find is what the run then
//! does, and the registry is as it was.
mod toy;

use drydock_domain::console::RegistryTags;
use drydock_domain::dry_run::{Depth, DryRunRecord, Inspection, inventory_listing};
use drydock_domain::schedule::Schedule;
use drydock_domain::verdict::{ScanEvidence, Verdict};
use drydock_patcher::BlobStore;
use drydock_patcher::samples::SampleSink;
use drydock_sandbox::Sandbox;
use drydock_workflow::{Caller, Role, Workflow};
use std::io::Read;
use toy::{console, ended, reading_console, sandbox};

const POLICY: &str = r#"{"version": "v1", "repositories": [
    {"repository": "toy/base", "tags": ["2"]},
    {"repository": "toy/clean", "tags": ["1.0"]},
    {"repository": "toy/legacy", "tags": ["*"]}
]}"#;

struct World {
    sandbox: Sandbox,
    workflow: Workflow,
    ada: Caller,
    registry: String,
    folder: tempfile::TempDir,
}

impl World {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let sandbox = sandbox(folder.path()).await;
        Self {
            workflow: console(&sandbox, folder.path()).await,
            registry: sandbox.endpoints().registry_name.clone(),
            ada: Caller::new("ada", Role::Admin),
            sandbox,
            folder,
        }
    }

    async fn inspect(&self, workflow: &Workflow, depth: Depth) -> Inspection {
        loop {
            let (ada, registry) = (&self.ada, &self.registry);
            let asked = workflow.inspect_dry_run(ada, registry, POLICY, depth);
            let found = asked.await.unwrap();
            if found.is_over() {
                return found;
            }
        }
    }

    async fn keep(&self, workflow: &Workflow, depth: Depth) -> (String, DryRunRecord) {
        let (ada, registry) = (&self.ada, &self.registry);
        let kept = workflow.record_dry_run(ada, registry, POLICY, depth);
        let digest = kept.await.unwrap();
        let record = workflow.get_dry_run(ada, registry, &digest).await;
        (digest, record.unwrap())
    }

    async fn tags(&self) -> RegistryTags {
        let listed = self.workflow.list_tags(&self.ada, &self.registry).await;
        listed.unwrap()
    }

    /// Points a tag at another repository's image, as somebody who pushes it again.
    async fn push_again(&self, repository: &str, tag: &str, from: (&str, &str)) {
        let tags = self.tags().await;
        let listed = tags.repositories.iter().find(|it| it.repository == from.0);
        let source = listed.unwrap().tags.iter().find(|it| it.tag == from.1);
        let source = source.unwrap();
        let store = &*self.sandbox.state().registry;
        let mut manifest = Vec::new();
        let mut opened = store.open(&source.digest).unwrap();
        opened.read_to_end(&mut manifest).unwrap();
        let (name, kind) = (repository, source.media_type.as_str());
        SampleSink::put_manifest(store, name, tag, kind, &manifest).unwrap();
    }
}

fn verdict(record: &DryRunRecord, repository: &str, tag: &str) -> Verdict {
    let rows = record.rows.iter().map(|row| &row.verdict);
    let mut found = rows.filter(|row| row.repository == repository && row.tag == tag);
    found.next().unwrap().verdict
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn day_one_check_4_a_dry_run_with_a_pull_only_token_leaves_every_digest_identical() {
    let world = World::start().await;
    let before = world.tags().await;
    let reading = reading_console(&world.sandbox, world.folder.path()).await;

    let shallow = world.inspect(&reading, Depth::Match).await;
    assert_eq!(shallow.failure, None);
    assert!(shallow.evidence.images.is_empty(), "{shallow:?}");
    let scanned = world.inspect(&reading, Depth::Scan).await;
    let base = scanned.evidence.image("toy/base", "2").unwrap();
    let is_found = |scan: &ScanEvidence| scan.fixable > 0;
    assert!(base.scan.as_ref().is_some_and(is_found), "{base:?}");
    assert_eq!(base.plan, None);
    let deep = world.inspect(&reading, Depth::ScanAndPlan).await;
    assert_eq!((deep.done, deep.total, &deep.failure), (3, 3, &None));
    assert!(deep.receipt.unwrap().is_unchanged());
    let (_, record) = world.keep(&reading, Depth::ScanAndPlan).await;
    assert_eq!(
        inventory_listing(&before),
        inventory_listing(&world.tags().await)
    );
    assert!(record.receipt.is_unchanged());
    assert_eq!(record.receipt.depth, Depth::ScanAndPlan);
    assert_eq!(verdict(&record, "toy/base", "2"), Verdict::WillPatch);
    assert_eq!(verdict(&record, "toy/clean", "1.0"), Verdict::Clean);
    let legacy = record
        .rows
        .iter()
        .find(|row| row.verdict.repository == "toy/legacy");
    assert_eq!(legacy.unwrap().verdict.verdict, Verdict::EndOfLife);

    // The same token can write nothing: neither a policy nor a task.
    let schedule = Schedule::new(7, 3, 30).unwrap();
    let (ada, registry) = (&world.ada, &world.registry);
    let refused = reading
        .create_workflow(ada, registry, POLICY, schedule, true)
        .await;
    let refused = refused.unwrap_err().to_string();
    assert!(refused.contains("Azure refused"), "{refused}");
    assert_eq!(
        inventory_listing(&before),
        inventory_listing(&world.tags().await)
    );
    world.sandbox.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dry_run_plans_what_the_run_then_does() {
    let world = World::start().await;
    world.inspect(&world.workflow, Depth::ScanAndPlan).await;
    let (digest, _) = world.keep(&world.workflow, Depth::ScanAndPlan).await;
    let (ada, registry) = (&world.ada, &world.registry);
    let image = ("toy/base", "2");
    let live = world
        .workflow
        .find_inside(ada, registry, POLICY, Depth::ScanAndPlan, image);
    let live = live.await.unwrap().unwrap();
    let kept = world
        .workflow
        .find_kept_inside(ada, registry, &digest, image);
    assert_eq!(kept.await.unwrap().as_ref(), Some(&live));
    let plan = live.plan.unwrap();

    let schedule = Schedule::new(7, 3, 30).unwrap();
    let created = world
        .workflow
        .create_workflow(ada, registry, POLICY, schedule, true);
    let run_id = created.await.unwrap().run_id.unwrap();
    ended(&world.workflow, ada, registry, &run_id).await;
    let lineage = world
        .workflow
        .get_lineage(ada, registry, "toy/base")
        .await
        .unwrap();
    let made = lineage
        .images
        .iter()
        .find(|image| image.original == "2")
        .unwrap();
    let report = made.patches[0].report.as_ref().unwrap();
    assert_eq!(report.upgraded, plan.upgrades);
    assert_eq!(report.kept_back, plan.kept_back);
    assert_eq!(report.vulnerabilities_before as usize, live.findings.len());

    // The clean patch of content that is not there any more.
    let (_, clean) = world.keep(&world.workflow, Depth::ScanAndPlan).await;
    assert_eq!(verdict(&clean, "toy/base", "2"), Verdict::Clean);
    world
        .push_again("toy/base", "2", ("toy/clean", "1.0"))
        .await;
    for depth in Depth::ALL {
        let (_, drifted) = world.keep(&world.workflow, depth).await;
        assert_eq!(
            verdict(&drifted, "toy/base", "2"),
            Verdict::BaseDrift,
            "{depth:?}"
        );
    }
    // The overview says what the last look round found.
    world.workflow.find_notices(registry).await.unwrap();
    let overview = world.workflow.get_overview(ada, registry).await.unwrap();
    let drifted = ("toy/base".to_owned(), "2".to_owned());
    assert_eq!(overview.drifted, [drifted]);
    world.sandbox.shutdown().await;
}
