use crate::support::Desk;
use chrono::TimeDelta;
use drydock_domain::access::Role;
use drydock_ledger::Token;

pub async fn a_link_signs_in_once_and_only_while_it_lives(desk: &Desk) {
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

pub async fn a_session_survives_a_restart_and_ends_by_sign_out_or_time(desk: &Desk) {
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

pub async fn a_session_that_nobody_uses_ends_before_its_time(desk: &Desk) {
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
