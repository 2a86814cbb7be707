use super::*;

fn value_of(property: Property) -> Value {
    match property {
        Property::RunId => Value::Text("ca7".to_owned()),
        Property::RunType => Value::Text("QuickRun".to_owned()),
        Property::Status => Value::Text("Running".to_owned()),
        Property::CreateTime => Value::Instant("2025-04-22T21:55:00.5Z".parse().unwrap()),
        Property::FinishTime => Value::Absent,
        Property::OutputImageManifests => Value::List(vec!["a/b@sha256:11".to_owned()]),
        Property::IsArchiveEnabled => Value::Boolean(false),
        Property::TaskName => Value::Text("it's-a-task".to_owned()),
    }
}

fn check(filter: &str, expected: bool) {
    let parsed = Filter::parse(filter).unwrap_or_else(|error| panic!("{filter}: {error}"));
    assert_eq!(parsed.matches(value_of), expected, "{filter}");
}

#[test]
fn the_filters_of_real_clients_are_understood() {
    check("TaskName eq 'it''s-a-task'", true);
    check("TaskName eq 'other' and Status eq 'Running'", false);
    check(
        "TaskName in ('it''s-a-task') and createTime ge 2025-04-15T21:55:13Z",
        true,
    );
    check("createTime ge 2025-04-22T21:55:01Z", false);
    check(
        "TaskName in ('cssc-scan-image', 'IT''S-A-TASK') and Status in ('Running','Queued')",
        true,
    );
    check("contains(OutputImageManifests, 'a/b@sha256:11')", true);
    check("contains(OutputImageManifests,'c@sha256:11')", false);
    check("runId eq 'ca7'", true);
    check("isArchiveEnabled eq true", false);
    check("status ne 'Failed' and runtype eq 'QUICKRUN'", true);
}

#[test]
fn a_property_that_a_run_lacks_only_differs() {
    check("finishTime le 2030-01-01T00:00:00Z", false);
    check("finishTime ne 2030-01-01T00:00:00Z", true);
}

#[test]
fn what_is_not_in_the_grammar_is_refused_with_its_place() {
    for (filter, part) in [
        ("", "'' cannot be filtered by"),
        ("image eq 'x'", "'image' cannot be filtered by"),
        (
            "status has 'x'",
            "'has' is not an operator (eq, ne, gt, ge, lt, le, in) at position 7",
        ),
        ("status eq 'x", "a quote that is never closed"),
        ("status eq", "a value is missing"),
        ("status in 'x'", "expected '('"),
        ("status in ('x' 'y')", "expected ','"),
        (
            "status eq 'x' or status eq 'y'",
            "expected 'and' or the end at position 15",
        ),
        (
            "createTime ge yesterday",
            "'yesterday' is not a date and time",
        ),
    ] {
        let message = Filter::parse(filter).unwrap_err().to_string();
        assert!(message.contains(part), "{filter}: {message}");
    }
}
