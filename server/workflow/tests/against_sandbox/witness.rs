//! The head of the audit trail in the registry, where whoever holds the database cannot reach it.
use crate::desk::{Desk, ada};
use drydock_domain::audit::{AuditQuery, Hash, TrailCheck, Witness, chain_hash};
use drydock_domain::compliance::FindingQuery;
use drydock_domain::notice::NoticeKind;
use drydock_ledger::Ledger;
use drydock_workflow::{Workflow, WorkflowError};
use sqlx::{ConnectOptions as _, Executor as _, Row as _, sqlite::SqliteConnectOptions};

/// A console that publishes in the sandbox's registry, and knows nothing of others but the ledger.
async fn witnessed(desk: &Desk) -> Workflow {
    desk.afresh().await.witnessed_in(desk.registry.clone())
}

async fn check(desk: &Desk) -> TrailCheck {
    witnessed(desk).await.check_trail(&ada()).await.unwrap()
}

/// What somebody can do who holds the database: lift the triggers, and change what they like.
async fn tamper(desk: &Desk, statements: &[&'static str]) {
    let options = SqliteConnectOptions::new().filename(desk.folder.path().join("ledger.db"));
    let mut connection = options.connect().await.unwrap();
    for statement in statements {
        connection.execute(*statement).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn day_one_check_10_truncating_the_tail_is_caught_by_the_witness() {
    let desk = Desk::configured().await;
    let workflow = witnessed(&desk).await;
    let awaited = Witness::Awaited {
        registry: desk.registry.clone(),
    };
    let told = workflow.check_trail(&ada()).await.unwrap();
    assert_eq!(told.witness, awaited);
    let published = workflow.publish_head().await.unwrap().unwrap();
    let told = workflow.check_trail(&ada()).await.unwrap();
    assert!(
        matches!(told.witness, Witness::Published { .. }),
        "{told:?}"
    );
    assert_eq!(
        workflow.publish_head().await.unwrap(),
        None,
        "nothing is new"
    );
    let found = check(&desk).await;
    assert_eq!(found.broken, None);
    assert!(
        matches!(&found.witness, Witness::Published { sequence, .. } if *sequence == published),
        "{found:?}"
    );

    // The tail, and with it every checkpoint that vouched for it: the chain alone is whole again.
    tamper(
        &desk,
        &[
            "DROP TRIGGER chain_is_kept",
            "DELETE FROM statement",
            "DELETE FROM chain WHERE sequence = (SELECT max(sequence) FROM chain)",
        ],
    )
    .await;
    let head = desk.folder.path().join("audit.head");
    let remembered = desk.afresh().await.check_trail(&ada()).await.unwrap();
    assert!(remembered.broken.is_some(), "it was published from here");
    std::fs::remove_file(&head).unwrap();
    let alone = desk.afresh().await.check_trail(&ada()).await.unwrap();
    assert_eq!(alone.broken, None, "without a witness nobody can tell");
    let broken = check(&desk).await.broken.unwrap();
    let says = format!("entry {published} ");
    assert!(broken.starts_with(&says), "{broken}");
    assert!(broken.contains("the head that was published"), "{broken}");
    // Published over, it would be hidden.
    let refused = workflow.publish_head().await.unwrap_err();
    assert!(
        matches!(refused, WorkflowError::Conflict { .. }),
        "{refused}"
    );
    let told = workflow.check_trail(&ada()).await.unwrap();
    assert!(told.broken.is_some(), "it was whole a moment ago: {told:?}");

    let board = workflow.list_notices(&ada()).await.unwrap();
    let kinds = board.notices.iter().map(|kept| kept.notice.kind);
    assert_eq!(kinds.collect::<Vec<_>>(), [NoticeKind::AuditContradicted]);

    // As long as before, with another entry in the place of the one that is gone.
    let caller = ada();
    workflow
        .list_entries(&caller, &AuditQuery::default(), 1)
        .await
        .unwrap();
    let broken = check(&desk).await.broken.unwrap();
    assert!(broken.contains("gives it another hash"), "{broken}");
    assert!(workflow.publish_head().await.is_err());
}

/// What the host's owner can do: writes an entry anew, binds all that follows to it, has the key sign
/// the new end, and forgets what was published.
async fn rewrite(desk: &Desk, from: i64) {
    let lift = ["DROP TRIGGER chain_is_final", "DELETE FROM statement"];
    tamper(desk, &lift).await;
    let options = SqliteConnectOptions::new().filename(desk.folder.path().join("ledger.db"));
    let mut connection = options.connect().await.unwrap();
    let rows = sqlx::query("SELECT sequence, body FROM chain ORDER BY sequence");
    let mut previous = Hash::NONE;
    for row in rows.fetch_all(&mut connection).await.unwrap() {
        let (sequence, body): (i64, String) = (row.get("sequence"), row.get("body"));
        let body = match sequence == from {
            true => body.replace(&desk.registry, "elsewhere"),
            false => body,
        };
        previous = chain_hash(&previous, &body);
        sqlx::query("UPDATE chain SET body = $1, hash = $2 WHERE sequence = $3")
            .bind(body)
            .bind(previous.0.to_vec())
            .bind(sequence)
            .execute(&mut connection)
            .await
            .unwrap();
    }
    std::fs::remove_file(desk.folder.path().join("audit.head")).unwrap();
    let forger = Ledger::open(&desk.folder.path().join("ledger.db")).await;
    forger.unwrap().sign_head().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_trail_that_was_written_anew_and_signed_leaves_in_no_pack_and_unsigned() {
    let desk = Desk::configured().await;
    let workflow = witnessed(&desk).await;
    let published = workflow.publish_head().await.unwrap().unwrap();
    let query = FindingQuery::default();
    let pack = workflow.export_pack(&ada(), &desk.registry, &query).await;
    assert!(pack.is_ok(), "{pack:?}");

    rewrite(&desk, 1).await;
    let alone = desk.afresh().await;
    assert_eq!(alone.check_trail(&ada()).await.unwrap().broken, None);
    let forged = alone.export_pack(&ada(), &desk.registry, &query).await;
    assert!(forged.is_ok(), "without a witness nobody can tell");

    let workflow = witnessed(&desk).await;
    let refused = workflow.export_pack(&ada(), &desk.registry, &query).await;
    let refused = refused.unwrap_err();
    assert!(
        matches!(refused, WorkflowError::Conflict { .. }),
        "{refused}"
    );
    let says = format!("the head that was published says that entry {published} ");
    assert!(refused.to_string().starts_with(&says), "{refused}");
    assert!(workflow.publish_head().await.is_err());
    let reader = workflow.export_trail(&ada()).await.unwrap();
    assert!(reader.why_unsigned().is_some());
    let told = check(&desk).await.broken.unwrap();
    assert!(told.starts_with(&format!("entry {published} ")), "{told}");
    assert!(
        told.contains("has the hash") && told.contains("now it has"),
        "{told}"
    );

    // Nor is it forgotten when the registry cannot be asked.
    let deaf = desk.afresh().await.witnessed_in("nowhere".into());
    let refused = deaf.export_pack(&ada(), &desk.registry, &query).await;
    assert!(refused.is_err(), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pack_over_a_broken_trail_is_refused_and_says_where_it_breaks() {
    let desk = Desk::configured().await;
    let workflow = desk.afresh().await;
    let edit = "UPDATE chain SET body = replace(body, 'succeeded', 'failed') WHERE sequence = 2";
    tamper(&desk, &["DROP TRIGGER chain_is_final", edit]).await;
    let query = FindingQuery::default();
    let refused = workflow.export_pack(&ada(), &desk.registry, &query).await;
    let refused = refused.unwrap_err().to_string();
    assert!(refused.contains("broken at entry 2 "), "{refused}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_witness_is_no_repository_of_the_consoles_lists() {
    let desk = Desk::configured().await;
    let count = async || {
        let fresh = desk.afresh().await;
        let listed = fresh.list_repositories(&ada(), &desk.registry).await;
        let overview = fresh.get_overview(&ada(), &desk.registry).await.unwrap();
        (listed.unwrap().repositories.len(), overview.repositories)
    };
    let before = count().await;
    witnessed(&desk)
        .await
        .publish_head()
        .await
        .unwrap()
        .unwrap();
    assert_eq!(count().await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_head_of_another_console_is_neither_believed_nor_replaced() {
    let desk = Desk::configured().await;
    let first = witnessed(&desk).await;
    first.publish_head().await.unwrap().unwrap();
    let other = desk
        .key_of_its_own()
        .await
        .witnessed_in(desk.registry.clone());
    let refused = other.publish_head().await.unwrap_err();
    assert!(
        refused.to_string().contains("is signed with the key"),
        "{refused}"
    );
    let found = other.check_trail(&ada()).await.unwrap();
    assert_eq!(found.broken, None);
    assert!(matches!(found.witness, Witness::Unread { .. }), "{found:?}");
    assert_eq!(
        first.publish_head().await.unwrap(),
        None,
        "it is still there"
    );
}
