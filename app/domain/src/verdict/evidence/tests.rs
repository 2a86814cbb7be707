use super::*;
use crate::inventory::Inventory;
use crate::policy::{Policy, PolicyRepository};
use crate::selection::select;
use crate::verdict::{TagVerdict, judge};

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn scan(tag: &str) -> ScanEvidence {
    ScanEvidence {
        tag: tag.to_owned(),
        digest: None,
        at: at("2026-11-20T02:31:00Z"),
        database_at: Some(at("2026-11-20T00:00:00Z")),
        fixable: 0,
        critical: 0,
        unfixable: 0,
        application: 0,
        end_of_life: None,
    }
}

fn drift(patch: &str) -> Drift {
    Drift {
        patch: patch.to_owned(),
        then: "sha256:aa".to_owned(),
        now: "sha256:bb".to_owned(),
    }
}

fn weighed(evidence: &Evidence) -> Vec<TagVerdict> {
    let policy = Policy {
        convention: None,
        repositories: vec![PolicyRepository {
            repository: "r".to_owned(),
            tags: vec!["*".to_owned()],
            enabled: true,
        }],
    };
    let inventory: Inventory = [("r", ["3.11", "3.11-1", "9-2"])].into_iter().collect();
    let selection = select(&policy, &inventory);
    let mut judgements = judge(&policy, &inventory, &selection);
    weigh(&mut judgements, evidence, at("2026-11-21T08:00:00Z"));
    judgements.iter().map(Judgement::to_tag_verdict).collect()
}

fn of_image(image: ImageEvidence) -> Evidence {
    let images = BTreeMap::from([("3.11".to_owned(), image)]);
    Evidence {
        images: BTreeMap::from([("r".to_owned(), images)]),
        ..Evidence::default()
    }
}

/// The verdict on `3.11`, a piece of its reason, and the number of notes.
#[track_caller]
fn check(image: ImageEvidence, verdict: Verdict, reason: &str, n_notes: usize) {
    let found = &weighed(&of_image(image))[0];
    assert_eq!(found.verdict, verdict, "{}", found.reason);
    assert!(found.reason.contains(reason), "{}", found.reason);
    assert_eq!(found.notes.len(), n_notes, "{:?}", found.notes);
}

fn scanned(scan: ScanEvidence) -> ImageEvidence {
    ImageEvidence {
        scan: Some(scan),
        ..ImageEvidence::default()
    }
}

#[test]
fn a_scan_comes_down_to_one_verdict() {
    let fixable = ScanEvidence {
        fixable: 14,
        critical: 2,
        unfixable: 9,
        ..scan("3.11-1")
    };
    let reason = "14 vulnerabilities of `3.11-1` can be fixed (2 critical), so a patch is pushed as `3.11-2`.";
    check(scanned(fixable), Verdict::WillPatch, reason, 0);
    let clean = "no OS vulnerability that can be fixed, as of 2026-11-20 02:31 UTC.";
    check(scanned(scan("3.11-1")), Verdict::Clean, clean, 0);
    let unfixable = ScanEvidence {
        unfixable: 1,
        application: 3,
        ..scan("3.11-1")
    };
    check(scanned(unfixable), Verdict::NoFix, "1 vulnerability of", 0);
    let application = ScanEvidence {
        application: 3,
        ..scan("3.11-1")
    };
    check(
        scanned(application),
        Verdict::AppOnly,
        "application packages",
        0,
    );
    let end_of_life = ScanEvidence {
        end_of_life: Some("Debian 8".to_owned()),
        fixable: 3,
        ..scan("3.11-1")
    };
    check(
        scanned(end_of_life),
        Verdict::EndOfLife,
        "Debian 8 is at its end",
        0,
    );
}

#[test]
fn an_old_database_cannot_tell_that_an_image_is_clean() {
    let old = Some(at("2026-11-11T00:00:00Z"));
    let clean = ScanEvidence {
        database_at: old,
        ..scan("3.11-1")
    };
    check(scanned(clean), Verdict::StaleDatabase, "10 days old", 0);
    let fixable = ScanEvidence {
        database_at: old,
        fixable: 1,
        ..scan("3.11-1")
    };
    check(scanned(fixable), Verdict::WillPatch, "1 vulnerability", 0);
}

