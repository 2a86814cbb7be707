use crate::support::{Desk, act, list, succeeded, verify};
use chrono::TimeDelta;
use drydock_domain::audit::{Hash, Position, Statement};
use drydock_ledger::{EntryFilter, ExportOptions};

pub async fn a_pruned_trail_verifies_and_says_so(desk: &Desk) {
    let ledger = desk.open().await;
    act(&ledger, "ada", "run.start", "old").await;
    act(&ledger, "bob", "run.start", "old").await;
    desk.pass(TimeDelta::days(400));
    act(&ledger, "ada", "run.start", "new").await;

    let limit = desk.now() - TimeDelta::days(365);
    let tombstone = ledger.prune("root", limit).await.unwrap().unwrap();
    assert!(matches!(
        tombstone.statement,
        Statement::Tombstone {
            count: 4,
            sequence: 4,
            ..
        }
    ));
    assert_eq!(ledger.prune("root", limit).await.unwrap(), None);
    let found = verify(&ledger).await;
    assert_eq!((found.broken.clone(), found.pruned_through), (None, 4));
    assert_eq!((found.first, found.entries), (Some(5), 3));
    let listed = list(&ledger, EntryFilter::default()).await;
    let objects: Vec<&str> = listed.iter().map(|entry| entry.object.as_str()).collect();
    assert_eq!(objects, ["entries 1 to 4", "new"]);
    let reader = ledger.export(&ExportOptions {
        after: 0,
        people: true,
    });
    let mut reader = reader.await.unwrap();
    let mut text = reader.next_page().await.unwrap().concat();
    text += &reader.next_page().await.unwrap().concat();
    assert!(text.contains(r#""data":"ada""#) && !text.contains(r#""data":"bob""#));

    desk.pass(TimeDelta::days(400));
    let everything = desk.now();
    ledger.prune("root", everything).await.unwrap().unwrap();
    act(&ledger, "ada", "run.start", "later").await;
    let found = verify(&ledger).await;
    assert_eq!((found.broken, found.pruned_through), (None, 7));
}

pub async fn what_is_open_or_half_new_is_not_pruned(desk: &Desk) {
    let ledger = desk.open().await;
    act(&ledger, "ada", "run.start", "old").await;
    let long = ledger.begin("ada", "run.start", "long", "").await.unwrap();
    act(&ledger, "ada", "run.start", "old too").await;
    desk.pass(TimeDelta::days(2));
    let limit = desk.now() - TimeDelta::days(1);
    let first = ledger.prune("root", limit).await.unwrap().unwrap();
    assert_eq!(first.statement.position().0, 2);
    long.complete(&succeeded("")).await.unwrap();
    assert_eq!(ledger.prune("root", limit).await.unwrap(), None);
    assert_eq!(verify(&ledger).await.broken, None);
}

pub async fn a_published_head_is_held_until_it_is_pruned_and_counts_after(desk: &Desk) {
    let ledger = desk.open().await;
    act(&ledger, "ada", "run.start", "old").await;
    let head = Position::from(&ledger.sign_head().await.unwrap());
    let holds = async |sequence, hash| ledger.holds(Position { sequence, hash }).await.unwrap();
    assert!(holds(head.sequence, head.hash).await);
    assert!(!holds(head.sequence, Hash::NONE).await, "another hash");
    assert!(!holds(head.sequence + 1, head.hash).await, "none is there");

    desk.pass(TimeDelta::days(400));
    let limit = desk.now() - TimeDelta::days(365);
    let tombstone = ledger.prune("root", limit).await.unwrap().unwrap();
    assert_eq!(Position::from(&tombstone), head);
    assert!(holds(head.sequence, head.hash).await);
    assert!(!holds(head.sequence, Hash::NONE).await, "another hash");
    assert!(holds(1, Hash::NONE).await, "nobody can tell any more");
}
