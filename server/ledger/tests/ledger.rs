//! The contract of the ledger, on a real SQLite file.
use chrono::{DateTime, TimeDelta, Utc};
use drydock_domain::access::Role;
use drydock_domain::console::AuditOutcome;
use drydock_ledger::{Clock, Ledger, Token};
use std::sync::{Arc, Mutex};

struct Desk {
    folder: tempfile::TempDir,
    now: Arc<Mutex<DateTime<Utc>>>,
}

impl Desk {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            now: Arc::new(Mutex::new("2026-11-21T08:00:00Z".parse().unwrap())),
        }
    }

    async fn open(&self) -> Ledger {
        let now = self.now.clone();
        let clock = Clock::new(move || *now.lock().unwrap());
        let path = self.folder.path().join("ledger.db");
        Ledger::open_with(&path, clock).await.unwrap()
    }

    fn pass(&self, time: TimeDelta) {
        *self.now.lock().unwrap() += time;
    }

    fn raw(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for file in std::fs::read_dir(self.folder.path()).unwrap() {
            bytes.extend(std::fs::read(file.unwrap().path()).unwrap());
        }
        bytes
    }
}

fn succeeded(detail: &str) -> AuditOutcome {
    AuditOutcome::Succeeded {
        detail: detail.into(),
    }
}

#[tokio::test]
async fn an_entry_is_on_disk_before_it_is_complete() {
    let desk = Desk::new();
    let ledger = desk.open().await;
    let entry = ledger
        .begin("ada", "run.start", "registry", "now")
        .await
        .unwrap();
    let listed = desk.open().await.list_entries(10, None).await.unwrap();
    assert_eq!(
        (listed[0].actor.as_str(), listed[0].outcome.clone()),
        ("ada", None)
    );

    desk.pass(TimeDelta::seconds(2));
    entry.complete(&succeeded("ca1")).await.unwrap();
    let listed = ledger.list_entries(10, None).await.unwrap();
    assert_eq!(listed[0].outcome, Some(succeeded("ca1")));
    assert_eq!(
        listed[0].completed_at.unwrap() - listed[0].begun_at,
        TimeDelta::seconds(2)
    );
}

#[tokio::test]
async fn an_abandoned_entry_is_closed_as_unknown_at_the_next_start() {
    let desk = Desk::new();
    let ledger = desk.open().await;
    drop(
        ledger
            .begin("ada", "run.start", "registry", "")
            .await
            .unwrap(),
    );
    let done = ledger
        .begin("ada", "run.cancel", "registry", "")
        .await
        .unwrap();
    done.complete(&succeeded("")).await.unwrap();
    drop(ledger);

    let ledger = desk.open().await;
    assert_eq!(ledger.close_abandoned().await.unwrap(), 1);
    assert_eq!(ledger.close_abandoned().await.unwrap(), 0);
    let outcomes: Vec<_> = ledger
        .list_entries(10, None)
        .await
        .unwrap()
        .into_iter()
        .map(|entry| entry.outcome.unwrap())
        .collect();
    assert_eq!(outcomes, [succeeded(""), AuditOutcome::Unknown]);
}

#[tokio::test]
async fn entries_come_newest_first_in_pages_that_neither_overlap_nor_miss() {
    let desk = Desk::new();
    let ledger = desk.open().await;
    for number in 0..5 {
        let entry = ledger
            .begin("ada", "run.start", &number.to_string(), "")
            .await
            .unwrap();
        entry.complete(&succeeded("")).await.unwrap();
    }
    let first = ledger.list_entries(2, None).await.unwrap();
    let second = ledger
        .list_entries(9, Some(first[1].sequence))
        .await
        .unwrap();
    let objects: Vec<&str> = first
        .iter()
        .chain(&second)
        .map(|e| e.object.as_str())
        .collect();
    assert_eq!(objects, ["4", "3", "2", "1", "0"]);
}

#[tokio::test]
async fn a_link_signs_in_once_and_only_while_it_lives() {
    let desk = Desk::new();
    let ledger = desk.open().await;
    let life = TimeDelta::minutes(10);
    let token = ledger
        .create_link("local", Role::Admin, life)
        .await
        .unwrap();
    let session = ledger.redeem_link(&token).await.unwrap().unwrap();
    assert_eq!(
        (session.actor.as_str(), session.role),
        ("local", Role::Admin)
    );
    assert_eq!(ledger.redeem_link(&token).await.unwrap(), None);

    let late = ledger
        .create_link("local", Role::Admin, life)
        .await
        .unwrap();
    desk.pass(life);
    assert_eq!(ledger.redeem_link(&late).await.unwrap(), None);
    let forged = Token::from_presented("00");
    assert_eq!(ledger.redeem_link(&forged).await.unwrap(), None);
}

#[tokio::test]
async fn a_session_survives_a_restart_and_ends_by_sign_out_or_time() {
    let desk = Desk::new();
    let life = TimeDelta::hours(12);
    let ledger = desk.open().await;
    let kept = ledger
        .create_session("local", Role::Viewer, life)
        .await
        .unwrap();
    let left = ledger
        .create_session("local", Role::Viewer, life)
        .await
        .unwrap();
    drop(ledger);

    let ledger = desk.open().await;
    assert!(ledger.find_session(&kept).await.unwrap().is_some());
    ledger.delete_session(&left).await.unwrap();
    assert_eq!(ledger.find_session(&left).await.unwrap(), None);
    desk.pass(life);
    assert_eq!(ledger.find_session(&kept).await.unwrap(), None);
}

#[tokio::test]
async fn a_session_that_nobody_uses_ends_before_its_time() {
    let desk = Desk::new();
    let ledger = desk.open().await;
    let (life, idle) = (TimeDelta::hours(12), TimeDelta::hours(2));
    let session = ledger
        .create_session("local", Role::Admin, life)
        .await
        .unwrap();
    for _ in 0..3 {
        ledger.extend_session(&session, idle).await.unwrap();
        desk.pass(idle - TimeDelta::minutes(1));
        assert!(ledger.find_session(&session).await.unwrap().is_some());
    }
    desk.pass(TimeDelta::minutes(1));
    assert_eq!(ledger.find_session(&session).await.unwrap(), None);
}

#[tokio::test]
async fn no_token_is_in_the_file() {
    let desk = Desk::new();
    let ledger = desk.open().await;
    let life = TimeDelta::hours(1);
    let link = ledger
        .create_link("local", Role::Admin, life)
        .await
        .unwrap();
    let session = ledger
        .create_session("local", Role::Admin, life)
        .await
        .unwrap();
    let raw = desk.raw();
    for token in [link, session] {
        let needle = token.expose().as_bytes();
        assert!(!raw.windows(needle.len()).any(|window| window == needle));
    }
}
