use crate::tasks::testing::{Answer, Bench, PATCH, SCAN, TRIGGER};
use axum::body::Body;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{Method, Request, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

const TEMPLATE: &str = include_str!("../../tests/data/template.json");

/// Below the resource group, spelled as the SDK does.
fn path(bench: &Bench, rest: &str) -> String {
    let endpoints = &bench.state().endpoints;
    format!(
        "/subscriptions/{}/resourcegroups/{}/providers/Microsoft.Resources/deployments/patching{rest}?api-version=2024-11-01",
        endpoints.subscription_id, endpoints.resource_group
    )
}

fn body(schedule: &str) -> Value {
    let template: Value = serde_json::from_str(TEMPLATE).unwrap();
    json!({"properties": {
        "mode": "Incremental",
        "template": template,
        "parameters": {
            "AcrName": {"value": "drydock"},
            "taskSchedule": {"value": schedule},
            "imagePatchingEncodedTask": {"value": STANDARD.encode(PATCH)},
            "imageScanningEncodedTask": {"value": STANDARD.encode(SCAN)},
            "registryScanningEncodedTask": {"value": STANDARD.encode(TRIGGER)},
        },
    }})
}

/// Deploys, and answers what is polled in the end.
async fn deploy(bench: &Bench, body: &Value) -> Value {
    let begun = bench.call(Method::PUT, &path(bench, ""), body).await;
    assert!(begun.status.is_success(), "{}", begun.text());
    assert_eq!(begun.json()["properties"]["provisioningState"], "Accepted");
    assert_eq!(begun.headers["retry-after"], "1");
    let poll = begun.headers["azure-asyncoperation"].to_str().unwrap();
    let poll = poll[poll.find("/subscriptions").unwrap()..].to_owned();
    loop {
        let status = bench.call(Method::GET, &poll, &Value::Null).await;
        assert_eq!(status.status, StatusCode::OK);
        match status.json()["status"].as_str().unwrap() {
            "Accepted" | "Running" => assert_eq!(status.headers["retry-after"], "1"),
            _ => return status.json(),
        }
        tokio::task::yield_now().await;
    }
}

async fn get(bench: &Bench, rest: &str) -> Answer {
    bench
        .call(Method::GET, &path(bench, rest), &Value::Null)
        .await
}

#[tokio::test]
async fn a_deployment_makes_tasks_and_the_roles_of_their_identities() {
    let bench = Bench::start().await;
    let body = body("54 21 */7 * *");
    let validate = path(&bench, "/validate");
    let validated = bench.call(Method::POST, &validate, &body).await.json();
    let properties = &validated["properties"];
    assert_eq!(properties["provisioningState"], "Succeeded");
    assert_eq!(
        properties["parameters"]["acrLocation"],
        json!({"type": "String", "value": "local"})
    );
    assert_eq!(
        properties["validatedResources"].as_array().unwrap().len(),
        5
    );
    let none = bench.ok(Method::GET, "/tasks", Value::Null).await;
    assert_eq!(none["value"], json!([]));

    assert_eq!(deploy(&bench, &body).await, json!({"status": "Succeeded"}));
    let done = get(&bench, "").await.json();
    assert_eq!(done["properties"]["provisioningState"], "Succeeded");
    assert_eq!(
        done["properties"]["outputResources"],
        properties["validatedResources"]
    );
    let trigger = bench
        .ok(Method::GET, "/tasks/cssc-trigger-workflow", Value::Null)
        .await;
    assert_eq!(
        trigger["properties"]["trigger"]["timerTriggers"][0],
        json!({"name": "azcli_defined_schedule", "schedule": "54 21 */7 * *", "status": "Enabled"})
    );
    let principal = trigger["identity"]["principalId"].as_str().unwrap();
    let filter = format!("principalId%20eq%20'{principal}'");
    let roles = format!("/providers/Microsoft.Authorization/roleAssignments?$filter={filter}");
    let roles = bench.ok(Method::GET, &roles, Value::Null).await;
    let name = roles["value"][0]["name"].as_str().unwrap();
    assert_eq!(Uuid::parse_str(name).unwrap().get_version_num(), 5);

    let operations = get(&bench, "/operations").await.json();
    let operations = operations["value"].as_array().unwrap();
    let targets: Vec<&Value> = operations
        .iter()
        .map(|operation| &operation["properties"]["targetResource"]["resourceName"])
        .collect();
    assert_eq!(targets[0], "drydock/cssc-patch-image");
    assert_eq!(
        operations[5]["properties"]["provisioningOperation"],
        "EvaluateDeploymentOutput"
    );
    // Whoever deploys again changes what is there, and its identities stay.
    assert_eq!(deploy(&bench, &body).await["status"], "Succeeded");
    let again = bench.ok(Method::GET, "/tasks/cssc-trigger-workflow", Value::Null);
    assert_eq!(again.await["identity"], trigger["identity"]);
}

#[tokio::test]
async fn a_recreated_identity_meets_the_role_of_the_old_one() {
    let bench = Bench::start().await;
    let body = body("0 0 */1 * *");
    deploy(&bench, &body).await;
    bench
        .ok(Method::DELETE, "/tasks/cssc-scan-image", Value::Null)
        .await;
    let failed = deploy(&bench, &body).await;
    assert_eq!(failed["status"], "Failed");
    assert_eq!(failed["error"]["code"], "DeploymentFailed");
    let details = failed["error"]["details"].as_array().unwrap();
    assert_eq!(details.len(), 1);
    let inner = details[0]["message"].as_str().unwrap();
    assert!(inner.contains("\r\n"), "{inner}");
    let inner: Value = serde_json::from_str(inner).unwrap();
    assert_eq!(
        inner["error"],
        json!({
            "code": "RoleAssignmentUpdateNotPermitted",
            "message": "Tenant ID, application ID, principal ID, and scope are not allowed to be updated.",
        })
    );
    let operations = get(&bench, "/operations").await.json();
    let refused: Vec<&Value> = operations["value"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|it| it["properties"]["provisioningState"] == "Failed")
        .collect();
    assert_eq!(refused.len(), 1);
    assert_eq!(refused[0]["properties"]["statusCode"], "Conflict");
    assert_eq!(
        get(&bench, "").await.json()["properties"]["error"],
        failed["error"]
    );
}

/// Asks what a deployment would change, and polls for the answer.
async fn what_if(bench: &Bench, body: &Value) -> Vec<Value> {
    let path = path(bench, "/whatIf");
    let mut answer = bench.call(Method::POST, &path, body).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.text());
    while answer.status == StatusCode::ACCEPTED {
        assert_eq!(answer.headers["retry-after"], "1");
        let location = answer.headers["location"].to_str().unwrap();
        let location = location[location.find("/subscriptions").unwrap()..].to_owned();
        answer = bench.call(Method::GET, &location, &Value::Null).await;
        tokio::task::yield_now().await;
    }
    let answer = answer.json();
    assert_eq!(answer["status"], "Succeeded");
    answer["properties"]["changes"].as_array().unwrap().clone()
}

