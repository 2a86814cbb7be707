//! Freezes, links for calendar programs, and the zone that instants are shown in.
mod support;

use axum::http::StatusCode;
use drydock_domain::calendar::CalendarFacts;
use support::{Answer, Console};

const ORIGIN: (&str, &str) = ("origin", "http://127.0.0.1:4280");
const JSON: (&str, &str) = ("accept", "application/json");

async fn call(console: &Console, cookie: &str, function: &str, body: &'static str) -> Answer {
    let path = format!("/api/{function}");
    console
        .post(&path, &[("cookie", cookie), ORIGIN, JSON], body)
        .await
}

async fn facts(console: &Console, cookie: &str) -> CalendarFacts {
    let answer = call(console, cookie, "get_calendar", "registry=drydock").await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    serde_json::from_str(&answer.text).unwrap()
}

#[tokio::test]
async fn a_calendar_link_needs_no_session_and_ends_when_it_is_revoked() {
    let console = Console::start().await;
    let cookie = console.sign_in().await;
    let made = call(&console, &cookie, "create_feed", "registry=drydock").await;
    let path: String = serde_json::from_str(&made.text).unwrap();
    let shared = console.get(&path, &[]).await;
    assert_eq!(shared.status, StatusCode::OK, "{}", shared.text);
    assert!(shared.header("content-type").starts_with("text/calendar"));
    assert!(shared.text.starts_with("BEGIN:VCALENDAR\r\n"));
    // The link is for the feed: it opens nothing else.
    let query = path.split_once('?').unwrap().1;
    let page = format!("/registries/drydock/schedule.ics?{query}");
    let other = console.get(&page, &[]).await;
    assert_eq!(other.status, StatusCode::UNAUTHORIZED);

    let link = facts(&console, &cookie).await.feeds.remove(0);
    let body: &'static str = format!("registry=drydock&id={}", link.id).leak();
    let revoked = call(&console, &cookie, "delete_feed", body).await;
    assert_eq!(revoked.status, StatusCode::OK, "{}", revoked.text);
    let after = console.get(&path, &[]).await;
    assert_eq!(after.status, StatusCode::NOT_FOUND);
    assert!(!after.text.contains(query), "{}", after.text);
    let own = console
        .get("/registries/drydock/schedule.ics", &[("cookie", &cookie)])
        .await;
    assert_eq!(own.status, StatusCode::OK, "{}", own.text);
}

#[tokio::test]
async fn a_freeze_is_read_on_the_clocks_of_its_zone_and_audited() {
    let console = Console::start().await;
    let cookie = console.sign_in().await;
    let declare = "registry=drydock&name=holidays&zone=Europe%2FBerlin\
                   &from=2026-12-20T08%3A00&to=2027-01-04T08%3A00";
    let answer = call(&console, &cookie, "create_freeze", declare).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    let kept = facts(&console, &cookie).await.freezes.remove(0);
    assert_eq!(kept.freeze.from().to_rfc3339(), "2026-12-20T07:00:00+00:00");
    let audit = console.get("/audit", &[("cookie", &cookie)]).await;
    assert!(audit.text.contains("calendar.freeze"));

    for (wrong, why) in [
        (
            "from=2026-12-20T08%3A00&to=2026-12-20T08%3A00&zone=UTC",
            "must come after",
        ),
        (
            "from=soon&to=2026-12-20T08%3A00&zone=UTC",
            "a day and a time",
        ),
        (
            "from=2026-12-20T08%3A00&to=2027-01-04T08%3A00&zone=Mars",
            "a day and a time",
        ),
    ] {
        let body: &'static str = format!("registry=drydock&name=x&{wrong}").leak();
        let refused = call(&console, &cookie, "create_freeze", body).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
        assert!(refused.text.contains(why), "{}", refused.text);
    }
    assert_eq!(facts(&console, &cookie).await.freezes.len(), 1);
}

#[tokio::test]
async fn the_chosen_zone_is_kept_and_obeyed_before_any_script_runs() {
    let console = Console::start().await;
    let cookie = console.sign_in().await;
    let chosen = call(&console, &cookie, "set_zone", "zone=Asia%2FKathmandu").await;
    assert_eq!(chosen.status, StatusCode::OK, "{}", chosen.text);
    let zone = chosen.header("set-cookie").split_once(';').unwrap().0;
    assert_eq!(zone, "drydock_zone=Asia/Kathmandu");
    let both = format!("{cookie}; {zone}");
    let page = console
        .get(
            "/registries/drydock",
            &[("cookie", &both), ("accept", "text/html")],
        )
        .await;
    assert!(page.text.contains("data-zone=\"Asia/Kathmandu\""));
    assert!(page.text.contains(" UTC+5:45<"));
    let forged = format!("{cookie}; drydock_zone=\"><script>");
    let page = console
        .get(
            "/registries/drydock",
            &[("cookie", &forged), ("accept", "text/html")],
        )
        .await;
    assert!(!page.text.contains("data-zone"));
    let refused = call(&console, &cookie, "set_zone", "zone=Mars%2FOlympus").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
}
