//! A data directory as one file, taken while the console writes, and what becomes of it elsewhere.
use drydock_domain::access::{Role, Scope};
use drydock_domain::audit::{Position, Trust};
use drydock_domain::console::AuditOutcome;
use drydock_ledger::{Ledger, NewSession, SessionLimits};
use sqlx::{ConnectOptions as _, Connection as _, Executor as _, sqlite::SqliteConnectOptions};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

/// SHA-256 of `evidence`.
const DIGEST: &str = "ee8250fb76e094b34b471f13a73dbbe51d1ae142e9df59d7c0d31ec20f0a0a8e";

async fn drydock(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_drydock"));
    command.args(arguments).env_remove("DRYDOCK_LEDGER");
    // The test goes on to write meanwhile.
    let ended = tokio::task::spawn_blocking(move || command.output());
    ended.await.unwrap().unwrap()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

async fn open(folder: &Path) -> Ledger {
    Ledger::open(&folder.join("ledger.sqlite")).await.unwrap()
}

async fn act(ledger: &Ledger) {
    let entry = ledger.begin("ada", "run.start", "harbour", "").await;
    let detail = "run 1".to_owned();
    let done = AuditOutcome::Succeeded { detail };
    entry.unwrap().complete(&done).await.unwrap();
}

async fn sign_in(ledger: &Ledger) {
    let new = NewSession {
        actor: "ada",
        subject: "subject",
        role: Role::Admin,
        scope: Scope::everything(),
        method: "test",
        id_token: None,
    };
    let hour = chrono::TimeDelta::hours(1);
    let limits = SessionLimits {
        life: hour,
        idle: hour,
        renewal: hour,
    };
    ledger.begin_session(&new, &limits).await.unwrap();
}

/// Whether the trail is whole, as its own key signed it; where it ends.
async fn head(ledger: &Ledger) -> Position {
    let trust = Trust {
        keys: vec![ledger.public_key()],
        witness: None,
    };
    let found = ledger.verify(&trust).await.unwrap();
    assert_eq!(found.broken, None);
    found.head.unwrap()
}

#[track_caller]
fn assert_fails(output: &Output, says: &str) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains(says), "`{says}` is not in: {said}");
}

/// A data directory with evidence and a few entries, and its backup.
async fn backed_up() -> (TempDir, PathBuf, PathBuf) {
    let place = tempfile::tempdir().unwrap();
    let data = place.path().join("data");
    fs::create_dir_all(data.join("evidence/runs")).unwrap();
    fs::write(data.join("evidence").join(DIGEST), "evidence").unwrap();
    fs::write(data.join("evidence/runs/harbour"), "cf1 sha256:…\n").unwrap();
    fs::write(data.join("evidence/unfinished.part"), "half").unwrap();
    let ledger = open(&data).await;
    sign_in(&ledger).await;
    act(&ledger).await;
    ledger.close().await;
    let file = place.path().join("backup.tar");
    let made = drydock(&["backup", text(&file), "--data", text(&data)]).await;
    assert!(made.status.success(), "{made:?}");
    (place, data, file)
}

#[tokio::test]
async fn a_backup_that_is_taken_under_load_restores_to_a_whole_trail_that_goes_on() {
    let place = tempfile::tempdir().unwrap();
    let (data, file) = (place.path().join("data"), place.path().join("backup.tar"));
    fs::create_dir(&data).unwrap();
    let ledger = open(&data).await;
    act(&ledger).await;
    let arguments = ["backup", text(&file), "--data", text(&data)];
    let backing_up = drydock(&arguments);
    tokio::pin!(backing_up);
    let mut appended = 0;
    let made = loop {
        tokio::select! {
            made = &mut backing_up => break made,
            () = act(&ledger) => appended += 1,
        }
    };
    assert!(made.status.success(), "{made:?}");
    assert!(appended > 1, "nothing was written meanwhile");
    act(&ledger).await;

    let restored = place.path().join("restored");
    let output = drydock(&["restore", text(&file), "--data", text(&restored)]).await;
    assert!(output.status.success(), "{output:?}");
    let copy = open(&restored).await;
    assert_eq!(copy.public_key(), ledger.public_key());
    let before = head(&copy).await;
    assert!(before.sequence > 2);
    act(&copy).await;
    assert!(head(&copy).await.sequence > before.sequence);
    assert!(head(&ledger).await.sequence > 2 * appended);
}