#[test]
fn a_scan_of_other_content_says_nothing() {
    check(scanned(scan("3.11")), Verdict::WillScan, "is scanned", 0);
    let image = ImageEvidence {
        digest: Some("sha256:bb".to_owned()),
        ..scanned(ScanEvidence {
            digest: Some("sha256:aa".to_owned()),
            ..scan("3.11-1")
        })
    };
    check(image, Verdict::WillScan, "is scanned", 0);
}

#[test]
fn a_base_that_was_pushed_again_is_never_called_clean() {
    let drifted = |scan: Option<ScanEvidence>| ImageEvidence {
        scan,
        drift: Some(drift("3.11-1")),
        ..ImageEvidence::default()
    };
    let reason = "`3.11` was pushed again after `3.11-1`";
    check(drifted(None), Verdict::BaseDrift, reason, 0);
    check(drifted(Some(scan("3.11-1"))), Verdict::BaseDrift, reason, 1);
    let fixable = ScanEvidence {
        fixable: 1,
        ..scan("3.11-1")
    };
    check(
        drifted(Some(fixable)),
        Verdict::WillPatch,
        "can be fixed",
        1,
    );
    let older = ImageEvidence {
        drift: Some(drift("3.11-0")),
        ..ImageEvidence::default()
    };
    check(older, Verdict::WillScan, "is scanned", 0);
}

#[test]
fn what_the_registry_cannot_do_comes_first_and_touches_only_what_is_picked() {
    let mut evidence = of_image(scanned(scan("3.11-1")));
    evidence.cached = vec!["r".to_owned()];
    let verdicts = |evidence: &Evidence| -> Vec<Verdict> {
        weighed(evidence)
            .iter()
            .map(|found| found.verdict)
            .collect()
    };
    use Verdict::{NoTasks, PatchTag, PullThroughCache, RepositoryPermissions};
    let cached = [PullThroughCache, PatchTag, PullThroughCache];
    assert_eq!(verdicts(&evidence), cached);
    evidence.registry = Some(RegistryObstacle::NoTasks);
    assert_eq!(verdicts(&evidence), [NoTasks, PatchTag, NoTasks]);
    evidence.registry = Some(RegistryObstacle::RepositoryPermissions);
    let found = weighed(&evidence);
    assert_eq!(found[2].verdict, RepositoryPermissions);
    assert!(
        found[2].notes[0].contains("does not exist"),
        "{:?}",
        found[2].notes
    );
}

#[test]
fn a_plan_says_what_a_patch_changes_and_when_there_is_nothing_left_of_it() {
    let planned = |upgrades, kept_back| ImageEvidence {
        plan: Some(PlanEvidence {
            upgrades,
            kept_back,
            size_bytes: 0,
        }),
        ..scanned(ScanEvidence {
            fixable: 3,
            ..scan("3.11-1")
        })
    };
    let some = "pushed as `3.11-2`. It upgrades 2 packages of `3.11` and keeps 1 back.";
    check(planned(2, 1), Verdict::WillPatch, some, 0);
    let all = "pushed as `3.11-2`. It upgrades 1 package of `3.11`.";
    check(planned(1, 0), Verdict::WillPatch, all, 0);
    let none = "the plan for `3.11` keeps back every package";
    check(planned(0, 4), Verdict::NoFix, none, 0);
}

#[test]
fn what_could_not_be_looked_into_is_never_called_clean() {
    let failed = |drift| ImageEvidence {
        failure: Some("Its layers are gone.".to_owned()),
        drift,
        ..ImageEvidence::default()
    };
    let reason = "Cannot tell: `3.11-1` could not be looked into. Its layers are gone.";
    check(failed(None), Verdict::Unreadable, reason, 0);
    check(
        failed(Some(drift("3.11-1"))),
        Verdict::Unreadable,
        reason,
        1,
    );
}
