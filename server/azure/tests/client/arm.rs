//! The management plane against recorded shapes.

use crate::support::{REGISTRY, Reply, Server, registry};
use drydock_azure::{
    Azure, AzureConfig, AzureError, Cloud, CredentialConfig, RegistryScope, RunFilter,
    TaskDefinition, TimerTrigger,
};
use drydock_domain::run::{RunCause, RunStatus, TaskName};
use serde_json::{Value, json};
use std::time::Duration;

const REGISTRIES: &str = "/subscriptions/00000000-0000-0000-0000-000000000000/providers/Microsoft.ContainerRegistry/registries";

fn named(name: &str) -> Value {
    json!({
        "id": REGISTRY, "name": name, "location": "eastus", "sku": {"name": "Basic"},
        "properties": {"loginServer": format!("{name}-abc.azurecr.io"), "zoneRedundancy": null},
    })
}

#[tokio::test]
async fn every_page_of_a_list_is_read() {
    let server = Server::start().await;
    let key = format!("GET {REGISTRIES}");
    let next = server.url(&format!("{REGISTRIES}?api-version=2025-11-01&$skipToken=b"));
    server.on(
        &key,
        Reply::json(200, json!({"value": [named("a")], "nextLink": next})),
    );
    server.on(&key, Reply::json(200, json!({"value": [named("b")]})));
    let found = server.azure().arm().list_registries().await.unwrap();
    let found = found.registries;
    let names: Vec<&str> = found
        .iter()
        .map(|registry| registry.name.as_str())
        .collect();
    assert_eq!(names, ["a", "b"]);
    assert_eq!(found[1].properties.login_server, "b-abc.azurecr.io");
    let asked = server.asked(REGISTRIES);
    assert_eq!(asked[0].headers["authorization"], "Bearer entra");
    assert_eq!(server.asked("/tenant/").len(), 1, "one token serves both");
}

#[tokio::test]
async fn a_page_elsewhere_or_without_end_is_not_followed() {
    let server = Server::start().await;
    let key = format!("GET {REGISTRIES}");
    let elsewhere = json!({"value": [], "nextLink": "https://example.org/next"});
    server.on(&key, Reply::json(200, elsewhere));
    let error = server.azure().arm().list_registries().await.unwrap_err();
    assert!(error.to_string().contains("next page's address"), "{error}");

    let endless = server.url(&format!("{REGISTRIES}?api-version=2025-11-01"));
    server.on(
        &key,
        Reply::json(200, json!({"value": [], "nextLink": endless})),
    );
    let error = server.azure().arm().list_registries().await.unwrap_err();
    assert!(error.to_string().contains("do not end"), "{error}");
}

#[tokio::test]
async fn registries_of_every_subscription_are_listed_less_those_that_may_not_be_read() {
    let server = Server::start().await;
    let arm = server.azure().arm().clone();
    arm.list_subscriptions().await.unwrap();
    let subscriptions = json!([{"subscriptionId": "s1"}, {"subscriptionId": "s2"}]);
    server.on(
        "GET /subscriptions",
        Reply::json(200, json!({"value": subscriptions})),
    );
    let of = |id: &str| {
        format!("GET /subscriptions/{id}/providers/Microsoft.ContainerRegistry/registries")
    };
    let refusal = json!({"error": {"code": "AuthorizationFailed", "message": "no role"}});
    server.on(&of("s1"), Reply::json(403, refusal.clone()));
    server.on(&of("s2"), Reply::json(200, json!({"value": [named("b")]})));
    let list = arm.list_registries().await.unwrap();
    assert_eq!(list.registries.len(), 1);
    let [(place, error)] = list.refused.as_slice() else {
        panic!("{:?}", list.refused);
    };
    assert_eq!(place, "/subscriptions/s1");
    assert_eq!(error.code(), Some("AuthorizationFailed"));
    server.on(&of("s2"), Reply::json(403, refusal));
    let error = arm.list_registries().await.unwrap_err();
    assert_eq!(
        error.code(),
        Some("AuthorizationFailed"),
        "all of them are refused"
    );
}

