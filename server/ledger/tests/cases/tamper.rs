use crate::support::{Desk, act, broken, verify};
use drydock_domain::audit::{Fault, Position, Trust};
use drydock_ledger::{ExportOptions, Ledger, LedgerError, Voucher};

/// Eight entries, sealed.
async fn filled(desk: &Desk) -> Ledger {
    let ledger = desk.open().await;
    for number in 0..4 {
        act(&ledger, "ada", "run.start", &format!("object{number}")).await;
    }
    ledger.sign_head().await.unwrap();
    ledger
}

pub async fn the_chain_refuses_changes(desk: &Desk) {
    let ledger = filled(desk).await;
    let pool = desk.raw().await;
    for statement in ["UPDATE chain SET body = body", "DELETE FROM chain"] {
        let refused = sqlx::query(statement).execute(&pool).await.unwrap_err();
        assert!(refused.to_string().contains("append-only"), "{refused}");
    }
    pool.close().await;
    assert_eq!(verify(&ledger).await.broken, None);
}

pub async fn an_edited_row_is_named(desk: &Desk) {
    let ledger = filled(desk).await;
    let edit = "UPDATE chain SET body = replace(body, 'object1', 'object9') WHERE sequence = 3";
    desk.tamper(&[edit]).await;
    let found = broken(&ledger).await;
    assert_eq!((found.sequence, found.fault), (Some(3), Fault::Edited));
}

pub async fn a_deleted_row_is_named(desk: &Desk) {
    let ledger = filled(desk).await;
    desk.tamper(&["DELETE FROM chain WHERE sequence = 5"]).await;
    let found = broken(&ledger).await;
    let missing = Fault::Missing { through: 5 };
    assert_eq!((found.sequence, found.fault), (Some(5), missing));
    desk.pass(chrono::TimeDelta::hours(2));
    act(&ledger, "ada", "run.start", "later").await;
    assert_eq!(broken(&ledger).await.sequence, Some(5));
}

pub async fn rows_that_changed_places_are_named(desk: &Desk) {
    let ledger = filled(desk).await;
    desk.tamper(&[
        "UPDATE chain SET sequence = 99 WHERE sequence = 3",
        "UPDATE chain SET sequence = 3 WHERE sequence = 5",
        "UPDATE chain SET sequence = 5 WHERE sequence = 99",
    ])
    .await;
    let found = broken(&ledger).await;
    assert_eq!(
        (found.sequence, found.fault),
        (Some(3), Fault::Missing { through: 4 })
    );
}

pub async fn a_truncated_trail_is_caught_by_its_checkpoint(desk: &Desk) {
    let ledger = filled(desk).await;
    desk.tamper(&["DELETE FROM chain WHERE sequence > 6"]).await;
    let found = broken(&ledger).await;
    let truncated = Fault::Truncated {
        through: 8,
        by_witness: false,
    };
    assert_eq!((found.sequence, found.fault), (Some(7), truncated));
    assert_eq!(contradiction(&ledger).await, (Voucher::Checkpoint, 8));
    // What is written in their place does not hide it.
    act(&ledger, "eve", "run.start", "instead").await;
    let found = broken(&ledger).await;
    let contradicted = Fault::Contradicted { by_witness: false };
    assert_eq!((found.sequence, found.fault), (Some(8), contradicted));
}

pub async fn a_trail_that_lost_its_checkpoints_too_is_caught_by_a_witness(desk: &Desk) {
    let ledger = filled(desk).await;
    let (sequence, hash) = ledger.sign_head().await.unwrap().statement.position();
    let trust = Trust {
        keys: vec![ledger.public_key()],
        witness: Some(Position { sequence, hash }),
    };
    assert_eq!(ledger.verify(&trust).await.unwrap().broken, None);
    desk.tamper(&[
        "DELETE FROM statement",
        "DELETE FROM chain WHERE sequence > 6",
    ])
    .await;
    assert_eq!(verify(&ledger).await.broken, None);
    let found = ledger.verify(&trust).await.unwrap().broken.unwrap();
    assert_eq!(found.sequence, Some(7));
}

/// Whoever holds the database and the key can write history anew and sign it; not what was published.
pub async fn a_trail_that_was_written_anew_is_signed_no_more(desk: &Desk) {
    let ledger = filled(desk).await;
    let head = ledger.sign_head().await.unwrap();
    ledger.remember_published(&head).unwrap();
    desk.rewrite(&ledger, 3, "object1", "object9").await;
    drop(ledger);
    // What was remembered outlives the process.
    let ledger = desk.open().await;
    assert_eq!(ledger.published_head(), Some(head.clone()));
    assert_eq!(
        verify(&ledger).await.broken,
        None,
        "the chain alone is whole"
    );

    assert_eq!(contradiction(&ledger).await, (Voucher::Published, 8));
    for refused in [
        ledger.sign_document("pack/1", b"index").await.err(),
        ledger.prune("root", desk.now()).await.err(),
    ] {
        let refused = refused.unwrap();
        assert!(matches!(refused, LedgerError::Contradicted(_)), "{refused}");
    }
    let reader = ledger.export(&ExportOptions::default()).await.unwrap();
    assert!(reader.why_unsigned().is_some());
    let trust = Trust {
        witness: Some(Position::from(&head)),
        ..Trust::default()
    };
    let found = ledger.verify(&trust).await.unwrap().broken.unwrap();
    assert_eq!(found.fault, Fault::Contradicted { by_witness: true });

    // It goes on, and no checkpoint covers it.
    let count = "SELECT count(*) FROM statement";
    let before = desk.number(count).await;
    desk.pass(chrono::TimeDelta::hours(2));
    act(&ledger, "ada", "run.start", "later").await;
    assert_eq!(desk.number(count).await, before);
}

pub async fn a_checkpoint_that_was_changed_is_followed_by_none(desk: &Desk) {
    let ledger = filled(desk).await;
    desk.tamper(&["UPDATE statement SET body = replace(body, '\"sequence\":8', '\"sequence\":7')"])
        .await;
    let refused = ledger.sign_head().await.unwrap_err();
    assert!(matches!(refused, LedgerError::Forged { .. }), "{refused}");
}

async fn contradiction(ledger: &Ledger) -> (Voucher, i64) {
    match ledger.sign_head().await {
        Err(LedgerError::Contradicted(found)) => (found.by, found.said.sequence),
        other => panic!("{other:?}"),
    }
}

pub async fn a_name_put_under_another_pseudonym_is_named(desk: &Desk) {
    let ledger = filled(desk).await;
    desk.tamper(&["UPDATE personal SET data = 'eve', subject = 'eve' WHERE data = 'ada'"])
        .await;
    assert!(matches!(
        broken(&ledger).await.fault,
        Fault::Pseudonym { .. }
    ));
}
