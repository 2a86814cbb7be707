//! The scripts of the definitions are run in a real shell, with the tools that they call replaced.
use super::*;
use drydock_domain::policy::TagConvention;
use drydock_domain::selection::next_tag;
use drydock_domain::task_log::LogLine;
use std::path::Path;
use std::process::{Command, Output};

const VALUES: [(&str, &str); 5] = [
    ("{{.Run.Registry}}", "reg-abc123.azurecr.io"),
    ("{{.Values.SOURCE_REPOSITORY}}", "team/app"),
    ("{{.Values.SOURCE_IMAGE_TAG}}", "1.0-2"),
    ("{{.Values.SOURCE_IMAGE_ORIGINAL_TAG}}", "1.0"),
    ("{{.Values.SOURCE_IMAGE_NEWPATCH_TAG}}", "3"),
];

/// What stands between the quotes of the step's `cmd: |` block.
fn script(task: TaskName, step: &str) -> String {
    let (_, rest) = yaml(task).split_once(&format!("- id: {step}\n")).unwrap();
    let (_, rest) = rest.split_once(" -c '\n").unwrap();
    let (script, _) = rest.split_once("\n      '").unwrap();
    filled(script)
}

fn filled(text: &str) -> String {
    VALUES.iter().fold(text.to_owned(), |text, (name, value)| {
        text.replace(name, value)
    })
}

/// Runs a script where `az` writes down its arguments and answers as the real one does.
fn run(script: &str, folder: &Path) -> Output {
    let tools = r#"
        sleep() { :; }
        az() {
          echo "$*" >> az.txt
          if [ "$2 $3" = "task show" ] && [ -e unknown ]; then rm unknown; return 1; fi
          if [ "$2 $3" = "task show" ] && [ -e denied ]; then return 1; fi
          if [ "$2 $3" = "task run" ]; then
            if [ -e refuse ]; then return 1; fi
            echo "WARNING: Queued a run with ID: ca$(grep -c "task run" az.txt)" >&2
          fi
        }
    "#;
    Command::new("bash")
        .arg("-c")
        .arg(format!("{tools}\nexec 2>&1\n{script}"))
        .current_dir(folder)
        .output()
        .unwrap()
}

fn lines(output: &Output) -> Vec<String> {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    text.lines().map(str::to_owned).collect()
}

fn selection(rows: &[&str], convention: &str) -> String {
    format!(
        "DRY RUN mode enabled...\nValidating filter...\nConfigured Tag Convention:  {convention}\n\
         Listing repositories and tags matching the filter with corresponding latest patch tag (if present):\n\
         Repo,Tag,LatestPatchTag\n{}\nMatches found: {}\n",
        rows.join("\n"),
        rows.len()
    )
}

fn schedule(rows: &[&str], convention: &str) -> (Output, String) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("patchtags.txt"),
        selection(rows, convention),
    )
    .unwrap();
    let output = run(&script(TaskName::Trigger, "schedule-scans"), folder.path());
    let asked = std::fs::read_to_string(folder.path().join("az.txt")).unwrap();
    (output, asked)
}

#[test]
fn the_trigger_asks_for_the_scans_that_the_dry_run_shows() {
    for (convention, word) in [
        (TagConvention::Incremental, "incremental"),
        (TagConvention::Floating, "floating"),
    ] {
        for latest in [None, Some("1.0-2"), Some("1.0-999"), Some("1.0-patched")] {
            let row = format!("team/app,1.0,{}", latest.unwrap_or("N/A"));
            let (output, asked) = schedule(&[&row], word);
            assert!(output.status.success());
            let next = next_tag("1.0", latest, convention);
            let printed = lines(&output);
            let scheduling = printed.iter().find_map(|line| match LogLine::parse(line)? {
                LogLine::SchedulingScan {
                    repository,
                    scan,
                    original,
                    next,
                    ..
                } => Some([repository, scan, original, next].map(str::to_owned)),
                _ => None,
            });
            let scan = latest.unwrap_or("1.0");
            let expected = ["team/app", scan, "1.0", &next].map(str::to_owned);
            assert_eq!(scheduling, Some(expected), "{printed:?}");
            assert!(
                asked.contains("--registry reg "),
                "the hash of a label is cut: {asked}"
            );
            let number = next.strip_prefix("1.0-").unwrap();
            assert!(
                asked.contains(&format!("SOURCE_IMAGE_NEWPATCH_TAG={number} ")),
                "{asked}"
            );
        }
    }
}

#[test]
fn every_scan_s_run_is_named_right_after_its_line() {
    let rows = ["a,1,N/A", "b,2,2-4", "Repo/x,3,N/A"];
    let (output, _) = schedule(&rows, "incremental");
    let text = String::from_utf8(output.stdout).unwrap();
    let found = crate::runs::facts::scheduled(&text);
    let ids: Vec<&str> = found
        .iter()
        .filter_map(|row| row.scan_id.as_deref())
        .collect();
    assert_eq!(ids, ["ca1", "ca2", "ca3"], "{text}");
    assert!(text.contains("DNL registry name detected, readjusting RegistryBaseName to reg"));
}

