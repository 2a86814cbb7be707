use crate::support::Desk;
use drydock_domain::calendar::Freeze;
use drydock_ledger::Token;

fn freeze(name: &str, from: u32, to: u32) -> Freeze {
    let at = |day: u32| format!("2026-12-{day:02}T00:00:00Z").parse().unwrap();
    Freeze::new(name, at(from), at(to)).unwrap()
}

pub async fn freezes_are_kept_by_registry_until_they_are_lifted(desk: &Desk) {
    let ledger = desk.open().await;
    let entry = ledger
        .begin("ada", "calendar.freeze", "harbour", "")
        .await
        .unwrap();
    let holidays = ledger
        .create_freeze(&entry, "harbour", &freeze("holi\0days", 20, 28))
        .await
        .unwrap();
    for (registry, name, from) in [("harbour", "audit", 1), ("quay", "other", 2)] {
        let freeze = freeze(name, from, from + 1);
        ledger
            .create_freeze(&entry, registry, &freeze)
            .await
            .unwrap();
    }
    let names = async || -> Vec<String> {
        let kept = desk.open().await.list_freezes("harbour").await.unwrap();
        let names = kept.iter().map(|kept| kept.freeze.name().to_owned());
        names.collect()
    };
    assert_eq!(names().await, ["audit", "holi\u{fffd}days"]);
    let lift = async |registry| ledger.delete_freeze(&entry, registry, &holidays.id).await;
    assert!(!lift("quay").await.unwrap(), "it is another registry's");
    assert!(lift("harbour").await.unwrap());
    assert!(!lift("harbour").await.unwrap());
    assert_eq!(names().await, ["audit"]);
}

pub async fn a_calendar_link_leads_to_its_registry_until_it_is_revoked(desk: &Desk) {
    let ledger = desk.open().await;
    let entry = ledger
        .begin("ada", "calendar.share", "harbour", "")
        .await
        .unwrap();
    let token = ledger.create_feed(&entry, "harbour").await.unwrap();
    let again = desk.open().await;
    let found = again.find_feed(&token).await.unwrap();
    assert_eq!(found.as_deref(), Some("harbour"));
    let foreign = Token::from_presented("harbour");
    assert_eq!(again.find_feed(&foreign).await.unwrap(), None);

    let links = again.list_feeds("harbour").await.unwrap();
    assert_eq!(links.len(), 1);
    assert_eq!(links[0].created_at, desk.now());
    assert!(again.list_feeds("quay").await.unwrap().is_empty());
    let id = &links[0].id;
    assert!(!again.delete_feed(&entry, "quay", id).await.unwrap());
    assert!(again.delete_feed(&entry, "harbour", id).await.unwrap());
    assert_eq!(ledger.find_feed(&token).await.unwrap(), None);
}
