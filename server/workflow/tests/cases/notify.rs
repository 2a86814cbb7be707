use crate::bench::{Bench, admin, weekly};
use chrono::{TimeDelta, Utc};
use drydock_domain::console::AuditOutcome;
use drydock_domain::notice::{Notice, NoticeKind};
use drydock_workflow::{Caller, Courier, Role, WorkflowError};
use futures::future::BoxFuture;
use std::sync::{Arc, Mutex};

/// Takes what it is given, but for the first so many attempts.
struct Basket {
    taken: Mutex<Vec<String>>,
    n_refusals: Mutex<u32>,
}

impl Basket {
    fn refusing(n_refusals: u32) -> Arc<Self> {
        Arc::new(Self {
            taken: Mutex::default(),
            n_refusals: Mutex::new(n_refusals),
        })
    }

    fn taken(&self) -> Vec<String> {
        self.taken.lock().unwrap().clone()
    }
}

impl Courier for Basket {
    fn deliver<'a>(&'a self, notice: &'a Notice) -> BoxFuture<'a, Result<(), String>> {
        let mut left = self.n_refusals.lock().unwrap();
        let refuses = *left > 0;
        *left = left.saturating_sub(1);
        if !refuses {
            self.taken.lock().unwrap().push(notice.id.clone());
        }
        Box::pin(async move {
            match refuses {
                true => Err("it answered 503 Service Unavailable".to_owned()),
                false => Ok(()),
            }
        })
    }

    fn receiver(&self) -> &str {
        "hooks.example"
    }
}

#[tokio::test]
async fn day_one_check_11_a_missed_run_raises_an_alert_once() {
    let bench = Bench::configured().await;
    // The ledger's own clock says when the timer was set.
    let owed = weekly()
        .occurrences(Utc::now(), Utc::now() + TimeDelta::days(20))
        .next()
        .unwrap();
    let workflow = bench.at(owed + TimeDelta::hours(3)).await;
    assert_eq!(workflow.find_notices("harbour").await.unwrap(), 1);
    assert_eq!(workflow.find_notices("harbour").await.unwrap(), 0);
    let board = workflow.list_notices(&admin()).await.unwrap();
    assert_eq!(board.receiver, None);
    let notice = &board.notices[0].notice;
    assert_eq!(notice.kind, NoticeKind::RunMissed);
    assert!(notice.text.starts_with("The run of "), "{}", notice.text);
    assert_eq!(
        board.notices[0].next_at, None,
        "there is nobody to send it to"
    );
}

#[tokio::test]
async fn a_failed_cycle_is_sent_until_it_arrives_and_then_no_more() {
    let bench = Bench::configured().await;
    bench
        .azure
        .open()
        .run("ca1", "cssc-trigger-workflow", "Failed", "");
    let basket = Basket::refusing(1);
    let now = "2026-11-21T08:30:00Z".parse().unwrap();
    let workflow = bench.at(now).await.notifying_by(basket.clone());
    assert_eq!(workflow.find_notices("harbour").await.unwrap(), 1);
    assert_eq!(workflow.deliver_notices().await.unwrap(), 0);
    let kept = workflow
        .list_notices(&admin())
        .await
        .unwrap()
        .notices
        .remove(0);
    assert_eq!(kept.n_failures, 1);
    assert_eq!(
        kept.failure.as_deref(),
        Some("it answered 503 Service Unavailable")
    );
    assert_eq!(kept.next_at, Some(now + TimeDelta::seconds(10)));

    // The ledger's own clock is past the next attempt.
    assert_eq!(workflow.deliver_notices().await.unwrap(), 1);
    assert_eq!(workflow.deliver_notices().await.unwrap(), 0);
    assert_eq!(basket.taken(), ["cycle.failed/harbour/ca1"]);
}

#[tokio::test]
async fn a_test_is_sent_by_an_administrator_and_entered() {
    let bench = Bench::configured().await;
    let now = "2026-11-21T08:30:00Z".parse().unwrap();
    let none = bench.at(now).await.send_test_notice(&admin()).await;
    assert!(
        matches!(none, Err(WorkflowError::Conflict { .. })),
        "{none:?}"
    );
    let basket = Basket::refusing(1);
    let workflow = bench.at(now).await.notifying_by(basket.clone());
    let editor = Caller::new("eve", Role::Editor);
    let denied = workflow.send_test_notice(&editor).await;
    assert!(
        matches!(denied, Err(WorkflowError::Forbidden(_))),
        "{denied:?}"
    );
    let lost = workflow.send_test_notice(&admin()).await.unwrap_err();
    assert!(lost.to_string().contains("503"), "{lost}");
    workflow.send_test_notice(&admin()).await.unwrap();
    assert_eq!(basket.taken().len(), 1);
    let entry = bench.newest_entry().await;
    assert_eq!(entry.operation, "notice.test");
    assert!(matches!(
        entry.outcome,
        Some(AuditOutcome::Succeeded { .. })
    ));
}