fn kinds(changes: &[Value]) -> Vec<&str> {
    let kinds = changes.iter().map(|change| change["changeType"].as_str());
    kinds.map(Option::unwrap).collect()
}

#[tokio::test]
async fn what_would_change_is_told_and_nothing_is_made() {
    let bench = Bench::start().await;
    let new = what_if(&bench, &body("54 21 */7 * *")).await;
    assert_eq!(
        kinds(&new),
        ["Create", "Create", "Create", "Create", "Create", "Ignore"]
    );
    let role = new
        .iter()
        .find(|it| it["after"]["properties"]["principalId"].is_string());
    let principal = &role.unwrap()["after"]["properties"]["principalId"];
    assert!(
        principal.as_str().unwrap().starts_with("[reference("),
        "{principal}"
    );
    assert_eq!(
        get(&bench, "").await.json()["error"]["code"],
        "DeploymentNotFound"
    );
    let none = bench.ok(Method::GET, "/tasks", Value::Null).await;
    assert_eq!(none["value"], json!([]));

    deploy(&bench, &body("54 21 */7 * *")).await;
    let same = what_if(&bench, &body("54 21 */7 * *")).await;
    assert_eq!(kinds(&same)[..5], ["NoChange"; 5], "{same:#?}");
    let other = what_if(&bench, &body("1 2 */3 * *")).await;
    let changed: Vec<&Value> = other
        .iter()
        .filter(|change| change["changeType"] == "Modify")
        .collect();
    let [trigger] = changed.as_slice() else {
        panic!("{changed:?}");
    };
    assert!(
        trigger["resourceId"]
            .as_str()
            .unwrap()
            .ends_with("/cssc-trigger-workflow")
    );
    assert_eq!(
        trigger["delta"],
        json!([{"path": "properties.trigger.timerTriggers", "propertyChangeType": "Array", "children": [
            {"path": "0", "propertyChangeType": "Modify", "children": [
                {"path": "schedule", "propertyChangeType": "Modify", "before": "54 21 */7 * *", "after": "1 2 */3 * *"},
            ]},
        ]}])
    );
    let mut short = body("1 2 */3 * *");
    short["properties"]["whatIfSettings"] = json!({"resultFormat": "ResourceIdOnly"});
    let short = what_if(&bench, &short).await;
    assert_eq!(kinds(&short)[..5], ["Deploy"; 5]);
    assert!(short.iter().all(|change| change.get("before").is_none()));
}

