//! What holds for every input.
use chrono::{DateTime, Datelike, Days, TimeDelta, Timelike, Utc};
use drydock_domain::cron::Cron;
use drydock_domain::inventory::Inventory;
use drydock_domain::policy::{
    self, FindingCode, Policy, PolicyRepository, TagConvention, Validator,
};
use drydock_domain::schedule::Schedule;
use drydock_domain::selection::{PolicySource, acr_output, find_matches, find_selected, select};
use drydock_domain::tag::{self, TagKind};
use drydock_domain::task_log::LogLine;
use drydock_domain::verdict::{Cause, PatchState, StepOutcome, TraceStep, judge, trace, verdicts};
use proptest::prelude::*;
use std::collections::BTreeSet;

/// Tags that collide, nest and leak often.
fn tag() -> impl Strategy<Value = String> {
    let stem = "[1a](\\.|x|-|_)?[01]?";
    let suffix = prop_oneof![
        3 => Just(String::new()),
        3 => "-[1-3]".boxed(),
        1 => "-(0|01|999|1000)".boxed(),
        1 => Just("-patched".to_owned()),
        1 => "-[12]-[12]".boxed(),
        1 => Just("-patched2".to_owned()),
    ];
    (stem, suffix).prop_map(|(stem, suffix)| stem + &suffix)
}

fn inventory() -> impl Strategy<Value = Inventory> {
    let tags = prop::collection::btree_set(tag(), 0..12);
    let repository = prop_oneof!["a", "a-1", "b"];
    prop::collection::btree_map(repository, tags, 0..4).prop_map(Inventory::from_iter)
}

fn policy_of(tag: impl Strategy<Value = String> + Clone) -> impl Strategy<Value = Policy> {
    let tags = prop_oneof![Just(vec!["*".to_owned()]), prop::collection::vec(tag, 1..4),];
    let row = ("a|a-1|b|c", tags, prop::bool::weighted(0.8));
    let row = row.prop_map(|(repository, tags, enabled)| PolicyRepository {
        repository,
        tags,
        enabled,
    });
    let convention = prop_oneof![
        Just(None),
        Just(Some(TagConvention::Incremental)),
        Just(Some(TagConvention::Floating)),
    ];
    (convention, prop::collection::vec(row, 1..4)).prop_map(|(convention, repositories)| Policy {
        convention,
        repositories,
    })
}

fn policy() -> impl Strategy<Value = Policy> {
    policy_of(tag().boxed())
}

fn instant() -> impl Strategy<Value = DateTime<Utc>> {
    // 1970 to 2199, to the second.
    (0_i64..7_258_118_400).prop_map(|second| DateTime::from_timestamp(second, 0).unwrap())
}

fn schedule() -> impl Strategy<Value = Schedule> {
    (1_u8..=30, 0_u8..24, 0_u8..60)
        .prop_map(|(days, hour, minute)| Schedule::new(days, hour, minute).unwrap())
}

