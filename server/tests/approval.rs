//! Where a second person is required, every door to a change proposes it instead.
mod support;

use axum::http::StatusCode;
use drydock_domain::access::Role;
use support::{Answer, Console};

const POLICY: &str =
    r#"{"version":"v1","repositories":[{"repository":"web","tags":["*"],"enabled":true}]}"#;

async fn call(console: &Console, session: &str, name: &str, arguments: &str) -> Answer {
    let form = format!("registry=drydock&{arguments}");
    let path = format!("/api/{name}");
    console.call(session, &path, form).await
}

fn json(answer: &Answer) -> serde_json::Value {
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    serde_json::from_str(&answer.text).unwrap()
}

/// The session of the proposer's own is refused; answers with that of another person, who approved.
async fn approved_by_another_alone(console: &Console, own: &str, decision: &str) -> String {
    let refused = call(console, own, "approve_proposal", decision).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.text);
    let why = "You proposed this change yourself";
    assert!(refused.text.contains(why), "{}", refused.text);
    let grace = console.session("grace@corp", Role::Approver).await;
    let approved = json(&call(console, &grace, "approve_proposal", decision).await);
    assert_eq!(approved["state"], "approved");
    grace
}

#[tokio::test]
async fn a_change_is_proposed_by_one_session_and_carried_out_by_another_persons() {
    let console = Console::start_with(|settings| settings.require_approval = true).await;
    let eve = console.session("eve@corp", Role::Editor).await;
    let form = format!("policy={POLICY}&days=7&at=03:30");
    let silent = call(&console, &eve, "create_workflow", &form).await;
    assert_eq!(silent.status, StatusCode::UNPROCESSABLE_ENTITY);
    let form = format!("{form}&comment=first");
    let proposed = json(&call(&console, &eve, "create_workflow", &form).await);
    assert_eq!(proposed["proposed"]["state"], "waiting");
    let id = proposed["proposed"]["id"].as_str().unwrap().to_owned();

    let page = console
        .get("/registries/drydock/proposals", &[("cookie", &eve)])
        .await;
    assert!(page.text.contains(r#"<meta name="approval""#));
    assert!(page.text.contains("You proposed this yourself"));
    let overview = console
        .get("/registries/drydock", &[("cookie", &eve)])
        .await;
    assert!(
        overview
            .text
            .contains("1 change waits for approval, proposed by eve@corp")
    );

    let decision = format!("id={id}&comment=seen");
    // Another sign-in, with another role: the same person.
    let again = console.session("Eve@Corp", Role::Admin).await;
    let grace = approved_by_another_alone(&console, &again, &decision).await;
    let deployed = json(&call(&console, &grace, "get_workflow", "").await);
    assert_eq!(deployed["policy"]["text"], POLICY);
    let late = call(&console, &grace, "reject_proposal", &decision).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn whoever_opens_links_is_one_person() {
    let console = Console::start_with(|settings| settings.require_approval = true).await;
    let first = console.sign_in().await;
    let form = format!("policy={POLICY}&days=7&at=03:30&comment=first");
    let proposed = json(&call(&console, &first, "create_workflow", &form).await);
    let id = proposed["proposed"]["id"].as_str().unwrap().to_owned();
    // Another link, in another browser, of another account of the machine.
    let ledger = &console.running.ledger;
    let life = chrono::TimeDelta::minutes(1);
    let link = ledger.create_link("somebody-else", Role::Admin, life).await;
    let link = format!("/sign-in?token={}", link.unwrap().expose());
    let opened = console.get(&link, &[]).await;
    let second = opened
        .header("set-cookie")
        .split_once(';')
        .unwrap()
        .0
        .to_owned();
    let decision = format!("id={id}&comment=seen");
    approved_by_another_alone(&console, &second, &decision).await;
}
