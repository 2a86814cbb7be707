use crate::support::{Desk, list, succeeded, verify};
use chrono::TimeDelta;
use drydock_domain::audit::{Kind, Outcome};
use drydock_domain::console::AuditOutcome;
use drydock_ledger::{Client, EntryFilter, Happening, LedgerError};

pub async fn an_entry_is_on_disk_before_it_is_complete(desk: &Desk) {
    let ledger = desk.open().await;
    let entry = ledger
        .begin("ada", "run.start", "registry", "now")
        .await
        .unwrap();
    let listed = list(&desk.open().await, EntryFilter::default()).await;
    assert_eq!(
        (listed[0].actor.as_str(), listed[0].outcome.clone()),
        ("ada", None)
    );
    assert_eq!(verify(&ledger).await.open, 1);

    desk.pass(TimeDelta::seconds(2));
    entry.complete(&succeeded("ca1")).await.unwrap();
    let listed = list(&ledger, EntryFilter::default()).await;
    assert_eq!(listed[0].outcome, Some(succeeded("ca1")));
    assert_eq!(
        listed[0].completed_at.unwrap() - listed[0].begun_at,
        TimeDelta::seconds(2)
    );
    let found = verify(&ledger).await;
    assert_eq!((found.broken, found.entries, found.open), (None, 2, 0));
    assert_eq!(found.signed_through, Some(2));
}

pub async fn an_abandoned_entry_is_closed_as_unknown_at_the_next_start(desk: &Desk) {
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

    desk.pass(TimeDelta::minutes(10));
    let ledger = desk.open().await;
    assert_eq!(ledger.close_abandoned().await.unwrap(), 1);
    assert_eq!(ledger.close_abandoned().await.unwrap(), 0);
    let listed = list(&ledger, EntryFilter::default()).await;
    let outcomes: Vec<_> = listed
        .into_iter()
        .map(|entry| entry.outcome.unwrap())
        .collect();
    assert_eq!(outcomes, [succeeded(""), AuditOutcome::Unknown]);
    assert_eq!(verify(&ledger).await.broken, None);
}

pub async fn an_entry_that_was_closed_cannot_be_completed(desk: &Desk) {
    let ledger = desk.open().await;
    let entry = ledger
        .begin("ada", "run.start", "registry", "")
        .await
        .unwrap();
    ledger.close_abandoned().await.unwrap();
    let refused = entry.complete(&succeeded("")).await.unwrap_err();
    assert!(matches!(refused, LedgerError::NotFound { .. }), "{refused}");
    assert_eq!(verify(&ledger).await.broken, None);
}

pub async fn what_has_happened_is_complete_at_once(desk: &Desk) {
    let ledger = desk.open().await;
    let denial = Happening {
        kind: Kind::Denial,
        actor: "eve",
        client: Some(Client {
            address: "192.0.2.7".into(),
            user_agent: "Browser/1".into(),
        }),
        operation: "workflow.delete",
        object: "harbour",
        detail: "needs the role admin",
        outcome: Outcome::Denied,
    };
    ledger.note(denial.clone()).await.unwrap();
    let listed = list(&ledger, EntryFilter::default()).await;
    let detail = "needs the role admin".to_owned();
    assert_eq!(listed[0].outcome, Some(AuditOutcome::Denied { detail }));
    assert_eq!(listed[0].completed_at, Some(desk.now()));
    let begin = Happening {
        kind: Kind::Begin,
        ..denial
    };
    assert!(ledger.note(begin).await.is_err());
    assert_eq!(verify(&ledger).await.entries, 1);
}

pub async fn entries_that_come_together_are_all_in_the_chain(desk: &Desk) {
    let ledger = desk.open().await;
    let mut acting = tokio::task::JoinSet::new();
    for number in 0..300 {
        let ledger = ledger.clone();
        acting.spawn(async move {
            let object = number.to_string();
            let entry = ledger.begin("ada", "run.start", &object, "").await.unwrap();
            entry.complete(&succeeded("")).await.unwrap();
        });
    }
    acting.join_all().await;
    let found = verify(&ledger).await;
    assert_eq!((found.broken, found.entries, found.open), (None, 600, 0));
}

pub async fn text_that_a_database_cannot_hold_is_held_nearly_as_it_is(desk: &Desk) {
    let ledger = desk.open().await;
    let entry = ledger
        .begin("a\0da", "run.start", "\0", "\u{1}ü\"\\")
        .await
        .unwrap();
    entry.complete(&succeeded("\0")).await.unwrap();
    let listed = list(&ledger, EntryFilter::default()).await;
    assert_eq!(listed[0].actor, "a\u{fffd}da");
    assert_eq!(listed[0].detail, "\u{1}ü\"\\");
    assert_eq!(verify(&ledger).await.broken, None);
}
