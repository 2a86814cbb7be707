//! Findings over time, against the real sandbox with its toy archive: found, patched, verified, told.
mod toy;

use drydock_domain::audit::AuditQuery;
use drydock_domain::compliance::export::Format;
use drydock_domain::compliance::{
    ClosingReason, ComplianceView, Exception, Exposure, ExposureRule, FeedKind, FindingQuery,
    Freshness, Member, PackTrust, Profile, Standing, verify_pack,
};
use drydock_domain::notice::NoticeKind;
use drydock_domain::schedule::Schedule;
use drydock_ledger::Ledger;
use drydock_workflow::{Caller, Role, Scope, Workflow, WorkflowError, keep_feed};
use sqlx::{ConnectOptions as _, Executor as _, sqlite::SqliteConnectOptions};
use std::io::Read as _;
use std::path::Path;
use toy::{console, ended, sandbox};

const POLICY: &str = r#"{"version": "v1", "repositories": [
    {"repository": "toy/base", "tags": ["2"]}
]}"#;

struct World {
    workflow: Workflow,
    ada: Caller,
    registry: String,
}

impl World {
    async fn view(&self, change: impl FnOnce(&mut FindingQuery)) -> ComplianceView {
        let mut query = FindingQuery::default();
        change(&mut query);
        let view = self
            .workflow
            .get_compliance(&self.ada, &self.registry, &query);
        view.await.unwrap()
    }

    async fn collect(&self) -> usize {
        loop {
            let collected = self.workflow.collect_findings(&self.ada, &self.registry);
            match collected.await {
                Ok(Some(n_images)) => return n_images,
                // It goes on; whoever asks again waits again.
                Ok(None) | Err(WorkflowError::Conflict { .. }) => tokio::task::yield_now().await,
                Err(error) => panic!("{error}"),
            }
        }
    }