#[tokio::test]
async fn a_fixed_list_asks_for_its_registries_and_no_others() {
    let server = Server::start().await;
    server.on(&format!("GET {REGISTRY}"), Reply::json(200, named("reg")));
    let azure = server.azure_with(RegistryScope::Listed(vec![registry()]));
    let found = azure.arm().list_registries().await.unwrap();
    assert_eq!(found.registries[0].name, "reg");
    assert!(server.asked("GET /subscriptions?").is_empty());
}

#[tokio::test]
async fn no_token_goes_to_a_login_server_of_another_cloud() {
    let azure = Azure::connect(AzureConfig {
        cloud: Cloud::public(),
        registries: RegistryScope::Visible,
        credential: CredentialConfig::ManagedIdentity { client_id: None },
        loopback: None,
    })
    .unwrap();
    assert!(azure.registry("reg-a1b2.azurecr.io").is_ok());
    for elsewhere in ["reg.azurecr.io.example.org", "reg.azurecr.us", "azurecr.io"] {
        assert!(azure.registry(elsewhere).is_err(), "{elsewhere}");
    }
}

#[tokio::test]
async fn who_meets_a_throttle_spares_the_host_for_everybody() {
    let server = Server::start().await;
    let body = json!({"error": {"code": "SubscriptionRequestsThrottled", "message": "slowly"}});
    let reply = Reply::json(429, body).with("retry-after", "3000");
    server.on(&format!("GET {REGISTRY}"), reply);
    let azure = server.azure();
    let throttled = |result: Result<(), AzureError>| match result {
        Err(AzureError::Throttled {
            retry_after,
            failure,
        }) => (retry_after.unwrap(), failure.code),
        other => panic!("{other:?}"),
    };
    let first = azure.arm().get_registry(&registry()).await.map(drop);
    assert_eq!(throttled(first).1, "SubscriptionRequestsThrottled");
    let read = azure.arm().find_task(&registry(), "t").await.map(drop);
    assert!(throttled(read).0 > Duration::from_secs(2000));
    let change = azure.arm().start_task(&registry(), "t").await.map(drop);
    throttled(change);
    let manifest = azure.registry(&server.login_server()).unwrap();
    throttled(manifest.list_repositories().await.map(drop));
    for call in ["/tasks/", "scheduleRun", "/acr/v1", "/oauth2/exchange"] {
        assert!(server.asked(call).is_empty(), "{call} was sent");
    }
}

#[tokio::test]
async fn a_short_throttle_is_waited_for_and_a_start_is_not_sent_twice() {
    let server = Server::start().await;
    let throttle = || Reply::json(429, json!({})).with("retry-after", "0");
    let get = format!("GET {REGISTRY}");
    server.on(&get, throttle());
    server.on(&get, Reply::json(200, named("reg")));
    server.on(&format!("POST {REGISTRY}/scheduleRun"), throttle());
    let arm = server.azure().arm().clone();
    assert_eq!(arm.get_registry(&registry()).await.unwrap().name, "reg");
    let error = arm.start_task(&registry(), "t").await.unwrap_err();
    assert!(matches!(error, AzureError::Throttled { .. }), "{error:?}");
    assert_eq!(server.asked("scheduleRun").len(), 1);
}

#[tokio::test]
async fn an_empty_page_is_not_the_end_of_a_list() {
    let server = Server::start().await;
    let path = format!("{REGISTRY}/cacheRules");
    let next = server.url(&format!("{path}?api-version=2025-11-01"));
    let empty = json!({"value": [], "nextLink": next});
    server.on(&format!("GET {path}"), Reply::json(200, empty));
    let rule = json!({"value": [{"name": "r"}]});
    server.on(&format!("GET {path}"), Reply::json(200, rule));
    let rules = server.azure().arm().list_cache_rules(&registry()).await;
    assert_eq!(rules.unwrap().len(), 1);
}

