use super::*;
use crate::inventory::{InventoryTag, Listing, Obstacle};
use crate::policy::{PolicyRepository, TagConvention};
use crate::selection::select;

fn row(repository: &str, tags: &[&str], enabled: bool) -> PolicyRepository {
    PolicyRepository {
        repository: repository.to_owned(),
        tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
        enabled,
    }
}

fn policy(rows: &[PolicyRepository]) -> Policy {
    Policy {
        convention: None,
        repositories: rows.to_vec(),
    }
}

fn inventory(tags: &[&str]) -> Inventory {
    [("r", tags.iter().copied())].into_iter().collect()
}

fn judged(policy: &Policy, inventory: &Inventory) -> Vec<TagVerdict> {
    let selection = select(policy, inventory);
    verdicts(policy, inventory, &selection)
}

/// Compares tag, code and a piece of the reason, for every verdict in order.
fn check(policy: &Policy, inventory: &Inventory, expected: &[(&str, Verdict, &str)]) {
    let found = judged(policy, inventory);
    let tags: Vec<&str> = found.iter().map(|verdict| verdict.tag.as_str()).collect();
    let wanted: Vec<&str> = expected.iter().map(|(tag, ..)| *tag).collect();
    assert_eq!(tags, wanted);
    for (found, (tag, verdict, reason)) in found.iter().zip(expected) {
        assert_eq!(found.verdict, *verdict, "{tag}: {}", found.reason);
        assert!(found.reason.contains(reason), "{tag}: {}", found.reason);
    }
}

#[test]
fn an_original_says_what_is_scanned_and_what_would_be_pushed() {
    let policy = policy(&[row("r", &["*"], true)]);
    let inventory = inventory(&["1.0", "1.0-1", "1.0-2", "2.0", "2.0-patched"]);
    check(
        &policy,
        &inventory,
        &[
            ("1.0", Verdict::WillScan, "latest patch `1.0-2` is scanned"),
            ("1.0-1", Verdict::PatchTag, "`1.0-2` came after it"),
            ("1.0-2", Verdict::PatchTag, "scanned in place of `1.0`"),
            ("2.0", Verdict::WillScan, "a patch is pushed as `2.0-1`"),
            (
                "2.0-patched",
                Verdict::OtherConvention,
                "floating patch of `2.0`",
            ),
        ],
    );
    let first = &judged(&policy, &inventory)[0];
    assert_eq!(first.scan.as_deref(), Some("1.0-2"));
    assert_eq!(first.next.as_deref(), Some("1.0-3"));
}

#[test]
fn a_phantom_base_is_told_at_the_tag_that_is_scanned() {
    let policy = policy(&[row("r", &["*"], true)]);
    check(
        &policy,
        &inventory(&["9.2-696", "9.2-717", "9.3-1475"]),
        &[
            ("9.2-696", Verdict::PhantomBase, "never scanned"),
            (
                "9.2-717",
                Verdict::PhantomBase,
                "patching `9.2` into `9.2-718` fails",
            ),
            ("9.3-1475", Verdict::WillScan, ""),
        ],
    );
}

#[test]
fn a_dot_that_picks_another_tag_is_named() {
    let policy = policy(&[row("r", &["3.11"], true)]);
    check(
        &policy,
        &inventory(&["3.11", "3-11", "3", "3911", "3.12"]),
        &[
            ("3.11", Verdict::WillScan, ""),
            ("3-11", Verdict::PatchTag, "scanned in place of `3`"),
            ("3", Verdict::RegexLeak, "names `3.11`"),
            ("3911", Verdict::RegexLeak, "picks `3911` too"),
            ("3.12", Verdict::NotSelected, "not `3.12`"),
        ],
    );
}

#[test]
fn what_the_policy_names_in_vain_gets_a_verdict_of_its_own() {
    let rows = [
        row("r", &["jamy-2024", "gone", "*"], true),
        row("rr", &["*"], true),
        row("off", &["x"], false),
    ];
    check(
        &policy(&rows),
        &inventory(&["jammy-20240111", "gone-1"]),
        &[
            ("jammy-20240111", Verdict::NotSelected, ""),
            ("gone-1", Verdict::Reserved, "patch 1 of `gone`"),
            ("jamy-2024", Verdict::NotFound, "no tag `jamy-2024` in `r`."),
            ("gone", Verdict::NotFound, "although there is `gone-1`"),
            ("*", Verdict::NotFound, "called `*`"),
            (
                "*",
                Verdict::NotFound,
                "no repository `rr`; did you mean `r`?",
            ),
        ],
    );
}

#[test]
fn switched_off_rows_and_unnamed_repositories_say_so() {
    let policy = policy(&[row("r", &["1.0"], false), row("r", &["2.0"], true)]);
    let inventory: Inventory = [("other", vec!["1"]), ("r", vec!["1.0", "2.0", "3.0"])]
        .into_iter()
        .collect();
    check(
        &policy,
        &inventory,
        &[
            (
                "1",
                Verdict::NotSelected,
                "No row of the policy names `other`",
            ),
            ("1.0", Verdict::Disabled, "switched off"),
            ("2.0", Verdict::WillScan, ""),
            ("3.0", Verdict::NotSelected, "other tags of `r`"),
        ],
    );
}