#[test]
fn the_trigger_pauses_after_ten_and_only_before_more() {
    let pauses = |count: usize| {
        let rows = vec!["a,1,N/A"; count];
        let (output, _) = schedule(&rows, "incremental");
        let is_pause = |line: &String| LogLine::parse(line) == Some(LogLine::BatchPause);
        lines(&output).iter().filter(|line| is_pause(line)).count()
    };
    assert_eq!([pauses(10), pauses(11), pauses(21)], [0, 1, 2]);
}

#[test]
fn a_scan_that_cannot_be_queued_fails_the_trigger() {
    let folder = tempfile::tempdir().unwrap();
    let rows = selection(&["a,1,N/A"], "incremental");
    std::fs::write(folder.path().join("patchtags.txt"), rows).unwrap();
    std::fs::write(folder.path().join("refuse"), "").unwrap();
    let output = run(&script(TaskName::Trigger, "schedule-scans"), folder.path());
    assert!(!output.status.success());
    assert_eq!(
        lines(&output).last().unwrap(),
        "Error: 1 of 1 scans could not be scheduled"
    );
}

#[test]
fn a_role_that_is_not_yet_known_is_waited_for_and_a_missing_one_named() {
    let check = |sign: &str, passes: bool, expected: &str| {
        let folder = tempfile::tempdir().unwrap();
        let rows = selection(&["a,1,N/A"], "incremental");
        std::fs::write(folder.path().join("patchtags.txt"), rows).unwrap();
        std::fs::write(folder.path().join(sign), "").unwrap();
        let output = run(&script(TaskName::Trigger, "schedule-scans"), folder.path());
        assert_eq!(output.status.success(), passes, "{sign}");
        let printed = lines(&output).join("\n");
        assert!(printed.contains(expected), "{printed}");
        assert_eq!(printed.contains("Scheduling"), passes, "{printed}");
    };
    check("unknown", true, "attempt 1 of 6");
    check(
        "denied",
        false,
        "Error: this task may not start cssc-scan-image",
    );
}

#[test]
fn more_than_100_matches_fail_before_the_first_scan() {
    let check = |count: usize, passes: bool| {
        let folder = tempfile::tempdir().unwrap();
        let rows = selection(&vec!["a,1,N/A"; count], "incremental");
        std::fs::write(folder.path().join("selection.txt"), rows).unwrap();
        let output = run(&script(TaskName::Trigger, "check-limit"), folder.path());
        assert_eq!(output.status.success(), passes, "{count}");
        let last = lines(&output).pop().unwrap();
        let refusal = LogLine::LimitExceeded { is_failure: true };
        assert_eq!(LogLine::parse(&last) == Some(refusal), !passes, "{last}");
    };
    check(100, true);
    check(101, false);
}

#[test]
fn a_scan_decides_by_count_and_end_of_life() {
    let decide = |count: &str, eosl: &str| {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("data")).unwrap();
        std::fs::write(folder.path().join("data/count.txt"), format!("{count}\n")).unwrap();
        std::fs::write(folder.path().join("data/eosl.txt"), format!("{eosl}\n")).unwrap();
        let output = run(&script(TaskName::Scan, "schedule-patch"), folder.path());
        assert!(output.status.success());
        let printed = lines(&output);
        assert!(
            printed.iter().all(|line| LogLine::parse(line).is_some()),
            "{printed:?}"
        );
        printed.join("\n")
    };
    assert!(decide("0", "false").contains("no vulnerability found in the image team/app:1.0-2"));
    assert!(decide("5", "true").contains("EOSL is true for image team/app:1.0-2"));
    let patched = decide("5", "false");
    assert!(
        patched.contains("new patch tag will be 1.0-3\nWARNING: Queued a run"),
        "{patched}"
    );
}

#[test]
fn a_patch_past_999_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let inputs = script(TaskName::Patch, "print-inputs");
    let output = run(&inputs, folder.path());
    assert!(output.status.success());
    assert!(
        lines(&output)
            .iter()
            .all(|line| LogLine::parse(line).is_some())
    );
    assert!(
        run(&inputs.replace("number=3", "number=patched"), folder.path())
            .status
            .success()
    );
    let output = run(&inputs.replace("number=3", "number=1000"), folder.path());
    assert!(!output.status.success());
    let last = lines(&output).pop().unwrap();
    assert_eq!(LogLine::parse(&last), Some(LogLine::NumbersUsedUp));
}

#[test]
fn the_last_line_of_a_patch_is_read_back() {
    let (_, rest) = yaml(TaskName::Patch)
        .split_once("- id: print-result")
        .unwrap();
    let (_, line) = filled(rest)
        .split_once("echo \"")
        .map(|(a, b)| (a.len(), b.to_owned()))
        .unwrap();
    let line = line.split('"').next().unwrap();
    assert!(
        matches!(LogLine::parse(line), Some(LogLine::Pushed { .. })),
        "{line}"
    );
}
