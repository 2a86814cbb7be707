//! What several commands have in common.
use crate::client::{Answer, Client};
use crate::data;
use axum::body::Body;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use drydock_domain::run::RunStatus;
use http::{Method, Request};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

pub const CORE: &str = "api-version=2025-03-01-preview";
pub const TASKS: &str = "api-version=2019-06-01-preview";
const DEPLOYMENTS: &str = "api-version=2024-11-01";
const ROLES: &str = "api-version=2022-04-01";
pub const POLICY_REPOSITORY: &str = "csscpolicies/patchpolicy";
const ZERO: &str = "00000000-0000-0000-0000-000000000000";

pub fn form_request(path: &str, form: String) -> Request<Body> {
    let request = Request::post(path).header("content-type", "application/x-www-form-urlencoded");
    request.body(Body::from(form)).unwrap()
}

/// The registry by its name: two requests.
pub async fn show_registry(az: &Client) {
    let subscription = &az.endpoints().subscription_id;
    let path = format!(
        "/subscriptions/{subscription}/resources?$filter=resourceType%20eq%20%27Microsoft.ContainerRegistry%2Fregistries%27&api-version=2024-11-01"
    );
    let found = az
        .arm(Method::GET, &path, Value::Null)
        .await
        .expect(200)
        .json();
    assert_eq!(found["value"][0]["id"], az.endpoints().registry_id());
    assert_eq!(found["value"][0]["name"], az.endpoints().registry_name);
    get_registry(az, CORE).await;
}

pub async fn get_registry(az: &Client, version: &str) {
    let found = az.registry(Method::GET, format!("?{version}"), Value::Null);
    let found = found.await.expect(200).json();
    assert_eq!(
        found["properties"]["loginServer"],
        az.endpoints().login_server
    );
    assert!(found["sku"]["tier"].is_string() && found["location"].is_string());
}

/// The three tasks, each there or each missing.
pub async fn tasks_exist(az: &Client, expected: bool) -> Vec<Value> {
    let mut found = Vec::new();
    for (index, name) in data::TASKS.into_iter().enumerate() {
        let answer = get_task(az, name).await;
        if expected {
            let task = answer.expect(200).json();
            let step = &task["properties"]["step"];
            assert_eq!(step["type"], "EncodedTask");
            assert_eq!(step["encodedTaskContent"], data::content(index));
            found.push(task);
        } else {
            assert!(answer.expect(404).json()["error"]["message"].is_string());
        }
    }
    found
}

pub async fn get_task(az: &Client, name: &str) -> Answer {
    az.registry(Method::GET, format!("/tasks/{name}?{TASKS}"), Value::Null)
        .await
}

/// Upload, quick run, poll, log: six requests and the polls after the first.
pub async fn dry_run(az: &Client) -> String {
    let link = az.registry(
        Method::POST,
        format!("/listBuildSourceUploadUrl?{TASKS}"),
        Value::Null,
    );
    let link = link.await.expect(200).json();
    let upload = Request::put(az.local(link["uploadUrl"].as_str().unwrap()));
    let upload = upload
        .header("x-ms-blob-type", "BlockBlob")
        .header("x-ms-version", "2026-02-06");
    let upload = upload.body(Body::from(data::source_archive())).unwrap();
    az.send(upload).await.expect(201);
    let request = data::dry_run(link["relativePath"].as_str().unwrap());
    let run_id = schedule(az, request).await;
    let log = log_link(az, &run_id, TASKS).await;
    az.wait_for(&run_id, RunStatus::Succeeded).await;
    let run = az.registry(Method::GET, format!("/runs/{run_id}?{TASKS}"), Value::Null);
    assert_eq!(
        run.await.expect(200).json()["properties"]["status"],
        "Succeeded"
    );
    let log = read_range(az, &log, "bytes=0-33554431").await;
    assert!(
        log.lines()
            .any(|line| line.starts_with("DRY RUN mode enabled")),
        "{log}"
    );
    assert!(log.contains("Matches found: "), "{log}");
    log
}

pub async fn schedule(az: &Client, request: Value) -> String {
    let run = az.registry(Method::POST, format!("/scheduleRun?{TASKS}"), request);
    let run = run.await.expect(200).json();
    assert_eq!(run["name"], run["properties"]["runId"]);
    run["name"].as_str().unwrap().to_owned()
}