#[tokio::test]
async fn what_is_restored_is_for_its_owner_and_nobody_is_signed_in() {
    let (place, data, file) = backed_up().await;
    assert_eq!(open(&data).await.list_sessions().await.unwrap().len(), 1);
    let restored = place.path().join("restored");
    let output = drydock(&["restore", text(&file), "--data", text(&restored)]).await;
    assert!(output.status.success(), "{output:?}");
    for (path, mode) in [
        (file.clone(), 0o600),
        (restored.clone(), 0o700),
        (restored.join("audit.key"), 0o600),
        (restored.join("ledger.sqlite"), 0o600),
        (restored.join("evidence/runs/harbour"), 0o600),
    ] {
        let found = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        assert_eq!(found, mode, "{}", path.display());
    }
    assert_eq!(
        fs::read_to_string(restored.join("evidence").join(DIGEST)).unwrap(),
        "evidence"
    );
    assert!(!restored.join("evidence/unfinished.part").exists());
    let ledger = open(&restored).await;
    assert_eq!(ledger.list_sessions().await.unwrap().len(), 0);
    head(&ledger).await;
}

#[tokio::test]
async fn neither_a_file_nor_a_directory_is_replaced() {
    let (_place, data, file) = backed_up().await;
    let before = fs::read(&file).unwrap();
    let again = drydock(&["backup", text(&file), "--data", text(&data)]).await;
    assert_fails(&again, "exists already");
    assert_eq!(fs::read(&file).unwrap(), before);
    let key = fs::read(data.join("audit.key")).unwrap();
    let over = drydock(&["restore", text(&file), "--data", text(&data)]).await;
    assert_fails(&over, "is not empty");
    assert_eq!(fs::read(data.join("audit.key")).unwrap(), key);
}

#[tokio::test]
async fn a_backup_that_was_changed_or_cut_off_is_not_restored() {
    let (place, _data, file) = backed_up().await;
    let bytes = fs::read(&file).unwrap();
    let at = |needle: &[u8]| {
        let found = bytes.windows(needle.len()).position(|it| it == needle);
        found.unwrap()
    };
    // The content that follows the name in its header, one block later.
    let name = format!("evidence/{DIGEST}");
    let mut changed = bytes.clone();
    changed[at(name.as_bytes()) + 512] ^= 1;
    let cut = bytes[..at(b"backup.json")].to_vec();
    let cases = [
        (changed, format!("{name} was changed")),
        (cut, "it was cut off".to_owned()),
        (b"no tar at all".repeat(100), "it is no backup".to_owned()),
    ];
    for (bytes, says) in cases {
        let other = place.path().join("other.tar");
        fs::write(&other, bytes).unwrap();
        let target = place.path().join("target");
        let output = drydock(&["restore", text(&other), "--data", text(&target)]).await;
        assert_fails(&output, &says);
        let left = fs::read_dir(&target)
            .unwrap()
            .map(|it| it.unwrap().file_name());
        assert_eq!(left.collect::<Vec<_>>(), ["drydock.lock"]);
        fs::remove_dir_all(&target).unwrap();
    }
}

#[tokio::test]
async fn code_in_a_backup_is_not_restored() {
    let cases = [
        (
            "CREATE TRIGGER letting_in AFTER INSERT ON chain BEGIN DELETE FROM statement; END",
            "it holds the trigger `letting_in`",
        ),
        (
            "CREATE VIEW spare AS SELECT * FROM sessions",
            "it holds the view `spare`",
        ),
        (
            "DROP TRIGGER chain_is_final",
            "it lacks the trigger `chain_is_final`",
        ),
        (
            "DROP TRIGGER chain_is_kept;
             CREATE TRIGGER chain_is_kept BEFORE DELETE ON chain BEGIN SELECT 1; END",
            "its trigger `chain_is_kept` is not as a ledger has it",
        ),
    ];
    for (change, says) in cases {
        let (place, data, _) = backed_up().await;
        let options = SqliteConnectOptions::new().filename(data.join("ledger.sqlite"));
        let mut connection = options.connect().await.unwrap();
        connection.execute(change).await.unwrap();
        connection.close().await.unwrap();
        let file = place.path().join("changed.tar");
        let made = drydock(&["backup", text(&file), "--data", text(&data)]).await;
        assert!(made.status.success(), "{made:?}");
        let target = place.path().join("target");
        let output = drydock(&["restore", text(&file), "--data", text(&target)]).await;
        assert_fails(&output, says);
        assert!(!target.join("ledger.sqlite").exists());
    }
}
