use crate::tasks::testing::Bench;
use http::Method;
use serde_json::{Value, json};

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
        let found = bench.get(&path).await.json();
        assert_eq!(found["value"][0]["id"], endpoints.registry_id(), "{path}");
    }
    let other = format!(
        "{subscription}/resources?$filter=resourceType%20eq%20'Microsoft.Storage%2FstorageAccounts'&api-version=1"
    );
    assert_eq!(bench.get(&other).await.json(), json!({"value": []}));

    let shouted = format!("{}?API-VERSION=1", endpoints.registry_id().to_uppercase());
    let registry = bench.get(&shouted).await.json();
    assert_eq!(registry["id"], endpoints.registry_id());
    assert_eq!(
        registry["properties"]["loginServer"],
        endpoints.login_server
    );
    assert_eq!(
        registry["properties"]["creationDate"],
        "2026-01-05T10:00:00.1234567Z"
    );
    let subscriptions = bench.get("/subscriptions?api-version=1").await.json();
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
async fn what_az_looks_at_before_it_asks_for_a_registry_is_there() {
    let bench = Bench::start().await;
    let endpoints = bench.state().endpoints.clone();
    let tenants = bench.get("/tenants?api-version=2022-12-01").await.json();
    assert_eq!(tenants["value"][0]["tenantId"], endpoints.tenant_id);

    let subscription = format!("/subscriptions/{}", endpoints.subscription_id);
    let provider = format!("{subscription}/providers/Microsoft.ContainerRegistry?api-version=1");
    let provider = bench.get(&provider).await.json();
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