pub async fn log_link(az: &Client, run_id: &str, version: &str) -> String {
    let rest = format!("/runs/{run_id}/listLogSasUrl?{version}");
    let link = az
        .registry(Method::POST, &rest, Value::Null)
        .await
        .expect(200)
        .json();
    az.local(link["logLink"].as_str().unwrap())
}

pub async fn read_range(az: &Client, link: &str, range: &str) -> String {
    let request = Request::get(link).header("x-ms-range", range);
    let answer = az
        .send(request.body(Body::empty()).unwrap())
        .await
        .expect(206);
    let size = answer.body.len();
    assert_eq!(
        answer.header("content-range"),
        format!("bytes 0-{}/{size}", size - 1)
    );
    answer.text()
}

/// `az acr login --expose-token`: five requests, with the look for the registry.
pub async fn expose_token(az: &Client) {
    show_registry(az).await;
    challenges(az).await;
    let endpoints = az.endpoints();
    let form = format!(
        "grant_type=access_token&service={}&tenant={}&access_token={}",
        endpoints.login_server,
        endpoints.tenant_id,
        az.arm_token.borrow()
    );
    let token = az
        .send(form_request("/oauth2/exchange", form))
        .await
        .expect(200)
        .json();
    *az.refresh_token.borrow_mut() = token["refresh_token"].as_str().unwrap().to_owned();
}

/// Twice, as az does; it cannot read a challenge with a blank after its comma.
pub async fn challenges(az: &Client) {
    for _ in 0..2 {
        let answer = az
            .send(Request::get("/v2/").body(Body::empty()).unwrap())
            .await;
        let answer = answer.expect(401);
        let challenge = answer.header("www-authenticate");
        let server = &az.endpoints().login_server;
        assert!(
            challenge.ends_with(&format!("/oauth2/token\",service=\"{server}\"")),
            "{challenge}"
        );
    }
}

/// What oras sends first, and the token that the challenge leads to: two requests.
pub async fn oras_token(az: &Client, first: http::request::Builder, actions: &str) -> String {
    let first = first
        .header("authorization", "Bearer None")
        .body(Body::empty())
        .unwrap();
    let refused = az.send(first).await.expect(401);
    let scope = format!("repository:{POLICY_REPOSITORY}:{actions}");
    let challenge = refused.header("www-authenticate");
    assert!(
        challenge.contains(&format!(",scope=\"{scope}\"")),
        "{challenge}"
    );
    let basic = STANDARD.encode(format!("{ZERO}:{}", az.refresh_token.borrow()));
    let request = Request::get(format!(
        "/oauth2/token?service={}&scope={scope}",
        az.endpoints().login_server
    ));
    let request = request.header("authorization", format!("Basic {basic}"));
    let token = az
        .send(request.body(Body::empty()).unwrap())
        .await
        .expect(200)
        .json();
    format!("Bearer {}", token["access_token"].as_str().unwrap())
}

/// Seven requests.
pub async fn push_policy(az: &Client) {
    let uploads = format!("/v2/{POLICY_REPOSITORY}/blobs/uploads/");
    let token = oras_token(az, Request::post(&uploads), "pull,push").await;
    let with = |request: http::request::Builder| request.header("authorization", &token);
    for blob in [data::POLICY, "{}"] {
        let begun = az
            .send(with(Request::post(&uploads)).body(Body::empty()).unwrap())
            .await;
        let location = az.local(begun.expect(202).header("location"));
        let mark = if location.contains('?') { '&' } else { '?' };
        let put = Request::put(format!("{location}{mark}digest={}", digest(blob)));
        az.send(with(put).body(Body::from(blob)).unwrap())
            .await
            .expect(201);
    }
    let descriptor = |kind: &str, blob: &str| json!({"mediaType": kind, "size": blob.len(), "digest": digest(blob)});
    let mut layer = descriptor("application/vnd.oci.image.layer.v1.tar", data::POLICY);
    layer["annotations"] = json!({"org.opencontainers.image.title": "cssc_config_tmp_nncoqvqf"});
    let kind = "application/vnd.oci.image.manifest.v1+json";
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": kind,
        "config": descriptor("application/vnd.unknown.config.v1+json", "{}"),
        "layers": [layer],
        "annotations": {},
    });
    let put = Request::put(format!("/v2/{POLICY_REPOSITORY}/manifests/v1"));
    let put = with(put.header("content-type", kind));
    az.send(put.body(Body::from(manifest.to_string())).unwrap())
        .await
        .expect(201);
}

