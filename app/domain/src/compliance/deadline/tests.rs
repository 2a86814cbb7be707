use super::*;
use crate::compliance::{BOD_26_04, Closing, ClosingReason, Exception, Instants, Kev, Profile};

fn at(day: &str) -> DateTime<Utc> {
    format!("{day}T00:00:00Z").parse().unwrap()
}

fn finding() -> Finding {
    Finding {
        id: "f".into(),
        kind: FindingKind::Vulnerability,
        registry: "harbour".into(),
        repository: "web/api".into(),
        original: "1.0".into(),
        tag: "1.0-1".into(),
        digest: "sha256:a".into(),
        platform: "linux/amd64".into(),
        cve: "CVE-2026-1".into(),
        package: "libssl3".into(),
        purl: "pkg:deb/debian/libssl3@1".into(),
        installed: "1".into(),
        fixed: "2".into(),
        severity: Severity::Unknown,
        instants: Instants {
            first_detected: Some(at("2026-11-01")),
            evaluated: Some(at("2026-11-02")),
            fix_available: Some(at("2026-10-30")),
            ..Instants::default()
        },
        scanner: "drydock".into(),
        database_at: Some(at("2026-11-01")),
        scan_id: "s".into(),
        opened_at: at("2026-11-01"),
        closing: None,
    }
}

fn profile(id: &str) -> Profile {
    let mut all = Profile::built_in().into_iter();
    all.find(|profile| profile.id == id).unwrap()
}

fn kev(added: &str) -> Option<Option<Kev>> {
    Some(Some(Kev {
        added: at(added),
        due: None,
        ransomware: false,
    }))
}

fn judged(
    finding: &Finding,
    id: &str,
    exposure: Exposure,
    signals: &Signals,
    now: &str,
) -> Deadline {
    deadline(finding, &profile(id), exposure, signals, &[], at(now))
}

#[test]
fn every_row_of_bod_26_04_asks_for_what_cert_cc_publishes() {
    // KEV, exposed, automatable, total impact: days, or 0 for the next upgrade; and forensic triage.
    let expected = [
        ("nnnn", 0, false),
        ("nnnt", 0, false),
        ("nnan", 60, false),
        ("nnat", 60, false),
        ("nenn", 60, false),
        ("nent", 14, false),
        ("nean", 14, false),
        ("neat", 3, false),
        ("knnn", 14, false),
        ("knnt", 14, false),
        ("knan", 14, false),
        ("knat", 3, true),
        ("kenn", 14, false),
        ("kent", 3, true),
        ("kean", 3, false),
        ("keat", 3, true),
    ];
    assert_eq!(expected.len(), BOD_26_04.len());
    for (answers, days, forensic) in expected {
        let has = |letter| answers.contains(letter);
        let signals = Signals {
            kev: if has('k') {
                kev("2026-11-05")
            } else {
                Some(None)
            },
            automatable: Some(has('a')),
            impact: Some(if has('t') {
                Impact::Total
            } else {
                Impact::Partial
            }),
            ..Signals::default()
        };
        let exposure = if has('e') {
            Exposure::Public
        } else {
            Exposure::Internal
        };
        let found = judged(&finding(), "bod-26-04", exposure, &signals, "2026-11-01");
        let due = (days > 0).then(|| at("2026-11-01") + TimeDelta::days(days));
        assert_eq!(
            (found.due, found.forensic),
            (due, forensic),
            "{answers}: {}",
            found.why
        );
        assert_eq!(found.defaults, [""; 0], "{answers}");
        if days == 0 {
            assert_eq!(found.standing, Standing::NextUpgrade, "{answers}");
        }
    }
}

#[test]
fn the_clock_of_bod_26_04_starts_at_the_earlier_of_listing_and_detection() {
    let check = |listed, anchor, start: &str| {
        let signals = Signals {
            kev: kev(listed),
            ..Signals::default()
        };
        let found = judged(
            &finding(),
            "bod-26-04",
            Exposure::Public,
            &signals,
            "2026-11-01",
        );
        assert_eq!((found.anchor, found.anchor_at), (anchor, Some(at(start))));
    };
    check("2026-10-01", Anchor::KevAdded, "2026-10-01");
    check("2026-11-20", Anchor::FirstDetected, "2026-11-01");
}

#[test]
fn what_is_not_known_is_named_with_what_it_counted_as() {
    let unknown = Signals::default();
    let found = judged(
        &finding(),
        "bod-26-04",
        Exposure::Unknown,
        &unknown,
        "2026-11-01",
    );
    assert_eq!(
        found.defaults,
        [
            "whether it is exploited is not known, and counts as no",
            "exposure is not known, and counts as public",
            "whether it can be automated is not known, and counts as no",
            "its technical impact is not known, and counts as total",
        ]
    );
    assert_eq!(found.due, Some(at("2026-11-15")));
    let found = judged(
        &finding(),
        "internal",
        Exposure::Unknown,
        &unknown,
        "2026-11-01",
    );
    assert_eq!(
        found.defaults,
        ["its severity is not known, and counts as critical"]
    );
}

