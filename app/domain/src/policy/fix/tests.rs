use super::*;
use crate::policy::check;

/// Applies every fix of every finding, one by one: what changes, and that the finding is gone.
fn check_fixes(text: &str, expected: &[(&str, &str)]) {
    let fixer = Fixer::new(text);
    let findings = check(text).findings;
    let mut found = Vec::new();
    for finding in &findings {
        for fix in fixer.fixes(finding) {
            let fixed = fix.splice.apply(text).expect("it fits its own text");
            let after = check(&fixed).findings;
            let is_it = |other: &Finding| {
                (other.code, &other.pointer) == (finding.code, &finding.pointer)
                    && other.message == finding.message
            };
            assert!(!after.iter().any(is_it), "{fixed}");
            assert!(after.len() < findings.len(), "{fixed}: {after:?}");
            found.push((fix.label, fixed));
        }
    }
    let found: Vec<(&str, &str)> = found
        .iter()
        .map(|(label, fixed)| (label.as_str(), fixed.as_str()))
        .collect();
    assert_eq!(found, expected);
}

fn with_row(row: &str) -> String {
    format!("{{\"version\":\"v1\",\"repositories\":[{row}]}}")
}

#[test]
fn a_trailing_comma_goes() {
    let text = with_row(r#"{"repository":"a","tags":["1",]}"#);
    let fixed = text.replace(",]}", "]}");
    check_fixes(&text, &[("Delete the comma", &fixed)]);
    let fixer = Fixer::new("{\"a\":1 2}");
    let findings = check("{\"a\":1 2}").findings;
    assert!(fixer.fixes(&findings[0]).is_empty(), "only a person knows");
}

#[test]
fn a_wildcard_beside_other_tags_goes_or_stays_alone() {
    let text = with_row(r#"{"repository":"a","tags":["*", "1"]}"#);
    let named = text.replace("\"*\", ", "");
    let all = text.replace(", \"1\"", "");
    check_fixes(
        &text,
        &[
            ("Leave `*` out, keep the others", &named),
            ("Keep `*` alone, for all tags", &all),
        ],
    );
}

#[test]
fn a_reserved_tag_becomes_its_original_or_goes() {
    let text = with_row(r#"{"repository":"a","tags":["1.0-2"]}"#);
    let fixed = text.replace("1.0-2", "1.0");
    check_fixes(&text, &[("Name `1.0` instead", &fixed)]);
    let text = with_row(r#"{"repository":"a","tags":["1.0","1.0-2"]}"#);
    let fixed = text.replace(",\"1.0-2\"", "");
    check_fixes(&text, &[("Leave `1.0-2` out", &fixed)]);
}

#[test]
fn words_and_keys_are_written_as_they_must_be() {
    let row = r#"{"repository":"a","tags":["1"]}"#;
    let text = format!(
        "{{\"Version\" : \"V1\",\"tag-convention\":\"Floating\",\"repositories\":[{row}]}}"
    );
    let key = text.replace("\"Version\"", "\"version\"");
    let version = text.replace("V1", "v1");
    let convention = text.replace("Floating", "floating");
    check_fixes(
        &text,
        &[
            ("Write `version`", &key),
            ("Write `v1`", &version),
            ("Write `floating`", &convention),
        ],
    );
    let text = with_row(row).replace('{', "{\n  ");
    let text = text.replacen("\"version\":\"v1\",", "", 1);
    let fixed = text.replacen("{\n  ", "{\n  \"version\": \"v1\",\n  ", 1);
    check_fixes(&text, &[("Add `\"version\": \"v1\"`", &fixed)]);
    let text = with_row(r#"{"repository":"a","tags":["1"],"enable":true}"#);
    let fixed = text.replace("enable", "enabled");
    check_fixes(&text, &[("Write `enabled`", &fixed)]);
    let text = with_row(row).replace("\"version\"", "\"tag-convention\":\"\",\"version\"");
    check_fixes(&text, &[("Leave the key out", &with_row(row))]);
}

#[test]
fn values_of_a_near_type_are_put_right() {
    let text = with_row(r#"{"repository":"a","tags":"1","enabled":"True"}"#);
    let list = text.replace("\"1\"", "[\"1\"]");
    let enabled = text.replace("\"True\"", "true");
    check_fixes(
        &text,
        &[
            ("Put it into a list", &list),
            ("Write `true` without quotes", &enabled),
        ],
    );
}

#[test]
fn what_stands_there_twice_stays_once() {
    let row = r#"{"repository":"a","tags":["1"]}"#;
    let other = r#"{"repository":"a","tags":["2"]}"#;
    let text = with_row(&format!("{row},{row},{other}"));
    let fixed = with_row(&format!("{row},{other}"));
    check_fixes(&text, &[("Remove this row", &fixed)]);
    let text = with_row(r#"{"repository":"a","tags":["1","1"]}"#);
    check_fixes(&text, &[("Leave it out here", &with_row(row))]);
    let text = format!("\u{feff}{}", with_row(row));
    check_fixes(&text, &[("Delete the byte order mark", &with_row(row))]);
}
