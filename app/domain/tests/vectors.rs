//! The rules against what Azure's own programs answered, case by case. A test names every case
//! that fails, and counts them, so that none is dropped in silence.
use chrono::{DateTime, Utc};
use drydock_domain::inventory::Inventory;
use drydock_domain::policy::{self, Policy, TagConvention, Validator};
use drydock_domain::run::{ImageStatus, RunStatus};
use drydock_domain::schedule::{Schedule, parse_days};
use drydock_domain::selection::{
    IMAGE_LIMIT, ListingFailure, NotFound, PolicySource, Selection, acr_output, find_matches,
    select,
};
use drydock_domain::tag::{self, TagKind};
use drydock_domain::task_log::{LogLine, image_name, image_status};
use drydock_domain::verdict::judge;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt::Debug;

const FIXTURE: &str = include_str!("fixtures/selection.json");

/// Runs a family's cases, and fails with every complaint at once, each with its case's id.
fn run(family: &str, count: usize, check: impl Fn(&Value, &mut Complaints)) {
    let fixture: Value = serde_json::from_str(FIXTURE).expect("the fixture is JSON");
    let cases = fixture[family].as_array().expect("a family is a list");
    assert_eq!(cases.len(), count, "cases of {family}");
    let mut complaints = Vec::new();
    for case in cases {
        let id = case["id"].as_str().expect("a case has an id").to_owned();
        let mut complain = Complaints {
            id,
            list: &mut complaints,
        };
        check(case, &mut complain);
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

struct Complaints<'l> {
    id: String,
    list: &'l mut Vec<String>,
}

impl Complaints<'_> {
    fn compare<T: PartialEq + Debug>(&mut self, what: &str, found: T, expected: T) {
        if found != expected {
            let id = &self.id;
            self.list.push(format!(
                "{id}: {what}: found {found:?}, expected {expected:?}"
            ));
        }
    }
}

#[test]
fn no_case_is_lost() {
    let fixture: serde_json::Map<String, Value> = serde_json::from_str(FIXTURE).unwrap();
    let families = fixture.values().filter_map(Value::as_array);
    let ids: Vec<&str> = families
        .flatten()
        .filter_map(|case| case["id"].as_str())
        .collect();
    let distinct: BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!((ids.len(), distinct.len()), (117, 117));
    run("elsewhere", 12, |case, complaints| {
        complaints.compare("a reason", case["why"].is_string(), true);
    });
}

#[derive(Deserialize)]
struct Row {
    repository: String,
    original: String,
    latest: Option<String>,
    scan: Option<String>,
    next: Option<String>,
}

#[test]
fn selection_is_azure_s() {
    run("selection", 58, |case, complaints| {
        let text = text_of(case);
        let inventory = Inventory::deserialize(&case["inventory"]).unwrap();
        let source = match case["source"].as_str() {
            Some("artifact") => PolicySource::Artifact,
            _ => PolicySource::File,
        };
        let parsed = match case["is_checked"].as_bool() {
            // The selection alone, of a policy that its check would have stopped.
            Some(false) => Ok(policy::check(&text).policy.expect("it can be decoded")),
            _ => policy::parse(&text),
        };
        match parsed {
            Err(error) => {
                let expected = case["error"].as_str().map(str::to_owned);
                complaints.compare("error", Some(error.acr_message(source)), expected);
            }
            Ok(policy) => check_selection(case, &policy, &inventory, source, complaints),
        }
    });
}

