//! The one stream of events of a tab.
mod support;

use axum::http::StatusCode;
use support::Console;

const FORM: (&str, &str) = ("origin", "http://127.0.0.1:4280");

/// A console in whose sandbox a run has ended; its session and the run.
async fn with_a_run() -> (Console, String, String) {
    let console = Console::start().await;
    let cookie = console.sign_in().await;
    let headers = [
        ("cookie", cookie.as_str()),
        FORM,
        ("accept", "application/json"),
    ];
    // It selects nothing, so its run ends at once.
    let policy = "registry=drydock&days=7&at=03%3A30&run_now=true&policy=%7B%22version%22%3A%22v1%22%2C\
                  %22repositories%22%3A%5B%7B%22repository%22%3A%22nothing%22%2C%22tags%22%3A%5B%22*%22%5D\
                  %7D%5D%7D";
    let created = console.post("/api/create_workflow", &headers, policy).await;
    assert_eq!(created.status, StatusCode::OK, "{}", created.text);
    let created: serde_json::Value = serde_json::from_str(&created.text).unwrap();
    let run = created["done"]["run_id"].as_str().unwrap().to_owned();
    (console, cookie, run)
}

/// The data of the events of a topic, in their order, with the last id.
fn events<'a>(text: &'a str, topic: &str) -> Vec<(&'a str, &'a str)> {
    let field = |event: &'a str, name: &str| {
        let lines = event.lines();
        let mut found = lines.filter_map(|line| line.strip_prefix(name));
        found.next().map_or("", str::trim)
    };
    text.split("\n\n")
        .filter(|event| field(event, "event:") == topic)
        .map(|event| (field(event, "id:"), field(event, "data:")))
        .collect()
}

fn log_text(text: &str) -> String {
    let chunks = events(text, "log").into_iter().map(|(_, data)| {
        let chunk: serde_json::Value = serde_json::from_str(data).unwrap();
        chunk["text"].as_str().unwrap().to_owned()
    });
    chunks.collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_goes_on_where_the_connection_dropped() {
    let (console, cookie, run) = with_a_run().await;
    let follow = async |query: &str, last: Option<&str>| {
        let path = format!("/events?logs_of=drydock&log={run}{query}");
        let mut headers = vec![("cookie", cookie.as_str())];
        headers.extend(last.map(|last| ("last-event-id", last)));
        // It ends because the log does, and nothing else is followed.
        console.get(&path, &headers).await.text
    };
    let whole = follow("", None).await;
    let text = log_text(&whole);
    assert!(text.contains(&run), "{whole}");
    let (last, _) = *events(&whole, "log").last().unwrap();
    assert_eq!(last, text.len().to_string());
    assert_eq!(events(&whole, "end").len(), 1);

    let first_line = text.find('\n').unwrap() + 1;
    let place = first_line.to_string();
    assert_eq!(
        log_text(&follow("", Some(&place)).await),
        text[first_line..]
    );
    // The header is newer than the address, which the browser does not change.
    let resumed = follow("&offset=0", Some(&place)).await;
    assert_eq!(log_text(&resumed), text[first_line..]);
    assert_eq!(log_text(&follow("", Some(last)).await), "");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_told_does_not_end_the_rest() {
    let (console, cookie, run) = with_a_run().await;
    let cookie = [("cookie", cookie.as_str())];
    let path = format!("/events?samples=true&runs=nowhere&logs_of=drydock&log={run}");
    let answer = console.get(&path, &cookie).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(events(&answer.text, "failure"), [("", "runs")]);
    assert!(log_text(&answer.text).contains(&run), "{}", answer.text);
    assert_eq!(events(&answer.text, "samples").len(), 1, "{}", answer.text);
    let answer = console.get("/events", &cookie).await;
    assert_eq!(events(&answer.text, "end").len(), 1, "nothing is wanted");
}
