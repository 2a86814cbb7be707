use crate::support::{Desk, act, list, succeeded, verify};
use chrono::TimeDelta;
use drydock_domain::audit::{Hash, Position, Statement};
use drydock_ledger::{EntryFilter, ExportOptions, Standing};

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
    let standing = async |sequence, hash| {
        let position = Position { sequence, hash };
        ledger.standing(position).await.unwrap()
    };
    let contradicted = |now| Standing::Contradicted {
        now,
        last: head.sequence,
    };
    assert_eq!(standing(head.sequence, head.hash).await, Standing::Held);
    let another = standing(head.sequence, Hash::NONE).await;
    assert_eq!(another, contradicted(Some(head.hash)));
    let beyond = standing(head.sequence + 1, head.hash).await;
    assert_eq!(beyond, contradicted(None));

    desk.pass(TimeDelta::days(400));
    let limit = desk.now() - TimeDelta::days(365);
    let tombstone = ledger.prune("root", limit).await.unwrap().unwrap();
    assert_eq!(Position::from(&tombstone), head);
    assert_eq!(standing(head.sequence, head.hash).await, Standing::Held);
    let another = standing(head.sequence, Hash::NONE).await;
    assert!(matches!(another, Standing::Contradicted { now: None, .. }));
    let through = head.sequence;
    let buried = standing(1, Hash::NONE).await;
    assert_eq!(buried, Standing::Buried { through });
}

pub async fn what_was_published_last_is_not_pruned_past(desk: &Desk) {
    let ledger = desk.open().await;
    act(&ledger, "ada", "run.start", "old").await;
    let head = ledger.sign_head().await.unwrap();
    ledger.remember_published(&head).unwrap();
    act(&ledger, "ada", "run.start", "old too").await;
    desk.pass(TimeDelta::days(400));
    let limit = desk.now() - TimeDelta::days(365);
    let tombstone = ledger.prune("root", limit).await.unwrap().unwrap();
    assert_eq!(Position::from(&tombstone), Position::from(&head));
    // An earlier head that somebody finds again changes nothing.
    let later = ledger.sign_head().await.unwrap();
    ledger.remember_published(&later).unwrap();
    ledger.remember_published(&head).unwrap();
    assert_eq!(ledger.published_head(), Some(later));
}
