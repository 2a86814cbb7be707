use super::{RULES, Rule};
use crate::clock::ManualClock;
use crate::tasks::testing::{Answer, Bench, TRIGGER};
use crate::{Clock, Sandbox, SandboxConfig};
use axum::body::Body;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use drydock_domain::run::RunStatus;
use futures::StreamExt;
use http::{Method, Request, StatusCode};
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tower::ServiceExt;

const FAULTS: &str = "/sandbox/faults";

async fn ask_for(bench: &Bench, rules: Value) {
    let answer = bench.call(Method::PUT, FAULTS, &rules).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
}

async fn get_tasks(bench: &Bench) -> Answer {
    let path = bench.path("/tasks");
    bench.call(Method::GET, &path, &Value::Null).await
}

#[tokio::test]
async fn a_refusal_comes_as_often_as_it_was_asked_for() {
    let bench = Bench::start().await;
    let rule = |kind: &str| json!([{"match": {"method": "get", "path": "*/TASKS"}, "kind": kind, "after": 1, "seconds": 7}]);
    for (kind, status, code) in [
        ("throttle", 429, "SubscriptionRequestsThrottled"),
        ("server-error", 500, "InternalServerError"),
        ("unauthorized", 401, "ExpiredAuthenticationToken"),
    ] {
        ask_for(&bench, rule(kind)).await;
        assert_eq!(get_tasks(&bench).await.status, StatusCode::OK);
        let harmed = get_tasks(&bench).await;
        assert_eq!(
            (harmed.status.as_u16(), &harmed.json()["error"]["code"]),
            (status, &json!(code))
        );
        match status {
            429 => assert_eq!(harmed.headers["retry-after"], "7"),
            401 => assert!(harmed.headers.contains_key("www-authenticate")),
            _ => {}
        }
        assert!(harmed.headers.contains_key("x-ms-request-id"));
        assert_eq!(get_tasks(&bench).await.status, StatusCode::OK);
        let left = bench.call(Method::GET, FAULTS, &Value::Null).await.json();
        assert_eq!(
            (&left[0]["times"], &left[0]["after"]),
            (&json!(0), &json!(0))
        );
    }
    let cleared = bench.call(Method::DELETE, FAULTS, &Value::Null).await;
    assert_eq!(cleared.json(), json!([]));
}

