//! A form over a text loses nothing of the text, whatever it is.
use drydock_domain::json::{self, Member, Node, Value};
use drydock_domain::policy::document::{Edit, apply};
use drydock_domain::policy::history::{History, Origin};
use drydock_domain::policy::{self, Fixer, Policy, PolicyRepository, TagConvention};
use drydock_domain::splice::Splice;
use proptest::prelude::*;

fn blanks() -> impl Strategy<Value = String> {
    "( |\n  |\t|\r\n){0,2}"
}

/// Puts members or items into brackets, each between blanks of its own.
fn between(
    open: &'static str,
    close: &'static str,
    items: impl Strategy<Value = Vec<String>>,
) -> impl Strategy<Value = String> {
    (items, prop::collection::vec(blanks(), 16)).prop_map(move |(items, blanks)| {
        let mut blanks = blanks.into_iter().cycle();
        let mut next = || blanks.next().expect("a cycle goes on");
        let items: Vec<String> = items
            .into_iter()
            .map(|item| format!("{}{item}{}", next(), next()))
            .collect();
        format!("{open}{}{close}", items.join(","))
    })
}

fn quoted() -> impl Strategy<Value = String> {
    "[a-z0-9.*\"\\\\é-]{0,4}".prop_map(|text| json::quote(&text))
}

fn unknown() -> impl Strategy<Value = String> {
    let value = prop_oneof![
        quoted(),
        "null|true|-?[1-9][0-9]{0,3}(\\.5)?|\\{ \\}|\\[1,\n2\\]|\\{\"tags\":\\[\"x\"\\]\\}",
    ];
    ("x|note|owner|Ünï|repositorys", value).prop_map(|(key, value)| format!("\"{key}\" : {value}"))
}

/// Members in any order, sometimes one of the known ones missing; each known key at most once
/// unless `again` puts one there twice.
fn members(known: Vec<BoxedStrategy<String>>, again: bool) -> impl Strategy<Value = Vec<String>> {
    let n_known = known.len();
    let twice = prop::collection::vec(0..n_known, if again { 0..3 } else { 0..1 });
    let known: Vec<_> = known
        .into_iter()
        .map(|member| (prop::option::weighted(0.8, member.clone()), member))
        .collect();
    (known, twice, prop::collection::vec(unknown(), 0..3))
        .prop_map(|(known, twice, unknown)| {
            let mut all: Vec<String> = known.iter().filter_map(|(it, _)| it.clone()).collect();
            all.extend(twice.into_iter().map(|index| known[index].1.clone()));
            all.extend(unknown);
            all
        })
        .prop_shuffle()
}

fn row(again: bool) -> impl Strategy<Value = String> {
    let tags = between("[", "]", prop::collection::vec(quoted(), 0..4));
    let known = vec![
        quoted()
            .prop_map(|name| format!("\"repository\":{name}"))
            .boxed(),
        tags.prop_map(|tags| format!("\"tags\": {tags}")).boxed(),
        prop_oneof![
            "\"enabled\":(true|false|null)",
            Just("\"z\":0".to_owned()),
            "\"Enabled\" :true",
        ]
        .boxed(),
    ];
    between("{", "}", members(known, again))
}

/// A policy document as a person, a program or an accident may have written it.
fn document(again: bool) -> impl Strategy<Value = String> {
    let rows = between("[", "]", prop::collection::vec(row(again), 0..4));
    let known = vec![
        Just("\"version\":\"v1\"".to_owned()).boxed(),
        "\"(tag-convention|Tag-Convention)\": *(\"floating\"|\"incremental\"|\"\"|null)".boxed(),
        rows.prop_map(|rows| format!("\"repositories\" : {rows}"))
            .boxed(),
    ];
    (blanks(), between("{", "}", members(known, again)), blanks())
        .prop_map(|(before, document, after)| format!("{before}{document}{after}"))
}