fn check_selection(
    case: &Value,
    policy: &Policy,
    inventory: &Inventory,
    source: PolicySource,
    complaints: &mut Complaints<'_>,
) {
    let selection = select(policy, inventory);
    if let Ok(failure) = ListingFailure::deserialize(&case["failure"]) {
        complaints.compare(
            "message",
            Some(failure.acr_message()),
            owned(&case["error"]),
        );
        complaints.compare("failure", selection.failure.as_ref(), Some(&failure));
        return;
    }
    complaints.compare("no error", true, case["error"].is_null());
    let expected: Vec<Row> = Deserialize::deserialize(&case["selected"]).unwrap();
    let found: BTreeSet<_> = selection.selected.iter().cloned().collect();
    complaints.compare("matches", selection.matches(), expected.len());
    for row in &expected {
        let is_it = |found: &&drydock_domain::selection::Selected| {
            found.repository == row.repository
                && found.original == row.original
                && found.latest == row.latest
        };
        let found = found.iter().find(is_it);
        let name = format!(
            "{}:{} with latest {:?}",
            row.repository, row.original, row.latest
        );
        complaints.compare(&name, found.is_some(), true);
        if let (Some(found), Some(scan), Some(next)) = (found, &row.scan, &row.next) {
            complaints.compare("scan", &found.scan, scan);
            complaints.compare("next", &found.next, next);
        }
    }
    let not_found: Vec<NotFound> = Deserialize::deserialize(&case["not_found"]).unwrap();
    complaints.compare("not found", &selection.not_found, &not_found);
    if let Some(is_over_limit) = case["is_over_limit"].as_bool() {
        complaints.compare("over the limit", selection.is_over_limit(), is_over_limit);
    }
    if let Some(expected) = case["output"].as_str() {
        let output = acr_output(policy, &selection, source, true);
        complaints.compare("output", sort_rows(&output), sort_rows(expected));
        complaints.compare("count", find_matches(&output), Some(selection.matches()));
    }
    check_verdicts(policy, inventory, &selection, complaints);
}

/// Every tag has one verdict, and every selected image stands at one of them.
fn check_verdicts(
    policy: &Policy,
    inventory: &Inventory,
    selection: &Selection,
    complaints: &mut Complaints<'_>,
) {
    let judgements = judge(policy, inventory, selection);
    let distinct: BTreeSet<_> = selection
        .not_found
        .iter()
        .map(|row| (&row.repository, &row.tag))
        .collect();
    complaints.compare(
        "verdicts",
        judgements.len(),
        inventory.tag_count() + distinct.len(),
    );
    let scanned = judgements
        .iter()
        .filter(|judgement| judgement.row.is_some())
        .count();
    complaints.compare("verdicts with a scan", scanned, selection.matches());
}

/// The lines of an output, those between the listing's header and its count sorted.
fn sort_rows(output: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = output.split('\n').collect();
    let place = |prefix: &str| lines.iter().position(|line| line.starts_with(prefix));
    if let (Some(header), Some(count)) = (place("Repo,Tag,Latest"), place("Matches found")) {
        lines[header + 1..count].sort_unstable();
    }
    lines
}

#[test]
fn both_validators_answer_as_their_own_programs() {
    run("policy", 14, |case, complaints| {
        let text = match case["size_bytes"].as_u64() {
            Some(size) => oversized(size),
            None => text_of(case),
        };
        let check = policy::check(&text);
        let parsed = policy::parse(&text);
        let refused = check.is_refused_by(Validator::Service);
        complaints.compare(
            "the check agrees with the service",
            refused,
            parsed.is_err(),
        );
        if let Some(expected) = case.get("service") {
            let found = parsed.as_ref().err().map(ToString::to_string);
            complaints.compare("service", found, owned(expected));
        }
        if let Some(expected) = case["service_contains"].as_str() {
            let message = parsed.unwrap_err().acr_message(PolicySource::File);
            complaints.compare(&message, message.contains(expected), true);
        }
        if let Some(expected) = case["extension_refuses"].as_bool() {
            let found = check.is_refused_by(Validator::Extension);
            complaints.compare("the extension refuses", found, expected);
        }
    });
}

/// A good policy that is as long as it says.
fn oversized(size: u64) -> String {
    let mut text = Policy {
        convention: None,
        repositories: vec![policy::PolicyRepository {
            repository: "r".to_owned(),
            tags: vec!["*".to_owned()],
            enabled: true,
        }],
    }
    .to_json();
    let size = usize::try_from(size).unwrap();
    text.push_str(&" ".repeat(size - text.len()));
    text
}

#[test]
fn tags_are_read_as_the_service_reads_them() {
    run("tags", 11, |case, complaints| {
        if let Some(expected) = case["is_valid"].as_bool() {
            let word = case["convention"].as_str().unwrap_or_default();
            complaints.compare("convention", TagConvention::find(word).is_some(), expected);
        } else if let Some(expected) = case["is_reserved"].as_bool() {
            let tag = case["tag"].as_str().unwrap();
            complaints.compare("reserved", tag::has_reserved_suffix(tag), expected);
        } else if let Some(expected) = case["is_number"].as_bool() {
            let tag = format!("x-{}", case["suffix"].as_str().unwrap());
            let is_number = matches!(tag::kind(&tag), TagKind::Incremental { .. });
            complaints.compare("number", is_number, expected);
        } else if let Some(expected) = case["is_found"].as_bool() {
            let list: Vec<String> = Deserialize::deserialize(&case["list"]).unwrap();
            let selection = select_tag(None, case["tag"].as_str().unwrap(), list);
            complaints.compare("found", selection.not_found.is_empty(), expected);
        } else {
            let (lower, higher) = (
                owned(&case["lower"]).unwrap(),
                owned(&case["higher"]).unwrap(),
            );
            let convention = match tag::kind(&higher) {
                TagKind::Floating { .. } => TagConvention::Floating,
                TagKind::Incremental { .. } | TagKind::Original => TagConvention::Incremental,
            };
            for tags in [[lower.clone(), higher.clone()], [higher.clone(), lower]] {
                let selection = select_tag(Some(convention), "*", tags.to_vec());
                complaints.compare("latest", &selection.selected[0].scan, &higher);
            }
        }
    });
}

