use crate::support::{Desk, LIMITS, sign_in};
use chrono::TimeDelta;
use drydock_domain::access::Role;
use drydock_ledger::{NewSession, Token};

pub async fn a_link_signs_in_once_and_only_while_it_lives(desk: &Desk) {
    let ledger = desk.open().await;
    let life = TimeDelta::minutes(10);
    let token = ledger
        .create_link("local", Role::Admin, life)
        .await
        .unwrap();
    let link = ledger.redeem_link(&token).await.unwrap().unwrap();
    assert_eq!((link.actor.as_str(), link.role), ("local", Role::Admin));
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
    let ledger = desk.open().await;
    let kept = sign_in(&ledger, "local", Role::Viewer).await;
    let left = sign_in(&ledger, "local", Role::Viewer).await;
    drop(ledger);

    let ledger = desk.open().await;
    let use_it = async |token: &Token| {
        let session = ledger.find_session(token).await.unwrap()?;
        let renewed = ledger.keep_session(&session, token, &LIMITS).await.unwrap();
        Some(renewed.unwrap_or_else(|| token.clone()))
    };
    let id = ledger.find_session(&left).await.unwrap().unwrap().id;
    ledger.end_session(&id).await.unwrap();
    assert_eq!(ledger.find_session(&left).await.unwrap(), None);
    // However busy: its end comes.
    let mut token = kept;
    for _ in 0..11 {
        desk.pass(TimeDelta::hours(1));
        token = use_it(&token).await.unwrap();
    }
    desk.pass(TimeDelta::hours(1));
    assert!(use_it(&token).await.is_none());
}

pub async fn a_session_that_nobody_uses_ends_before_its_time(desk: &Desk) {
    let ledger = desk.open().await;
    let mut token = sign_in(&ledger, "local", Role::Admin).await;
    for _ in 0..3 {
        desk.pass(LIMITS.idle - TimeDelta::minutes(1));
        let session = ledger.find_session(&token).await.unwrap().unwrap();
        let renewed = ledger
            .keep_session(&session, &token, &LIMITS)
            .await
            .unwrap();
        token = renewed.unwrap();
    }
    desk.pass(LIMITS.idle);
    assert_eq!(ledger.find_session(&token).await.unwrap(), None);
    assert_eq!(ledger.list_sessions().await.unwrap(), []);
}

pub async fn a_token_is_replaced_and_the_one_before_ends_when_the_new_one_came(desk: &Desk) {
    let ledger = desk.open().await;
    let first = sign_in(&ledger, "local", Role::Admin).await;
    let find = async |token: &Token| ledger.find_session(token).await.unwrap();
    let keep = async |token: &Token| {
        let session = find(token).await.unwrap();
        ledger.keep_session(&session, token, &LIMITS).await.unwrap()
    };
    assert!(keep(&first).await.is_none(), "it is young");
    desk.pass(LIMITS.renewal);
    let second = keep(&first).await.unwrap();
    // The answer with the new one may have been lost: the old one goes on, and makes no third.
    desk.pass(TimeDelta::minutes(30));
    assert!(keep(&first).await.is_none());
    assert!(
        keep(&second).await.is_some(),
        "thirty minutes are enough for the next"
    );
    desk.pass(TimeDelta::minutes(2));
    assert_eq!(find(&first).await, None);
    assert!(find(&second).await.is_some());
    assert_eq!(ledger.list_sessions().await.unwrap().len(), 1);
}

pub async fn a_session_keeps_how_it_began_and_as_whom_it_looks(desk: &Desk) {
    let ledger = desk.open().await;
    let new = NewSession {
        actor: "Ada",
        subject: "subject",
        role: Role::Editor,
        scope: "prod,test/web/*".parse().unwrap(),
        method: "https://login.example",
        id_token: Some("eyJ"),
    };
    let (id, token) = ledger.begin_session(&new, &LIMITS).await.unwrap();
    let session = ledger.find_session(&token).await.unwrap().unwrap();
    assert_eq!(session.id, id);
    assert_eq!(
        (session.actor.as_str(), session.role),
        (new.actor, new.role)
    );
    assert_eq!(
        (&session.scope, session.method.as_str()),
        (&new.scope, new.method)
    );
    assert_eq!(session.viewing_as, None);
    ledger
        .set_viewing_as(&session.id, Some(Role::Auditor))
        .await
        .unwrap();
    let viewing = ledger.find_session(&token).await.unwrap().unwrap();
    assert_eq!(viewing.viewing_as, Some(Role::Auditor));
    assert_eq!(ledger.list_sessions().await.unwrap(), [viewing]);
    assert_eq!(
        ledger.end_session(&session.id).await.unwrap().as_deref(),
        Some("eyJ")
    );
    assert_eq!(ledger.end_session(&session.id).await.unwrap(), None);
}
