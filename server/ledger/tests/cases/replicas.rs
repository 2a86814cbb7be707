use crate::support::{Desk, list, succeeded, verify};
use chrono::TimeDelta;
use drydock_domain::console::AuditOutcome;
use drydock_ledger::EntryFilter;
use tokio::task::JoinSet;

pub async fn two_replicas_under_load_keep_one_chain(desk: &Desk) {
    let replicas = [desk.open().await, desk.open().await];
    let mut acting = JoinSet::new();
    for number in 0..400 {
        let ledger = replicas[number % 2].clone();
        acting.spawn(async move {
            let object = number.to_string();
            let entry = ledger.begin("ada", "run.start", &object, "").await.unwrap();
            entry.complete(&succeeded("")).await.unwrap();
        });
    }
    acting.join_all().await;
    for ledger in &replicas {
        let found = verify(ledger).await;
        assert_eq!((found.broken, found.entries, found.open), (None, 800, 0));
    }
}

pub async fn a_living_replica_keeps_its_open_entries(desk: &Desk) {
    let one = desk.open().await;
    let entry = one.begin("ada", "run.start", "one", "").await.unwrap();
    let other = desk.open().await;
    assert_eq!(other.close_abandoned().await.unwrap(), 0);
    entry.complete(&succeeded("")).await.unwrap();

    drop(one.begin("ada", "run.start", "two", "").await.unwrap());
    desk.pass(TimeDelta::minutes(5));
    assert_eq!(other.close_abandoned().await.unwrap(), 1);
    let listed = list(&other, EntryFilter::default()).await;
    assert_eq!(listed[0].outcome, Some(AuditOutcome::Unknown));
}
