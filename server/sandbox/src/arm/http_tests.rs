use crate::tasks::testing::{Answer, Bench, SCAN};
use axum::body::Body;
use http::{Method, Request, StatusCode};
use serde_json::{Value, json};
use std::collections::BTreeSet;

async fn get(bench: &Bench, path: &str) -> Answer {
    bench.call(Method::GET, path, &Value::Null).await
}

#[tokio::test]
async fn nobody_is_answered_without_a_token_for_arm() {
    let bench = Bench::start().await;
    let foreign = bench.state().tokens.issue_entra(
        &crate::tokens::Principal {
            object_id: "x".into(),
            client_id: None,
        },
        "https://containerregistry.azure.net",
    );
    for (authorization, code) in [
        (None, "AuthenticationFailed"),
        (Some("Basic eDp5".to_owned()), "AuthenticationFailed"),
        (Some("Bearer None".to_owned()), "InvalidAuthenticationToken"),
        (
            Some(format!("Bearer {foreign}")),
            "InvalidAuthenticationToken",
        ),
    ] {
        let mut request = Request::get("/subscriptions?api-version=2022-12-01");
        if let Some(authorization) = &authorization {
            request = request.header("authorization", authorization);
        }
        let answer = bench.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert_eq!(answer.json()["error"]["code"], code);
        let challenge = answer.headers["www-authenticate"].to_str().unwrap();
        let tenant = &bench.state().endpoints.tenant_id;
        assert!(
            challenge.contains("authorization_uri=\"https://localhost:")
                && challenge.contains(tenant),
            "{challenge}"
        );
    }
}

#[tokio::test]
async fn every_answer_can_be_traced() {
    let bench = Bench::start().await;
    let request = Request::get(bench.path(""))
        .header("authorization", format!("bearer {}", bench.token()))
        .header("x-ms-client-request-id", "my-id")
        .header("x-ms-return-client-request-id", "true");
    let answer = bench.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.headers["x-ms-client-request-id"], "my-id");
    assert_eq!(
        answer.headers["x-ms-request-id"],
        answer.headers["x-ms-correlation-request-id"]
    );
    assert!(answer.headers.contains_key("x-ms-routing-request-id"));
}

#[tokio::test]
async fn what_is_not_there_is_refused_in_arms_envelope() {
    let bench = Bench::start().await;
    let registry = bench.state().endpoints.registry_id();
    let group = registry.split("/providers/").next().unwrap();
    for (method, path, status, code) in [
        (
            Method::GET,
            registry.clone(),
            400,
            "MissingApiVersionParameter",
        ),
        (
            Method::GET,
            "/subscriptions/other?api-version=1".to_owned(),
            404,
            "SubscriptionNotFound",
        ),
        (
            Method::GET,
            registry.replace("/drydock-sandbox/", "/other/") + "?api-version=1",
            404,
            "ResourceGroupNotFound",
        ),
        (
            Method::GET,
            format!("{group}/providers/Microsoft.ContainerRegistry/registries/other?api-version=1"),
            404,
            "ResourceNotFound",
        ),
        (
            Method::GET,
            bench.path("/tasks/cssc-patch-image"),
            404,
            "ResourceNotFound",
        ),
        (
            Method::PATCH,
            bench.path("/tasks/cssc-patch-image"),
            404,
            "ResourceNotFound",
        ),
        (
            Method::GET,
            bench.path("/runs/ca1"),
            404,
            "ResourceNotFound",
        ),
        (
            Method::GET,
            bench.path("/webhooks"),
            404,
            "InvalidResourceType",
        ),
        (Method::DELETE, bench.path("/runs"), 405, "MethodNotAllowed"),
        (
            Method::GET,
            bench.path("/runs?$filter=image%20eq%20'x'"),
            400,
            "InvalidQueryParameter",
        ),
        (
            Method::GET,
            bench.path("/runs?$top=0"),
            400,
            "InvalidQueryParameter",
        ),
        (
            Method::GET,
            bench.path("/runs?$skiptoken=5"),
            400,
            "InvalidQueryParameter",
        ),
    ] {
        let answer = bench.call(method.clone(), &path, &json!({})).await;
        assert_eq!(
            (
                answer.status.as_u16(),
                answer.json()["error"]["code"].as_str()
            ),
            (status, Some(code)),
            "{method} {path}"
        );
    }
    let message = get(&bench, &bench.path("/tasks/cssc-patch-image"))
        .await
        .json()["error"]["message"]
        .clone();
    assert_eq!(
        message,
        "The Resource 'Microsoft.ContainerRegistry/registries/drydock/tasks/cssc-patch-image' under resource group \
         'drydock-sandbox' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix"
    );
}

