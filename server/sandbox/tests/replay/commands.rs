//! The commands, request by request, in the order of azure-cli 2.84.0 with the extension's 1.0.0b5.
use crate::client::Client;
use crate::data;
use crate::parts::*;
use axum::body::Body;
use http::{Method, Request};
use serde_json::{Value, json};

const EXTENSION: &str = "api-version=2023-01-01-preview";
const ACTIVE: &str = "TaskName in ('cssc-trigger-workflow', 'cssc-scan-image', 'cssc-patch-image') and Status in ('Running', 'Queued', 'Started')";

/// `az login --service-principal`.
pub async fn login(az: &Client) {
    let get = |path: &str| Request::get(path.to_owned()).body(Body::empty()).unwrap();
    let found = az.send(get("/adfs/.well-known/openid-configuration")).await;
    let found = found.expect(200).json();
    assert!(found["authorization_endpoint"].is_string());
    let endpoints = az.endpoints();
    let form = format!(
        "client_id={}&client_secret={}&grant_type=client_credentials&client_info=1&scope={}.default",
        endpoints.client_id,
        endpoints.client_secret.reveal(),
        endpoints.arm
    );
    let path = az.local(found["token_endpoint"].as_str().unwrap());
    let token = az.send(form_request(&path, form)).await.expect(200).json();
    assert!(token["expires_in"].is_number());
    *az.arm_token.borrow_mut() = token["access_token"].as_str().unwrap().to_owned();
    let listed = az.arm(
        Method::GET,
        "/subscriptions?api-version=2022-12-01",
        Value::Null,
    );
    let listed = listed.await.expect(200).json();
    assert_eq!(
        listed["value"][0]["id"],
        format!("/subscriptions/{}", endpoints.subscription_id)
    );
}

pub async fn dry_run_only(az: &Client) -> String {
    get_registry(az, EXTENSION).await;
    tasks_exist(az, false).await;
    dry_run(az).await
}

pub async fn create(az: &Client, schedule: &str) {
    dry_run_only(az).await;
    tasks_exist(az, false).await;
    expose_token(az).await;
    push_policy(az).await;
    deploy(az, schedule).await;
}

/// `scheduleRun` of the trigger, as `--run-immediately` ends.
pub async fn run_now(az: &Client) -> String {
    let task = format!(
        "{}/tasks/cssc-trigger-workflow",
        az.endpoints().registry_id()
    );
    schedule(
        az,
        json!({"type": "TaskRunRequest", "isArchiveEnabled": false, "taskId": task}),
    )
    .await
}

pub async fn show(az: &Client, schedule: Option<&str>) {
    get_registry(az, EXTENSION).await;
    let tasks = tasks_exist(az, schedule.is_some()).await;
    for task in &tasks {
        assert!(task["properties"]["creationDate"].is_string() && task["systemData"].is_object());
    }
    if let Some(trigger) = tasks.last() {
        let timer = &trigger["properties"]["trigger"]["timerTriggers"][0];
        assert_eq!(
            (&timer["name"], timer["schedule"].as_str()),
            (&json!("azcli_defined_schedule"), schedule)
        );
    }
}

/// Answers the images in the logs of scans.
pub async fn list(az: &Client) -> Vec<String> {
    get_registry(az, EXTENSION).await;
    tasks_exist(az, true).await;
    pull_policy(az).await;
    get_task(az, "cssc-trigger-workflow").await.expect(200);
    let since = "createTime ge 2026-11-14T05:40:36Z";
    let scans = az
        .runs(&format!("TaskName in ('cssc-scan-image') and {since}"))
        .await;
    az.runs(&format!("TaskName in ('cssc-patch-image') and {since}"))
        .await;
    let mut images = Vec::new();
    for scan in scans {
        let link = log_link(az, scan["name"].as_str().unwrap(), TASKS).await;
        let log = read_range(az, &link, "bytes=0-33554431").await;
        // Without the second line the whole command breaks.
        assert!(
            log.contains("Scanning image for vulnerability app:"),
            "{log}"
        );
        let line = log
            .lines()
            .find_map(|line| line.strip_prefix("Scanning repo: "))
            .unwrap();
        let (repository, rest) = line.split_once(", Tag:").unwrap();
        images.push(format!(
            "{repository}:{}",
            rest.split_once(", OriginalTag:").unwrap().1
        ));
    }
    images.sort();
    images
}