#[tokio::test]
async fn a_read_is_repeated_and_a_change_is_not() {
    let server = Server::start().await;
    let broken = || {
        Reply::json(
            500,
            json!({"error": {"code": "InternalError", "message": "m"}}),
        )
    };
    let task = format!("{REGISTRY}/tasks/cssc-scan-image");
    server.on(&format!("GET {task}"), broken());
    server.on(
        &format!("GET {task}"),
        Reply::json(200, json!({"name": "cssc-scan-image"})),
    );
    let arm = server.azure().arm().clone();
    let found = arm.find_task(&registry(), "cssc-scan-image").await.unwrap();
    assert_eq!(found.unwrap().name, "cssc-scan-image");
    assert_eq!(server.asked(&format!("GET {task}")).len(), 2);

    server.on(&format!("POST {REGISTRY}/scheduleRun"), broken());
    let error = arm
        .start_task(&registry(), "cssc-trigger-workflow")
        .await
        .unwrap_err();
    assert!(matches!(error, AzureError::Unavailable { .. }), "{error:?}");
    assert_eq!(server.asked("scheduleRun").len(), 1);
}

#[tokio::test]
async fn a_task_is_put_in_the_documented_shape() {
    let server = Server::start().await;
    let path = format!("{REGISTRY}/tasks/cssc-trigger-workflow");
    let reply = json!({
        "name": "cssc-trigger-workflow",
        "identity": {"principalId": "p-1", "tenantId": "t", "type": "SystemAssigned"},
        "properties": {
            "creationDate": "2025-04-22T21:54:38.0725326+00:00",
            "step": {"type": "EncodedTask", "encodedTaskContent": "dmVyc2lvbjogdjEuMS4wDQo="},
            "trigger": {"timerTriggers": [{"name": "t", "schedule": "54 21 */7 * *", "status": "Enabled"}]},
        },
    });
    server.on(&format!("PUT {path}"), Reply::json(200, reply));
    let definition = TaskDefinition {
        location: "eastus".into(),
        tags: vec![("cssc", "true")],
        identity: true,
        yaml: "version: v1.1.0\n".into(),
        timer: Some(TimerTrigger {
            name: "t".into(),
            schedule: "54 21 */7 * *".into(),
            status: None,
        }),
    };
    let azure = server.azure();
    let task = azure
        .arm()
        .put_task(&registry(), "cssc-trigger-workflow", &definition)
        .await
        .unwrap();
    assert_eq!(task.principal_id(), Some("p-1"));
    assert_eq!(task.yaml().as_deref(), Some("version: v1.1.0\r\n"));
    assert_eq!(task.timers()[0].schedule, "54 21 */7 * *");
    let body: Value = serde_json::from_str(&server.asked("PUT ")[0].body).unwrap();
    let expected = json!({
        "location": "eastus",
        "tags": {"cssc": "true"},
        "identity": {"type": "SystemAssigned"},
        "properties": {
            "status": "Enabled",
            "platform": {"os": "linux", "architecture": "amd64"},
            "agentConfiguration": {"cpu": 2},
            "timeout": 3600,
            "isSystemTask": false,
            "step": {"type": "EncodedTask", "encodedTaskContent": "dmVyc2lvbjogdjEuMS4wCg==", "values": []},
            "trigger": {"timerTriggers": [{"name": "t", "schedule": "54 21 */7 * *"}]},
        },
    });
    assert_eq!(body, expected);
}

#[tokio::test]
async fn runs_are_filtered_bounded_and_read_leniently() {
    let server = Server::start().await;
    let run = |id: &str, more: Value| {
        let mut properties = json!({
            "runId": id, "status": "Running", "task": "CSSC-scan-image",
            "createTime": "2025-04-22T21:54:16.5014686+00:00",
        });
        for (name, value) in more.as_object().unwrap() {
            properties[name] = value.clone();
        }
        json!({"name": id, "properties": properties})
    };
    let value = json!([
        run("ca1", json!({"status": "Sleeping"})),
        run(
            "ca2",
            json!({
                "createTime": "2025-04-23T00:00:00+00:00",
                "timerTrigger": {"timerTriggerName": "azcli_defined_schedule", "scheduleOccurrence": "?"},
            })
        ),
        run("ca3", json!({})),
    ]);
    server.on(
        &format!("GET {REGISTRY}/runs"),
        Reply::json(200, json!({"value": value})),
    );
    let filter = RunFilter {
        tasks: vec![TaskName::Scan],
        ..RunFilter::default()
    };
    let azure = server.azure();
    let runs = azure
        .arm()
        .list_runs(&registry(), &filter, 2)
        .await
        .unwrap();
    let ids: Vec<&str> = runs.iter().map(|run| run.id.as_str()).collect();
    assert_eq!(ids, ["ca2", "ca1"], "two, newest first");
    assert_eq!(
        (runs[1].status, runs[1].task),
        (RunStatus::Unknown, Some(TaskName::Scan))
    );
    let timer = RunCause::Timer {
        name: "azcli_defined_schedule".into(),
        occurrence: None,
    };
    assert_eq!(runs[0].cause, timer);
    let line = &server.asked("/runs")[0].line;
    assert!(
        line.contains("%24filter=TaskName%20in%20%28%27cssc-scan-image%27%29"),
        "{line}"
    );
    assert!(line.contains("%24top=2"), "{line}");
}

