use super::*;
use FindingCode as Code;
use Validator::{Extension, Service};

/// Compares code, refusing validators, pointer, line and column of every finding, in order.
fn check_findings(text: &str, expected: &[(Code, &[Validator], &str, u32, u32)]) {
    let found = check(text);
    let places: Vec<_> = found
        .findings
        .iter()
        .map(|finding| {
            let by = finding.refused_by.as_slice();
            (
                finding.code,
                by,
                finding.pointer.as_str(),
                finding.line,
                finding.column,
            )
        })
        .collect();
    assert_eq!(places, expected, "{text}\n{:#?}", found.findings);
}

/// Puts a row into a policy; the row begins in line 2, column 1.
fn with_row(row: &str) -> String {
    format!("{{\"version\":\"v1\",\"repositories\":[\n{row}]}}")
}

const BOTH: &[Validator] = &[Service, Extension];

#[test]
fn a_good_policy_has_no_findings() {
    let text = with_row(r#"{"repository":"team/web","tags":["*"]}"#);
    check_findings(&text, &[]);
    let checked = check(&text);
    assert!(checked.is_accepted());
    let policy = checked.policy.unwrap();
    assert_eq!(policy.repositories[0].repository, "team/web");
    assert!(policy.repositories[0].enabled && policy.repositories[0].is_wildcard());
    assert_eq!(policy.convention, None);
}

#[test]
fn the_comma_of_the_sample_is_explained() {
    let text = "{\n  \"version\": \"v1\",\n  \"repositories\": [{\n    \"repository\": \"a\",\n    \
                \"tags\": [\"*\"],\n  }]\n}";
    check_findings(
        text,
        &[(Code::TrailingComma, BOTH, "/repositories/0", 5, 18)],
    );
    let finding = &check(text).findings[0];
    assert!(
        finding.message.contains("Microsoft's own sample"),
        "{}",
        finding.message
    );
    assert_eq!(finding.remedy, "Delete the comma.");
    let message = parse(text).unwrap_err().to_string();
    assert_eq!(
        message,
        "invalid character '}' looking for beginning of object key string"
    );
}

#[test]
fn a_text_that_is_no_policy_says_what_it_is() {
    check_findings("", &[(Code::Empty, BOTH, "", 1, 1)]);
    check_findings(" \n", &[(Code::Empty, BOTH, "", 1, 1)]);
    check_findings("\u{feff}{}", &[(Code::ByteOrderMark, BOTH, "", 1, 1)]);
    check_findings("[1]", &[(Code::WrongType, BOTH, "", 1, 1)]);
    check_findings(
        "{\"version\": 'v1'}",
        &[(Code::NotJson, BOTH, "/version", 1, 13)],
    );
    check_findings("null", &[(Code::WrongType, BOTH, "", 1, 1)]);
    check_findings(
        "{}",
        &[
            (Code::KeyMissing, BOTH, "", 1, 1),
            (Code::KeyMissing, BOTH, "", 1, 1),
        ],
    );
}

#[test]
fn the_document_s_own_keys_are_checked() {
    check_findings(
        r#"{"version":"V1","tag-convention":"Floating","repositories":[]}"#,
        &[
            (Code::VersionUnknown, BOTH, "/version", 1, 12),
            (Code::ConventionUnknown, BOTH, "/tag-convention", 1, 34),
            (Code::NoRepositories, BOTH, "/repositories", 1, 60),
        ],
    );
    check_findings(
        r#"{"version":1,"tag-convention":"","repositories":{}}"#,
        &[
            (Code::WrongType, BOTH, "/version", 1, 12),
            (
                Code::ConventionUnknown,
                &[Extension],
                "/tag-convention",
                1,
                31,
            ),
            (Code::WrongType, BOTH, "/repositories", 1, 49),
        ],
    );
}

#[test]
fn the_two_validators_differ_and_each_finding_says_who_refuses() {
    let row = |tags: &str| with_row(&format!("{{\"repository\":\"r\",\"tags\":[{tags}]}}"));
    let tag =
        |code, by: &'static [Validator], index: &'static str, column| (code, by, index, 2, column);
    check_findings(
        &row(r#""1.0-1","x-patched","2024-09","1.0-1000","""#),
        &[
            tag(Code::TagReserved, BOTH, "/repositories/0/tags/0", 27),
            tag(Code::TagReserved, BOTH, "/repositories/0/tags/1", 35),
            tag(
                Code::TagLooksReserved,
                &[Extension],
                "/repositories/0/tags/2",
                47,
            ),
            tag(Code::TagEmpty, &[Service], "/repositories/0/tags/4", 68),
        ],
    );
    check_findings(
        &row(r#""*","1.0","1.0""#),
        &[
            tag(
                Code::WildcardMixed,
                &[Extension],
                "/repositories/0/tags/0",
                27,
            ),
            tag(
                Code::DuplicateTag,
                &[Extension],
                "/repositories/0/tags/2",
                37,
            ),
        ],
    );
    check_findings(
        &row("\"3.*\""),
        &[tag(Code::TagName, &[], "/repositories/0/tags/0", 27)],
    );
    check_findings(
        &row(""),
        &[tag(Code::NoTags, BOTH, "/repositories/0/tags", 26)],
    );
    check_findings(
        &row("null"),
        &[tag(Code::WrongType, BOTH, "/repositories/0/tags/0", 27)],
    );
}

#[test]
fn rows_and_their_keys_are_checked() {
    let at = |code, by: &'static [Validator], pointer: &'static str, column| {
        (code, by, pointer, 2, column)
    };
    check_findings(
        &with_row(r#"{"Repository":"r","tag":[],"tags":["1"],"enabled":"true"}"#),
        &[
            at(Code::KeyCase, &[Extension], "/repositories/0/Repository", 2),
            at(Code::UnknownKey, &[], "/repositories/0/tag", 19),
            at(Code::WrongType, BOTH, "/repositories/0/enabled", 51),
        ],
    );
    check_findings(
        &with_row(r#"{"repository":"","tags":["1"],"enabled":null}"#),
        &[
            at(
                Code::RepositoryEmpty,
                &[Service],
                "/repositories/0/repository",
                15,
            ),
            at(Code::WrongType, &[Extension], "/repositories/0/enabled", 41),
        ],
    );
    let twice = r#"{"repository":"r","tags":["1"]},{"tags":["1"],"repository":"r"},"#;
    check_findings(
        &with_row(&format!(
            "{twice}{{\"repository\":\"r\",\"tags\":[\"2\"]}},7"
        )),
        &[
            at(Code::WrongType, BOTH, "/repositories/3", 97),
            at(
                Code::DuplicateRepository,
                &[Extension],
                "/repositories/1",
                33,
            ),
            at(Code::DuplicateRepository, &[], "/repositories/2", 65),
        ],
    );
    check_findings(
        &with_row(r#"{"repository":"Reg.azurecr.io/r:1","tags":["1"]}"#),
        &[at(
            Code::RepositoryName,
            &[],
            "/repositories/0/repository",
            15,
        )],
    );
}

#[test]
fn the_service_reads_keys_in_any_case_and_the_last_of_two() {
    let text = r#"{"Version":"v2","VERSION":"v1","TAG-CONVENTION":"floating","x":1,
        "repoſitories":[{"repository":"a","tags":["1","2"]},{"repository":"gone"}],
        "repositories":[{"tags":["3"],"enabled":null}]}"#;
    let policy = parse(text).unwrap();
    assert_eq!(policy.convention, Some(TagConvention::Floating));
    let [row] = policy.repositories.as_slice() else {
        panic!("one row: {policy:?}")
    };
    // A second list is read over the first, so that the first row keeps its name.
    assert_eq!(
        (row.repository.as_str(), row.tags.as_slice()),
        ("a", &["3".to_owned()][..])
    );
    assert!(row.enabled);
}

#[test]
fn a_wrong_type_is_told_in_the_decoder_s_words() {
    let check = |text: &str, expected: &str, place: &str| {
        let Err(ParsePolicyError::NotDecoded {
            message, pointer, ..
        }) = parse(text)
        else {
            panic!("{text}")
        };
        assert_eq!((message.as_str(), pointer.as_str()), (expected, place));
    };
    check(
        "[]",
        "json: cannot unmarshal array into Go value of type cssc.Filter",
        "",
    );
    check(
        &with_row(r#"{"repository":"r","tags":"*"}"#),
        "json: cannot unmarshal string into Go struct field Filter.repositories.0.tags of type \
         []string",
        "/repositories/0/tags",
    );
    check(
        r#"{"Version":1,"repositories":true}"#,
        "json: cannot unmarshal number into Go struct field Filter.version of type string",
        "/Version",
    );
}

#[test]
fn a_policy_is_printed_as_people_write_it() {
    let policy = Policy {
        convention: Some(TagConvention::Incremental),
        repositories: vec![PolicyRepository {
            repository: "team/web".to_owned(),
            tags: vec!["1.0".to_owned(), "2.0".to_owned()],
            enabled: false,
        }],
    };
    let expected = r#"{
  "version": "v1",
  "tag-convention": "incremental",
  "repositories": [
    {
      "repository": "team/web",
      "tags": ["1.0", "2.0"],
      "enabled": false
    }
  ]
}
"#;
    assert_eq!(policy.to_json(), expected);
    assert_eq!(parse(expected), Ok(policy));
}

#[test]
fn past_ten_mebibytes_the_extension_refuses() {
    let mut text = with_row(r#"{"repository":"r","tags":["*"]}"#);
    text.push_str(&" ".repeat(MAX_SIZE_BYTES - text.len()));
    assert!(check(&text).is_accepted());
    text.push(' ');
    check_findings(&text, &[(Code::TooLarge, &[Extension], "", 1, 1)]);
}