pub async fn update_schedule(az: &Client, schedule: &str) {
    get_registry(az, EXTENSION).await;
    tasks_exist(az, true).await;
    pull_policy(az).await;
    get_task(az, "cssc-trigger-workflow").await.expect(200);
    dry_run(az).await;
    tasks_exist(az, true).await;
    let timers = json!([{"schedule": schedule, "name": "azcli_defined_schedule"}]);
    let patch = json!({"properties": {"trigger": {"timerTriggers": timers}}});
    let rest = format!("/tasks/cssc-trigger-workflow?{TASKS}");
    az.registry(Method::PATCH, &rest, patch).await.expect(200);
}

pub async fn update_policy(az: &Client) {
    get_registry(az, EXTENSION).await;
    tasks_exist(az, true).await;
    dry_run(az).await;
    tasks_exist(az, true).await;
    expose_token(az).await;
    push_policy(az).await;
}

/// One request, and one for each run that has not ended.
pub async fn cancel_run(az: &Client) {
    for run in az.runs(ACTIVE).await {
        assert_eq!(run["name"], run["properties"]["runId"]);
        let rest = format!("/runs/{}/cancel?{TASKS}", run["name"].as_str().unwrap());
        let canceled = az
            .registry(Method::POST, &rest, Value::Null)
            .await
            .expect(200);
        assert!(canceled.body.is_empty());
    }
}

pub async fn delete(az: &Client) {
    let policy = |method: Method, token: &str| {
        let request = Request::builder()
            .method(method)
            .uri(format!("/acr/v1/{POLICY_REPOSITORY}"));
        request
            .header("authorization", token)
            .body(Body::empty())
            .unwrap()
    };
    get_registry(az, EXTENSION).await;
    tasks_exist(az, true).await;
    expose_token(az).await;
    let token = password_token(az, "metadata_read").await;
    let found = az
        .send(policy(Method::GET, &token))
        .await
        .expect(200)
        .json();
    assert_eq!(found["imageName"], POLICY_REPOSITORY);
    assert!(az.runs(ACTIVE).await.is_empty());
    for name in data::TASKS {
        let task = get_task(az, name).await.expect(200).json();
        if let Some(principal) = task["identity"]["principalId"].as_str() {
            delete_roles(az, principal).await;
        }
        let rest = format!("/tasks/{name}?{TASKS}");
        az.registry(Method::DELETE, &rest, Value::Null)
            .await
            .expect(200);
    }
    expose_token(az).await;
    let token = password_token(az, "delete,metadata_read").await;
    let deleted = az
        .send(policy(Method::DELETE, &token))
        .await
        .expect(202)
        .json();
    assert_eq!(deleted["tagsDeleted"], json!(["v1"]));
}

/// `az acr task list-runs`.
pub async fn list_runs(az: &Client) -> Vec<String> {
    show_registry(az).await;
    let page = az.registry(Method::GET, format!("/runs?{CORE}&$top=15"), Value::Null);
    let page = page.await.expect(200).json();
    let runs = page["value"].as_array().unwrap().iter();
    runs.map(|run| run["name"].as_str().unwrap().to_owned())
        .collect()
}

/// `az acr task logs --run-id`: ends when the blob says that it is complete.
pub async fn logs(az: &Client, run_id: &str) -> String {
    show_registry(az).await;
    let link = log_link(az, run_id, CORE).await;
    let head = || Request::head(link.clone()).body(Body::empty()).unwrap();
    az.send(head()).await.expect(200);
    let size: usize = az
        .send(head())
        .await
        .expect(200)
        .header("content-length")
        .parse()
        .unwrap();
    let log = read_range(az, &link, "bytes=0-4095").await;
    let last = az.send(head()).await.expect(200);
    assert_eq!(
        (last.header("x-ms-meta-complete"), log.len()),
        ("successful", size)
    );
    log
}

/// `az acr repository list`.
pub async fn list_repositories(az: &Client) -> Vec<String> {
    expose_token(az).await;
    let form = format!(
        "grant_type=refresh_token&service={}&scope=registry:catalog:*&refresh_token={}",
        az.endpoints().login_server,
        az.refresh_token.borrow()
    );
    let token = az
        .send(form_request("/oauth2/token", form))
        .await
        .expect(200)
        .json();
    let token = format!("Bearer {}", token["access_token"].as_str().unwrap());
    let catalog = Request::get("/v2/_catalog?n=100").header("authorization", token);
    let catalog = az
        .send(catalog.body(Body::empty()).unwrap())
        .await
        .expect(200)
        .json();
    serde_json::from_value(catalog["repositories"].clone()).unwrap()
}