#[tokio::test]
async fn the_registry_is_found_by_every_way_in_any_casing() {
    let bench = Bench::start().await;
    let endpoints = bench.state().endpoints.clone();
    let subscription = format!("/subscriptions/{}", endpoints.subscription_id);
    let by_type = "$filter=resourceType%20eq%20'Microsoft.ContainerRegistry%2Fregistries'";
    for path in [
        format!("{subscription}/providers/microsoft.containerregistry/REGISTRIES?api-version=1"),
        format!(
            "{subscription}/resourceGroups/{}/providers/Microsoft.ContainerRegistry/registries?api-version=1",
            endpoints.resource_group
        ),
        format!("{subscription}/resources?{by_type}&api-version=1"),
    ] {
        let found = get(&bench, &path).await.json();
        assert_eq!(found["value"][0]["id"], endpoints.registry_id(), "{path}");
    }
    let other = format!(
        "{subscription}/resources?$filter=resourceType%20eq%20'Microsoft.Storage%2FstorageAccounts'&api-version=1"
    );
    assert_eq!(get(&bench, &other).await.json(), json!({"value": []}));

    let shouted = format!("{}?API-VERSION=1", endpoints.registry_id().to_uppercase());
    let registry = get(&bench, &shouted).await.json();
    assert_eq!(registry["id"], endpoints.registry_id());
    assert_eq!(
        registry["properties"]["loginServer"],
        endpoints.login_server
    );
    assert_eq!(
        registry["properties"]["creationDate"],
        "2026-01-05T10:00:00.1234567Z"
    );
    let subscriptions = get(&bench, "/subscriptions?api-version=1").await.json();
    assert_eq!(subscriptions["value"][0]["tenantId"], endpoints.tenant_id);
    assert_eq!(
        bench.ok(Method::GET, "/cacheRules", Value::Null).await,
        json!({"value": []})
    );
    let permissions = "/providers/Microsoft.Authorization/permissions";
    assert_eq!(
        bench.ok(Method::GET, permissions, Value::Null).await["value"][0]["actions"],
        json!(["*"])
    );
}

#[tokio::test]
async fn usage_counts_what_is_in_the_registry() {
    let bench = Bench::start().await;
    let used = |usages: &Value| usages["value"][0]["currentValue"].as_u64().unwrap();
    assert_eq!(
        used(&bench.ok(Method::GET, "/listUsages", Value::Null).await),
        0
    );
    bench.push_image("app", "1.0");
    assert!(used(&bench.ok(Method::GET, "/listUsages", Value::Null).await) > 100);
}

