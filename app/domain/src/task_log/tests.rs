use super::*;
use crate::run::{ImageStatus, RunStatus};
use chrono::{DateTime, Utc};
use std::time::Duration;

/// Every kind of line with its exact text.
const LINES: &[(LogLine<'static>, &str)] = &[
    (
        LogLine::SchedulingScan {
            registry: "myreg.azurecr.io",
            repository: "a/b",
            scan: "1.0-2",
            original: "1.0",
            next: "1.0-3",
        },
        "Scheduling cssc-scan-image for myreg.azurecr.io/a/b, Tag:1.0-2, OriginalTag:1.0, \
         PatchTag:1.0-3",
    ),
    (
        LogLine::BatchPause,
        "Waiting for 30 seconds before scheduling scans for next batch of images",
    ),
    (
        LogLine::ConventionDetails {
            line: "Configured Tag Convention:  floating",
        },
        "Tag Convention details: Configured Tag Convention:  floating",
    ),
    (
        LogLine::LimitExceeded { is_failure: true },
        "You have exceeded the maximum limit of 100 images that can be scheduled for continuous \
         patching. Adjust the JSON filter to limit the number of images. Failing the workflow.",
    ),
    (
        LogLine::LimitExceeded { is_failure: false },
        "You have exceeded the maximum limit of 100 images that can be scheduled for continuous \
         patching. Adjust the JSON filter to limit the number of images.",
    ),
    (
        LogLine::QueuedRun { id: "dt2rw" },
        "WARNING: Queued a run with ID: dt2rw",
    ),
    (
        LogLine::ScanningImage {
            repository: "a/b",
            scan: "1.0-2",
            original: "1.0",
        },
        "Scanning image for vulnerability a/b:1.0-2 for tag 1.0",
    ),
    (
        LogLine::ScanningRepository {
            repository: "a/b",
            scan: "1.0-2",
            original: "1.0",
        },
        "Scanning repo: a/b, Tag:1.0-2, OriginalTag:1.0",
    ),
    (
        LogLine::VulnerabilitiesFound {
            repository: "a/b",
            scan: "1.0-2",
            count: 14,
        },
        "Vulnerabilities found for image a/b:1.0-2 -> 14",
    ),
    (
        LogLine::EndOfLife {
            repository: "a/b",
            scan: "1.0",
            is_past: true,
        },
        "EOSL for the image a/b:1.0 -> true",
    ),
    (
        LogLine::TotalVulnerabilities { count: 0 },
        "Total OS vulnerabilities found -> 0",
    ),
    (
        LogLine::PatchScheduled {
            image: "localhost:5080/a/b",
            scan: "1.0-2",
            next: "1.0-3",
        },
        "PATCHING task scheduled for image localhost:5080/a/b:1.0-2, new patch tag will be 1.0-3",
    ),
    (
        LogLine::PatchSkipped {
            repository: "a/b",
            scan: "1.0",
            reason: SkipReason::EndOfLife,
        },
        "PATCHING will be skipped as EOSL is true for image a/b:1.0",
    ),
    (
        LogLine::PatchSkipped {
            repository: "a/b",
            scan: "1.0",
            reason: SkipReason::NoVulnerability,
        },
        "PATCHING will be skipped as no vulnerability found in the image a/b:1.0",
    ),
    (
        LogLine::PatchingImage {
            repository: "a/b",
            original: "1.0",
        },
        "Patching OS vulnerabilities for image a/b:1.0",
    ),
    (
        LogLine::PatchingRepository {
            repository: "a/b",
            original: "1.0",
            number: "patched",
        },
        "Patching repo: a/b, Tag:1.0, NewPatchTag:patched",
    ),
    (
        LogLine::NewPatchTag { number: "1000" },
        "New Patch tag is 1000",
    ),
    (
        LogLine::NumbersUsedUp,
        "New Patch tag is greater than 999. No more than 1000 patches can be created for a tag. \
         Exiting the patching workflow.",
    ),
    (
        LogLine::Pushed {
            registry: "localhost:5080",
            repository: "a/b",
            tag: "1.0-3",
        },
        "Patched image pushed to localhost:5080/a/b:1.0-3",
    ),
    (
        LogLine::Runner(RunnerLine::ExecutingStep {
            step: "patch-image",
            timeout_seconds: 600,
        }),
        "Executing step ID: patch-image. Timeout(sec): 600, Working directory: '', Network: \
         'acb_default_network'",
    ),
    (
        LogLine::Runner(RunnerLine::LaunchingContainer {
            step: "patch-image",
        }),
        "Launching container with name: patch-image",
    ),
    (
        LogLine::Runner(RunnerLine::ContainerSucceeded {
            step: "patch-image",
        }),
        "Successfully executed container: patch-image",
    ),
    (
        LogLine::Runner(RunnerLine::ContainerFailed {
            step: "patch-image",
        }),
        "Container failed during run: patch-image. No retries remaining.",
    ),
    (
        LogLine::Runner(RunnerLine::StepFailed {
            step: "patch-image",
            exit_status: 1,
        }),
        "failed to run step ID: patch-image: exit status 1",
    ),
    (
        LogLine::Runner(RunnerLine::StepSucceeded {
            step: "acb_step_0",
            elapsed: Duration::from_micros(726_135),
        }),
        "Step ID: acb_step_0 marked as successful (elapsed time in seconds: 0.726135)",
    ),
    (
        LogLine::Runner(RunnerLine::RunSucceeded {
            id: "ca1",
            elapsed: Duration::from_secs(4),
        }),
        "Run ID: ca1 was successful after 4s",
    ),
    (
        LogLine::Runner(RunnerLine::RunFailed {
            id: "dt2rw",
            elapsed: Duration::from_secs(3697),
            error: "failed during run, err: exit status 1",
        }),
        "Run ID: dt2rw failed after 1h1m37s. Error: failed during run, err: exit status 1",
    ),
];

#[test]
fn every_line_is_printed_exactly_and_read_back() {
    let at: DateTime<Utc> = "2025-02-11T23:46:22Z".parse().unwrap();
    for (line, text) in LINES {
        assert_eq!(line.to_string(), *text);
        assert_eq!(LogLine::parse(text), Some(*line), "{text}");
        let stamped = Stamped {
            at: Some(at),
            line: text,
        };
        let printed = format!("{stamped}\r\n");
        assert!(printed.starts_with("2025/02/11 23:46:22 "));
        assert_eq!(LogLine::parse(&printed), Some(*line));
        assert_eq!(Stamped::parse(printed.trim_end()), stamped);
    }
}

#[test]
fn older_wordings_are_read_and_foreign_lines_are_not() {
    let old = "Scanning image for vulnerability and patch a/b:1.0 for tag 1.0";
    assert!(matches!(
        LogLine::parse(old),
        Some(LogLine::ScanningImage {
            repository: "a/b",
            ..
        })
    ));
    for foreign in [
        "",
        "Error: unsupported osType azurelinux specified",
        "Vulnerabilities found for image a/b:1.0 -> many",
        "Scanning repo: a b, Tag:1, OriginalTag:1",
        "Patched image pushed to nowhere:1",
        "Run ID: ca1 was successful after 4",
        "Run ID: ca1 was successful after s",
        "2025/02/11 23:46:22",
        "ééééééééééééééééé",
    ] {
        assert_eq!(LogLine::parse(foreign), None, "{foreign}");
    }
}

const SCANNING: &str = "Scanning repo: a/b, Tag:1.0-2, OriginalTag:1.0\n";
const SCANNING_ORIGINAL: &str = "Scanning repo: a/b, Tag:1.0, OriginalTag:1.0\n";

fn check(
    scan: RunStatus,
    scan_log: &str,
    patch: Option<(RunStatus, &str)>,
    expected: (
        ImageStatus,
        ImageStatus,
        ImageStatus,
        Option<&str>,
        Option<&str>,
    ),
) {
    let (patch, patch_log) = patch.map_or((None, ""), |(status, log)| (Some(status), log));
    let outcome = image_status(Some(scan), scan_log, patch, patch_log);
    assert_eq!(outcome.image.as_deref(), Some("a/b:1.0"));
    let found = (
        outcome.scan_status,
        outcome.patch_status,
        outcome.status,
        outcome.last_patched_image.as_deref(),
        outcome.reason(),
    );
    assert_eq!(found, expected, "{scan:?} {scan_log}");
}

#[test]
fn the_state_of_an_image_is_the_extension_s() {
    use ImageStatus::{Failed, Running, Skipped, Succeeded, Unknown};
    let log = |first: &str, rest: &str| format!("{first}{rest}\n");
    let clean = "PATCHING will be skipped as no vulnerability found in the image a/b:1.0";
    let reason = "no vulnerability found in the image a/b:1.0";
    check(
        RunStatus::Succeeded,
        &log(SCANNING_ORIGINAL, clean),
        None,
        (Succeeded, Skipped, Succeeded, None, Some(reason)),
    );
    check(
        RunStatus::Succeeded,
        &log(
            SCANNING,
            "PATCHING will be skipped as EOSL is true for image a/b:1.0",
        ),
        None,
        (
            Succeeded,
            Skipped,
            Succeeded,
            Some("a/b:1.0-2"),
            Some("EOSL is true for image a/b:1.0"),
        ),
    );
    let scheduled =
        "PATCHING task scheduled for image reg.azurecr.io/a/b:1.0-2, new patch tag will be 1.0-3";
    let patched = Some("reg.azurecr.io/a/b:1.0-3");
    check(
        RunStatus::Succeeded,
        &log(SCANNING, scheduled),
        Some((RunStatus::Succeeded, "")),
        (Succeeded, Succeeded, Succeeded, patched, None),
    );
    let failed = "an error-free start\nRun ID: x failed after 37s. Error: failed during run\n\
                  Error: unsupported osType\nError: unsupported osType\nterrors\n";
    let errors = "Error: failed during run\nError: unsupported osType\nerror-free start";
    check(
        RunStatus::Succeeded,
        &log(SCANNING, scheduled),
        Some((RunStatus::Failed, failed)),
        (Succeeded, Failed, Failed, Some("a/b:1.0-2"), Some(errors)),
    );
    check(
        RunStatus::Succeeded,
        &log(SCANNING, scheduled),
        Some((RunStatus::Started, "")),
        (Succeeded, Running, Running, Some("a/b:1.0-2"), None),
    );
    check(
        RunStatus::Timeout,
        SCANNING_ORIGINAL,
        None,
        (Failed, Unknown, Failed, None, None),
    );
    check(
        RunStatus::Running,
        SCANNING_ORIGINAL,
        None,
        (Running, Unknown, Running, None, None),
    );
}

#[test]
fn a_run_that_has_said_nothing_has_no_image() {
    let outcome = image_status(None, "", None, "");
    assert_eq!(outcome.image, None);
    assert_eq!(outcome.status, ImageStatus::Unknown);
    assert_eq!(outcome.last_patched_image, None);
    assert!(!outcome.has_status(ImageStatus::Skipped));
}