#[tokio::test]
async fn outputs_refer_to_what_is_there_already() {
    let bench = Bench::start().await;
    let id = bench.state().endpoints.registry_id();
    let body = json!({"properties": {"mode": "Incremental", "template": {
        "resources": [],
        "outputs": {"server": {"type": "string", "value": format!("[reference('{id}').loginServer]")}},
    }}});
    assert_eq!(deploy(&bench, &body).await["status"], "Succeeded");
    let server = &get(&bench, "").await.json()["properties"]["outputs"]["server"]["value"];
    assert_eq!(server, &bench.state().endpoints.login_server);
}

#[tokio::test]
async fn what_cannot_be_deployed_is_refused_before_anything_is_made() {
    let bench = Bench::start().await;
    let with = |change: &dyn Fn(&mut Value)| {
        let mut body = body("0 0 */1 * *");
        change(&mut body["properties"]);
        body
    };
    let vm = json!({"type": "Microsoft.Compute/virtualMachines", "apiVersion": "1", "name": "vm"});
    for (body, code) in [
        (
            with(&|it| it["parameters"]["Acr"] = json!({"value": 1})),
            "InvalidTemplate",
        ),
        (
            with(&|it| it["mode"] = "Complete".into()),
            "InvalidDeployment",
        ),
        (with(&|it| it["template"] = Value::Null), "InvalidTemplate"),
        (
            with(&|it| it["template"]["resources"][0] = vm.clone()),
            "NoRegisteredProviderFound",
        ),
        (
            with(&|it| it["template"]["variables"]["scan"] = "[newGuid()]".into()),
            "InvalidTemplate",
        ),
    ] {
        for (method, rest) in [
            (Method::POST, "/validate"),
            (Method::POST, "/whatIf"),
            (Method::PUT, ""),
        ] {
            let answer = bench.call(method, &path(&bench, rest), &body).await;
            assert_eq!(
                (answer.status, &answer.json()["error"]["code"]),
                (StatusCode::BAD_REQUEST, &json!(code)),
                "{}",
                answer.text()
            );
        }
    }
    for rest in ["", "/operations", "/operationStatuses/1"] {
        let answer = get(&bench, rest).await;
        assert_eq!(answer.json()["error"]["code"], "DeploymentNotFound");
    }
}

/// As azure-cli sends it: the template as it is in its file, under a key without quotes.
#[tokio::test]
async fn a_key_of_a_deployment_may_go_without_quotes() {
    let bench = Bench::start().await;
    let mut body = body("0 0 */1 * *");
    let properties = body["properties"].as_object_mut().unwrap();
    let template = properties.remove("template").unwrap();
    let rest = body.to_string();
    let text = format!(
        "{}, template:{template}}}}}",
        rest.strip_suffix("}}").unwrap()
    );
    let send = async |method: Method, rest: &str, text: &str| {
        let request = Request::builder()
            .method(method)
            .uri(path(&bench, rest))
            .header("authorization", format!("Bearer {}", bench.token()));
        bench
            .send(request.body(Body::from(text.to_owned())).unwrap())
            .await
    };
    for (method, rest, status) in [
        (Method::POST, "/validate", StatusCode::OK),
        (Method::POST, "/whatIf", StatusCode::ACCEPTED),
        (Method::PUT, "", StatusCode::CREATED),
    ] {
        let answer = send(method, rest, &text).await;
        assert_eq!(answer.status, status, "{rest}: {}", answer.text());
    }
    let refused = send(Method::PUT, "", "{properties: {mode: Incremental}}")
        .await
        .json();
    assert_eq!(refused["error"]["code"], "InvalidRequestContent");
    let message = refused["error"]["message"].as_str().unwrap();
    assert!(message.contains("expected value"), "{message}");
}