#[tokio::test]
async fn a_task_lives_and_dies() {
    let bench = Bench::start().await;
    let identity = json!({"type": "SystemAssigned"});
    let made = bench
        .put_task("cssc-scan-image", SCAN, identity.clone())
        .await;
    let found = bench
        .ok(Method::GET, "/tasks/CSSC-SCAN-IMAGE", Value::Null)
        .await;
    assert_eq!(found, made);
    assert_eq!(
        found["properties"]["creationDate"],
        "2026-01-05T10:00:00.1234567+00:00"
    );
    let timers = json!([{"name": "t", "schedule": "0 1 * * *"}]);
    let patch = json!({"properties": {"trigger": {"timerTriggers": timers}}});
    bench
        .ok(Method::PATCH, "/tasks/cssc-scan-image", patch)
        .await;
    let listed = bench.ok(Method::GET, "/tasks", Value::Null).await;
    assert_eq!(
        listed["value"][0]["properties"]["trigger"]["timerTriggers"][0]["status"],
        "Enabled"
    );
    let details = bench
        .ok(
            Method::POST,
            "/tasks/cssc-scan-image/listDetails",
            Value::Null,
        )
        .await;
    assert_eq!(details, listed["value"][0]);

    let bench = bench.restart().await;
    assert_eq!(
        bench
            .ok(Method::GET, "/tasks/cssc-scan-image", Value::Null)
            .await,
        details
    );

    let path = bench.path("/tasks/cssc-scan-image");
    assert_eq!(
        bench.call(Method::DELETE, &path, &Value::Null).await.status,
        StatusCode::OK
    );
    assert_eq!(
        bench.call(Method::DELETE, &path, &Value::Null).await.status,
        StatusCode::NO_CONTENT
    );
    let again = bench.put_task("cssc-scan-image", SCAN, identity).await;
    assert_ne!(
        again["identity"]["principalId"],
        made["identity"]["principalId"]
    );
    let broken = bench
        .call(Method::PUT, &path, &json!({"properties": {}}))
        .await;
    assert_eq!(
        (broken.status, &broken.json()["error"]["code"]),
        (StatusCode::BAD_REQUEST, &json!("InvalidRequestContent"))
    );
}

#[tokio::test]
async fn role_assignments_collide_as_they_do_in_azure() {
    let bench = Bench::start().await;
    let path = |name: u128| {
        bench.path(&format!(
            "/providers/Microsoft.Authorization/roleAssignments/{}",
            uuid::Uuid::from_u128(name)
        ))
    };
    let role = |principal: &str| json!({"properties": {"roleDefinitionId": "/roleDefinitions/r", "principalId": principal, "principalType": "ServicePrincipal"}});
    let made = bench.call(Method::PUT, &path(1), &role("p")).await;
    assert_eq!(made.status, StatusCode::CREATED);
    assert_eq!(
        bench.call(Method::PUT, &path(1), &role("p")).await.status,
        StatusCode::OK
    );
    for (name, principal, code) in [
        (2, "p", "RoleAssignmentExists"),
        (1, "q", "RoleAssignmentUpdateNotPermitted"),
    ] {
        let answer = bench.call(Method::PUT, &path(name), &role(principal)).await;
        assert_eq!(
            (answer.status, &answer.json()["error"]["code"]),
            (StatusCode::CONFLICT, &json!(code))
        );
    }
    let list = |filter: &'static str| {
        let path = bench.path(&format!(
            "/providers/Microsoft.Authorization/roleAssignments?$filter={filter}"
        ));
        let bench = &bench;
        async move {
            get(bench, &path).await.json()["value"]
                .as_array()
                .map(Vec::len)
        }
    };
    assert_eq!(list("principalId%20eq%20'P'").await, Some(1));
    assert_eq!(list("principalId%20eq%20'q'").await, Some(0));
    assert_eq!(list("atScope()%20and%20assignedTo('p')").await, Some(1));
    assert_eq!(list("nonsense").await, None);
    let deleted = bench.call(Method::DELETE, &path(1), &Value::Null).await;
    assert_eq!(
        (deleted.status, deleted.json()),
        (StatusCode::OK, made.json())
    );
    assert_eq!(
        bench
            .call(Method::DELETE, &path(1), &Value::Null)
            .await
            .status,
        StatusCode::NO_CONTENT
    );
}

