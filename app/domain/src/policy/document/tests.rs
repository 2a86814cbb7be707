use super::*;

const POLICY: &str = r#"{
  "version": "v1",
  "owner": {"team": "web"},
  "repositories": [
    {
      "repository": "web",
      "tags": ["1.0"],
      "note": "kept"
    },
    {"repository":"db","tags":["*"],"enabled":false}
  ]
}
"#;

#[track_caller]
fn check(edit: Edit, from: &str, to: &str) {
    let edited = apply(POLICY, &edit).expect("the policy can be edited");
    assert_eq!(edited, POLICY.replacen(from, to, 1));
}

fn row(repository: &str) -> PolicyRepository {
    PolicyRepository {
        repository: repository.to_owned(),
        tags: vec!["*".to_owned()],
        enabled: true,
    }
}

#[test]
fn an_edit_changes_its_own_place_and_nothing_else() {
    let name = "team/\"web\"".to_owned();
    check(
        Edit::Repository { row: 0, name },
        "\"web\",\n",
        "\"team/\\\"web\\\"\",\n",
    );
    let tags = vec!["1.0".to_owned(), "2".to_owned()];
    check(Edit::Tags { row: 0, tags }, "[\"1.0\"]", "[\"1.0\", \"2\"]");
    check(
        Edit::Enabled {
            row: 1,
            enabled: true,
        },
        "\"enabled\":false",
        "\"enabled\":true",
    );
}

#[test]
fn a_missing_member_is_written_in_the_style_of_its_neighbours() {
    check(
        Edit::Enabled {
            row: 0,
            enabled: false,
        },
        "\"kept\"",
        "\"kept\",\n      \"enabled\": false",
    );
    check(
        Edit::Convention(Some(TagConvention::Floating)),
        "\"v1\",",
        "\"v1\",\n  \"tag-convention\": \"floating\",",
    );
}

#[test]
fn rows_come_and_go() {
    let without_last = r#",
    {"repository":"db","tags":["*"],"enabled":false}"#;
    check(Edit::Remove { row: 1 }, without_last, "");
    let first = "{\n      \"repository\": \"web\",\n      \"tags\": [\"1.0\"],\n      \"note\": \
                 \"kept\"\n    },\n    ";
    check(Edit::Remove { row: 0 }, first, "");
    check(
        Edit::Add(row("cache")),
        "\"enabled\":false}",
        "\"enabled\":false},\n    {\n      \"repository\": \"cache\",\n      \"tags\": [\"*\"],\n      \
         \"enabled\": true\n    }",
    );
}

#[test]
fn the_first_row_can_be_added_to_anything_that_is_nearly_a_policy() {
    let written = row("web");
    for text in [
        "",
        "\n",
        r#"{"version": "v1"}"#,
        r#"{"version": "v1", "repositories": []}"#,
        r#"{"version": "v1", "repositories": null}"#,
    ] {
        let text = apply(text, &Edit::Add(written.clone())).expect("a row can be added");
        let check = crate::policy::check(&text);
        assert!(check.is_accepted(), "{text}: {:?}", check.findings);
        let policy = check.policy.expect("it is a policy");
        assert_eq!(policy.repositories, std::slice::from_ref(&written));
    }
}