/// Reachable, likely and not reachable, not likely: in hours from the evaluation.
#[test]
fn fedramp_vdr_asks_by_class_impact_likelihood_and_reach() {
    let table = [
        ("fedramp-vdr-b", Severity::Critical, [96, 192, 768]),
        ("fedramp-vdr-b", Severity::High, [192, 768, 1536]),
        ("fedramp-vdr-b", Severity::Medium, [768, 1536, 4608]),
        ("fedramp-vdr-b", Severity::Low, [2304, 3840, 4608]),
        ("fedramp-vdr-c", Severity::Critical, [48, 96, 384]),
        ("fedramp-vdr-c", Severity::High, [96, 192, 1536]),
        ("fedramp-vdr-c", Severity::Medium, [384, 768, 3072]),
        ("fedramp-vdr-c", Severity::Low, [1152, 3072, 4608]),
        ("fedramp-vdr-d", Severity::Critical, [12, 24, 192]),
        ("fedramp-vdr-d", Severity::High, [48, 192, 768]),
        ("fedramp-vdr-d", Severity::Medium, [192, 384, 1536]),
        ("fedramp-vdr-d", Severity::Low, [576, 2304, 4608]),
    ];
    for (id, severity, hours) in table {
        let cases = [
            (Some(true), Exposure::Public),
            (Some(true), Exposure::Internal),
            (Some(false), Exposure::Public),
        ];
        for ((automatable, exposure), hours) in cases.into_iter().zip(hours) {
            let signals = Signals {
                kev: Some(None),
                automatable,
                severity: Some(severity),
                ..Signals::default()
            };
            let found = judged(&finding(), id, exposure, &signals, "2026-11-01");
            let due = at("2026-11-02") + TimeDelta::hours(hours);
            assert_eq!(found.due, Some(due), "{id} {severity:?} {exposure:?}");
            assert_eq!(found.anchor, Anchor::Evaluated);
        }
    }
}

#[test]
fn fedramp_takes_for_likely_what_nobody_ruled_out_and_waits_for_no_evaluation() {
    let mut late = finding();
    late.instants.evaluated = None;
    let signals = Signals {
        severity: Some(Severity::High),
        ..Signals::default()
    };
    let found = judged(
        &late,
        "fedramp-vdr-c",
        Exposure::Internal,
        &signals,
        "2026-11-01",
    );
    // Five days to evaluate, then eight.
    assert_eq!(found.due, Some(at("2026-11-14")));
    assert!(
        found
            .defaults
            .iter()
            .any(|it| it.ends_with("counts as likely"))
    );
    assert!(
        found
            .defaults
            .iter()
            .any(|it| it.starts_with("not evaluated yet: 5 days"))
    );
}

#[test]
fn severities_have_their_days_from_their_own_anchors() {
    let check = |id, severity, due: Option<&str>| {
        let signals = Signals {
            severity: Some(severity),
            ..Signals::default()
        };
        let found = judged(&finding(), id, Exposure::Internal, &signals, "2026-11-01");
        assert_eq!(found.due, due.map(at), "{id} {severity:?}");
    };
    check("fedramp-legacy", Severity::Critical, Some("2026-12-01"));
    check("fedramp-legacy", Severity::High, Some("2026-12-01"));
    check("fedramp-legacy", Severity::Medium, Some("2027-01-30"));
    check("fedramp-legacy", Severity::Low, Some("2027-04-30"));
    check("pci-6.3.3", Severity::Critical, Some("2026-11-30"));
    check("pci-6.3.3", Severity::High, Some("2027-01-28"));
    check("internal", Severity::Critical, Some("2026-11-06"));
    check("internal", Severity::High, Some("2026-11-13"));
    check("internal", Severity::Medium, Some("2026-12-29"));
    check("internal", Severity::Low, None);
}

#[test]
fn without_a_fix_a_clock_waits_where_the_profile_allows_it() {
    let mut unfixed = finding();
    unfixed.fixed.clear();
    unfixed.instants.fix_available = None;
    let check = |id, expected, has_date| {
        let found = judged(
            &unfixed,
            id,
            Exposure::Public,
            &Signals::default(),
            "2027-12-01",
        );
        assert_eq!(
            (found.standing, found.due.is_some()),
            (expected, has_date),
            "{id}"
        );
    };
    check("internal", Standing::WaitingForFix, false);
    check("pci-6.3.3", Standing::WaitingForFix, false);
    check("bod-26-04", Standing::Overdue, true);
    check("fedramp-vdr-b", Standing::Overdue, true);
    check("fedramp-legacy", Standing::Overdue, true);
}