#[tokio::test]
async fn only_runs_of_saved_enabled_tasks_are_queued() {
    let bench = Bench::start().await;
    bench.put_task("my-task", "x", Value::Null).await;
    bench
        .ok(
            Method::PATCH,
            "/tasks/my-task",
            json!({"properties": {"status": "Disabled"}}),
        )
        .await;
    let task = format!("{}/tasks/my-task", bench.state().endpoints.registry_id());
    for (body, status, code) in [
        (
            json!({"type": "TaskRunRequest", "taskId": task}),
            400,
            "TaskDisabled",
        ),
        (
            json!({"type": "TaskRunRequest", "taskId": task.replace("my-", "no-")}),
            404,
            "ResourceNotFound",
        ),
        (
            json!({"type": "TaskRunRequest", "taskId": "my-task"}),
            400,
            "InvalidRequestContent",
        ),
        (
            json!({"type": "FileTaskRunRequest"}),
            400,
            "InvalidRequestContent",
        ),
        (json!({"type": "Other"}), 400, "InvalidRequestContent"),
        (json!([]), 400, "InvalidRequestContent"),
    ] {
        let answer = bench
            .call(Method::POST, &bench.path("/scheduleRun"), &body)
            .await;
        assert_eq!(
            (
                answer.status.as_u16(),
                answer.json()["error"]["code"].as_str()
            ),
            (status, Some(code)),
            "{body}"
        );
    }
}

/// The ids on all pages from `path` on, and how many pages there were.
async fn read_pages(bench: &Bench, path: String) -> (Vec<String>, usize) {
    let (mut ids, mut pages, mut next) = (Vec::new(), 0, Some(path));
    while let Some(path) = next {
        let page = get(bench, &path).await.json();
        let runs = page["value"].as_array().unwrap();
        ids.extend(
            runs.iter()
                .map(|run| run["name"].as_str().unwrap().to_owned()),
        );
        pages += 1;
        next = page["nextLink"].as_str().map(|link| {
            let base = bench.state().endpoints.arm.as_str().trim_end_matches('/');
            link.strip_prefix(base).unwrap().to_owned()
        });
    }
    (ids, pages)
}

#[tokio::test]
async fn runs_are_listed_newest_first_and_top_bounds_all_pages() {
    let bench = Bench::start().await;
    bench.put_task("my-task", "x", Value::Null).await;
    bench.put_task("other-task", "x", Value::Null).await;
    for _ in 0..125 {
        bench.schedule("my-task", &[]).await;
    }
    bench.schedule("other-task", &[]).await;
    let (ids, pages) = read_pages(&bench, bench.path("/runs")).await;
    assert_eq!((ids.len(), pages), (126, 2));
    assert_eq!((ids[0].as_str(), ids[125].as_str()), ("ca126", "ca1"));
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), 126);

    let (ids, pages) = read_pages(
        &bench,
        bench.path("/runs?$top=110&$filter=TaskName%20eq%20'MY-task'"),
    )
    .await;
    assert_eq!((ids.len(), pages, ids[0].as_str()), (110, 2, "ca125"));
    let (ids, pages) = read_pages(&bench, bench.path("/runs?$top=100")).await;
    assert_eq!((ids.len(), pages), (100, 1));

    // A run that is queued between two pages moves nothing.
    let first = get(&bench, &bench.path("/runs")).await.json();
    bench.schedule("my-task", &[]).await;
    let link = first["nextLink"].as_str().unwrap();
    let second = get(&bench, &link[link.find("/subscriptions").unwrap()..])
        .await
        .json();
    assert_eq!(second["value"][0]["name"], "ca26");

    let archived = bench
        .ok(
            Method::PATCH,
            "/runs/ca1",
            json!({"isArchiveEnabled": true}),
        )
        .await;
    assert_eq!(archived["properties"]["isArchiveEnabled"], true);
    let (ids, _) = read_pages(
        &bench,
        bench.path("/runs?$filter=isArchiveEnabled%20eq%20true"),
    )
    .await;
    assert_eq!(ids, ["ca1"]);
}