#[test]
fn past_the_limit_every_image_is_over_it() {
    let tags: Vec<String> = (0..101).map(|number| format!("v{number:03}")).collect();
    let names: Vec<&str> = tags.iter().map(String::as_str).collect();
    let policy = policy(&[row("r", &["*"], true)]);
    let all = judged(&policy, &inventory(&names));
    assert!(
        all.iter()
            .all(|verdict| verdict.verdict == Verdict::OverLimit)
    );
    assert!(all[0].reason.starts_with("101 images match"));
    let allowed = judged(&policy, &inventory(&names[..100]));
    assert!(
        allowed
            .iter()
            .all(|verdict| verdict.verdict == Verdict::WillScan)
    );
}

#[test]
fn the_last_number_and_lost_rows_are_told() {
    let full = policy(&[row("r", &["1.0"], true)]);
    check(
        &full,
        &inventory(&["1.0", "1.0-999"]),
        &[
            ("1.0", Verdict::SeriesFull, "reached 999"),
            ("1.0-999", Verdict::PatchTag, "`1.0-1000`"),
        ],
    );
    let lost = policy(&[row("a", &["b-c"], true), row("a-b", &["c"], true)]);
    let both: Inventory = [("a", ["b-c"]), ("a-b", ["c"])].into_iter().collect();
    check(
        &lost,
        &both,
        &[
            ("b-c", Verdict::WillScan, ""),
            (
                "c",
                Verdict::KeyCollision,
                "`a-b:c` looks to it like `a:b-c`",
            ),
        ],
    );
}

#[test]
fn what_cannot_be_patched_is_selected_and_says_why() {
    let tag = |name: &str, obstacle| InventoryTag {
        name: name.to_owned(),
        obstacle,
    };
    let listing = Listing::Listed(vec![
        tag("win", Some(Obstacle::Windows)),
        tag("multi", Some(Obstacle::MultiArch)),
        tag("chart", Some(Obstacle::NotAnImage)),
    ]);
    let inventory = Inventory::new([("r".to_owned(), listing)].into_iter().collect());
    check(
        &policy(&[row("r", &["*"], true)]),
        &inventory,
        &[
            ("win", Verdict::Windows, "Windows image"),
            ("multi", Verdict::MultiArch, "several platforms"),
            ("chart", Verdict::NotAnImage, "not an image"),
        ],
    );
}

#[test]
fn a_listing_that_fails_is_never_called_missing() {
    let refused = Inventory::new([("r".to_owned(), Listing::Refused { status: 401 })].into());
    let named = policy(&[row("r", &["1.0"], true)]);
    check(
        &named,
        &refused,
        &[("1.0", Verdict::Unreadable, "answered 401")],
    );
    let broken = Listing::Interrupted {
        status: 403,
        tags: Vec::new(),
    };
    let broken = Inventory::new([("r".to_owned(), broken)].into());
    check(
        &named,
        &broken,
        &[("*", Verdict::Unreadable, "whole run fails")],
    );
}

#[test]
fn a_patch_can_be_an_original_too() {
    let policy = policy(&[row("r", &["*"], true)]);
    let inventory = inventory(&["1.0", "1.0-1", "1.0-1-2"]);
    check(
        &policy,
        &inventory,
        &[
            ("1.0", Verdict::WillScan, "`1.0-1` is scanned"),
            ("1.0-1", Verdict::WillScan, "`1.0-1-2` is scanned"),
            ("1.0-1-2", Verdict::PatchTag, "`1.0-1-3`"),
        ],
    );
    let notes = &judged(&policy, &inventory)[1].notes;
    assert!(notes[0].contains("patch 1 of `1.0`"), "{notes:?}");
}

#[test]
fn under_the_floating_convention_numbers_belong_to_the_other() {
    let floating = Policy {
        convention: Some(TagConvention::Floating),
        ..policy(&[row("r", &["1.0"], true)])
    };
    check(
        &floating,
        &inventory(&["1.0", "1.0-1", "1.0-patched", "1.0-patched2"]),
        &[
            ("1.0", Verdict::WillScan, "as `1.0-patched`"),
            ("1.0-1", Verdict::OtherConvention, "patch 1 of `1.0`"),
            ("1.0-patched", Verdict::PatchTag, "scanned in place"),
            ("1.0-patched2", Verdict::RegexLeak, "-patched and digits"),
        ],
    );
}

#[test]
fn what_is_outside_the_access_is_neither_missing_nor_counted() {
    let policy = policy(&[row("r", &["*"], true), row("secret", &["1.0", "2.0"], true)]);
    let inventory = inventory(&["1.0"]).within(Some(vec!["r*".to_owned()]));
    check(
        &policy,
        &inventory,
        &[
            ("1.0", Verdict::WillScan, ""),
            ("*", Verdict::Unreadable, "`secret` is outside your access"),
        ],
    );
    let selection = select(&policy, &inventory);
    assert!(selection.not_found.is_empty(), "{selection:?}");
    assert_eq!(selection.outside, ["secret"]);
    let advice = crate::policy::advise(&policy.to_json(), &inventory, None);
    assert!(advice.is_empty(), "{advice:?}");
    let told = trace(&policy, &inventory, &selection, "secret", "1.0");
    assert_eq!(told.meant, None);
    let told = format!("{told:?}");
    assert!(
        told.contains("outside your access") && !told.contains("There is no"),
        "{told}"
    );
}
