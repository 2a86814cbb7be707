//! What a registry can be set to in Azure that keeps patching from working: each setting refuses the
//! console as Azure does, and the preflight names it with what to do.
use crate::desk::{Desk, ada};
use drydock_domain::preflight::{Check, Line, LineState};
use drydock_domain::run::RunStatus;
use drydock_workflow::{Barrier, WorkflowError};
use serde_json::json;

async fn line(desk: &Desk, check: Check) -> Line {
    let preflight = desk.workflow.preflight(&ada(), &desk.registry).await;
    let mut lines = preflight.unwrap().lines.into_iter();
    lines.find(|line| line.check == check).unwrap()
}

/// The line says so, and what to do.
async fn assert_named(desk: &Desk, check: Check, finding: &str, remedy: &str) {
    let line = line(desk, check).await;
    assert_eq!(line.state, LineState::Failed, "{line:?}");
    assert!(line.finding.contains(finding), "{line:?}");
    let told = line.remedy.as_deref().unwrap_or_default();
    assert!(told.contains(remedy), "{line:?}");
}

async fn assert_passes(desk: &Desk, check: Check) {
    let line = line(desk, check).await;
    assert_eq!(line.state, LineState::Passed, "{line:?}");
}

/// Starts a run, and answers its log when it has ended as `expected`.
async fn log_of_run(desk: &Desk, expected: RunStatus) -> String {
    let run_id = desk.run().await.unwrap();
    let tree = desk.until(&run_id, |tree| tree.status.is_finished()).await;
    let log = desk
        .workflow
        .read_log(&ada(), &desk.registry, &run_id)
        .await;
    let log = log.unwrap().text;
    assert_eq!(tree.status, expected, "{log}");
    log
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_free_trial_refuses_every_run() {
    let desk = Desk::configured().await;
    assert_passes(&desk, Check::Offer).await;
    desk.change("/sandbox/settings", json!({"isFreeTrial": true}))
        .await;
    let refused = desk.run().await.unwrap_err();
    let told = format!("{refused} {}", refused.remedy().unwrap_or_default());
    assert!(told.contains("TasksOperationsNotAllowed"), "{told}");
    assert!(told.contains("pay-as-you-go"), "{told}");
    assert!(desk.runs().await.is_empty());
    assert_named(&desk, Check::Offer, "is a free trial", "pay-as-you-go").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_closed_network_refuses_the_console_and_the_runs() {
    let desk = Desk::configured().await;
    let closed = json!({"sku": {"name": "Premium"}, "properties": {"networkRuleSet": {"defaultAction": "Deny"}}});
    desk.change_registry(closed).await;
    let refused = desk.workflow.get_workflow(&ada(), &desk.registry).await;
    let refused = refused.unwrap_err();
    assert!(
        matches!(
            refused,
            WorkflowError::Refused {
                by: Barrier::Network,
                ..
            }
        ),
        "{refused}"
    );
    assert!(
        refused
            .to_string()
            .contains("client with IP '127.0.0.1' is not allowed access"),
        "{refused}"
    );
    let remedy = refused.remedy().unwrap();
    assert!(remedy.contains("network"), "{remedy}");
    let log = log_of_run(&desk, RunStatus::Failed).await;
    assert!(log.contains("network rules of the registry"), "{log}");
    assert_named(
        &desk,
        Check::Network,
        "Tasks cannot reach the registry",
        "networkRuleBypassAllowedForTasks",
    )
    .await;
    let bypass = json!({"properties": {"networkRuleBypassAllowedForTasks": true}});
    desk.change_registry(bypass).await;
    assert_passes(&desk, Check::Network).await;
    log_of_run(&desk, RunStatus::Succeeded).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cache_rule_refuses_pushes_to_what_it_fills() {
    let desk = Desk::start().await;
    let rule = json!({"properties": {
        "sourceRepository": "docker.io/library/*", "targetRepository": "*",
    }});
    desk.put_in_registry("/cacheRules/everything", rule).await;
    let refused = desk.create().await.unwrap_err();
    let told = refused.to_string();
    assert!(told.contains("cache rule 'everything'"), "{told}");
    let state = desk.workflow.get_workflow(&ada(), &desk.registry).await;
    assert!(!state.unwrap().is_partial(), "nothing is left of it");

    let desk = Desk::configured().await;
    assert_passes(&desk, Check::CacheRules).await;
    let rule = json!({"properties": {
        "sourceRepository": "docker.io/library/nothing", "targetRepository": "nothing",
    }});
    desk.put_in_registry("/cacheRules/single", rule).await;
    assert_named(
        &desk,
        Check::CacheRules,
        "nothing (rule single)",
        "Take them out of the policy",
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn permissions_by_repository_refuse_the_console_and_the_runs() {
    let desk = Desk::configured().await;
    let abac = json!({"properties": {"roleAssignmentMode": "AbacRepositoryPermissions"}});
    desk.change_registry(abac).await;
    // A console that has no token from before.
    let refused = desk
        .afresh()
        .await
        .get_workflow(&ada(), &desk.registry)
        .await;
    let refused = refused.unwrap_err();
    assert!(
        matches!(
            refused,
            WorkflowError::Refused {
                by: Barrier::Role,
                ..
            }
        ),
        "{refused}"
    );
    assert!(refused.to_string().contains("UNAUTHORIZED"), "{refused}");
    assert!(refused.remedy().unwrap().contains("role"), "{refused}");
    let log = log_of_run(&desk, RunStatus::Failed).await;
    assert!(
        log.contains("unauthorized: authentication required"),
        "{log}"
    );
    assert_named(
        &desk,
        Check::RoleAssignmentMode,
        "ABAC",
        "RBAC Registry Permissions",
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_domain_name_label_is_no_part_of_the_registrys_name() {
    let desk = Desk::configured().await;
    let scope = json!({"autoGeneratedDomainNameLabelScope": "TenantReuse"});
    desk.change("/sandbox/settings", scope).await;
    let desk = desk.restart().await;
    let server = desk.sandbox.endpoints().login_server.clone();
    assert!(
        server.starts_with("drydock-") && server.contains(".localhost:"),
        "{server}"
    );
    // What this version writes works there.
    let registries = desk.workflow.list_registries(&ada()).await.unwrap();
    assert_eq!(registries[0].login_server, server);
    assert_passes(&desk, Check::Tasks).await;
    let log = log_of_run(&desk, RunStatus::Succeeded).await;
    assert!(
        log.contains("readjusting RegistryBaseName to drydock"),
        "{log}"
    );

    // What the extension wrote before 1.0.0b6 does not.
    let old = "steps:\n- cmd: acr cssc patch --dry-run\n- cmd: az acr task run --name cssc-scan-image --registry $RegistryName\n";
    desk.define("cssc-trigger-workflow", old).await;
    assert_named(
        &desk,
        Check::Tasks,
        "cssc-trigger-workflow cannot start the next task",
        "Repair",
    )
    .await;
    let repaired = desk
        .workflow
        .repair_workflow(&ada(), &desk.registry, Check::Tasks, None)
        .await
        .unwrap();
    assert!(repaired.iter().all(|part| part.done), "{repaired:?}");
    assert_passes(&desk, Check::Tasks).await;
}