#[tokio::test]
async fn each_service_refuses_in_its_own_envelope() {
    let bench = Bench::start().await;
    let rule = json!({"match": {"path": "/v2/*"}, "kind": "throttle"});
    let link = json!({"match": {"path": "/container-*"}, "kind": "expired-link"});
    ask_for(&bench, json!([rule, link])).await;
    let registry = bench
        .send(Request::get("/v2/").body(Body::empty()).unwrap())
        .await;
    assert_eq!(registry.json()["errors"][0]["code"], "TOOMANYREQUESTS");
    bench
        .put_task("cssc-trigger-workflow", TRIGGER, Value::Null)
        .await;
    let id = bench.schedule("cssc-trigger-workflow", &[]).await;
    bench.wait_for_end(&id).await;
    let link = bench
        .ok(
            Method::POST,
            &format!("/runs/{id}/listLogSasUrl"),
            Value::Null,
        )
        .await;
    let read = || {
        bench.send(
            Request::get(link["logLink"].as_str().unwrap())
                .body(Body::empty())
                .unwrap(),
        )
    };
    let expired = read().await;
    assert_eq!(
        (expired.status, &expired.headers["x-ms-error-code"]),
        (
            StatusCode::FORBIDDEN,
            &http::HeaderValue::from_static("AuthenticationFailed")
        )
    );
    assert_eq!(read().await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_reset_comes_after_the_change_was_made() {
    let bench = Bench::start().await;
    ask_for(
        &bench,
        json!([{"match": {"method": "PUT", "path": "*/tasks/*"}, "kind": "reset"}]),
    )
    .await;
    let request = Request::put(bench.path("/tasks/some-task"))
        .header("authorization", format!("Bearer {}", bench.token()))
        .body(Body::from(
            json!({"properties": {"step": {"type": "EncodedTask"}}}).to_string(),
        ));
    let response = bench
        .sandbox
        .router()
        .oneshot(request.unwrap())
        .await
        .unwrap();
    let mut body = response.into_body().into_data_stream();
    assert!(body.next().await.unwrap().is_err());
    bench.ok(Method::GET, "/tasks/some-task", Value::Null).await;
}

#[tokio::test]
async fn after_a_reset_a_client_has_not_even_the_head_of_the_answer() {
    let bench = Bench::start().await;
    ask_for(
        &bench,
        json!([{"match": {"path": "/v2/"}, "kind": "reset"}]),
    )
    .await;
    for expected in ["", "HTTP/1.1 401"] {
        let mut stream = tokio::net::TcpStream::connect(bench.sandbox.address())
            .await
            .unwrap();
        let request = b"GET /v2/ HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
        stream.write_all(request).await.unwrap();
        let mut answer = Vec::new();
        // A reset may be an end or an error: both without a byte.
        let _ = stream.read_to_end(&mut answer).await;
        let answer = String::from_utf8_lossy(&answer);
        assert_eq!(answer.is_empty(), expected.is_empty(), "{answer}");
        assert!(answer.starts_with(expected), "{answer}");
    }
}

#[tokio::test]
async fn a_slow_body_stops_half_way_until_the_clock_has_moved() {
    let bench = Bench::start().await;
    ask_for(
        &bench,
        json!([{"match": {"path": "*/tasks"}, "kind": "slow-body", "seconds": 30}]),
    )
    .await;
    let request = Request::get(bench.path("/tasks"))
        .header("authorization", format!("Bearer {}", bench.token()))
        .body(Body::empty());
    let response = bench
        .sandbox
        .router()
        .oneshot(request.unwrap())
        .await
        .unwrap();
    let mut body = response.into_body().into_data_stream();
    let first = body.next().await.unwrap().unwrap();
    let mut rest = body.next();
    assert!(futures::poll!(&mut rest).is_pending());
    bench.clock.advance(chrono::TimeDelta::seconds(30));
    let rest = rest.await.unwrap().unwrap();
    assert_eq!([&first[..], &rest[..]].concat(), br#"{"value":[]}"#);
}

#[tokio::test]
async fn an_empty_page_leads_to_the_list() {
    let bench = Bench::start().await;
    bench.put_task("some-task", "x", Value::Null).await;
    ask_for(
        &bench,
        json!([{"match": {"path": "*/tasks"}, "kind": "empty-page"}]),
    )
    .await;
    let empty = get_tasks(&bench).await.json();
    assert_eq!(empty["value"], json!([]));
    let next = empty["nextLink"].as_str().unwrap();
    let base = bench.state().endpoints.arm.as_str().trim_end_matches('/');
    let next = next.strip_prefix(base).unwrap();
    let page = bench.call(Method::GET, next, &Value::Null).await.json();
    assert_eq!(page["value"][0]["name"], "some-task");
    assert!(page.get("nextLink").is_none());
}

#[tokio::test]
async fn an_empty_page_of_the_registry_leads_to_the_list_in_its_own_way() {
    let bench = Bench::start().await;
    bench.push_image("team/app", "v1");
    let password = bench.state().identity.admin_password.reveal();
    let login = format!("{}:{password}", bench.state().identity.registry_name);
    let get = async |path: &str| {
        let request = Request::get(path).header(
            "authorization",
            format!("Basic {}", STANDARD.encode(&login)),
        );
        bench.send(request.body(Body::empty()).unwrap()).await
    };
    for (path, field) in [
        ("/acr/v1/_catalog?n=5", "repositories"),
        ("/acr/v1/team/app/_tags", "tags"),
        ("/acr/v1/team/app/_manifests", "manifests"),
        ("/v2/_catalog", "repositories"),
        ("/v2/team/app/tags/list", "tags"),
    ] {
        ask_for(
            &bench,
            json!([{"match": {"path": "*"}, "kind": "empty-page", "after": 1}]),
        )
        .await;
        let whole = get(path).await.json();
        let empty = get(path).await;
        let mut expected = whole.clone();
        expected[field] = json!([]);
        assert_eq!(empty.json(), expected, "{path}");
        let link = empty.headers["link"].to_str().unwrap();
        let (next, relation) = link[1..].split_once('>').unwrap();
        assert_eq!(relation, "; rel=\"next\"");
        assert_eq!(get(next).await.json(), whole, "{next}");
    }
    ask_for(
        &bench,
        json!([{"match": {"path": "*"}, "kind": "empty-page"}]),
    )
    .await;
    let manifest = get("/v2/team/app/manifests/v1").await.json();
    assert_eq!(manifest["schemaVersion"], 2);
}

#[tokio::test]
async fn an_endless_run_ends_only_when_it_is_canceled() {
    let bench = Bench::start().await;
    bench
        .put_task("cssc-trigger-workflow", TRIGGER, Value::Null)
        .await;
    ask_for(
        &bench,
        json!([{"match": {"path": "*/tasks/cssc-trigger-workflow"}, "kind": "endless-run"}]),
    )
    .await;
    let endless = bench.schedule("cssc-trigger-workflow", &[]).await;
    bench
        .wait_for(&endless, |run| run.status == RunStatus::Running)
        .await;
    // The next run is as ever, and the first one goes on beside it.
    let other = bench.schedule("cssc-trigger-workflow", &[]).await;
    bench.wait_for_end(&other).await;
    let shown = bench
        .ok(Method::GET, &format!("/runs/{endless}"), Value::Null)
        .await;
    assert_eq!(shown["properties"]["status"], "Running");
    bench
        .ok(
            Method::POST,
            &format!("/runs/{endless}/cancel"),
            Value::Null,
        )
        .await;
    assert_eq!(
        bench.wait_for_end(&endless).await.status,
        RunStatus::Canceled
    );
}

#[tokio::test]
async fn faults_are_for_those_who_started_the_sandbox_with_them_and_have_signed_in() {
    let bench = Bench::start().await;
    let anonymous = Request::put(FAULTS).body(Body::from("[]")).unwrap();
    assert_eq!(bench.send(anonymous).await.status, StatusCode::UNAUTHORIZED);
    for wrong in [
        json!({}),
        json!([{"kind": "throttle"}]),
        json!([{"match": {"path": "*"}, "kind": "fire"}]),
    ] {
        let answer = bench.call(Method::PUT, FAULTS, &wrong).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{wrong}");
        assert!(answer.text().contains("such as"), "{}", answer.text());
    }
    let (_, example) = RULES.split_once("such as ").unwrap();
    let (example, _) = example.split_once(", of which").unwrap();
    serde_json::from_str::<Rule>(example).unwrap();

    let directory = tempfile::tempdir().unwrap();
    let clock: Arc<dyn Clock> = Arc::new(ManualClock::at(bench.clock.now()));
    let config = SandboxConfig {
        data_dir: directory.path().to_owned(),
        faults: false,
        ..bench.state().config.clone()
    };
    let sandbox = Sandbox::start_with_clock(config, clock).await.unwrap();
    let identity = &sandbox.state().identity;
    let principal = crate::tokens::Principal {
        object_id: identity.object_id.to_string(),
        client_id: Some(identity.client_id.to_string()),
    };
    let token = sandbox
        .state()
        .tokens
        .issue_entra(&principal, "https://management.azure.com");
    let request = Request::get(FAULTS).header("authorization", format!("Bearer {token}"));
    let answer = sandbox
        .router()
        .oneshot(request.body(Body::empty()).unwrap())
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::NOT_FOUND);
    sandbox.shutdown().await;
}
