use super::*;
use FindingCode as Code;

fn policy_of(rows: &str) -> String {
    format!("{{\"version\":\"v1\",\"repositories\":[{rows}]}}")
}

fn inventory(repositories: &[(&str, &[&str])]) -> Inventory {
    let repositories = repositories.iter();
    repositories
        .map(|(name, tags)| ((*name).to_owned(), tags.to_vec()))
        .collect()
}

/// Code, pointer, a piece of the message, and what the first fix replaces by what.
type Expected<'a> = (Code, &'a str, &'a str, Option<(&'a str, &'a str)>);

/// Compares code, pointer, a piece of the message, and what the first fix makes of the text.
fn check_advice(
    text: &str,
    inventory: &Inventory,
    deployed: Option<&Policy>,
    expected: &[Expected<'_>],
) {
    let advice = advise(text, inventory, deployed);
    assert_eq!(advice.len(), expected.len(), "{advice:#?}");
    for (found, (code, pointer, message, fix)) in advice.iter().zip(expected) {
        let finding = &found.finding;
        assert_eq!((finding.code, finding.pointer.as_str()), (*code, *pointer));
        assert!(finding.message.contains(message), "{}", finding.message);
        let fixed = found.fixes.first().map(|fix| fix.splice.apply(text));
        let wanted = fix.map(|(from, to)| Some(text.replacen(from, to, 1)));
        assert_eq!(fixed, wanted, "{code:?}");
    }
}

#[test]
fn a_dot_that_picks_more_than_it_spells_is_named() {
    let text = policy_of(r#"{"repository":"r","tags":["v1.0"]}"#);
    let tags = inventory(&[("r", &["v1.0", "v110", "v1x0-1"])]);
    check_advice(
        &text,
        &tags,
        None,
        &[
            (
                Code::RegexLeak,
                "/repositories/0/tags/0",
                "`v1.0` also picks",
                None,
            ),
            (
                Code::PhantomBase,
                "/repositories/0",
                "`v1x0-1` of `r`",
                None,
            ),
        ],
    );
    let tags = inventory(&[("r", &["v1.0", "v110"])]);
    let fix = Some(("[\"v1.0\"]", "[\"v1.0\", \"v110\"]"));
    let expected = (Code::RegexLeak, "/repositories/0/tags/0", "`v110`", fix);
    check_advice(&text, &tags, None, &[expected]);
}

#[test]
fn a_wildcard_over_phantom_bases_is_rewritten_to_the_tags_that_exist() {
    let text = policy_of(r#"{"repository":"redis","tags":["*"]}"#);
    let tags = inventory(&[("redis", &["7.2", "7.2-1", "7.2.4-debian-12", "edge"])]);
    let fix = Some(("[\"*\"]", "[\"7.2\", \"edge\"]"));
    let message = "`7.2.4-debian-12` of `redis`";
    let expected = (Code::PhantomBase, "/repositories/0", message, fix);
    check_advice(&text, &tags, None, &[expected]);
    // Naming `1.0` would still pick `1x0-1`: such a rewrite mends nothing, and is not offered.
    let tags = inventory(&[("redis", &["1.0", "1x0-1"])]);
    let expected = (Code::PhantomBase, "/repositories/0", "`1x0-1`", None);
    check_advice(&text, &tags, None, &[expected]);
}

#[test]
fn switching_the_convention_says_how_many_tags_it_hides() {
    let row = r#"{"repository":"r","tags":["*"]}"#;
    let text = policy_of(row).replace("\"v1\"", "\"v1\",\"tag-convention\":\"floating\"");
    let tags = inventory(&[("r", &["1.0", "1.0-1", "1.0-2", "1.0-patched"])]);
    let deployed = super::super::parse(&policy_of(row)).unwrap();
    let message = "from incremental to floating hides 2 existing `-N` tags";
    let fix = Some((",\"tag-convention\":\"floating\"", ""));
    let expected = (Code::ConventionSwitch, "/tag-convention", message, fix);
    check_advice(&text, &tags, Some(&deployed), &[expected]);
    check_advice(&text, &tags, None, &[]);
    check_advice(&policy_of(row), &tags, Some(&deployed), &[]);
}

#[test]
fn of_two_images_that_look_alike_the_other_can_be_put_first() {
    let a = r#"{"repository":"a","tags":["b-c"]}"#;
    let b = r#"{"repository":"a-b","tags":["c"]}"#;
    let text = policy_of(&format!("{a},{b}"));
    let tags = inventory(&[("a", &["b-c"]), ("a-b", &["c"])]);
    let advice = advise(&text, &tags, None);
    let [found] = advice.as_slice() else {
        panic!("{advice:?}")
    };
    assert_eq!(found.finding.code, Code::KeyCollision);
    assert_eq!(found.finding.pointer, "/repositories/1");
    let fixed = found.fixes[0].splice.apply(&text);
    assert_eq!(fixed, Some(policy_of(&format!("{b},{a}"))));
}

#[test]
fn what_is_not_there_is_spelled_as_it_probably_was_meant() {
    let text = policy_of(
        r#"{"repository":"ubunt","tags":["1","2"]},{"repository":"debian","tags":["jesie","12"]}"#,
    );
    let tags = inventory(&[("ubuntu", &["1"]), ("debian", &["jessie", "12"])]);
    check_advice(
        &text,
        &tags,
        None,
        &[
            (
                Code::RepositoryNotFound,
                "/repositories/0/repository",
                "no repository `ubunt`",
                Some(("ubunt", "ubuntu")),
            ),
            (
                Code::TagNotFound,
                "/repositories/1/tags/0",
                "no tag `jesie` in `debian`",
                Some(("jesie", "jessie")),
            ),
        ],
    );
}

#[test]
fn above_the_limit_the_largest_repositories_are_named() {
    let many: Vec<String> = (0..101).map(|tag| format!("t{tag}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let tags = inventory(&[("web/api", &many), ("db", &["1"])]);
    let text =
        policy_of(r#"{"repository":"web/api","tags":["*"]},{"repository":"db","tags":["*"]}"#);
    let message = "102 images match, the limit is 100. The whole run would fail, and nothing \
                   would be patched. Largest: `web/api` (101), `db` (1).";
    check_advice(
        &text,
        &tags,
        None,
        &[(Code::OverLimit, "/repositories", message, None)],
    );
}

#[test]
fn a_refused_policy_gets_no_advice() {
    let text = policy_of(r#"{"repository":"r","tags":["1-1"]}"#);
    assert!(advise(&text, &inventory(&[]), None).is_empty());
    assert!(advise("{", &inventory(&[]), None).is_empty());
}

#[test]
fn a_thousand_tags_in_vain_are_not_listed_one_by_one() {
    let tags: Vec<String> = (0..1000).map(|tag| format!("\"t{tag}\"")).collect();
    let row = format!("{{\"repository\":\"r\",\"tags\":[{}]}}", tags.join(","));
    let advice = advise(&policy_of(&row), &inventory(&[("r", &["t"])]), None);
    assert_eq!(advice.len(), LISTED);
    assert!(advice[0].fixes.len() == 2 && advice[LISTED - 1].fixes.is_empty());
}