#[tokio::test]
async fn a_refusal_says_call_code_message_and_request_id() {
    let server = Server::start().await;
    let refusal = |status, code: &str| {
        Reply::json(
            status,
            json!({"error": {"code": code, "message": "because"}}),
        )
        .with("x-ms-request-id", "r-7")
    };
    let key = format!("POST {REGISTRY}/runs/ca1/cancel");
    server.on(&key, refusal(403, "AuthorizationFailed"));
    server.on(&key, refusal(409, "Conflict"));
    server.on(
        &key,
        refusal(429, "TooManyRequests").with("retry-after", "10"),
    );
    let azure = server.azure();
    let mut errors = Vec::new();
    for _ in 0..3 {
        errors.push(
            azure
                .arm()
                .cancel_run(&registry(), "ca1")
                .await
                .unwrap_err(),
        );
    }
    let sentence = "POST runs/ca1/cancel answered 403 AuthorizationFailed: because (request r-7)";
    assert_eq!(errors[0].to_string(), sentence);
    assert!(matches!(errors[0], AzureError::Forbidden(_)));
    assert!(matches!(errors[1], AzureError::Conflict(_)));
    let wait = Some(Duration::from_secs(10));
    assert!(matches!(errors[2], AzureError::Throttled { retry_after, .. } if retry_after == wait));
}

#[tokio::test]
async fn a_run_id_cannot_become_another_path() {
    let server = Server::start().await;
    let azure = server.azure();
    let found = azure
        .arm()
        .find_run(&registry(), "../tasks/x")
        .await
        .unwrap();
    assert_eq!(found, None);
    assert!(azure.arm().cancel_run(&registry(), "a/b").await.is_err());
    assert!(server.asked("/registries/").is_empty());
}

#[tokio::test]
async fn an_assignment_that_exists_under_another_name_is_a_success() {
    let server = Server::start().await;
    let azure = server.azure();
    let role = "fb382eab-e894-4461-af04-94435c366c3f";
    let refused = azure.arm().assign_role(&registry(), "p-1", role).await;
    assert!(refused.is_err(), "nothing is recorded yet");
    let put = server.asked("PUT ")[0].line.clone();
    let path = put.split('?').next().unwrap().to_owned();
    let exists = json!({"error": {"code": "RoleAssignmentExists", "message": "there"}});
    server.on(&path, Reply::json(409, exists));
    azure
        .arm()
        .assign_role(&registry(), "p-1", role)
        .await
        .unwrap();
    let body: Value = serde_json::from_str(&server.asked("PUT ")[0].body).unwrap();
    assert_eq!(body["properties"]["principalType"], "ServicePrincipal");
}

#[tokio::test]
async fn the_credential_s_own_permissions_are_listed() {
    let server = Server::start().await;
    let key = format!("GET {REGISTRY}/providers/Microsoft.Authorization/permissions");
    let value = json!([{"actions": ["*/read"], "notActions": [], "dataActions": []}]);
    server.on(&key, Reply::json(200, json!({"value": value})));
    let azure = server.azure();
    let found = azure.arm().list_permissions(&registry()).await.unwrap();
    assert_eq!(found[0].actions, ["*/read"]);
}