#[tokio::test]
async fn what_az_looks_at_before_it_asks_for_a_registry_is_there() {
    let bench = Bench::start().await;
    let endpoints = bench.state().endpoints.clone();
    let tenants = get(&bench, "/tenants?api-version=2022-12-01").await.json();
    assert_eq!(tenants["value"][0]["tenantId"], endpoints.tenant_id);

    let subscription = format!("/subscriptions/{}", endpoints.subscription_id);
    let provider = format!("{subscription}/providers/Microsoft.ContainerRegistry?api-version=1");
    let provider = get(&bench, &provider).await.json();
    assert_eq!(provider["registrationState"], "Registered");

    let check = format!(
        "{subscription}/providers/Microsoft.ContainerRegistry/checkNameAvailability?api-version=1"
    );
    for (name, available, reason) in [
        ("drydock", false, json!("AlreadyExists")),
        ("dry-dock", false, json!("Invalid")),
        ("another", true, Value::Null),
    ] {
        let body = json!({"name": name});
        let answer = bench.call(Method::POST, &check, &body).await.json();
        assert_eq!(
            (&answer["nameAvailable"], &answer["reason"]),
            (&json!(available), &reason)
        );
    }

    let roles = "/providers/Microsoft.Authorization/roleDefinitions";
    let all = bench.ok(Method::GET, roles, Value::Null).await;
    let by_name = format!("{roles}?$filter=roleName%20eq%20'acrpull'");
    let named = bench.ok(Method::GET, &by_name, Value::Null).await;
    let id = named["value"][0]["name"].as_str().unwrap();
    assert_eq!(id, "7f951dda-4ed3-4680-a7ca-43fe172d538d");
    assert!(
        all["value"]
            .as_array()
            .unwrap()
            .contains(&named["value"][0])
    );
    let by_id = format!("{roles}/{id}");
    let one = bench.ok(Method::GET, &by_id, Value::Null).await;
    assert_eq!(one, named["value"][0]);
}

#[tokio::test]
async fn a_registry_keeps_what_is_switched_on_it() {
    let bench = Bench::start().await;
    let before = bench.ok(Method::GET, "", Value::Null).await;
    let patch = json!({
        "tags": {"team": "a"},
        "sku": {"name": "Premium"},
        "properties": {
            "adminUserEnabled": false,
            "networkRuleSet": {"defaultAction": "Deny", "ipRules": [{"action": "Allow", "value": "10.0.0.0/8"}]},
            "roleAssignmentMode": "AbacRepositoryPermissions",
            "somethingNew": 1,
        },
    });
    let patched = bench.ok(Method::PATCH, "", patch.clone()).await;
    let bench = bench.restart().await;
    assert_eq!(
        bench.ok(Method::GET, "", Value::Null).await["properties"]["networkRuleSet"],
        patched["properties"]["networkRuleSet"]
    );
    assert_eq!(
        patched["sku"],
        json!({"name": "Premium", "tier": "Premium"})
    );
    assert_eq!(patched["tags"], json!({"team": "a"}));
    assert_eq!(
        patched["properties"]["roleAssignmentMode"],
        "AbacRepositoryPermissions"
    );
    assert_eq!(patched["properties"]["publicNetworkAccess"], "Enabled");

    let credentials = bench.path("/listCredentials");
    let refused = bench.call(Method::POST, &credentials, &Value::Null).await;
    assert_eq!(
        refused.json()["error"]["code"],
        "UnAuthorizedForCredentialOperations"
    );
    // A client that sends back what it read before undoes the change.
    bench.ok(Method::PUT, "", before.clone()).await;
    let shown = bench.call(Method::POST, &credentials, &Value::Null).await;
    assert_eq!(shown.json()["username"], "drydock");
    for (body, code) in [
        (
            json!({"properties": {"publicNetworkAccess": "Disabled"}}),
            "InvalidParameter",
        ),
        (
            json!({"properties": {"publicNetworkAccess": "Perhaps"}}),
            "InvalidRequestContent",
        ),
        (
            json!({"properties": {"networkRuleSet": {"ipRules": [{"action": "Allow", "value": "x"}]}}}),
            "InvalidParameter",
        ),
    ] {
        let answer = bench.call(Method::PATCH, &bench.path(""), &body).await;
        assert_eq!(answer.json()["error"]["code"], code, "{body}");
    }
    let deleted = bench
        .call(Method::DELETE, &bench.path(""), &Value::Null)
        .await;
    assert_eq!(deleted.json()["error"]["code"], "ScopeLocked");
}
