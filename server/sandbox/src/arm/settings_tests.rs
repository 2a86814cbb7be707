//! Each setting makes a client, or a run, meet the refusal that it stands for.
use crate::tasks::testing::{Answer, Bench, TRIGGER};
use axum::body::Body;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{Method, Request, StatusCode};
use serde_json::{Value, json};

const POLICY: &str =
    r#"{"version": "v1", "repositories": [{"repository": "app", "tags": ["1.0"]}]}"#;

async fn switch(bench: &Bench, properties: Value) {
    let patch = json!({"sku": {"name": "Premium"}, "properties": properties});
    bench.ok(Method::PATCH, "", patch).await;
}

/// The service principal's user and password.
fn basic(bench: &Bench) -> String {
    let identity = &bench.state().identity;
    let password = identity.client_secret.reveal();
    let encoded = STANDARD.encode(format!("{}:{password}", identity.client_id));
    format!("Basic {encoded}")
}

/// A request of the service principal with a token for `scope`.
async fn ask(bench: &Bench, scope: &str, request: http::request::Builder) -> Answer {
    let token = Request::get(format!("/oauth2/token?scope={scope}"));
    let token = token.header("authorization", basic(bench));
    let token = bench.send(token.body(Body::empty()).unwrap()).await;
    assert_eq!(token.status, StatusCode::OK, "{}", token.text());
    let token = token.json()["access_token"].as_str().unwrap().to_owned();
    let request = request.header("authorization", format!("Bearer {token}"));
    bench.send(request.body(Body::empty()).unwrap()).await
}

fn code(answer: &Answer) -> Value {
    answer.json()["errors"][0]["code"].clone()
}

/// Runs the trigger task, and answers how that ended and its log.
async fn trigger(bench: &Bench) -> (String, String) {
    let id = bench.schedule("cssc-trigger-workflow", &[]).await;
    let run = bench.wait_for_end(&id).await;
    (run.status.as_str().to_owned(), bench.log(&id))
}

async fn prepared() -> Bench {
    let bench = Bench::start().await;
    bench.push_policy(POLICY);
    bench.put_workflow().await;
    bench
}