    async fn export(&self, format: Format) -> Result<String, WorkflowError> {
        let query = FindingQuery {
            status: "all".into(),
            ..FindingQuery::default()
        };
        let file = self
            .workflow
            .export_compliance(&self.ada, &self.registry, format, &query, "");
        Ok(String::from_utf8(file.await?.bytes).unwrap())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_finding_is_found_patched_verified_and_told() {
    let folder = tempfile::tempdir().unwrap();
    let sandbox = sandbox(folder.path()).await;
    let world = World {
        workflow: console(&sandbox, folder.path()).await,
        registry: sandbox.endpoints().registry_name.clone(),
        ada: Caller::new("ada", Role::Admin),
    };
    let (ada, registry) = (&world.ada, &world.registry);

    let before = world.view(|_| {}).await;
    assert!(!before.coverage.tags.is_empty());
    assert!(
        before
            .coverage
            .tags
            .iter()
            .all(|tag| tag.freshness == Freshness::NeverScanned)
    );
    assert_eq!((before.total, before.coverage.current), (0, 0));

    assert_eq!(world.collect().await, before.coverage.tags.len());
    let of_base = |query: &mut FindingQuery| query.repository = "toy/base".into();
    let found = world.view(of_base).await;
    assert!(found.total > 0, "{found:?}");
    let row = &found.rows[0];
    assert!(row.finding.purl.starts_with("pkg:deb/"), "{row:?}");
    assert!(!row.finding.installed.is_empty());
    assert_eq!(
        row.finding.instants.first_detected,
        Some(row.finding.opened_at)
    );
    let expected = "exposure is not known, and counts as public";
    assert!(row.deadline.defaults.iter().any(|it| it == expected));
    let scanned = found
        .coverage
        .tags
        .iter()
        .find(|tag| tag.repository == "toy/base");
    assert!(scanned.unwrap().scan.is_some());

    // Patched, and nobody looked again: the clock runs on.
    let schedule = Schedule::new(7, 3, 30).unwrap();
    let created = world
        .workflow
        .create_workflow(ada, registry, POLICY, schedule, true);
    let run_id = created.await.unwrap().run_id.unwrap();
    ended(&world.workflow, ada, registry, &run_id).await;
    assert_eq!(world.view(of_base).await.total, found.total);
    world.collect().await;
    let after = world.view(of_base).await;
    assert_eq!(after.total, 0, "{after:?}");
    let closed = world.view(|query| query.status = "met".into()).await;
    assert_eq!(closed.total, found.total);
    let closing = closed.rows[0].finding.closing.as_ref().unwrap();
    assert_eq!(closing.reason, ClosingReason::Patched);
    assert_eq!(closing.tag, "2-1");
    assert!(!closing.run_id.is_empty() && !closing.scan_id.is_empty());
    let pushed = closed.rows[0].finding.instants.patched_tag_pushed.unwrap();
    assert!(pushed <= closing.at, "it is verified after it was pushed");
    assert_eq!(closed.indicators.fixed, found.total);

    // Every format, and the counts of the screen.
    let ndjson = world.export(Format::Ndjson).await.unwrap();
    let all = world.view(|query| query.status = "all".into()).await;
    assert_eq!(ndjson.lines().count(), 1 + all.total);
    for format in Format::ALL {
        match (format.is_of_an_image(), world.export(format).await) {
            (false, exported) => assert!(exported.unwrap().contains("sha256:"), "{format:?}"),
            (true, exported) => assert!(matches!(exported, Err(WorkflowError::Invalid { .. }))),
        }
    }
    let query = FindingQuery {
        repository: "toy/base".into(),
        ..FindingQuery::default()
    };
    for format in [Format::CycloneDx, Format::Spdx] {
        let bom = world
            .workflow
            .export_compliance(ada, registry, format, &query, &closing.digest);
        let bom = String::from_utf8(bom.await.unwrap().bytes).unwrap();
        assert!(
            bom.contains("pkg:deb/") && bom.contains(&closing.digest),
            "{bom}"
        );
    }
    let entries = world
        .workflow
        .list_entries(ada, &Default::default(), 50)
        .await
        .unwrap();
    let exports = entries
        .iter()
        .filter(|entry| entry.operation == "export.create");
    // NDJSON twice, and nothing for what was refused.
    assert_eq!(exports.count(), Format::ALL.len() + 1);

    whole_pack(&world).await;
    sandbox.shutdown().await;
}

/// The pack verifies, and no byte of it can change unnoticed.
async fn whole_pack(world: &World) {
    let query = FindingQuery {
        status: "all".into(),
        ..FindingQuery::default()
    };
    let pack = world
        .workflow
        .export_pack(&world.ada, &world.registry, &query);
    let pack = pack.await.unwrap();
    let mut archive = tar::Archive::new(pack.bytes.as_slice());
    let members: Vec<Member> = archive
        .entries()
        .unwrap()
        .map(|entry| {
            let mut entry = entry.unwrap();
            let name = entry.path().unwrap().display().to_string();
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).unwrap();
            Member { name, bytes }
        })
        .collect();
    let verified = verify_pack(&members, &PackTrust::default()).unwrap();
    assert_eq!(verified.index.files.len() + 2, members.len());
    assert!(verified.trail.is_some_and(|trail| trail.entries > 3));
    for (place, member) in members.iter().enumerate() {
        let mut changed = members.clone();
        let middle = member.bytes.len() / 2;
        changed[place].bytes[middle] ^= 1;
        let fault = verify_pack(&changed, &PackTrust::default()).unwrap_err();
        let is_named = fault.file == member.name || place == 1;
        assert!(is_named, "{}: {fault}", member.name);
    }
}

/// What somebody can do who holds the database.
async fn tamper(folder: &Path, statement: &'static str) {
    let file = folder.join("console/ledger.db");
    let options = SqliteConnectOptions::new().filename(file);
    let mut connection = options.connect().await.unwrap();
    let done = connection.execute(statement).await.unwrap();
    assert_eq!(done.rows_affected(), 1, "{statement}");
}

/// The one exception is not as it was recorded: nothing is accepted by it, and the page says why.
async fn doubted(world: &World, says: &str) {
    let seen = world.view(|query| query.status = "accepted".into()).await;
    assert_eq!(seen.total, 0);
    let doubt = seen.exceptions[0].doubt.as_deref().unwrap();
    assert!(doubt.contains(says), "{doubt}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn exposure_feeds_and_exceptions_change_what_is_due() {
    let folder = tempfile::tempdir().unwrap();
    let sandbox = sandbox(folder.path()).await;
    let world = World {
        workflow: console(&sandbox, folder.path()).await,
        registry: sandbox.endpoints().registry_name.clone(),
        ada: Caller::new("ada", Role::Admin),
    };
    let (workflow, ada, registry) = (&world.workflow, &world.ada, &world.registry);
    world.collect().await;
    let open = world.view(|_| {}).await;
    let cve = open.rows[0].finding.cve.clone();
    assert!(
        open.doubts
            .iter()
            .any(|doubt| doubt.contains("known exploited"))
    );

    let catalogue = format!(
        r#"{{"catalogVersion": "1", "vulnerabilities": [{{"cveID": "{cve}", "dateAdded": "2020-01-01"}}]}}"#
    );
    let ledger = Ledger::open(&folder.path().join("console/ledger.db"))
        .await
        .unwrap();
    let import = async |file: &str| {
        let file = file.as_bytes().to_vec();
        keep_feed(&ledger, "ada", open.as_of, FeedKind::Kev, "kev.json", file).await
    };
    let auditor = Caller::new("eve", Role::Auditor);
    assert!(matches!(
        import("{}").await,
        Err(WorkflowError::Invalid { .. })
    ));
    assert_eq!(import(&catalogue).await.unwrap().records, 1);
    let listed = world.view(|query| query.view = "kev".into()).await;
    assert!(
        listed.rows.iter().all(|row| row.finding.cve == cve),
        "{listed:?}"
    );
    assert_eq!(listed.rows[0].deadline.standing, Standing::Overdue);
    assert!(listed.rows[0].deadline.forensic);
    assert!(listed.feeds.iter().any(|feed| feed.source == "kev.json"));

    workflow.find_notices(registry).await.unwrap();
    let told = workflow.list_notices(ada).await.unwrap().notices;
    for kind in [NoticeKind::Exploited, NoticeKind::DeadlineMissed] {
        let mut notices = told.iter().map(|kept| &kept.notice);
        let notice = notices.find(|notice| notice.kind == kind).unwrap();
        assert!(notice.text.contains(&cve), "{}", notice.text);
    }

    let rules = vec![ExposureRule {
        pattern: "*".into(),
        exposure: Exposure::Internal,
    }];
    let by_auditor = workflow.set_exposure(&auditor, registry, rules.clone());
    assert!(matches!(by_auditor.await, Err(WorkflowError::Forbidden(_))));
    workflow.set_exposure(ada, registry, rules).await.unwrap();
    let internal = world.view(|query| query.view = "kev".into()).await;
    assert!(!internal.rows[0].deadline.forensic);
    assert_eq!(internal.rows[0].exposure, Exposure::Internal);

    // A profile of the registry's own counts at once, and goes when it says what is built in.
    let built_in = listed.deadlines.clone();
    let mut profile = Profile::from_text(&built_in).unwrap();
    profile.name = "Within a century".into();
    let edited = profile.to_text();
    let by_auditor = workflow.keep_profile(&auditor, registry, &edited);
    assert!(matches!(by_auditor.await, Err(WorkflowError::Forbidden(_))));
    let broken = workflow.keep_profile(ada, registry, "{}").await;
    assert!(matches!(broken, Err(WorkflowError::Invalid { field, .. }) if field == "profile"));
    for (text, name, is_own) in [
        (&edited, "Within a century", true),
        (&built_in, listed.profile.name.as_str(), false),
    ] {
        workflow.keep_profile(ada, registry, text).await.unwrap();
        let seen = world.view(|query| query.view = "kev".into()).await;
        assert_eq!(
            (seen.profile.name.as_str(), seen.is_own_profile),
            (name, is_own)
        );
    }

    let exception = Exception {
        cve: cve.clone(),
        package: String::new(),
        repositories: "*".into(),
        reason: "behind a wall".into(),
        owner: "platform".into(),
        expires_at: open.as_of + chrono::TimeDelta::days(9),
    };
    let by_auditor = workflow.create_exception(&auditor, registry, exception.clone());
    assert!(matches!(by_auditor.await, Err(WorkflowError::Forbidden(_))));
    let late = Exception {
        expires_at: open.as_of - chrono::TimeDelta::days(1),
        ..exception.clone()
    };
    let past = workflow.create_exception(ada, registry, late).await;
    assert!(matches!(past, Err(WorkflowError::Invalid { field, .. }) if field == "expires"));
    let kept = workflow
        .create_exception(ada, registry, exception)
        .await
        .unwrap();
    let accepted = world.view(|query| query.status = "accepted".into()).await;
    assert_eq!(accepted.rows[0].finding.cve, cve);
    let acceptance = accepted.rows[0].acceptance.as_ref().unwrap();
    assert_eq!((&acceptance.id, acceptance.entry), (&kept.id, kept.entry));
    assert_eq!(acceptance.accepted_by, "ada", "and not whom the form names");
    assert_eq!(kept.accepted_by, "ada");
    let entries = AuditQuery {
        mention: kept.id.clone(),
        ..AuditQuery::default()
    };
    let entered = workflow.list_entries(ada, &entries, 5).await.unwrap();
    assert_eq!(entered[0].sequence, acceptance.entry);
    let csv = world.export(Format::Ndjson).await.unwrap();
    assert!(csv.contains(r#""accepted_by":"ada","accepted_for":"platform""#));
    for (change, back) in [
        (
            "UPDATE exception SET body = replace(body, 'behind a wall', 'no reason')",
            "UPDATE exception SET body = replace(body, 'no reason', 'behind a wall')",
        ),
        (
            "UPDATE exception SET created_at = created_at - 86400000000",
            "UPDATE exception SET created_at = created_at + 86400000000",
        ),
        (
            "UPDATE exception SET entry = entry - 1",
            "UPDATE exception SET entry = entry + 1",
        ),
    ] {
        tamper(folder.path(), change).await;
        doubted(&world, "of the audit trail").await;
        tamper(folder.path(), back).await;
    }
    assert_eq!(
        world
            .view(|query| query.status = "accepted".into())
            .await
            .total,
        accepted.total
    );
    workflow
        .withdraw_exception(ada, registry, &kept.id)
        .await
        .unwrap();
    let again = workflow.withdraw_exception(ada, registry, &kept.id).await;
    assert!(matches!(again, Err(WorkflowError::NotFound { .. })));
    tamper(folder.path(), "UPDATE exception SET withdrawn_at = NULL").await;
    doubted(&world, "withdrew it").await;
    assert_eq!(
        world
            .view(|query| query.status = "accepted".into())
            .await
            .total,
        0
    );

    // Whose scope is one repository sees what is of it alone.
    let scope: Scope = format!("{registry}/toy/base").parse().unwrap();
    let part = Caller::new("pia", Role::Viewer).within(scope);
    let all = FindingQuery::default();
    let seen = workflow
        .get_compliance(&part, registry, &all)
        .await
        .unwrap();
    assert!(
        seen.rows
            .iter()
            .all(|row| row.finding.repository == "toy/base")
    );
    assert!(
        seen.coverage
            .tags
            .iter()
            .all(|tag| tag.repository == "toy/base")
    );
    assert!(seen.total < open.total || open.coverage.total > seen.coverage.total);
    assert!(seen.exposure.is_empty());

    // Yesterday nothing of it was known.
    let yesterday = open.as_of - chrono::TimeDelta::days(1);
    let day = yesterday.format("%Y-%m-%d").to_string();
    let past = world.view(|query| query.as_of = day).await;
    assert!(past.is_past);
    assert_eq!((past.total, past.exposure.len()), (0, 0));
    let viewer = Caller::new("vic", Role::Viewer);
    let all = FindingQuery::default();
    let export = workflow.export_compliance(&viewer, registry, Format::Csv, &all, "");
    assert!(matches!(export.await, Err(WorkflowError::Forbidden(_))));
    sandbox.shutdown().await;
}