fn select_tag(convention: Option<TagConvention>, tag: &str, tags: Vec<String>) -> Selection {
    let policy = Policy {
        convention,
        repositories: vec![policy::PolicyRepository {
            repository: "r".to_owned(),
            tags: vec![tag.to_owned()],
            enabled: true,
        }],
    };
    select(&policy, &[("r", tags)].into_iter().collect())
}

#[test]
fn schedules_are_the_extension_s() {
    run("schedule", 6, |case, complaints| {
        let found = parse_days(case["text"].as_str().unwrap()).is_ok();
        complaints.compare("valid", found, case["is_valid"].as_bool().unwrap());
    });
    run("cron", 3, |case, complaints| {
        let cron = case["cron"].as_str().unwrap();
        let schedule = Schedule::from_cron(cron).unwrap();
        if let Some(days) = case["days"].as_u64() {
            complaints.compare("days", u64::from(schedule.days()), days);
            return;
        }
        let days = parse_days(case["schedule"].as_str().unwrap()).unwrap();
        let saved_at: DateTime<Utc> = case["saved_at"].as_str().unwrap().parse().unwrap();
        let at_saving = Schedule::new(days, schedule.hour(), schedule.minute()).unwrap();
        complaints.compare("cron", at_saving.to_cron(), cron.to_owned());
        let mut instant = saved_at;
        for expected in case["next"].as_array().unwrap() {
            instant = schedule.next_after(instant);
            let expected = expected.as_str().unwrap().parse().unwrap();
            complaints.compare("next", instant, expected);
        }
    });
}

#[test]
fn statuses_are_the_extension_s() {
    let run_status = |value: &Value| Option::<RunStatus>::deserialize(value).unwrap();
    run("status", 8, |case, complaints| {
        let expected = ImageStatus::deserialize(&case["status"]).unwrap();
        let found = match case.get("run") {
            Some(run) => run_status(run).map_or(ImageStatus::Unknown, ImageStatus::from),
            None => {
                let (scan, patch) = (run_status(&case["scan"]), run_status(&case["patch"]));
                image_status(scan, "", patch, "").status
            }
        };
        complaints.compare("status", found, expected);
    });
}

#[test]
fn logs_are_read_as_the_extension_reads_them() {
    run("log", 5, |case, complaints| {
        let log = case["log"].as_str().unwrap_or_default();
        if let Some(image) = case["image"].as_str() {
            complaints.compare("image", image_name(log), Some(image.to_owned()));
        } else if let Some(reasons) = case["reasons"].as_str() {
            let outcome = image_status(Some(RunStatus::Failed), log, None, "");
            complaints.compare(
                "reasons",
                outcome.scan_error_reason.as_deref(),
                Some(reasons),
            );
        } else if let Some(is_over_limit) = case["is_over_limit"].as_bool() {
            let matches = find_matches(log).expect("the log has the count");
            complaints.compare("over the limit", matches > IMAGE_LIMIT, is_over_limit);
        } else {
            let number = case["number"].as_str().unwrap();
            let is_used_up = tag::is_patch_number_used_up(number);
            complaints.compare("used up", is_used_up, case["is_used_up"].as_bool().unwrap());
            if let Some(output) = case["output"].as_str() {
                let lines = [LogLine::NewPatchTag { number }, LogLine::NumbersUsedUp];
                let found = lines.map(|line| line.to_string()).join("\n");
                complaints.compare("output", found.as_str(), output);
            }
        }
    });
}

fn text_of(case: &Value) -> String {
    match case["text"].as_str() {
        Some(text) => text.to_owned(),
        None => case["policy"].to_string(),
    }
}

fn owned(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}
