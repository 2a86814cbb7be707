//! Kill -9 at any moment loses nothing that was acknowledged. The process that dies is this test's
//! own program, asked for the one test that waits to be killed.
use drydock_domain::audit::Trust;
use drydock_domain::console::AuditOutcome;
use drydock_ledger::{EntryFilter, Ledger};
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

const PATH: &str = "DRYDOCK_TEST_LEDGER";

/// What the child says: `begun 3`, `done 3`, each after the ledger acknowledged it.
fn say(line: &str) {
    let mut output = std::io::stdout().lock();
    writeln!(output, "\n{line}").unwrap();
    output.flush().unwrap();
}

#[tokio::test]
#[ignore = "the parents below start it, and kill it"]
async fn child_that_is_killed() {
    let path = PathBuf::from(std::env::var_os(PATH).unwrap());
    let ledger = Ledger::open(&path).await.unwrap();
    let open = ledger
        .begin("ada", "run.start", "harbour", "")
        .await
        .unwrap();
    say(&format!("begun {}", open.sequence()));
    let mut working = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let ledger = ledger.clone();
        working.spawn(async move {
            loop {
                let entry = ledger.begin("bob", "run.start", "quay", "").await.unwrap();
                let sequence = entry.sequence();
                say(&format!("begun {sequence}"));
                let outcome = AuditOutcome::Succeeded {
                    detail: String::new(),
                };
                entry.complete(&outcome).await.unwrap();
                say(&format!("done {sequence}"));
            }
        });
    }
    working.join_all().await;
}

fn start(path: &Path) -> (Child, BufReader<ChildStdout>) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "child_that_is_killed",
            "--ignored",
            "--nocapture",
        ])
        .env(PATH, path)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let output = BufReader::new(child.stdout.take().unwrap());
    (child, output)
}

#[tokio::test]
async fn what_was_acknowledged_survives_a_kill_and_the_rest_is_closed_as_unknown() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    let (mut child, output) = start(&path);
    let mut acknowledged = BTreeMap::new();
    for line in output.lines() {
        let line = line.unwrap();
        match line.split_once(' ') {
            Some(("begun", sequence)) => acknowledged.insert(sequence.parse().unwrap(), false),
            Some(("done", sequence)) => acknowledged.insert(sequence.parse().unwrap(), true),
            _ => continue,
        };
        if acknowledged.len() == 100 {
            // SIGKILL; the lines that it still wrote are read to the end.
            child.kill().unwrap();
        }
    }
    child.wait().unwrap();
    assert!(acknowledged.len() >= 100, "it died of something else");

    let ledger = Ledger::open(&path).await.unwrap();
    assert!(ledger.close_abandoned().await.unwrap() >= 1);
    let found = ledger.verify(&Trust::default()).await.unwrap();
    assert_eq!((found.broken, found.open), (None, 0));
    let filter = EntryFilter {
        limit: 500,
        ..EntryFilter::default()
    };
    let listed = ledger.list_entries(&filter).await.unwrap();
    let kept: BTreeMap<i64, AuditOutcome> = listed
        .into_iter()
        .map(|entry| (entry.sequence, entry.outcome.unwrap()))
        .collect();
    for (sequence, done) in acknowledged {
        let succeeded = matches!(kept[&sequence], AuditOutcome::Succeeded { .. });
        assert!(
            succeeded || !done,
            "the completion of entry {sequence} is lost"
        );
    }
    assert_eq!(kept[&1], AuditOutcome::Unknown);
}
