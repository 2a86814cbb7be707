//! Every call against a server that answers only with bodies as Azure sends them.
use crate::support::{Reply, Server};
use drydock_azure::{AzureError, RegistryId, RunFilter};
use drydock_domain::run::{RunCause, RunStatus, TaskName};
use serde_json::Value;

const ID: &str = "/subscriptions/5d3c2f10-7a41-4a0e-9a53-0c6f1e2b7d11/resourceGroups/harbour-rg/providers/Microsoft.ContainerRegistry/registries/harbourreg";

fn id() -> RegistryId {
    RegistryId::parse(ID).unwrap()
}

/// A recorded body; `LOGIN` in it is the server's own address.
fn body(server: &Server, name: &str) -> Value {
    let path = format!("{}/tests/fixtures/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    serde_json::from_str(&text.replace("LOGIN", &server.login_server())).unwrap()
}

fn on(server: &Server, method: &str, path: &str, status: u16, name: &str) {
    let reply = Reply::json(status, body(server, name))
        .with("x-ms-request-id", "5f1c")
        .with("x-ms-correlation-request-id", "9b20");
    server.on(&format!("{method} {ID}{path}"), reply);
}

#[tokio::test]
async fn registries_and_what_stands_in_the_way_are_read() {
    let server = Server::start().await;
    on(&server, "GET", "", 200, "registry");
    on(&server, "GET", "/cacheRules", 200, "cache-rules");
    let authorization = "/providers/Microsoft.Authorization";
    let (roles, permissions) = ("roleAssignments", "permissions");
    on(
        &server,
        "GET",
        &format!("{authorization}/{roles}"),
        200,
        "role-assignments",
    );
    on(
        &server,
        "GET",
        &format!("{authorization}/{permissions}"),
        200,
        permissions,
    );
    let azure = server.azure();
    let arm = azure.arm();
    let registry = arm.get_registry(&id()).await.unwrap();
    assert_eq!(
        registry.properties.login_server,
        "harbourreg-d4ckb3.azurecr.io"
    );
    assert_eq!(
        registry.properties.network_rule_bypass_allowed_for_tasks,
        None
    );
    // ARM's casing differs from ours, and it is the same registry.
    assert_eq!(RegistryId::parse(&registry.id).unwrap(), id());
    assert!(arm.list_cache_rules(&id()).await.unwrap()[0].covers("mirror/ubuntu"));
    let assignments = arm.list_own_role_assignments(&id()).await.unwrap();
    assert_eq!(assignments.len(), 1, "the one above is somebody else's");
    let permissions = arm.list_permissions(&id()).await.unwrap();
    assert!(permissions[0].allows("Microsoft.ContainerRegistry/registries/tasks/write"));
    assert!(!permissions[0].allows("Microsoft.Authorization/roleAssignments/write"));
    let subscription = body(&server, "subscriptions")["value"][0].clone();
    let path = format!("GET /subscriptions/{}", id().subscription());
    server.on(&path, Reply::json(200, subscription));
    let subscription = arm.get_subscription(id().subscription()).await.unwrap();
    let offer = subscription.subscription_policies.unwrap().quota_id;
    assert_eq!(offer.as_deref(), Some("PayAsYouGo_2014-09-01"));
}

#[tokio::test]
async fn the_extension_s_tasks_are_read_and_a_missing_one_is_none() {
    let server = Server::start().await;
    for (name, file) in [
        ("cssc-patch-image", "task-patch"),
        ("cssc-scan-image", "task-scan"),
        ("cssc-trigger-workflow", "task-trigger"),
    ] {
        on(&server, "GET", &format!("/tasks/{name}"), 200, file);
    }
    on(&server, "GET", "/tasks/absent", 404, "task-missing");
    let azure = server.azure();
    let find = async |name| azure.arm().find_task(&id(), name).await.unwrap();
    assert_eq!(find("cssc-patch-image").await.unwrap().principal_id(), None);
    let scan = find("cssc-scan-image").await.unwrap();
    assert!(scan.principal_id().unwrap().starts_with("3f6d1b77"));
    let trigger = find("cssc-trigger-workflow").await.unwrap();
    assert_eq!(trigger.timers()[0].schedule, "54 21 */7 * *");
    assert!(trigger.yaml().unwrap().contains("acr cssc patch\r\n"));
    assert!(find("absent").await.is_none());
}

#[tokio::test]
async fn runs_are_started_listed_and_their_logs_read() {
    let server = Server::start().await;
    on(&server, "POST", "/scheduleRun", 200, "run-queued");
    on(&server, "GET", "/runs", 200, "runs");
    on(&server, "POST", "/runs/ca1/listLogSasUrl", 200, "log-link");
    on(
        &server,
        "POST",
        "/listBuildSourceUploadUrl",
        200,
        "upload-place",
    );
    let log = include_bytes!("../fixtures/log.txt");
    let total = log.len();
    let range = format!("bytes 0-{}/{total}", total - 1);
    let blob = Reply::bytes(206, &log[..])
        .with("content-range", range)
        .with("content-encoding", "utf-8")
        .with("x-ms-blob-type", "AppendBlob")
        .with("x-ms-meta-complete", "successful");
    server.on("GET /container-afc5/logs/ca1/rawtext.log", blob);
    let archive = "tasks-source/202603020000/86a43d4c-71e1-448f-958f-7a312f32918b.tar.gz";
    server.on(
        &format!("PUT /container-afc5/{archive}"),
        Reply::bytes(201, ""),
    );
    let azure = server.azure();
    let arm = azure.arm();

    // Its first answer has no time of creation yet.
    let run = arm
        .start_task(&id(), "cssc-trigger-workflow")
        .await
        .unwrap();
    assert_eq!((run.id.as_str(), run.status), ("ca3", RunStatus::Queued));
    let runs = arm
        .list_runs(&id(), &RunFilter::default(), 10)
        .await
        .unwrap();
    assert_eq!(runs[0].task, Some(TaskName::Scan));
    assert!(runs[0].error.as_deref().unwrap().contains("exit status 1"));
    assert!(matches!(
        &runs[1].cause,
        RunCause::Timer {
            occurrence: Some(_),
            ..
        }
    ));

    let piece = azure.log(&id(), "ca1", 0).read_now().await.unwrap();
    assert_eq!((&piece.bytes[..], piece.complete), (&log[..], true));
    assert_eq!(azure.upload_source(&id(), vec![1]).await.unwrap(), archive);
    let put = &server.asked("PUT /container")[0];
    assert_eq!(put.headers["x-ms-blob-type"], "BlockBlob");
    assert!(
        !put.headers.contains_key("authorization"),
        "the link is signed"
    );
    arm.start_quick_run(&id(), archive, "dry-run.yaml", &[("N", "v")])
        .await
        .unwrap();
    let asked = server.asked("scheduleRun").pop().unwrap();
    assert!(
        asked.body.contains(r#""type":"FileTaskRunRequest""#),
        "{}",
        asked.body
    );
}

#[tokio::test]
async fn refusals_keep_azure_s_code_words_and_ids() {
    let server = Server::start().await;
    let name = drydock_azure::role_assignment_name(&id(), "p", "r");
    let path = format!("/providers/Microsoft.Authorization/roleAssignments/{name}");
    on(&server, "PUT", &path, 409, "role-assignment-conflict");
    let azure = server.azure();
    let refused = azure.arm().assign_role(&id(), "p", "r").await.unwrap_err();
    assert_eq!(refused.code(), Some("RoleAssignmentUpdateNotPermitted"));
    let ids = "(request 5f1c, correlation 9b20)";
    assert!(refused.to_string().contains(ids), "{refused}");
    on(&server, "GET", "/runs", 429, "throttled");
    let throttled = azure.arm().list_runs(&id(), &RunFilter::default(), 1).await;
    let Err(AzureError::Throttled { failure, .. }) = throttled else {
        panic!("{throttled:?}");
    };
    assert_eq!(failure.correlation_id.as_deref(), Some("9b20"));
}