#[test]
fn a_clock_stops_only_when_a_patched_tag_was_pushed_and_scanned_clean() {
    let closed = |reason, day| {
        let mut closed = finding();
        closed.instants.patched_tag_pushed = Some(at("2026-11-03"));
        closed.closing = Some(Closing {
            at: at(day),
            reason,
            tag: "1.0-2".into(),
            digest: "sha256:b".into(),
            scan_id: "s2".into(),
            run_id: String::new(),
        });
        closed
    };
    let unknown = Signals::default();
    let check = |finding: &Finding, now, expected| {
        let found = judged(finding, "internal", Exposure::Public, &unknown, now);
        assert_eq!(found.standing, expected);
        found.stopped_at
    };
    let mut pushed = finding();
    pushed.instants.patched_tag_pushed = Some(at("2026-11-03"));
    assert_eq!(check(&pushed, "2026-11-04", Standing::DueSoon), None);
    assert_eq!(check(&pushed, "2026-11-07", Standing::Overdue), None);
    let met = closed(ClosingReason::Patched, "2026-11-06");
    assert_eq!(
        check(&met, "2026-12-01", Standing::Met),
        Some(at("2026-11-06"))
    );
    let late = closed(ClosingReason::Patched, "2026-11-07");
    check(&late, "2026-12-01", Standing::MetLate);
    check(
        &closed(ClosingReason::Superseded, "2026-11-03"),
        "2026-12-01",
        Standing::Gone,
    );
    check(
        &closed(ClosingReason::Gone, "2026-11-03"),
        "2026-12-01",
        Standing::Gone,
    );
    // As it was known the day before, it was open.
    let before = met.as_of(at("2026-11-05")).unwrap();
    check(&before, "2026-11-05", Standing::DueSoon);
    assert_eq!(met.as_of(at("2026-10-31")), None);
}

#[test]
fn an_exception_holds_for_its_finding_until_it_expires_or_is_withdrawn() {
    let exception = |change: fn(&mut Exception)| {
        let mut exception = Exception {
            cve: "CVE-2026-1".into(),
            package: String::new(),
            repositories: "web/*".into(),
            reason: "not reachable".into(),
            owner: "platform".into(),
            expires_at: at("2026-12-01"),
        };
        change(&mut exception);
        KeptException {
            id: "e".into(),
            exception,
            created_at: at("2026-11-10"),
            withdrawn_at: None,
            accepted_by: "grace".into(),
            entry: 12,
            doubt: None,
        }
    };
    let check = |kept: &KeptException, now, expected| {
        let found = deadline(
            &finding(),
            &profile("internal"),
            Exposure::Public,
            &Signals::default(),
            std::slice::from_ref(kept),
            at(now),
        );
        assert_eq!(found.standing, expected, "{now}");
        assert_eq!(found.due, Some(at("2026-11-06")), "its date stays");
    };
    let accepted = exception(|_| {});
    check(&accepted, "2026-11-09", Standing::Overdue);
    check(&accepted, "2026-11-10", Standing::Accepted);
    check(&accepted, "2026-12-01", Standing::Overdue);
    let mut withdrawn = accepted.clone();
    withdrawn.withdrawn_at = Some(at("2026-11-12"));
    check(&withdrawn, "2026-11-11", Standing::Accepted);
    check(&withdrawn, "2026-11-12", Standing::Overdue);
    check(
        &exception(|it| it.cve = "CVE-2026-2".into()),
        "2026-11-11",
        Standing::Overdue,
    );
    check(
        &exception(|it| it.package = "zlib".into()),
        "2026-11-11",
        Standing::Overdue,
    );
    check(
        &exception(|it| it.repositories = "base/*".into()),
        "2026-11-11",
        Standing::Overdue,
    );
    check(
        &exception(|it| it.package = "libssl3".into()),
        "2026-11-11",
        Standing::Accepted,
    );
}

#[test]
fn a_profile_is_data() {
    for profile in Profile::built_in() {
        let json = serde_json::to_string(&profile).unwrap();
        assert_eq!(serde_json::from_str::<Profile>(&json).unwrap(), profile);
    }
    let mut own = profile("pci-6.3.3");
    let json = serde_json::to_string(&own).unwrap();
    own = serde_json::from_str(&json.replace("{\"months\":1}", "{\"days\":10}")).unwrap();
    let signals = Signals {
        severity: Some(Severity::Critical),
        ..Signals::default()
    };
    let found = deadline(
        &finding(),
        &own,
        Exposure::Public,
        &signals,
        &[],
        at("2026-11-01"),
    );
    assert_eq!(found.due, Some(at("2026-11-09")));
}

#[test]
fn a_missed_run_is_a_finding_that_fedramp_dates() {
    let mut missed = finding();
    missed.kind = FindingKind::MissedRun;
    missed.severity = Severity::High;
    let unknown = Signals::default();
    let dated = judged(
        &missed,
        "fedramp-vdr-c",
        Exposure::Unknown,
        &unknown,
        "2026-11-02",
    );
    assert_eq!(dated.due, Some(at("2026-11-06")));
    let plain = judged(
        &missed,
        "bod-26-04",
        Exposure::Unknown,
        &unknown,
        "2026-11-02",
    );
    assert_eq!((plain.standing, plain.due), (Standing::NoDeadline, None));
    assert!(plain.standing.is_open());
}
