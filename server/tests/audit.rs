//! The audit trail as a file: exported, verified by the same binary without anything else, and
//! caught when it was changed.
use drydock_domain::console::AuditOutcome;
use drydock_ledger::Ledger;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

fn drydock(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_drydock"))
        .args(arguments)
        .env_remove("DRYDOCK_LEDGER")
        .output()
        .unwrap()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// A data directory with one change in its ledger, and the trail exported out of it.
async fn exported(options: &[&str]) -> (TempDir, PathBuf) {
    let data = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(&data.path().join("ledger.sqlite"))
        .await
        .unwrap();
    let entry = ledger
        .begin("Ada Sentinel", "run.start", "harbour", "")
        .await
        .unwrap();
    // No hash or signature of the trail can hold a space.
    let detail = "run 1".to_owned();
    entry
        .complete(&AuditOutcome::Succeeded { detail })
        .await
        .unwrap();
    let file = data.path().join("trail.ndjson");
    let place = [
        "audit",
        "export",
        "--data",
        text(data.path()),
        "--output",
        text(&file),
    ];
    let output = drydock(&[&place, options].concat());
    assert!(output.status.success(), "{output:?}");
    (data, file)
}

#[track_caller]
fn check(arguments: &[&str], code: i32, says: &[&str]) {
    let output = drydock(arguments);
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(code), "{said}");
    for says in says {
        assert!(said.contains(says), "`{says}` is not in:\n{said}");
    }
}

#[tokio::test]
async fn an_export_is_whole_and_signed_to_its_end() {
    let (data, file) = exported(&[]).await;
    let key = data.path().join("audit.pub");
    let whole = ["whole, entries 1 to 3", "signed up to entry 3"];
    check(
        &["audit", "verify", text(&file), "--key", text(&key)],
        0,
        &whole,
    );
    check(&["audit", "verify", text(&file)], 0, &["was not checked"]);
    let lines = fs::read_to_string(&file).unwrap();
    assert!(lines.contains("export.created") && !lines.contains("Ada Sentinel"));

    // A file without a signature proves nothing to whoever names a key.
    let bare = data.path().join("bare.ndjson");
    for kept in [usize::MAX, 0] {
        let unsigned: Vec<&str> = lines
            .lines()
            .filter(|line| !line.contains("signature"))
            .take(kept)
            .collect();
        fs::write(&bare, unsigned.join("\n")).unwrap();
        let arguments = ["audit", "verify", text(&bare), "--key", text(&key)];
        check(&arguments, 4, &["this proves nothing"]);
    }

    let stranger = "0".repeat(64);
    let arguments = ["audit", "verify", text(&file), "--key", &stranger];
    check(&arguments, 4, &["not a trusted one"]);
}

#[tokio::test]
async fn an_export_says_whom_pseudonyms_stand_for_when_asked() {
    let (_data, file) = exported(&["--people"]).await;
    assert!(fs::read_to_string(&file).unwrap().contains("Ada Sentinel"));
    check(&["audit", "verify", text(&file)], 0, &["whole"]);
}

#[tokio::test]
async fn the_first_broken_entry_is_named() {
    let (_data, file) = exported(&[]).await;
    let whole = fs::read_to_string(&file).unwrap();
    fs::write(&file, whole.replace("run 1", "run 2")).unwrap();
    check(
        &["audit", "verify", text(&file)],
        4,
        &["broken at entry 2", "was changed"],
    );

    let lines: Vec<&str> = whole.lines().collect();
    fs::write(&file, lines[..2].join("\n")).unwrap();
    let head = format!("3:{}", "0".repeat(64));
    let arguments = ["audit", "verify", text(&file), "--head", &head];
    check(&arguments, 4, &["broken at entry 2", "is missing"]);
    check(
        &["audit", "verify", text(&file)],
        0,
        &["not covered: no signed checkpoint"],
    );

    fs::write(&file, b"\xff\n").unwrap();
    check(
        &["audit", "verify", text(&file)],
        4,
        &["broken at entry 1 (line 1)"],
    );
}

