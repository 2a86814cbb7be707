//! Against the archives that this machine's own apt settings name. Runs where
//! `DRYDOCK_LIVE_ARCHIVE=1` is set, and says so where it is not.
use super::*;
use crate::job::testing::test_now;
use std::time::{Instant, SystemTime};

#[test]
fn the_machines_debian_archive_is_verified_and_read() {
    if std::env::var_os("DRYDOCK_LIVE_ARCHIVE").is_none() {
        eprintln!("passed over: DRYDOCK_LIVE_ARCHIVE is not set");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let archive = Archive::new(dir.path().to_owned(), ArchiveConfig::default()).unwrap();
    let since_1970 = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap();
    let now = DateTime::from_timestamp(since_1970.as_secs().cast_signed(), 0).unwrap_or(test_now());
    let job = Job {
        log: &|line| eprintln!("{line}"),
        cancelled: &|| false,
        now,
    };
    for codename in ["bookworm", "bullseye", "trixie"] {
        let os = OsRelease {
            id: "debian".into(),
            codename: codename.into(),
            ..OsRelease::default()
        };
        for warmth in ["cold", "warm"] {
            let start = Instant::now();
            let suites = archive.suites_for(&[], &os, "amd64", &job).unwrap();
            let packages: Vec<_> = suites
                .suites
                .iter()
                .map(|suite| (suite.label.as_str(), suite.index.len()))
                .collect();
            eprintln!(
                "{codename} {warmth}: {:?} {packages:?} {:?}",
                start.elapsed(),
                suites.notes
            );
            assert!(suites.suites.iter().any(|suite| suite.is_security));
            assert!(
                suites
                    .suites
                    .iter()
                    .any(|suite| suite.index.find("libc6").next().is_some())
            );
        }
    }
}
