//! The head of the audit trail in the registry, where whoever holds the database cannot reach it.
use crate::desk::{Desk, ada};
use drydock_domain::audit::{AuditQuery, TrailCheck, Witness};
use drydock_domain::notice::NoticeKind;
use drydock_workflow::{Workflow, WorkflowError};
use sqlx::{ConnectOptions as _, Executor as _, sqlite::SqliteConnectOptions};

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
