use crate::support::Desk;
use chrono::TimeDelta;
use drydock_domain::notice::Notice;

pub async fn a_notice_is_kept_once_and_sent_until_it_arrives(desk: &Desk) {
    let ledger = desk.open().await;
    let at = desk.now();
    let missed = Notice::of_missed("harbour", at, at);
    assert!(ledger.add_notice(&missed, true).await.unwrap());
    let later = Notice {
        text: "another".into(),
        ..missed.clone()
    };
    assert!(!desk.open().await.add_notice(&later, true).await.unwrap());
    let due = async || ledger.due_notices(10).await.unwrap();
    let first = due().await.remove(0);
    assert_eq!((first.notice, first.n_failures), (missed.clone(), 0));

    let next = at + TimeDelta::minutes(5);
    ledger
        .note_failure(&missed.id, "503", Some(next))
        .await
        .unwrap();
    assert!(due().await.is_empty(), "not before its time");
    desk.pass(TimeDelta::minutes(5));
    let again = due().await.remove(0);
    assert_eq!(
        (again.n_failures, again.failure.as_deref()),
        (1, Some("503"))
    );

    ledger.note_delivery(&missed.id).await.unwrap();
    assert!(due().await.is_empty());
    let listed = ledger.list_notices(10).await.unwrap().remove(0);
    assert_eq!(listed.delivered_at, Some(at + TimeDelta::minutes(5)));
    assert_eq!((listed.failure, listed.next_at), (None, None));
}

pub async fn a_notice_that_is_not_to_be_sent_is_listed_all_the_same(desk: &Desk) {
    let ledger = desk.open().await;
    let at = desk.now();
    let silent = Notice::of_missed("harbour", at, at);
    assert!(ledger.add_notice(&silent, false).await.unwrap());
    assert!(ledger.due_notices(10).await.unwrap().is_empty());
    ledger.note_failure(&silent.id, "gone", None).await.unwrap();
    let newer = Notice::test("1", at + TimeDelta::seconds(1));
    assert!(ledger.add_notice(&newer, false).await.unwrap());
    let listed = ledger.list_notices(10).await.unwrap();
    let ids: Vec<_> = listed.iter().map(|kept| kept.notice.id.as_str()).collect();
    assert_eq!(ids, [newer.id.as_str(), silent.id.as_str()]);
}
