use super::*;
use crate::inventory::Listing;
use crate::policy;
use crate::selection::select;
use StepOutcome::{Fails, Passes, Stops};

const POLICY: &str = r#"{"version": "v1", "repositories": [
    {"repository": "web", "tags": ["1.0", "2.0"]},
    {"repository": "old", "tags": ["*"], "enabled": false},
    {"repository": "ubi", "tags": ["*"]},
    {"repository": "gone", "tags": ["x"]},
    {"repository": "a", "tags": ["b-c"]},
    {"repository": "a-b", "tags": ["c"]}
]}"#;

fn inventory() -> Inventory {
    [
        (
            "web",
            vec![
                "1.0",
                "1.0-1",
                "1.0-2",
                "1.0-patched",
                "100",
                "2.0",
                "3.0",
                "3.0-1",
            ],
        ),
        ("old", vec!["1"]),
        ("ubi", vec!["9.2-717", "x", "x-999"]),
        ("a", vec!["b-c"]),
        ("a-b", vec!["c"]),
        ("other", vec!["1"]),
    ]
    .into_iter()
    .collect()
}

/// Compares the last rule with its outcome, a piece of what it saw, and the verdict.
#[track_caller]
fn check(reference: &str, rule: Rule, outcome: StepOutcome, saw: &str, verdict: Verdict) -> Trace {
    let policy = policy::parse(POLICY).unwrap();
    let inventory = inventory();
    let selection = select(&policy, &inventory);
    let (repository, tag) = reference.split_once(':').unwrap();
    let trace = trace(&policy, &inventory, &selection, repository, tag);
    let decided = trace.steps.iter().find(|step| step.outcome != Passes);
    let step = decided.or(trace.steps.last()).unwrap();
    assert_eq!((step.rule, step.outcome), (rule, outcome), "{trace:#?}");
    assert!(step.saw.contains(saw), "{trace:#?}");
    assert_eq!(trace.verdict, verdict, "{trace:#?}");
    assert_eq!(trace.is_scanned(), outcome != Stops, "{trace:#?}");
    let rules: Vec<Rule> = trace.steps.iter().map(|step| step.rule).collect();
    assert!(rules.iter().all(|rule| rule.question().ends_with('?')));
    trace
}

#[test]
fn each_rule_can_decide() {
    use Verdict as V;
    check(
        "other:1",
        Rule::Row,
        Stops,
        "None names `other`",
        V::NotSelected,
    );
    check(
        "old:1",
        Rule::Row,
        Stops,
        "Row 2 of the policy, which is switched off",
        V::Disabled,
    );
    check(
        "gone:x",
        Rule::Listing,
        Stops,
        "no repository `gone`",
        V::NotFound,
    );
    check("web:9", Rule::Exists, Stops, "no tag `9`", V::NotFound);
    check(
        "web:1.0-patched",
        Rule::Ending,
        Stops,
        "passed over",
        V::OtherConvention,
    );
    check(
        "web:3.0",
        Rule::Pick,
        Stops,
        "name other tags",
        V::NotSelected,
    );
    check(
        "web:3.0-1",
        Rule::Pick,
        Stops,
        "name other tags",
        V::PatchTag,
    );
    check(
        "a-b:c",
        Rule::Key,
        Stops,
        "looks like `a:b-c`",
        V::KeyCollision,
    );
    check(
        "web:1.0-1",
        Rule::Latest,
        Stops,
        "`1.0-2`, the latest patch",
        V::PatchTag,
    );
    check(
        "ubi:9.2-717",
        Rule::Base,
        Fails,
        "`9.2` does not exist",
        V::PhantomBase,
    );
    check(
        "ubi:x",
        Rule::Number,
        Fails,
        "999 is the last",
        V::SeriesFull,
    );
    check("web:2.0", Rule::Number, Passes, "`2.0-1`", V::WillScan);
}

#[test]
fn a_way_that_ends_well_says_what_is_scanned_and_who_picked_it() {
    let original = check(
        "web:1.0",
        Rule::Number,
        Passes,
        "`1.0-3`",
        Verdict::WillScan,
    );
    let saw = |rule| {
        let step = original.steps.iter().find(|step| step.rule == rule);
        step.map_or("", |step| step.saw.as_str())
    };
    assert_eq!(saw(Rule::Row), "Row 1 of the policy.");
    assert_eq!(saw(Rule::Pick), "Row 1: it names `1.0`.");
    assert_eq!(
        saw(Rule::Latest),
        "`1.0-2`, its latest patch; `1.0` is patched."
    );
    let patch = check(
        "web:1.0-2",
        Rule::Number,
        Passes,
        "`1.0-3`",
        Verdict::PatchTag,
    );
    let latest = patch.steps.iter().find(|step| step.rule == Rule::Latest);
    assert_eq!(latest.unwrap().saw, "`1.0-2`, in place of `1.0`.");
    let leak = check(
        "web:100",
        Rule::Number,
        Passes,
        "`100-1`",
        Verdict::RegexLeak,
    );
    assert!(
        leak.steps
            .iter()
            .any(|step| step.saw.contains("reads as a pattern"))
    );
}

#[test]
fn what_is_nowhere_gets_a_suggestion() {
    let trace = check(
        "wbe:2.0",
        Rule::Row,
        Stops,
        "None names `wbe`",
        Verdict::NotFound,
    );
    assert_eq!(trace.meant, None, "two letters of three are no slip");
    let trace = check(
        "webb:2.0",
        Rule::Row,
        Stops,
        "one names `web`",
        Verdict::NotFound,
    );
    assert_eq!(trace.meant.as_deref(), Some("web:2.0"));
    let trace = check("web:2.1", Rule::Exists, Stops, "no tag", Verdict::NotFound);
    assert_eq!(trace.meant.as_deref(), Some("web:2.0"));
}

#[test]
fn a_refused_policy_and_a_broken_listing_stop_everything() {
    let mut policy = policy::parse(POLICY).unwrap();
    let mut inventory = inventory();
    let broken = Listing::Interrupted {
        status: 403,
        tags: Vec::new(),
    };
    inventory.repositories.insert("gone".to_owned(), broken);
    let selection = select(&policy, &inventory);
    let last = |policy: &Policy| {
        let trace = trace(policy, &inventory, &selection, "web", "1.0");
        trace.steps.last().cloned().unwrap()
    };
    assert_eq!(last(&policy).rule, Rule::Listing);
    assert!(last(&policy).saw.contains("403"));
    policy.repositories[0].tags = vec!["1.0-1".to_owned()];
    assert_eq!(
        (last(&policy).rule, last(&policy).outcome),
        (Rule::Policy, Stops)
    );
}

#[test]
fn a_wildcard_that_is_a_tag_says_nothing_about_other_tags() {
    let text = r#"{"version": "v1", "repositories": [{"repository": "r", "tags": ["*", "1"]}]}"#;
    let policy = policy::parse(text).unwrap();
    let reason = |inventory: &Inventory, tag: &str| {
        let selection = select(&policy, inventory);
        trace(&policy, inventory, &selection, "r", tag).reason
    };
    let there: Inventory = [("r", ["1"])].into_iter().collect();
    assert!(reason(&there, "2").contains("`r:2` is not in the registry"));
    assert!(reason(&there, "*").contains("stands alone"));
    let none = Inventory::default();
    assert!(reason(&none, "2").contains("There is no repository `r`"));
}
