use crate::support::Desk;
use chrono::{DateTime, TimeDelta, Utc};
use drydock_domain::audit::is_document_authentic;
use drydock_domain::compliance::{
    Closing, ClosingReason, ComplianceSettings, Exception, Exposure, ExposureRule, FeedKind,
    FeedState, Finding, FindingKind, Instants, Observation, ScanOutcome, Severity,
};

fn at(day: u32) -> DateTime<Utc> {
    format!("2026-11-{day:02}T00:00:00Z").parse().unwrap()
}

fn finding(registry: &str, id: &str, day: u32) -> Finding {
    Finding {
        id: id.into(),
        kind: FindingKind::Vulnerability,
        registry: registry.into(),
        repository: "web/api".into(),
        original: "1.0".into(),
        tag: "1.0".into(),
        digest: "sha256:a".into(),
        platform: "linux/amd64".into(),
        cve: "CVE-2026-1".into(),
        package: "li\0bssl".into(),
        purl: "pkg:deb/debian/libssl3@1".into(),
        installed: "1".into(),
        fixed: "2".into(),
        severity: Severity::High,
        instants: Instants::default(),
        scanner: "drydock".into(),
        database_at: None,
        scan_id: "s".into(),
        opened_at: at(day),
        closing: None,
    }
}

fn scan(id: &str, original: &str, day: u32) -> Observation {
    Observation {
        id: id.into(),
        registry: "harbour".into(),
        repository: "web/api".into(),
        original: original.into(),
        tag: original.into(),
        digest: "sha256:a".into(),
        platform: String::new(),
        original_digest: "sha256:a".into(),
        at: at(day),
        outcome: ScanOutcome::Complete,
        scanner: "drydock".into(),
        database_at: Some(at(day)),
        findings: 1,
        os: "debian 12".into(),
        is_end_of_life: false,
        note: String::new(),
    }
}

pub async fn a_finding_is_what_it_was_at_any_instant(desk: &Desk) {
    let ledger = desk.open().await;
    let (mut first, second) = (finding("harbour", "a", 1), finding("harbour", "b", 5));
    let other = finding("quay", "a", 1);
    let opened = scan("s", "1.0", 1);
    let all = [first.clone(), second.clone(), other];
    ledger.keep_scan(Some(&opened), &all).await.unwrap();
    first.closing = Some(Closing {
        at: at(4),
        reason: ClosingReason::Patched,
        tag: "1.0-1".into(),
        digest: "sha256:b".into(),
        scan_id: "s2".into(),
        run_id: "ca1".into(),
    });
    let changed = std::slice::from_ref(&first);
    ledger.keep_scan(None, changed).await.unwrap();
    // It came back: another row of the same finding.
    let again = finding("harbour", "a", 8);
    let reopened = std::slice::from_ref(&again);
    ledger.keep_scan(None, reopened).await.unwrap();

    let ledger = desk.open().await;
    let listed = async |day| ledger.list_findings("harbour", at(day)).await.unwrap();
    assert_eq!(listed(3).await, [first.clone()]);
    assert_eq!(listed(3).await[0].as_of(at(3)).unwrap().closing, None);
    assert_eq!(listed(6).await, [first.clone(), second.clone()]);
    assert_eq!(listed(9).await, [first, second.clone(), again.clone()]);
    let open = ledger.list_open_findings("harbour").await.unwrap();
    assert_eq!(open, [second, again]);
}

pub async fn the_newest_scan_of_each_image_is_told_for_any_instant(desk: &Desk) {
    let ledger = desk.open().await;
    for kept in [
        scan("a", "1.0", 1),
        scan("b", "2.0", 2),
        scan("c", "1.0", 5),
    ] {
        ledger.keep_scan(Some(&kept), &[]).await.unwrap();
        // The same scan twice is one.
        ledger.keep_scan(Some(&kept), &[]).await.unwrap();
    }
    let ids = async |registry, day| -> Vec<String> {
        let scans = ledger.list_latest_scans(registry, at(day)).await.unwrap();
        scans.into_iter().map(|scan| scan.id).collect()
    };
    assert_eq!(ids("harbour", 1).await, ["a"]);
    assert_eq!(ids("harbour", 4).await, ["a", "b"]);
    assert_eq!(ids("harbour", 9).await, ["c", "b"]);
    assert_eq!(ids("quay", 9).await, [""; 0]);
}