#[tokio::test]
async fn a_closed_network_keeps_clients_and_runs_out() {
    let bench = prepared().await;
    assert_eq!(trigger(&bench).await.0, "Succeeded");
    switch(&bench, json!({"networkRuleSet": {"defaultAction": "Deny"}})).await;
    for path in ["/v2/", "/acr/v1/_catalog", "/oauth2/token"] {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let answer = bench.send(request).await;
        assert_eq!(
            (answer.status, code(&answer)),
            (StatusCode::FORBIDDEN, json!("DENIED"))
        );
        assert!(
            answer
                .text()
                .contains("client with IP '127.0.0.1' is not allowed access")
        );
    }
    let (status, log) = trigger(&bench).await;
    assert_eq!(status, "Failed");
    assert!(
        log.contains("denied: the network rules of the registry keep the run out"),
        "{log}"
    );

    switch(&bench, json!({"networkRuleBypassAllowedForTasks": true})).await;
    assert_eq!(trigger(&bench).await.0, "Succeeded");
    let rule = json!({"action": "Allow", "value": "127.0.0.0/8"});
    switch(
        &bench,
        json!({"networkRuleSet": {"defaultAction": "Deny", "ipRules": [rule]}}),
    )
    .await;
    let challenge = bench
        .send(Request::get("/v2/").body(Body::empty()).unwrap())
        .await;
    assert_eq!(challenge.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn in_abac_mode_only_repository_roles_open_repositories() {
    let bench = prepared().await;
    bench.push_image("app", "1.0");
    let pull = || Request::get("/v2/app/manifests/1.0");
    assert_eq!(
        ask(&bench, "repository:app:pull", pull()).await.status,
        StatusCode::OK
    );
    switch(
        &bench,
        json!({"roleAssignmentMode": "AbacRepositoryPermissions"}),
    )
    .await;
    assert_eq!(
        ask(&bench, "repository:app:pull", pull()).await.status,
        StatusCode::UNAUTHORIZED
    );
    let (status, log) = trigger(&bench).await;
    assert_eq!(status, "Failed");
    assert!(
        log.contains("unauthorized: authentication required"),
        "{log}"
    );

    let reader = |principal: &str| {
        json!({"properties": {
            "roleDefinitionId": "/providers/Microsoft.Authorization/roleDefinitions/b93aa761-3e63-49ed-ac28-beffa264f7ac",
            "principalId": principal,
        }})
    };
    let give = |role: Value| {
        let path = format!(
            "/providers/Microsoft.Authorization/roleAssignments/{}",
            uuid::Uuid::new_v4()
        );
        let bench = &bench;
        async move { bench.ok(Method::PUT, &path, role).await }
    };
    give(reader(&bench.state().identity.object_id.to_string())).await;
    assert_eq!(
        ask(&bench, "repository:app:pull,push", pull()).await.status,
        StatusCode::OK
    );
    let push = Request::post("/v2/app/blobs/uploads/");
    assert_eq!(
        ask(&bench, "repository:app:pull,push", push).await.status,
        StatusCode::UNAUTHORIZED
    );
    let catalog = Request::get("/v2/_catalog");
    assert_eq!(
        ask(&bench, "registry:catalog:*", catalog).await.status,
        StatusCode::UNAUTHORIZED
    );

    // A password without a token is narrowed as a token is.
    let push = || Request::post("/v2/app/blobs/uploads/");
    for (request, expected) in [
        (pull(), StatusCode::OK),
        (push(), StatusCode::UNAUTHORIZED),
        (Request::get("/v2/_catalog"), StatusCode::UNAUTHORIZED),
        (Request::get("/acr/v1/app/_tags"), StatusCode::OK),
    ] {
        let request = request.header("authorization", basic(&bench));
        let answer = bench.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, expected, "{}", answer.text());
    }

    // A task comes in as whom it names, when that one has a role.
    let step = json!({"type": "EncodedTask", "encodedTaskContent": STANDARD.encode(TRIGGER)});
    let body = json!({"identity": {"type": "SystemAssigned"}, "properties": {
        "step": step, "credentials": {"sourceRegistry": {"identity": "[system]"}},
    }});
    let task = bench
        .ok(Method::PUT, "/tasks/cssc-trigger-workflow", body)
        .await;
    assert_eq!(trigger(&bench).await.0, "Failed");
    give(reader(task["identity"]["principalId"].as_str().unwrap())).await;
    assert_eq!(trigger(&bench).await.0, "Succeeded");
}

#[tokio::test]
async fn a_domain_name_label_is_the_only_address_of_the_registry() {
    let bench = prepared().await;
    bench.push_image("app", "1.0");
    let settings = "/sandbox/settings";
    let scope = json!({"autoGeneratedDomainNameLabelScope": "TenantReuse"});
    bench.call(Method::PATCH, settings, &scope).await;
    let bare = bench.state().endpoints.login_server.clone();
    assert!(bare.starts_with("localhost:"), "until the next start");

    let bench = bench.restart().await;
    let registry = bench.ok(Method::GET, "", Value::Null).await;
    let server = registry["properties"]["loginServer"].as_str().unwrap();
    assert_eq!(
        registry["properties"]["autoGeneratedDomainNameLabelScope"],
        "TenantReuse"
    );
    let (host, _) = server.split_once(':').unwrap();
    let hash = host.strip_prefix("drydock-").unwrap();
    assert_eq!(hash.strip_suffix(".localhost").unwrap().len(), 16);
    for (host, status) in [
        (server, StatusCode::UNAUTHORIZED),
        (bare.as_str(), StatusCode::NOT_FOUND),
    ] {
        let request = Request::get("/v2/").header("host", host);
        let answer = bench.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, status, "{host}");
        assert!(answer.text().contains(server) || status == StatusCode::UNAUTHORIZED);
    }

    // The definition passes on what it was given, which is no name of a registry.
    let (status, log) = trigger(&bench).await;
    assert_eq!(status, "Succeeded");
    assert!(
        log.contains("ERROR: Registry names may contain only alpha numeric"),
        "{log}"
    );
    assert!(!log.contains("Queued a run"), "{log}");
    let cutting = format!("{TRIGGER}\n- cmd: short=${{host%%-*}}");
    let step = json!({"type": "EncodedTask", "encodedTaskContent": STANDARD.encode(cutting)});
    let body = json!({"properties": {"step": step}});
    bench
        .ok(Method::PATCH, "/tasks/cssc-trigger-workflow", body)
        .await;
    let (_, log) = trigger(&bench).await;
    assert!(log.contains("Queued a run"), "{log}");
}