pub fn digest(blob: &str) -> String {
    format!("sha256:{}", hex::encode(Sha256::digest(blob)))
}

/// Four requests; what would be more polls waits for the tasks to be there.
pub async fn deploy(az: &Client, schedule: &str) {
    let endpoints = az.endpoints();
    let deployment = format!(
        "/subscriptions/{}/resourcegroups/{}/providers/Microsoft.Resources/deployments/continuouspatchingdeployment",
        endpoints.subscription_id, endpoints.resource_group
    );
    let body = data::deployment(&endpoints.registry_name, schedule);
    let validate = format!("{deployment}/validate?{DEPLOYMENTS}");
    let validated = az
        .arm(Method::POST, &validate, body.clone())
        .await
        .expect(200)
        .json();
    assert!(validated.get("error").is_none());
    let put = az
        .arm(Method::PUT, format!("{deployment}?{DEPLOYMENTS}"), body)
        .await
        .expect(201);
    // Without the header, or with 0, az waits for half a minute between two polls.
    assert_eq!(put.header("retry-after"), "1");
    let poll = az.local(put.header("azure-asyncoperation"));
    az.wait_for_deployment("continuouspatchingdeployment").await;
    let status = az
        .arm(Method::GET, &poll, Value::Null)
        .await
        .expect(200)
        .json();
    assert_eq!(status["status"], "Succeeded", "{status}");
    let done = az.arm(
        Method::GET,
        format!("{deployment}?{DEPLOYMENTS}"),
        Value::Null,
    );
    assert_eq!(
        done.await.expect(200).json()["properties"]["provisioningState"],
        "Succeeded"
    );
}

/// Token, challenge, manifest and blob: nine requests, with the look for the registry; one more
/// where the blob is somewhere else.
pub async fn pull_policy(az: &Client) {
    expose_token(az).await;
    let path = format!("/v2/{POLICY_REPOSITORY}/manifests/v1");
    let token = oras_token(az, Request::get(&path), "pull").await;
    let get = |path: &str| {
        Request::get(path.to_owned())
            .header("authorization", &token)
            .body(Body::empty())
            .unwrap()
    };
    let manifest = az.send(get(&path)).await.expect(200).json();
    let layer = &manifest["layers"][0];
    assert!(layer["annotations"]["org.opencontainers.image.title"].is_string());
    let blob = format!(
        "/v2/{POLICY_REPOSITORY}/blobs/{}",
        layer["digest"].as_str().unwrap()
    );
    let mut answer = az.send(get(&blob)).await;
    if answer.status.is_redirection() {
        answer = az.follow(answer.header("location")).await;
    }
    assert_eq!(answer.expect(200).text(), data::POLICY);
}

/// A token for one repository by its password: five requests, with the look for the registry.
pub async fn password_token(az: &Client, actions: &str) -> String {
    show_registry(az).await;
    challenges(az).await;
    let form = format!(
        "service={}&grant_type=password&username={ZERO}&password={}&scope=repository:{POLICY_REPOSITORY}:{actions}",
        az.endpoints().login_server,
        az.refresh_token.borrow()
    );
    let token = az
        .send(form_request("/oauth2/token", form))
        .await
        .expect(200)
        .json();
    format!("Bearer {}", token["access_token"].as_str().unwrap())
}

pub async fn delete_roles(az: &Client, principal: &str) {
    let roles = "/providers/Microsoft.Authorization/roleAssignments";
    let rest = format!("{roles}?$filter=principalId%20eq%20%27{principal}%27&{ROLES}");
    let found = az
        .registry(Method::GET, &rest, Value::Null)
        .await
        .expect(200)
        .json();
    for role in found["value"].as_array().unwrap() {
        let rest = format!("{roles}/{}?{ROLES}", role["name"].as_str().unwrap());
        az.registry(Method::DELETE, &rest, Value::Null)
            .await
            .expect(200);
    }
}