fn edit() -> impl Strategy<Value = Edit> {
    let text = || "[a-z\"\\\\*é]{0,3}";
    let convention = prop::option::of(prop_oneof![
        Just(TagConvention::Floating),
        Just(TagConvention::Incremental)
    ]);
    let tags = || prop::collection::vec(text(), 0..4);
    let new_row = (text(), tags(), any::<bool>()).prop_map(|(repository, tags, enabled)| {
        Edit::Add(PolicyRepository {
            repository,
            tags,
            enabled,
        })
    });
    let row = 0_usize..4;
    prop_oneof![
        convention.prop_map(Edit::Convention),
        new_row,
        (row.clone(), text()).prop_map(|(row, name)| Edit::Repository { row, name }),
        (row.clone(), tags()).prop_map(|(row, tags)| Edit::Tags { row, tags }),
        (row.clone(), text()).prop_map(|(row, tag)| Edit::AddTag { row, tag }),
        (row.clone(), 0_usize..4).prop_map(|(row, index)| Edit::RemoveTag { row, index }),
        (row.clone(), any::<bool>()).prop_map(|(row, enabled)| Edit::Enabled { row, enabled }),
        row.clone().prop_map(|row| Edit::Remove { row }),
        (row.clone(), row).prop_map(|(row, to)| Edit::Move { row, to }),
    ]
}

/// Everything of a text that no form shows, as it is written: keys that nobody reads, with their
/// values.
fn unread(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let root = json::read(text).expect("it is JSON");
    collect(
        text,
        &root,
        &["version", "tag-convention", "repositories"],
        &mut found,
    );
    found.sort();
    found
}

fn collect(text: &str, object: &Node, known: &[&str], found: &mut Vec<String>) {
    let Value::Object(members) = &object.value else {
        return;
    };
    for Member {
        key,
        key_offset,
        value,
    } in members
    {
        if !known.iter().any(|known| known.eq_ignore_ascii_case(key)) {
            found.push(text[*key_offset..value.end].to_owned());
        } else if let (Value::Array(rows), true) = (&value.value, known.len() == 3) {
            for row in rows {
                collect(text, row, &["repository", "tags", "enabled"], found);
            }
        }
    }
}

fn policy_of(text: &str) -> Policy {
    policy::check(text).policy.expect("the service decodes it")
}