pub async fn an_exception_is_kept_until_it_is_withdrawn_and_remembered_after(desk: &Desk) {
    let ledger = desk.open().await;
    let entry = ledger
        .begin("ada", "exception.change", "harbour", "")
        .await
        .unwrap();
    let exception = Exception {
        cve: "CVE-2026-1".into(),
        package: String::new(),
        repositories: "web/*".into(),
        reason: "not reachable".into(),
        owner: "platform".into(),
        expires_at: at(30),
    };
    let kept = ledger
        .create_exception(&entry, "harbour", &exception)
        .await
        .unwrap();
    let listed = desk.open().await.list_exceptions("harbour").await.unwrap();
    assert_eq!(listed, std::slice::from_ref(&kept));
    assert!(ledger.list_exceptions("quay").await.unwrap().is_empty());
    desk.pass(TimeDelta::hours(1));
    let withdraw = async |registry| ledger.withdraw_exception(&entry, registry, &kept.id).await;
    assert!(!withdraw("quay").await.unwrap());
    assert!(withdraw("harbour").await.unwrap());
    assert!(!withdraw("harbour").await.unwrap(), "it is withdrawn once");
    let listed = ledger.list_exceptions("harbour").await.unwrap();
    assert_eq!(listed[0].withdrawn_at, Some(desk.now()));
    assert!(listed[0].is_in_force(desk.now() - TimeDelta::minutes(1)));
    assert!(!listed[0].is_in_force(desk.now()));
}

pub async fn settings_of_an_earlier_day_are_told(desk: &Desk) {
    let ledger = desk.open().await;
    let entry = ledger
        .begin("ada", "compliance.change", "harbour", "")
        .await
        .unwrap();
    let none = ComplianceSettings::default();
    let first = ComplianceSettings {
        exposure: vec![ExposureRule {
            pattern: "web/*".into(),
            exposure: Exposure::Internal,
        }],
        ..none.clone()
    };
    let begun = desk.now();
    desk.pass(TimeDelta::days(1));
    let keep = async |settings| {
        ledger
            .keep_compliance_settings(&entry, "harbour", settings)
            .await
            .unwrap();
    };
    keep(&first).await;
    let changed = desk.now();
    desk.pass(TimeDelta::days(1));
    keep(&none).await;
    let at = async |instant| {
        ledger
            .find_compliance_settings("harbour", instant)
            .await
            .unwrap()
    };
    assert_eq!(at(begun).await, none);
    assert_eq!(at(changed).await, first);
    assert_eq!(at(desk.now()).await, none);
}

pub async fn a_feed_is_kept_with_its_file(desk: &Desk) {
    let ledger = desk.open().await;
    let entry = ledger
        .begin("ada", "compliance.change", "kev", "")
        .await
        .unwrap();
    let states = ledger.list_vulnerability_feeds().await.unwrap();
    assert_eq!(states, FeedKind::ALL.map(FeedState::absent));
    for file in [&b"old"[..], b"new\0\xff"] {
        let state = FeedState {
            source: "kev.json".into(),
            records: file.len() as u64,
            ..FeedState::absent(FeedKind::Kev)
        };
        ledger
            .keep_vulnerability_feed(&entry, &state, file)
            .await
            .unwrap();
    }
    let ledger = desk.open().await;
    let states = ledger.list_vulnerability_feeds().await.unwrap();
    assert_eq!(states[0].records, 5);
    assert_eq!(states[1], FeedState::absent(FeedKind::Epss));
    let file = async |kind| ledger.find_vulnerability_feed(kind).await.unwrap();
    assert_eq!(
        file(FeedKind::Kev).await.as_deref(),
        Some(&b"new\0\xff"[..])
    );
    assert_eq!(file(FeedKind::Epss).await, None);
}

pub async fn a_document_is_signed_as_its_own_format_alone(desk: &Desk) {
    let ledger = desk.open().await;
    let (key, signature) = ledger.sign_document("pack/1", b"index").await.unwrap();
    assert_eq!(key, ledger.public_key());
    let check = |format, document: &[u8]| is_document_authentic(&key, &signature, format, document);
    assert!(check("pack/1", b"index"));
    assert!(!check("pack/1", b"indeX"));
    assert!(!check("pack/2", b"index"));
}