#[tokio::test]
async fn day_one_check_10_a_published_head_catches_a_trail_that_was_cut_off() {
    let (data, file) = exported(&[]).await;
    let (head, key) = (data.path().join("head.json"), data.path().join("audit.pub"));
    let whole = fs::read_to_string(&file).unwrap();
    // The same document that a registry holds: the signed checkpoint at the end of the trail.
    fs::write(&head, whole.lines().last().unwrap()).unwrap();
    let (file, head, key) = (text(&file), text(&head), text(&key));
    let verify = ["audit", "verify", file, "--key", key, "--witness", head];
    check(&verify, 0, &["the published head, entry 3, agrees"]);

    let lines: Vec<&str> = whole.lines().collect();
    fs::write(file, lines[..3].join("\n")).unwrap();
    check(
        &["audit", "verify", file],
        0,
        &["no published head was compared"],
    );
    let says = ["broken at entry 2", "the head that was published saw"];
    check(&verify, 4, &says);

    let stranger = "0".repeat(64);
    let foreign = [
        "audit",
        "verify",
        file,
        "--key",
        &stranger,
        "--witness",
        head,
    ];
    check(&foreign, 1, &[]);
    fs::write(head, lines[1]).unwrap();
    check(&verify, 1, &[]);
}

/// A data directory whose trail its own host wrote anew, with the key that always signed it, and what
/// was published of the one before.
async fn written_anew() -> (TempDir, PathBuf) {
    let (before, file) = exported(&[]).await;
    let lines = fs::read_to_string(&file).unwrap();
    let data = tempfile::tempdir().unwrap();
    let (key, head) = ("audit.key", "audit.head");
    fs::copy(before.path().join(key), data.path().join(key)).unwrap();
    let ledger = Ledger::open(&data.path().join("ledger.sqlite"))
        .await
        .unwrap();
    for _ in 0..4 {
        let entry = ledger.begin("Eve", "run.start", "harbour", "").await;
        let detail = "run 2".to_owned();
        let done = AuditOutcome::Succeeded { detail };
        entry.unwrap().complete(&done).await.unwrap();
    }
    ledger.close().await;
    let head = data.path().join(head);
    fs::write(&head, lines.lines().last().unwrap()).unwrap();
    (data, head)
}

#[tokio::test]
async fn what_contradicts_the_published_head_is_neither_signed_nor_pruned_nor_backed_up() {
    let (data, remembered) = written_anew().await;
    let place = text(data.path());
    let (file, backup) = (data.path().join("t.ndjson"), data.path().join("b.tar"));
    let (file, backup) = (text(&file), text(&backup));
    let fetched = data.path().join("fetched.json");
    fs::rename(&remembered, &fetched).unwrap();
    let named = ["--witness", text(&fetched)];
    // Brought by whoever asks first, and remembered from then on.
    for witness in [named.as_slice(), &[]] {
        let run = |arguments: &[&str]| {
            let output = drydock(&[arguments, &["--data", place], witness].concat());
            let said = [output.stdout, output.stderr].concat();
            (output.status.code(), String::from_utf8(said).unwrap())
        };
        let (code, said) = run(&["audit", "export", "--output", file]);
        assert_eq!(code, Some(4), "{said}");
        assert!(said.contains("published says that entry 3"), "{said}");
        let (code, said) = run(&["audit", "prune", "--older-than", "1"]);
        assert_eq!(code, Some(4), "{said}");
        assert!(said.contains("broken at entry 3"), "{said}");
        let (code, said) = run(&["backup", backup]);
        assert_eq!(code, Some(1), "{said}");
        assert!(said.contains("broken at entry 3"), "{said}");
    }
    check(
        &["audit", "verify", file],
        0,
        &["no signed checkpoint covers"],
    );
    let against = [&["audit", "verify", file], named.as_slice()].concat();
    check(
        &against,
        4,
        &["the head that was published gives it another"],
    );
}

#[test]
fn what_cannot_be_read_is_a_failure_and_not_a_broken_trail() {
    let data = tempfile::tempdir().unwrap();
    for arguments in [
        ["audit", "verify", "/nowhere/trail.ndjson"].as_slice(),
        &["audit", "verify", "-", "--key", "/nowhere/key"],
        &["audit", "export", "--data", text(data.path())],
    ] {
        let output = drydock(arguments);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        assert!(!output.stderr.is_empty());
    }
    assert!(!data.path().join("ledger.sqlite").exists());
}

#[tokio::test]
async fn pruning_leaves_what_is_younger() {
    let (data, file) = exported(&[]).await;
    let prune = [
        "audit",
        "prune",
        "--older-than",
        "365",
        "--data",
        text(data.path()),
    ];
    check(&prune, 0, &["no entry is older than"]);
    let again = ["audit", "export", "--data", text(data.path())];
    assert!(drydock(&again).status.success());
    check(&["audit", "verify", text(&file)], 0, &["entries 1 to 3"]);
    let never = [
        "audit",
        "prune",
        "--older-than",
        "0",
        "--data",
        text(data.path()),
    ];
    check(&never, 64, &[]);
}