/// What a form does that is opened and saved: every value written back.
fn every_value(policy: &Policy) -> Vec<Edit> {
    let rows = policy.repositories.iter().enumerate();
    let rows = rows.flat_map(
        |(
            row,
            PolicyRepository {
                repository,
                tags,
                enabled,
            },
        )| {
            [
                Edit::Repository {
                    row,
                    name: repository.clone(),
                },
                Edit::Tags {
                    row,
                    tags: tags.clone(),
                },
                Edit::Enabled {
                    row,
                    enabled: *enabled,
                },
                Edit::Move { row, to: row },
            ]
        },
    );
    // Taking a convention out that is none takes its empty key out.
    let convention = policy.convention.map(|one| Edit::Convention(Some(one)));
    convention.into_iter().chain(rows).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn a_form_that_is_opened_and_saved_changes_no_byte(text in document(true)) {
        for edit in every_value(&policy_of(&text)) {
            prop_assert_eq!(apply(&text, &edit), Some(text.clone()), "{:?}", edit);
        }
    }

    #[test]
    fn what_a_form_writes_is_what_a_form_reads(
        floating in any::<bool>(),
        rows in prop::collection::vec(("\\PC{0,4}", prop::collection::vec("\\PC{1,4}", 0..4), any::<bool>()), 1..4),
    ) {
        let convention = if floating { TagConvention::Floating } else { TagConvention::Incremental };
        let rows = rows.into_iter().map(|(repository, tags, enabled)| PolicyRepository { repository, tags, enabled });
        let written = Policy { convention: Some(convention), repositories: rows.collect() };
        let adds = written.repositories.iter().cloned().map(Edit::Add);
        let edits = adds.chain([Edit::Convention(Some(convention))]);
        let text = edits.fold(String::new(), |text, edit| apply(&text, &edit).expect("it is possible"));
        prop_assert_eq!(policy_of(&text), written, "{}", text);
    }

    #[test]
    fn every_edit_is_possible_where_no_key_stands_twice(text in document(false), edit in edit()) {
        let is_possible = edit.change(&mut policy_of(&text));
        prop_assert_eq!(apply(&text, &edit).is_some(), is_possible, "{}", text);
    }

    #[test]
    fn no_text_makes_an_edit_panic(
        start in "\\{?\"?(repositories)?\"?:?\\[?\\{?", rest in "[\\[\\]{}:,\" \\\\a1é]{0,12}", edit in edit(),
    ) {
        let text = format!("{start}{rest}");
        if let Some(edited) = apply(&text, &edit) {
            prop_assert!(json::read(&edited).is_ok(), "{}", edited);
        }
        for finding in policy::check(&text).findings {
            for fix in Fixer::new(&text).fixes(&finding) {
                prop_assert!(fix.splice.apply(&text).is_some());
            }
        }
    }

    #[test]
    fn what_a_form_did_can_be_undone_to_the_byte(
        text in document(false), edits in prop::collection::vec(edit(), 0..6),
    ) {
        let mut history = History::new(text.clone());
        let mut seen = vec![text];
        for edit in edits {
            let edited = apply(history.text(), &edit);
            let Some(edited) = edited.filter(|edited| edited != history.text()) else { continue };
            history.record(&edited, Origin::Whole);
            seen.push(edited);
        }
        for expected in seen.iter().rev().skip(1) {
            prop_assert!(history.undo());
            prop_assert_eq!(history.text(), expected);
        }
        prop_assert!(!history.undo());
        for expected in seen.iter().skip(1) {
            prop_assert!(history.redo());
            prop_assert_eq!(history.text(), expected);
        }
    }

    #[test]
    fn a_difference_makes_one_text_of_another(old in "[aé\n]{0,6}", new in "[aéb]{0,6}") {
        prop_assert_eq!(Splice::between(&old, &new).apply(&old), Some(new));
    }

    #[test]
    fn a_fix_leaves_json_and_no_finding_that_it_mends(text in document(true), cut in 0_usize..3) {
        // Sometimes a comma too many, sometimes a word in another case.
        let text = match cut {
            0 => text,
            1 => text.replacen(']', ",]", 1),
            _ => text.replacen("\"version\"", "\"VERSION\"", 1),
        };
        let fixer = Fixer::new(&text);
        let findings = policy::check(&text).findings;
        for finding in &findings {
            for fix in fixer.fixes(finding) {
                let fixed = fix.splice.apply(&text).expect("it fits its own text");
                let same = |other: &&policy::Finding| {
                    other.code == finding.code && other.message == finding.message
                };
                let count = |findings: &[policy::Finding]| findings.iter().filter(same).count();
                let after = policy::check(&fixed).findings;
                prop_assert!(count(&after) < count(&findings), "{}\n{}\n{:?}", text, fixed, fix);
            }
        }
    }
}

proptest! {
    // Duplicates that the service reads one over the other are rare, and what this is about.
    #![proptest_config(ProptestConfig::with_cases(250))]

    #[test]
    fn an_edit_changes_what_it_says_and_nothing_else(text in document(true), edit in edit()) {
        let before = policy_of(&text);
        let mut expected = before.clone();
        let is_possible = edit.change(&mut expected);
        let Some(edited) = apply(&text, &edit) else {
            return Ok(());
        };
        prop_assert!(is_possible);
        prop_assert_eq!(policy_of(&edited), expected, "{}\n{}", text, edited);
        let kept = unread(&edited);
        match edit {
            Edit::Remove { .. } => prop_assert!(kept.iter().all(|it| unread(&text).contains(it))),
            _ => prop_assert_eq!(kept, unread(&text), "{}\n{}", text, edited),
        }
    }
}
