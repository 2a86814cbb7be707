//! The commands that scripts use: their output, and how they end.
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use tempfile::TempDir;

const POLICY: &str = r#"{
  "version": "v1",
  "tag-convention": "incremental",
  "repositories": [{"repository": "python", "tags": ["3.11", "4"], "enabled": true}]
}"#;
const INVENTORY: &str = r#"{"python": ["3.11", "3.11-1", "3.12"], "nginx": ["1"]}"#;

fn drydock(directory: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_drydock"));
    command
        .current_dir(directory)
        .args(arguments)
        .output()
        .unwrap()
}

/// A directory with a policy and an inventory in it.
fn files(policy: &str, inventory: &str) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("policy.json"), policy).unwrap();
    fs::write(directory.path().join("inventory.json"), inventory).unwrap();
    directory
}

#[track_caller]
fn check(output: &Output, code: i32, stdout: &str, stderr: &str) {
    assert_eq!(output.status.code(), Some(code), "{output:?}");
    assert_eq!(String::from_utf8_lossy(&output.stdout), stdout);
    assert_eq!(String::from_utf8_lossy(&output.stderr), stderr);
}

const PREVIEW: [&str; 4] = ["preview", "policy.json", "--inventory", "inventory.json"];

#[test]
fn preview_answers_in_json() {
    let directory = files(POLICY, INVENTORY);
    let output = drydock(directory.path(), &PREVIEW);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let mut answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    let verdicts = answer.as_object_mut().unwrap().remove("verdicts").unwrap();
    let expected = json!({
        "selected": [{
            "repository": "python", "original": "3.11", "latest": "3.11-1",
            "scan": "3.11-1", "next": "3.11-2",
        }],
        "not_found": [{"repository": "python", "tag": "4"}],
        "matches": 1,
    });
    assert_eq!(answer, expected);
    let judged = verdicts.as_array().unwrap().iter().map(|verdict| {
        assert!(!verdict["reason"].as_str().unwrap().is_empty(), "{verdict}");
        format!(
            "{}:{}",
            verdict["repository"].as_str().unwrap(),
            verdict["tag"].as_str().unwrap()
        )
    });
    let judged: Vec<_> = judged.collect();
    assert_eq!(
        judged,
        [
            "nginx:1",
            "python:3.11",
            "python:3.11-1",
            "python:3.12",
            "python:4"
        ]
    );
}

#[test]
fn preview_says_null_where_there_is_no_patch_yet() {
    let directory = files(POLICY, r#"{"python": ["3.11"]}"#);
    let output = drydock(directory.path(), &PREVIEW);
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer["selected"][0]["latest"], Value::Null);
    assert_eq!(answer["selected"][0]["next"], "3.11-1");
}

#[test]
fn preview_prints_what_azure_prints() {
    let directory = files(POLICY, INVENTORY);
    let output = drydock(
        directory.path(),
        &[&PREVIEW[..], &["--format", "acr"]].concat(),
    );
    let text = String::from_utf8(output.stdout).unwrap();
    let (introduction, listing) = text.split_once("Validating filter...\n").unwrap();
    assert!(
        introduction.starts_with("DRY RUN mode enabled...\n"),
        "{introduction}"
    );
    let expected = "Configured Tag Convention:  incremental\n\
        Artifacts specified in the filter that do not exist:\nRepo,Tag\npython,4\nNot found: 1\n\
        Listing repositories and tags matching the filter with corresponding latest patch tag (if \
        present):\nRepo,Tag,LatestPatchTag\npython,3.11,3.11-1\nMatches found: 1\n";
    assert_eq!(listing, expected);
}

#[test]
fn preview_repeats_the_services_refusal() {
    let check_refusal = |policy: &str, stderr: &str| {
        let directory = files(policy, INVENTORY);
        check(&drydock(directory.path(), &PREVIEW), 2, "", stderr);
    };
    let no_version = r#"{"repositories": [{"repository": "a", "tags": ["1"]}]}"#;
    check_refusal(
        no_version,
        "Version is required in the filter and should be v1\n",
    );
    check_refusal(
        r#"{"version": "v1"}"#,
        "Repositories is required in the filter\n",
    );
}

#[test]
fn preview_answers_where_only_the_extension_refuses() {
    // The extension wants the key `tag-convention` or none; the service passes over what it does not know.
    let policy = r#"{"version": "v1", "repositories":
        [{"repository": "python", "tags": ["3.11", "3.11"], "enabled": true}]}"#;
    let directory = files(policy, INVENTORY);
    assert_eq!(drydock(directory.path(), &PREVIEW).status.code(), Some(0));
}

#[test]
fn input_that_cannot_be_read_is_named() {
    let directory = files(POLICY, "[1]");
    let output = drydock(directory.path(), &PREVIEW);
    assert_eq!(output.status.code(), Some(1));
    let words = String::from_utf8(output.stderr).unwrap();
    assert!(
        words.starts_with("drydock: inventory.json is not {\"repository\""),
        "{words}"
    );
    let output = drydock(directory.path(), &["check", "nowhere.json"]);
    assert_eq!(output.status.code(), Some(1));
    let words = String::from_utf8(output.stderr).unwrap();
    assert!(
        words.starts_with("drydock: cannot read nowhere.json: No such file"),
        "{words}"
    );
}