#[tokio::test]
async fn a_free_trial_carries_out_no_tasks() {
    let bench = prepared().await;
    let settings = "/sandbox/settings";
    let switched = bench
        .call(Method::PATCH, settings, &json!({"isFreeTrial": true}))
        .await;
    assert_eq!(switched.json()["isFreeTrial"], true);
    let task = format!(
        "{}/tasks/cssc-trigger-workflow",
        bench.state().endpoints.registry_id()
    );
    for (method, rest, body) in [
        (
            Method::POST,
            "/scheduleRun",
            json!({"type": "TaskRunRequest", "taskId": task}),
        ),
        (Method::POST, "/listBuildSourceUploadUrl", Value::Null),
        (Method::PATCH, "/tasks/cssc-trigger-workflow", json!({})),
    ] {
        let answer = bench.call(method, &bench.path(rest), &body).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        let error = &answer.json()["error"];
        assert_eq!(
            (&error["code"], &error["target"]),
            (&json!("TasksOperationsNotAllowed"), &json!("request"))
        );
        let subscription = &bench.state().endpoints.subscription_id;
        let start = format!(
            "ACR Tasks requests for the registry drydock and {subscription} are not permitted."
        );
        assert!(error["message"].as_str().unwrap().starts_with(&start));
    }
    bench
        .ok(Method::GET, "/tasks/cssc-trigger-workflow", Value::Null)
        .await;
    let wrong = bench
        .call(Method::PATCH, settings, &json!({"sku": "Basic"}))
        .await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    let anonymous = Request::get(settings).body(Body::empty()).unwrap();
    assert_eq!(bench.send(anonymous).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_repository_that_a_cache_rule_fills_is_not_pushed_to() {
    let bench = Bench::start().await;
    let rule = json!({"properties": {"sourceRepository": "docker.io/library/*", "targetRepository": "hub/*"}});
    let path = bench.path("/cacheRules/docker-hub");
    let made = bench.call(Method::PUT, &path, &rule).await;
    assert_eq!(
        (made.status, &made.headers["retry-after"]),
        (StatusCode::CREATED, &http::HeaderValue::from(1))
    );
    let poll = made.headers["azure-asyncoperation"].to_str().unwrap();
    let polled = bench
        .call(
            Method::GET,
            &poll[poll.find("/subscriptions").unwrap()..],
            &Value::Null,
        )
        .await;
    assert_eq!(polled.json(), json!({"status": "Succeeded"}));
    let again = bench
        .call(Method::PUT, &bench.path("/cacheRules/another"), &rule)
        .await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    let bench = bench.restart().await;
    let listed = bench.ok(Method::GET, "/cacheRules", Value::Null).await;
    assert_eq!(listed["value"], json!([made.json()]));

    for (repository, expected) in [
        ("hub/alpine", StatusCode::FORBIDDEN),
        ("app", StatusCode::ACCEPTED),
    ] {
        let scope = format!("repository:{repository}:pull,push");
        let push = Request::post(format!("/v2/{repository}/blobs/uploads/"));
        assert_eq!(
            ask(&bench, &scope, push).await.status,
            expected,
            "{repository}"
        );
    }
    let gone = bench.call(Method::DELETE, &path, &Value::Null).await;
    assert_eq!(gone.status, StatusCode::OK);
    let push = Request::post("/v2/hub/alpine/blobs/uploads/");
    assert_eq!(
        ask(&bench, "repository:hub/alpine:push", push).await.status,
        StatusCode::ACCEPTED
    );
    for (name, body, status) in [("docker-hub", json!({}), 400), ("x", rule, 400)] {
        let path = bench.path(&format!("/cacheRules/{name}"));
        let answer = bench.call(Method::PUT, &path, &body).await;
        assert_eq!(answer.status.as_u16(), status, "{name}");
    }
    let patch = bench.call(Method::PATCH, &path, &json!({})).await;
    assert_eq!(patch.status, StatusCode::NOT_FOUND);
}
