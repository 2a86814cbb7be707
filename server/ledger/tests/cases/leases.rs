use crate::support::Desk;
use chrono::TimeDelta;

pub async fn one_of_two_gets_a_lease_until_it_expires_or_is_released(desk: &Desk) {
    let (one, other) = (desk.open().await, desk.open().await);
    let life = TimeDelta::minutes(1);
    let lease = one
        .acquire_lease("poll/harbour", life)
        .await
        .unwrap()
        .unwrap();
    assert!(
        other
            .acquire_lease("poll/harbour", life)
            .await
            .unwrap()
            .is_none()
    );
    assert!(
        one.acquire_lease("poll/harbour", life)
            .await
            .unwrap()
            .is_none()
    );
    assert!(
        other
            .acquire_lease("poll/quay", life)
            .await
            .unwrap()
            .is_some()
    );

    desk.pass(life / 2);
    assert!(lease.renew(life).await.unwrap());
    desk.pass(life / 2);
    assert!(
        other
            .acquire_lease("poll/harbour", life)
            .await
            .unwrap()
            .is_none()
    );

    desk.pass(life / 2);
    let taken = other
        .acquire_lease("poll/harbour", life)
        .await
        .unwrap()
        .unwrap();
    assert!(
        !lease.renew(life).await.unwrap(),
        "it expired, and another took it"
    );
    lease.release().await.unwrap();
    assert!(
        one.acquire_lease("poll/harbour", life)
            .await
            .unwrap()
            .is_none()
    );
    taken.release().await.unwrap();
    assert!(
        one.acquire_lease("poll/harbour", life)
            .await
            .unwrap()
            .is_some()
    );
}