#[test]
fn the_last_row_leaves_an_empty_list() {
    let text = r#"{"version":"v1","repositories":[ {"repository":"a","tags":["1"]} ]}"#;
    assert_eq!(
        apply(text, &Edit::Remove { row: 0 }).as_deref(),
        Some(r#"{"version":"v1","repositories":[]}"#)
    );
}

#[test]
fn what_cannot_be_read_is_not_edited() {
    let remove = Edit::Remove { row: 0 };
    for text in [
        "{",
        "[]",
        "{\"repositories\": []}",
        "{\"repositories\": {}}",
    ] {
        assert_eq!(apply(text, &remove), None, "{text}");
    }
}

#[test]
fn the_member_that_the_service_reads_is_the_one_that_is_edited() {
    let text = r#"{"Repositories":[{"tags":["1"],"Tags":["2"]}]}"#;
    let tags = vec!["3".to_owned()];
    assert_eq!(
        apply(text, &Edit::Tags { row: 0, tags }).as_deref(),
        Some(r#"{"Repositories":[{"tags":["1"],"Tags":["3"]}]}"#)
    );
}

#[test]
fn tags_are_split_at_blanks_and_commas() {
    assert_eq!(
        split_tags(" 3.11, 3.12;latest\n*"),
        ["3.11", "3.12", "latest", "*"]
    );
    assert!(split_tags(" , ").is_empty());
}

#[test]
fn a_convention_can_be_chosen_before_anything_is_written() {
    let text =
        apply("", &Edit::Convention(Some(TagConvention::Floating))).expect("it begins a policy");
    assert!(text.contains("\"tag-convention\": \"floating\""), "{text}");
    assert_eq!(apply("", &Edit::Remove { row: 0 }), None);
}

#[test]
fn tags_keep_the_lines_that_somebody_gave_them() {
    let text = "{\"repositories\":[{\"repository\":\"r\",\"tags\":[\n  \"1\",\n  \"2\"\n]}]}";
    let check = |edit: Edit, from: &str, to: &str| {
        let edited = apply(text, &edit);
        assert_eq!(edited, Some(text.replacen(from, to, 1)), "{edit:?}");
    };
    let tag = "3".to_owned();
    check(Edit::AddTag { row: 0, tag }, "\"2\"", "\"2\",\n  \"3\"");
    check(Edit::RemoveTag { row: 0, index: 0 }, "\"1\",\n  ", "");
    check(Edit::RemoveTag { row: 0, index: 1 }, ",\n  \"2\"", "");
    let tags = ["0", "1", "2"].map(str::to_owned).to_vec();
    check(Edit::Tags { row: 0, tags }, "\"1\"", "\"0\",\n  \"1\"");
    assert_eq!(apply(text, &Edit::RemoveTag { row: 0, index: 2 }), None);
}

#[test]
fn a_value_that_is_there_already_stays_as_it_is_written() {
    let text =
        r#"{"repositories":[{"repository":"\u0077eb","tags":["\u0031.0"] ,"enabled": true}]}"#;
    let same = [
        Edit::Repository {
            row: 0,
            name: "web".to_owned(),
        },
        Edit::Tags {
            row: 0,
            tags: vec!["1.0".to_owned()],
        },
        Edit::Enabled {
            row: 0,
            enabled: true,
        },
        Edit::Move { row: 0, to: 0 },
        Edit::Convention(None),
    ];
    for edit in same {
        assert_eq!(apply(text, &edit).as_deref(), Some(text), "{edit:?}");
    }
}

#[test]
fn a_row_moves_with_everything_that_stands_in_it() {
    let text = "{\"repositories\": [{\"repository\":\"a\",\"x\":1},\n\n {\"repository\":\"b\"},\
                {\"repository\":\"c\"}]}";
    let moved = "{\"repositories\": [{\"repository\":\"b\"},\n\n {\"repository\":\"c\"},\
                 {\"repository\":\"a\",\"x\":1}]}";
    assert_eq!(
        apply(text, &Edit::Move { row: 0, to: 2 }).as_deref(),
        Some(moved)
    );
    assert_eq!(
        apply(moved, &Edit::Move { row: 2, to: 0 }).as_deref(),
        Some(text)
    );
    assert_eq!(apply(text, &Edit::Move { row: 0, to: 3 }), None);
}

#[test]
fn the_convention_is_taken_out_however_often_it_stands_there() {
    let text =
        r#"{"tag-convention":"floating","version":"v1","Tag-Convention":null, "repositories":[]}"#;
    let edited = r#"{"version":"v1","repositories":[]}"#;
    assert_eq!(
        apply(text, &Edit::Convention(None)).as_deref(),
        Some(edited)
    );
}

#[test]
fn an_edit_that_the_service_would_read_otherwise_is_refused() {
    // The second list is read over the first, so that its first row would inherit the name `a`.
    let text = r#"{"repositories":[{"repository":"a"},{"repository":"b"}],
        "repositories":[{"tags":["1"]},{"tags":["2"]}]}"#;
    assert_eq!(apply(text, &Edit::Remove { row: 0 }), None);
}
