use super::*;
use drydock_domain::calendar::{Freeze, KeptFreeze};
use drydock_domain::console::{Registry, WorkflowState};
use drydock_domain::run::TaskName;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("it is an instant")
}

fn date(text: &str) -> NaiveDate {
    text.parse().expect("it is a date")
}

fn run(id: &str, created_at: &str, status: RunStatus, occurrence: Option<&str>) -> Run {
    Run {
        id: id.to_owned(),
        task: Some(TaskName::Trigger),
        status,
        cause: match occurrence {
            Some(occurrence) => RunCause::Timer {
                name: "azcli_defined_schedule".to_owned(),
                occurrence: Some(at(occurrence)),
            },
            None => RunCause::Manual,
        },
        created_at: at(created_at),
        started_at: None,
        finished_at: None,
        error: None,
    }
}

/// `7d at 02:30`, on 21 November 2026.
fn facts(runs: Vec<Run>) -> CalendarFacts {
    CalendarFacts {
        workflow: WorkflowState {
            registry: Registry {
                id: String::new(),
                name: "harbour".to_owned(),
                login_server: String::new(),
                location: String::new(),
                sku: String::new(),
                sandbox: true,
            },
            tasks: Vec::new(),
            policy: None,
            cron: Some("30 2 */7 * *".to_owned()),
            next_run: Some(at("2026-11-22T02:30:00Z")),
            as_of: at("2026-11-21T08:00:00Z"),
        },
        runs,
        timer_since: Some(at("2026-10-25T00:00:00Z")),
        freezes: Vec::new(),
        feeds: Vec::new(),
    }
}

fn kinds(facts: &CalendarFacts, zone: &ZoneName) -> BTreeMap<String, &'static str> {
    let window = Window::read(Some("2026-10"), date("2026-11-21"));
    let plan = Plan::read("30 2 */7 * *").ok();
    let days = days(facts, plan.as_ref(), window, zone);
    let until = days.range(..date("2026-12-02"));
    let marked = until.filter_map(|(date, day)| Some((date.to_string(), day.kind()?.as_str())));
    marked.collect()
}

#[test]
fn a_day_says_what_became_of_its_run() {
    let succeeded = RunStatus::Succeeded;
    let facts = facts(vec![
        run(
            "ca1",
            "2026-10-29T02:30:10Z",
            succeeded,
            Some("2026-10-29T02:30:00Z"),
        ),
        run(
            "ca2",
            "2026-11-01T04:00:00Z",
            succeeded,
            Some("2026-11-01T02:30:00Z"),
        ),
        run(
            "ca3",
            "2026-11-15T02:31:00Z",
            RunStatus::Failed,
            Some("2026-11-15T02:30:00Z"),
        ),
        run("ca4", "2026-11-20T10:00:00Z", succeeded, None),
        run(
            "ca0",
            "2026-10-20T05:41:00Z",
            succeeded,
            Some("2026-10-20T05:41:00Z"),
        ),
    ]);
    let found = kinds(&facts, &ZoneName::utc());
    let expected = [
        ("2026-10-20", "succeeded"),
        ("2026-10-29", "succeeded"),
        ("2026-11-01", "late"),
        ("2026-11-08", "missed"),
        ("2026-11-15", "failed"),
        ("2026-11-20", "by-hand"),
        ("2026-11-22", "planned"),
        ("2026-11-29", "planned"),
        ("2026-12-01", "odd"),
    ];
    let expected = expected.map(|(date, kind)| (date.to_owned(), kind));
    assert_eq!(found, BTreeMap::from(expected));
}

#[test]
fn a_mark_is_on_the_day_of_the_chosen_zone() {
    let west = ZoneName::find("Pacific/Honolulu").expect("it is in the table");
    let found = kinds(&facts(Vec::new()), &west);
    assert_eq!(found.get("2026-11-21"), Some(&"planned"));
    assert_eq!(found.get("2026-11-22"), None);
}

#[test]
fn a_freeze_covers_its_days_and_not_the_one_that_it_ends_before() {
    let mut facts = facts(Vec::new());
    let freeze = Freeze::new(
        "audit",
        at("2026-11-28T12:00:00Z"),
        at("2026-11-30T00:00:00Z"),
    );
    facts.freezes = vec![KeptFreeze {
        id: "f1".to_owned(),
        freeze: freeze.expect("it ends after it begins"),
    }];
    let window = Window::read(None, date("2026-11-21"));
    let days = days(&facts, None, window, &ZoneName::utc());
    let frozen = days.iter().filter(|(_, day)| day.freeze.is_some());
    let frozen: Vec<String> = frozen.map(|(date, _)| date.to_string()).collect();
    assert_eq!(frozen, ["2026-11-28", "2026-11-29"]);
    let name = |instant| freeze_of(&facts, at(instant));
    assert_eq!(name("2026-11-29T02:30:00Z").as_deref(), Some("audit"));
    assert_eq!(name("2026-12-01T02:30:00Z"), None);
}

#[test]
fn the_window_is_asked_for_or_begins_with_the_month_before() {
    let today = date("2026-11-21");
    let check = |asked: Option<&str>, first: &str| {
        assert_eq!(Window::read(asked, today).first, date(first), "{asked:?}");
    };
    check(None, "2026-10-01");
    check(Some("2027-03"), "2027-03-01");
    check(Some("2027-13"), "2026-10-01");
    check(Some("99999-01"), "2026-10-01");
    check(Some("soon"), "2026-10-01");
    let window = Window::read(None, today);
    assert_eq!(window.end(), date("2027-10-01"));
    assert_eq!(window.moved(-6).as_deref(), Some("2026-04"));
    assert_eq!(window.moved(6).as_deref(), Some("2027-04"));
}