#[test]
fn check_names_the_place_the_remedy_and_who_refuses() {
    let trailing = POLICY.replace("true}]", "true},]");
    let directory = files(&trailing, INVENTORY);
    let output = drydock(directory.path(), &["check", "policy.json"]);
    assert_eq!(output.status.code(), Some(2));
    let words = String::from_utf8(output.stdout).unwrap();
    assert!(words.starts_with("policy.json:4:"), "{words}");
    assert!(words.contains("comma"), "{words}");
    assert!(words.contains("refused by ACR's own check"), "{words}");

    let good = files(&POLICY.replace(", \"4\"", ""), INVENTORY);
    let verdict = "policy.json: accepted by ACR's own check and by the az extension\n";
    check(
        &drydock(good.path(), &["check", "policy.json"]),
        0,
        verdict,
        "",
    );
}

#[test]
fn schedule_prints_one_instant_a_line() {
    let check_schedule = |days: &str, from: &str, expected: &str| {
        let arguments = [
            "schedule", days, "--at", "21:54", "--from", from, "--count", "3",
        ];
        check(&drydock(Path::new("/"), &arguments), 0, expected, "");
    };
    // Days 1, 8, 15, 22, 29, and again from the 1st.
    let expected = "2026-01-29T21:54:00Z\n2026-02-01T21:54:00Z\n2026-02-08T21:54:00Z\n";
    check_schedule("7d", "2026-01-22T21:54:00Z", expected);
    let expected = "2026-01-31T21:54:00Z\n2026-02-01T21:54:00Z\n2026-03-01T21:54:00Z\n";
    check_schedule("30d", "2026-01-02T00:00:00+01:00", expected);
}

#[test]
fn a_schedule_ends_with_the_years_that_can_be_written() {
    let from = "9999-12-30T00:00:00Z";
    let arguments = [
        "schedule", "1d", "--at", "01:00", "--from", from, "--count", "5",
    ];
    let output = drydock(Path::new("/"), &arguments);
    assert_eq!(output.status.code(), Some(1));
    let instants = "9999-12-30T01:00:00Z\n9999-12-31T01:00:00Z\n";
    assert_eq!(String::from_utf8(output.stdout).unwrap(), instants);
    let words = String::from_utf8(output.stderr).unwrap();
    assert!(words.contains("after the year 9999"), "{words}");
}

#[test]
fn a_reader_that_has_enough_ends_the_command_quietly() {
    let directory = files(POLICY, INVENTORY);
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = Command::new(env!("CARGO_BIN_EXE_drydock"));
    command.current_dir(directory.path()).args(PREVIEW);
    let mut child = command
        .stdout(writer)
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    // The command holds the pipe's other end, which nobody reads.
    drop(command);
    let code = child.wait().unwrap().code();
    let words = std::io::read_to_string(child.stderr.take().unwrap()).unwrap();
    assert_eq!((code, words.as_str()), (Some(0), ""));
}

#[test]
fn a_policy_that_is_not_utf8_is_refused_with_the_place() {
    let directory = files(POLICY, INVENTORY);
    fs::write(
        directory.path().join("policy.json"),
        b"{\"version\": \"\xff\"}",
    )
    .unwrap();
    let fault = "the byte 0xff at offset 13 is not UTF-8; save the file as UTF-8\n";
    check(
        &drydock(directory.path(), &["check", "policy.json"]),
        2,
        &format!("policy.json: error: {fault}"),
        "",
    );
    let output = drydock(directory.path(), &PREVIEW);
    check(&output, 2, "", &format!("policy.json: {fault}"));
}

#[test]
fn a_command_line_that_makes_no_sense_is_a_usage_error() {
    for arguments in [
        &["schedule", "7d", "--at", "21:54", "--from", "yesterday"][..],
        &["preview", "policy.json"],
        &["launch"],
        &["serve", "--listen", "here"],
    ] {
        let output = drydock(Path::new("/"), arguments);
        assert_eq!(output.status.code(), Some(64), "{arguments:?}");
        assert!(
            !output.stderr.is_empty() && output.stdout.is_empty(),
            "{arguments:?}"
        );
    }
    for (arguments, words) in [
        (&["schedule", "31d", "--at", "21:54"][..], "31d"),
        (&["schedule", "7d", "--at", "9:30"], "write a time of day"),
        (&["schedule", "7d", "--at", "24:00"], "write a time of day"),
        (
            &["schedule", "7d", "--at", "21:54", "--count", "100001"],
            "100000",
        ),
        (&["schedule", "7d", "--at", "21:54", "--count", "0"], "1.."),
    ] {
        let output = drydock(Path::new("/"), arguments);
        assert_eq!(output.status.code(), Some(64), "{arguments:?}");
        assert!(
            String::from_utf8_lossy(&output.stderr).contains(words),
            "{output:?}"
        );
    }
}

#[test]
fn the_embedded_console_stays_on_this_machine() {
    let data = tempfile::tempdir().unwrap();
    let refuse = |option: &str, words: &str| {
        let address = "0.0.0.0:0";
        let output = drydock(data.path(), &["serve", option, address, "--data", "."]);
        assert_eq!(output.status.code(), Some(1));
        assert!(
            String::from_utf8_lossy(&output.stderr).contains(words),
            "{output:?}"
        );
    };
    refuse("--listen", "--allow-remote");
    refuse("--sandbox-listen", "for this machine only");
    assert_eq!(fs::read_dir(data.path()).unwrap().count(), 0);
}

#[test]
fn an_address_in_use_is_named_with_a_way_out() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let data = tempfile::tempdir().unwrap();
    let arguments = [
        "serve",
        "--listen",
        &address,
        "--sandbox-listen",
        "127.0.0.1:0",
        "--data",
        "state",
    ];
    let output = drydock(data.path(), &arguments);
    assert_eq!(output.status.code(), Some(1));
    let words = String::from_utf8(output.stderr).unwrap();
    assert!(
        words.contains(&format!("{address} is already in use")),
        "{words}"
    );
}