proptest! {
    #[test]
    fn a_tag_is_what_its_ending_is_put_together_from(base in "[a-z0-9.-]{1,8}", number in 1_u16..1000) {
        let incremental = format!("{base}-{number}");
        prop_assert_eq!(tag::kind(&incremental), TagKind::Incremental { base: &base, number });
        let floating = format!("{base}-patched");
        prop_assert_eq!(tag::kind(&floating), TagKind::Floating { base: &base });
    }

    #[test]
    fn a_policy_survives_its_own_json(policy in policy_of("\\PC{0,6}|\"|\\\\|\n".boxed())) {
        let check = policy::check(&policy.to_json());
        prop_assert_eq!(check.policy.as_ref(), Some(&policy));
        prop_assert_eq!(check.is_refused_by(Validator::Service), policy::service_refusal(&policy).is_some());
    }

    #[test]
    fn the_check_refuses_for_the_service_if_and_only_if_the_service_does(text in json()) {
        let refused = policy::check(&text).is_refused_by(Validator::Service);
        prop_assert_eq!(refused, policy::parse(&text).is_err());
    }

    #[test]
    fn every_refusal_has_a_finding_that_says_which(text in json()) {
        let findings = policy::check(&text).findings;
        let has = |code| findings.iter().any(|finding| finding.code == code);
        prop_assert!(!has(FindingCode::ServiceRefusal) || has(FindingCode::DuplicateKey), "{text}");
    }

    #[test]
    fn no_text_makes_the_check_panic(text in "\\PC{0,40}", start in 0_usize..3) {
        let text = format!("{}{text}", ["", "{\"version\":", "{\"repositories\":[{"][start]);
        let check = policy::check(&text);
        for finding in check.findings {
            prop_assert!(finding.line >= 1 && finding.column >= 1);
            prop_assert!(!finding.message.is_empty() && !finding.remedy.is_empty());
        }
    }

    #[test]
    fn selection_agrees_with_itself(policy in policy(), inventory in inventory()) {
        let selection = select(&policy, &inventory);
        let rows: BTreeSet<_> = selection.selected.iter().collect();
        prop_assert_eq!(rows.len(), selection.matches());
        for row in &selection.selected {
            let tags = inventory.tags(&row.repository);
            prop_assert!(tags.iter().any(|tag| tag.name == row.scan), "{row:?}");
            prop_assert_eq!(row.latest.as_deref().unwrap_or(&row.original), &row.scan);
            let base = row.latest.as_deref().map(|latest| tag::kind(latest).base());
            prop_assert!(base.is_none_or(|base| base == Some(row.original.as_str())));
        }
        let output = acr_output(&policy, &selection, PolicySource::Artifact, true);
        prop_assert_eq!(find_matches(&output), Some(selection.matches()));
        prop_assert_eq!(find_selected(&output), selection.selected);
    }

    #[test]
    fn the_order_of_a_registry_s_tags_changes_nothing(policy in policy(), inventory in inventory()) {
        let mut reversed = inventory.clone();
        for listing in reversed.repositories.values_mut() {
            if let drydock_domain::inventory::Listing::Listed(tags) = listing {
                tags.reverse();
            }
        }
        prop_assert_eq!(select(&policy, &inventory), select(&policy, &reversed));
    }

    #[test]
    fn every_tag_has_one_verdict_and_every_image_one_place(policy in policy(), inventory in inventory()) {
        let selection = select(&policy, &inventory);
        let judgements = judge(&policy, &inventory, &selection);
        let missing: BTreeSet<_> =
            selection.not_found.iter().map(|row| (&row.repository, &row.tag)).collect();
        prop_assert_eq!(judgements.len(), inventory.tag_count() + missing.len());
        let places: Vec<_> = judgements.iter().filter_map(|judgement| judgement.row).collect();
        let distinct: BTreeSet<_> = places.iter().collect();
        prop_assert_eq!(distinct.len(), places.len());
        prop_assert_eq!(places.len(), selection.matches());
        for verdict in verdicts(&policy, &inventory, &selection) {
            prop_assert!(verdict.reason.ends_with(['.', '?']), "{}", verdict.reason);
            let text = serde_json::to_string(&verdict).unwrap();
            prop_assert_eq!(serde_json::from_str(&text).ok(), Some(verdict));
        }
    }

    #[test]
    fn a_trace_ends_where_the_verdict_does(policy in policy(), inventory in inventory(), tag in tag()) {
        let selection = select(&policy, &inventory);
        let judgements = judge(&policy, &inventory, &selection);
        let refused = policy::service_refusal(&policy).is_some();
        for judgement in &judgements {
            let found = trace(&policy, &inventory, &selection, judgement.repository, judgement.tag);
            prop_assert_eq!(found.verdict, judgement.verdict());
            let stops = |step: &TraceStep| step.outcome == StepOutcome::Stops;
            let n_stops = found.steps.iter().filter(|step| stops(step)).count();
            prop_assert!(n_stops <= 1 && found.steps.iter().rev().skip(1).all(|step| !stops(step)));
            prop_assert!(found.steps.is_sorted_by_key(|step| step.rule));
            let in_place = PatchState::Scanned { next: "" };
            let is_scanned = match judgement.cause {
                Cause::PatchTag { state, .. } => {
                    std::mem::discriminant(&state) == std::mem::discriminant(&in_place)
                }
                _ => judgement.row.is_some(),
            };
            prop_assert_eq!(found.is_scanned(), is_scanned && !refused, "{:#?}\n{:#?}", found, judgement);
        }
        // Any reference has an answer, in the registry or not.
        prop_assert!(!trace(&policy, &inventory, &selection, "nowhere", &tag).is_scanned());
    }

    #[test]
    fn occurrences_are_plain_cron_arithmetic(schedule in schedule(), from in instant(), days in 0_u64..120) {
        let to = from + Days::new(days);
        let first = from.date_naive();
        let is_day = |day: &chrono::NaiveDate| day.day0().is_multiple_of(schedule.days().into());
        let expected: Vec<DateTime<Utc>> = (0..=days + 1)
            .filter_map(|offset| first.checked_add_days(Days::new(offset)))
            .filter(is_day)
            .filter_map(|day| day.and_hms_opt(schedule.hour().into(), schedule.minute().into(), 0))
            .map(|time| time.and_utc())
            .filter(|time| (from..to).contains(time))
            .collect();
        prop_assert_eq!(schedule.occurrences(from, to).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_schedule_and_its_cron_agree(schedule in schedule(), after in instant()) {
        let cron = Cron::parse(&schedule.to_cron()).unwrap();
        prop_assert_eq!(cron.next_after(after), Some(schedule.next_after(after)));
    }

    #[test]
    fn the_next_occurrence_is_the_first_minute_that_matches(
        minutes in "\\*/(7|13)|5|10,20", hours in "\\*|[0-9]/5", weekdays in "\\*|Mon|sat-sun", after in instant(),
    ) {
        let cron = Cron::parse(&format!("{minutes} {hours} * * {weekdays}")).unwrap();
        let next = cron.next_after(after).unwrap();
        prop_assert!(next > after && next.second() == 0);
        let before = next - TimeDelta::nanoseconds(1);
        prop_assert_eq!(cron.next_after(before), Some(next));
        prop_assert_eq!(cron.next_after(after.max(before - TimeDelta::minutes(1))), Some(next));
    }

    #[test]
    fn names_in_log_lines_come_back(
        registry in "[a-z]{5}(\\.azurecr\\.io|:5080)", repository in "[a-z]{1,4}(/[a-z]{1,4})?",
        scan in "[a-z0-9.-]{1,6}", next in "[a-z0-9.-]{1,6}",
    ) {
        let image = format!("{registry}/{repository}");
        let lines = [
            LogLine::SchedulingScan {
                registry: &registry, repository: &repository, scan: &scan, original: &next, next: &next,
            },
            LogLine::PatchScheduled { image: &image, scan: &scan, next: &next },
            LogLine::Pushed { registry: &registry, repository: &repository, tag: &next },
        ];
        for line in lines {
            let text = line.to_string();
            prop_assert_eq!(LogLine::parse(&text), Some(line));
        }
    }
}

/// Documents that are nearly policies: keys and values of the right names in the wrong places.
fn json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        "null|true|false|0|1\\.5e3".boxed(),
        "\"(v1|v2|\\*|1\\.0|1\\.0-1|floating|)\"".boxed(),
    ];
    let key = "version|VERSION|tag-convention|repositories|repository|tags|enabled|x";
    leaf.prop_recursive(4, 40, 5, move |inner| {
        let member = (key, inner.clone()).prop_map(|(key, value)| format!("\"{key}\":{value}"));
        prop_oneof![
            prop::collection::vec(inner, 0..3).prop_map(|items| format!("[{}]", items.join(","))),
            prop::collection::vec(member, 0..5)
                .prop_map(|items| format!("{{{}}}", items.join(","))),
        ]
    })
}
