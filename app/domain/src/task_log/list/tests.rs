use super::*;
use crate::run::{RunCause, RunStatus};
use ImageStatus::{Canceled, Failed, Queued, Running, Skipped, Succeeded, Unknown};

fn run(id: &str, task: TaskName, status: RunStatus, minute: u32) -> Run {
    Run {
        id: id.to_owned(),
        task: Some(task),
        status,
        cause: RunCause::Manual,
        created_at: at(minute),
        started_at: None,
        finished_at: None,
        error: None,
    }
}

fn at(minute: u32) -> DateTime<Utc> {
    DateTime::from_timestamp(1_745_359_000 + 60 * i64::from(minute), 0).unwrap()
}

/// A row of the table: what the runs and their logs say, and what the list says.
struct Row {
    scan: RunStatus,
    scan_log: &'static str,
    patch: Option<(RunStatus, &'static str)>,
    scan_status: ImageStatus,
    patch_status: ImageStatus,
    last_patched_image: Option<&'static str>,
    reason: Option<&'static str>,
    /// What the console shows, in one word.
    shown: ImageStatus,
}

const CLEAN: &str = "Scanning repo: a/b, Tag:1.0, OriginalTag:1.0\n\
    PATCHING will be skipped as no vulnerability found in the image a/b:1.0\n";
const CLEAN_PATCH: &str = "Scanning repo: a/b, Tag:1.0-2, OriginalTag:1.0\n\
    PATCHING will be skipped as no vulnerability found in the image a/b:1.0\n";
const END_OF_LIFE: &str = "Scanning repo: a/b, Tag:1.0, OriginalTag:1.0\n\
    PATCHING will be skipped as EOSL is true for image a/b:1.0\n";
const END_OF_LIFE_PATCH: &str = "Scanning repo: a/b, Tag:1.0-2, OriginalTag:1.0\n\
    PATCHING will be skipped as EOSL is true for image a/b:1.0\n";
const WITH_PATCH: &str = "Scanning repo: a/b, Tag:1.0-2, OriginalTag:1.0\n\
    PATCHING task scheduled for image a/b:1.0-2, new patch tag will be 1.0-3\n\
    WARNING: Queued a run with ID: patch\n";
const WITH_PATCH_B6: &str = "Scanning repo: a/b, Tag:1.0-2, OriginalTag:1.0\n\
    PATCHING task scheduled for image myreg.azurecr.io/a/b:1.0-2, new patch tag will be 1.0-3\n\
    WARNING: Queued a run with ID: patch\n";
const ONLY_BEGUN: &str = "Scanning image for vulnerability a/b:1.0 for tag 1.0\n";
const UNSUPPORTED: &str = "Error: unsupported osType azurelinux specified\n\
    2025/02/11 23:46:22 Run ID: dt2rw failed after 37s. \
    Error: failed during run, err: exit status 1\n";
const REASONS: &str = "Error: failed during run, err: exit status 1\n\
    Error: unsupported osType azurelinux specified";

/// The extension's truth table for the image `a/b:1.0`, as executed, and the cases beside it that
/// its code has.
const TABLE: &[(&str, Row)] = &[
    (
        "scanned, no vulnerability",
        Row {
            scan: RunStatus::Succeeded,
            scan_log: CLEAN,
            patch: None,
            scan_status: Succeeded,
            patch_status: Skipped,
            last_patched_image: None,
            reason: Some("no vulnerability found in the image a/b:1.0"),
            shown: Skipped,
        },
    ),
    (
        "its latest patch scanned, no vulnerability",
        Row {
            scan: RunStatus::Succeeded,
            scan_log: CLEAN_PATCH,
            patch: None,
            scan_status: Succeeded,
            patch_status: Skipped,
            last_patched_image: Some("a/b:1.0-2"),
            reason: Some("no vulnerability found in the image a/b:1.0"),
            shown: Skipped,
        },
    ),
    (
        "scanned, end of life",
        Row {
            scan: RunStatus::Succeeded,
            scan_log: END_OF_LIFE,
            patch: None,
            scan_status: Succeeded,
            patch_status: Skipped,
            last_patched_image: None,
            reason: Some("EOSL is true for image a/b:1.0"),
            shown: Skipped,
        },
    ),
    (
        "its latest patch scanned, end of life",
        Row {
            scan: RunStatus::Succeeded,
            scan_log: END_OF_LIFE_PATCH,
            patch: None,
            scan_status: Succeeded,
            patch_status: Skipped,
            last_patched_image: Some("a/b:1.0-2"),
            reason: Some("EOSL is true for image a/b:1.0"),
            shown: Skipped,
        },
    ),
    (
        "scanned and patched",
        Row {
            scan: RunStatus::Succeeded,
            scan_log: WITH_PATCH,
            patch: Some((RunStatus::Succeeded, "")),
            scan_status: Succeeded,
            patch_status: Succeeded,
            last_patched_image: Some("a/b:1.0-3"),
            reason: None,
            shown: Succeeded,
        },
    ),
    (
        "scanned and patched, since 1.0.0b6",
        Row {
            scan: RunStatus::Succeeded,
            scan_log: WITH_PATCH_B6,
            patch: Some((RunStatus::Succeeded, "")),
            scan_status: Succeeded,
            patch_status: Succeeded,
            last_patched_image: Some("myreg.azurecr.io/a/b:1.0-3"),
            reason: None,
            shown: Succeeded,
        },
    ),
    (
        "scanned, patch failed",
        Row {
            scan: RunStatus::Succeeded,
            scan_log: WITH_PATCH,
            patch: Some((RunStatus::Failed, UNSUPPORTED)),
            scan_status: Succeeded,
            patch_status: Failed,
            last_patched_image: Some("a/b:1.0-2"),
            reason: Some(REASONS),
            shown: Failed,
        },
    ),
    (
        "scanned, patch under way",
        Row {
            scan: RunStatus::Succeeded,
            scan_log: WITH_PATCH,
            patch: Some((RunStatus::Running, "")),
            scan_status: Succeeded,
            patch_status: Running,
            last_patched_image: Some("a/b:1.0-2"),
            reason: None,
            shown: Running,
        },
    ),
    (
        "scan failed and says why",
        Row {
            scan: RunStatus::Failed,
            scan_log: "Scanning repo: a/b, Tag:1.0, OriginalTag:1.0\nfatal error: no space\n",
            patch: None,
            scan_status: Failed,
            patch_status: Unknown,
            last_patched_image: None,
            reason: Some("error: no space"),
            shown: Failed,
        },
    ),
    (
        "scan failed and does not say why",
        Row {
            scan: RunStatus::Failed,
            scan_log: ONLY_BEGUN,
            patch: None,
            scan_status: Failed,
            patch_status: Unknown,
            last_patched_image: None,
            reason: None,
            shown: Failed,
        },
    ),
    (
        "scan under way",
        Row {
            scan: RunStatus::Running,
            scan_log: ONLY_BEGUN,
            patch: None,
            scan_status: Running,
            patch_status: Unknown,
            last_patched_image: None,
            reason: None,
            shown: Running,
        },
    ),
];

#[test]
fn every_row_of_the_extension_s_truth_table_holds() {
    for (name, row) in TABLE {
        let mut runs = vec![run("scan", TaskName::Scan, row.scan, 0)];
        runs.extend(
            row.patch
                .map(|(status, _)| run("patch", TaskName::Patch, status, 1)),
        );
        let log = |id: &str| match id {
            "scan" => row.scan_log,
            _ => row.patch.map_or("", |(_, log)| log),
        };
        let rows = list_images(&runs, at(0), log);
        let [found] = rows.as_slice() else {
            panic!("{name}: {rows:?}")
        };
        let outcome = &found.outcome;
        assert_eq!(found.image, "a/b:1.0", "{name}");
        assert_eq!(outcome.scan_status, row.scan_status, "{name}");
        assert_eq!(outcome.patch_status, row.patch_status, "{name}");
        let last = outcome.last_patched_image.as_deref();
        assert_eq!(last, row.last_patched_image, "{name}");
        assert_eq!(outcome.reason(), row.reason, "{name}");
        assert_eq!(found.status(), row.shown, "{name}");
        assert_eq!(outcome.has_status(Skipped), row.shown == Skipped, "{name}");
    }
}

/// `run.status`, and what the extension makes of it.
const WORDS: [(RunStatus, ImageStatus); 9] = [
    (RunStatus::Queued, Queued),
    (RunStatus::Started, Running),
    (RunStatus::Running, Running),
    (RunStatus::Succeeded, Succeeded),
    (RunStatus::Failed, Failed),
    (RunStatus::Error, Failed),
    (RunStatus::Timeout, Failed),
    (RunStatus::Canceled, Canceled),
    (RunStatus::Unknown, Unknown),
];

#[test]
fn every_pair_of_words_has_one_status() {
    for (scan, scan_status) in WORDS {
        let alone = image_status(Some(scan), ONLY_BEGUN, None, "");
        let skipped = scan == RunStatus::Succeeded;
        let patch_status = if skipped { Skipped } else { Unknown };
        assert_eq!(alone.patch_status, patch_status, "{scan:?}");
        assert_eq!(alone.status, scan_status, "{scan:?}");
        for (patch, patch_status) in WORDS {
            let both = image_status(Some(scan), WITH_PATCH, Some(patch), "");
            assert_eq!(both.status, patch_status, "{scan:?} {patch:?}");
            assert!(!both.is_skipped(), "{scan:?} {patch:?}");
        }
    }
}

#[test]
fn the_filter_takes_a_skipped_image_for_a_success_too() {
    let outcome = image_status(Some(RunStatus::Succeeded), CLEAN, None, "");
    let wanted = ImageStatus::ALL
        .into_iter()
        .filter(|wanted| outcome.has_status(*wanted));
    assert_eq!(wanted.collect::<Vec<_>>(), [Succeeded, Skipped]);
}

#[test]
fn the_newest_scan_of_an_image_counts_with_its_own_patch() {
    let runs = [
        run("scan", TaskName::Scan, RunStatus::Succeeded, 5),
        run("newer", TaskName::Scan, RunStatus::Succeeded, 9),
        run("older", TaskName::Scan, RunStatus::Failed, 2),
        run("silent", TaskName::Scan, RunStatus::Queued, 9),
        run("patch", TaskName::Patch, RunStatus::Succeeded, 6),
        run("trigger", TaskName::Trigger, RunStatus::Succeeded, 1),
    ];
    let log = |id: &str| match id {
        "scan" => WITH_PATCH,
        "newer" => CLEAN_PATCH,
        "older" => ONLY_BEGUN,
        _ => "",
    };
    let rows = list_images(&runs, at(0), log);
    assert_eq!(rows.len(), 1);
    assert_eq!((rows[0].scan.id.as_str(), rows[0].patch), ("newer", None));
    assert_eq!(rows[0].status(), Skipped);
    let rows = list_images(&runs[..1], at(6), log);
    assert!(rows.is_empty(), "older than the window: {rows:?}");
}

#[test]
fn a_patch_that_is_no_longer_listed_is_not_called_skipped() {
    let runs = [run("scan", TaskName::Scan, RunStatus::Succeeded, 0)];
    let rows = list_images(&runs, at(0), |_| WITH_PATCH);
    assert_eq!(rows[0].outcome.patch_status, Skipped);
    assert_eq!(rows[0].lost_patch.as_deref(), Some("patch"));
    assert_eq!(rows[0].status(), Unknown);
}
