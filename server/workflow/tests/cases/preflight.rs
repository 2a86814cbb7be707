use crate::azure::REGISTRY;
use crate::bench::{Bench, admin};
use drydock_azure::{RegistryId, extension_assignment_name};
use drydock_domain::console::{AuditOutcome, PartOutcome};
use drydock_domain::preflight::{Check, Line, LineState};
use drydock_domain::schedule::Schedule;
use drydock_ledger::Ledger;
use drydock_workflow::{Caller, Role, WorkflowError};
use serde_json::{Value, json};

const TASKS_CONTRIBUTOR: &str = "fb382eab-e894-4461-af04-94435c366c3f";

async fn line(bench: &Bench, check: Check) -> Line {
    let preflight = bench.workflow.preflight(&admin(), "harbour").await.unwrap();
    let mut lines = preflight.lines.into_iter();
    lines.find(|line| line.check == check).unwrap()
}

async fn expect(bench: &Bench, check: Check, state: LineState, words: &str) {
    let line = line(bench, check).await;
    assert_eq!(line.state, state, "{line:?}");
    assert!(line.finding.contains(words), "{line:?}");
    let has_remedy = matches!(state, LineState::Warned | LineState::Failed);
    assert_eq!(line.remedy.is_some(), has_remedy, "{line:?}");
}

async fn repair(bench: &Bench, check: Check) -> Vec<PartOutcome> {
    bench
        .workflow
        .repair_workflow(&admin(), "harbour", check, None)
        .await
        .unwrap()
}

#[tokio::test]
async fn nothing_is_wrong_with_what_was_just_created() {
    let bench = Bench::configured().await;
    let preflight = bench.workflow.preflight(&admin(), "HARBOUR").await.unwrap();
    assert_eq!(preflight.lines.len(), Check::ALL.len());
    assert_eq!(preflight.state(), LineState::Passed, "{preflight:#?}");
    for check in [Check::Tasks, Check::Timer, Check::TaskRoles] {
        let parts = repair(&bench, check).await;
        assert!(parts[0].detail.contains("nothing was changed"), "{parts:?}");
    }
    assert!(bench.azure.open().changes.is_empty());
}

#[tokio::test]
async fn the_registry_s_own_obstacles_are_named() {
    let bench = Bench::configured().await;
    let set = |properties: Value| bench.azure.open().registry = properties;
    set(json!({"roleAssignmentMode": "AbacRepositoryPermissions"}));
    let mode = Check::RoleAssignmentMode;
    expect(&bench, mode, LineState::Failed, "ABAC").await;

    let closed = |bypass: &str, tasks: Value| {
        json!({
            "publicNetworkAccess": "Enabled", "networkRuleSet": {"defaultAction": "Deny"},
            "networkRuleBypassOptions": bypass, "networkRuleBypassAllowedForTasks": tasks,
        })
    };
    set(closed("None", json!(true)));
    expect(&bench, Check::Network, LineState::Failed, "own services").await;
    set(closed("AzureServices", Value::Null));
    expect(
        &bench,
        Check::Network,
        LineState::Failed,
        "bypass for tasks",
    )
    .await;
    set(closed("AzureServices", json!(true)));
    expect(&bench, Check::Network, LineState::Passed, "tasks may pass").await;

    bench.azure.open().offer = Some("FreeTrial_2014-09-01");
    expect(&bench, Check::Offer, LineState::Failed, "free trial").await;
    bench.azure.open().offer = Some("PayAsYouGo_2014-09-01");
    expect(
        &bench,
        Check::Offer,
        LineState::Passed,
        "Ships is no free trial",
    )
    .await;

    bench.azure.open().cache_rules = vec![
        json!({"name": "r1", "properties": {"targetRepository": "other"}}),
        json!({"name": "r2", "properties": {"targetRepository": "ap*"}}),
    ];
    expect(
        &bench,
        Check::CacheRules,
        LineState::Failed,
        "app (rule r2)",
    )
    .await;
}

#[tokio::test]
async fn the_roles_that_the_console_lacks_are_named_with_what_they_are_for() {
    let bench = Bench::configured().await;
    let actions =
        |actions: Value| bench.azure.open().permissions = Some(json!([{"actions": actions}]));
    actions(json!(["*/read", "Microsoft.ContainerRegistry/*"]));
    let found = line(&bench, Check::Permissions).await;
    assert_eq!(found.state, LineState::Warned);
    assert!(
        found.finding.contains("let the tasks start each other"),
        "{found:?}"
    );
    assert!(
        found
            .remedy
            .unwrap()
            .contains("Role Based Access Control Administrator")
    );
    actions(json!(["*/read"]));
    expect(&bench, Check::Permissions, LineState::Failed, "read logs").await;
}

#[tokio::test]
async fn a_missing_task_is_made_again_with_its_role() {
    let bench = Bench::configured().await;
    {
        let mut contents = bench.azure.open();
        contents.tasks.remove("cssc-scan-image");
        contents
            .roles
            .retain(|_, role| role["properties"]["principalId"] != "principal-of-cssc-scan-image");
    }
    expect(
        &bench,
        Check::Tasks,
        LineState::Failed,
        "cssc-scan-image is missing",
    )
    .await;
    let parts = repair(&bench, Check::Tasks).await;
    let names: Vec<&str> = parts.iter().map(|part| part.part.as_str()).collect();
    assert_eq!(names, ["cssc-scan-image", "role of cssc-scan-image"]);
    assert_eq!(bench.azure.open().roles.len(), 2);
    expect(&bench, Check::Tasks, LineState::Passed, "All three").await;
    let entry = bench.newest_entry().await;
    assert_eq!(
        (entry.operation.as_str(), entry.detail.as_str()),
        ("workflow.repair", "tasks")
    );
    let Some(AuditOutcome::Succeeded { detail }) = entry.outcome else {
        panic!("it succeeded");
    };
    assert!(detail.contains("cssc-scan-image: created"), "{detail}");
}

#[tokio::test]
async fn a_trigger_is_made_again_only_with_a_schedule() {
    let bench = Bench::configured().await;
    bench.azure.open().tasks.remove("cssc-trigger-workflow");
    let repair = async |schedule| {
        bench
            .workflow
            .repair_workflow(&admin(), "harbour", Check::Tasks, schedule)
            .await
    };
    let error = repair(None).await.unwrap_err();
    assert!(
        matches!(&error, WorkflowError::Invalid { field, .. } if field == "schedule"),
        "{error}"
    );
    assert!(bench.azure.open().changes.is_empty());
    repair(Some(Schedule::new(3, 2, 1).unwrap())).await.unwrap();
    let trigger = &bench.azure.open().tasks["cssc-trigger-workflow"];
    assert_eq!(
        trigger["properties"]["trigger"]["timerTriggers"][0]["schedule"],
        "1 2 */3 * *"
    );
}

#[tokio::test]
async fn a_drifted_definition_is_written_again_and_the_extension_s_is_left_alone() {
    let bench = Bench::configured().await;
    let define = |yaml: &str| {
        let content = base64(yaml);
        let mut contents = bench.azure.open();
        let task = contents.tasks.get_mut("cssc-patch-image").unwrap();
        task["properties"]["step"]["encodedTaskContent"] = json!(content);
    };
    define(
        "version: v1.1.0\r\nsteps:\r\n  - cmd: cssc trivy image x\r\n  - cmd: cssc copa patch -i x\r\n",
    );
    expect(
        &bench,
        Check::Tasks,
        LineState::Passed,
        "1 as the az extension does",
    )
    .await;
    define("version: v1.1.0\nsteps:\n  - cmd: echo\n");
    expect(
        &bench,
        Check::Tasks,
        LineState::Failed,
        "neither Drydock nor",
    )
    .await;
    let parts = repair(&bench, Check::Tasks).await;
    assert!(parts.iter().all(|part| part.done), "{parts:?}");
    assert_eq!(bench.azure.changes("PATCH "), 1);
    assert_eq!(bench.azure.open().changes.len(), 1);
    expect(&bench, Check::Tasks, LineState::Passed, "as this version").await;
}

#[tokio::test]
async fn what_was_switched_off_is_switched_on() {
    let bench = Bench::configured().await;
    {
        let mut contents = bench.azure.open();
        contents.tasks.get_mut("cssc-scan-image").unwrap()["properties"]["status"] =
            json!("Disabled");
        let trigger = contents.tasks.get_mut("cssc-trigger-workflow").unwrap();
        trigger["properties"]["trigger"]["timerTriggers"][0]["status"] = json!("Disabled");
    }
    expect(&bench, Check::Timer, LineState::Warned, "switched off").await;
    repair(&bench, Check::Timer).await;
    expect(&bench, Check::Timer, LineState::Passed, "54 21 */7").await;
    expect(
        &bench,
        Check::Tasks,
        LineState::Failed,
        "cssc-scan-image is switched off",
    )
    .await;
    repair(&bench, Check::Tasks).await;
    expect(&bench, Check::Tasks, LineState::Passed, "All three").await;
}

#[tokio::test]
async fn a_second_timer_is_told_and_the_next_run_is_the_earliest_of_both() {
    let bench = Bench::configured().await;
    let alone = bench.workflow.get_workflow(&admin(), "harbour").await;
    let alone = alone.unwrap().next_run.unwrap();
    {
        let mut contents = bench.azure.open();
        let trigger = contents.tasks.get_mut("cssc-trigger-workflow").unwrap();
        let timers = trigger["properties"]["trigger"]["timerTriggers"].as_array_mut();
        timers
            .unwrap()
            .push(json!({"name": "t2", "schedule": "*/1 * * * *"}));
    }
    expect(
        &bench,
        Check::Timer,
        LineState::Warned,
        "`*/1 * * * *` (t2)",
    )
    .await;
    let both = bench
        .workflow
        .get_workflow(&admin(), "harbour")
        .await
        .unwrap();
    assert!(both.next_run.unwrap() < alone, "{both:?}");
    assert_eq!(both.cron.as_deref(), Some("54 21 */7 * *"));
}

#[tokio::test]
async fn the_assignments_that_block_the_extension_are_deleted_and_no_others() {
    let bench = Bench::configured().await;
    let id = RegistryId::parse(REGISTRY).unwrap();
    let left_over = extension_assignment_name(&id, "cssc-scan-image", TASKS_CONTRIBUTOR);
    {
        let mut contents = bench.azure.open();
        let role = |principal: &str| {
            json!({"name": "", "properties": {
                "roleDefinitionId": format!("/subscriptions/s/providers/x/roleDefinitions/{TASKS_CONTRIBUTOR}"),
                "principalId": principal, "scope": REGISTRY,
            }})
        };
        for (name, principal) in [(left_over.as_str(), "gone"), ("0a1b", "somebody")] {
            let mut role = role(principal);
            role["name"] = json!(name);
            contents.roles.insert(name.into(), role);
        }
    }
    expect(
        &bench,
        Check::TaskRoles,
        LineState::Warned,
        "RoleAssignmentUpdateNotPermitted",
    )
    .await;
    let parts = repair(&bench, Check::TaskRoles).await;
    assert_eq!(parts.len(), 1, "{parts:?}");
    assert!(parts[0].detail.contains("it pointed to gone"), "{parts:?}");
    assert!(bench.azure.open().roles.contains_key("0a1b"));
    bench.azure.open().roles.retain(|name, _| name == "0a1b");
    expect(
        &bench,
        Check::TaskRoles,
        LineState::Failed,
        "cssc-trigger-workflow may not start",
    )
    .await;
    repair(&bench, Check::TaskRoles).await;
    expect(&bench, Check::TaskRoles, LineState::Passed, "").await;
}

#[tokio::test]
async fn a_change_that_was_cut_off_is_told_with_the_way_on() {
    let bench = Bench::configured().await;
    let died = Ledger::open(&bench.ledger_path).await.unwrap();
    drop(
        died.begin("ada", "workflow.delete", "harbour", "")
            .await
            .unwrap(),
    );
    died.close_abandoned().await.unwrap();
    expect(&bench, Check::LastChange, LineState::Warned, "was cut off").await;
    let overview = bench
        .workflow
        .get_overview(&admin(), "harbour")
        .await
        .unwrap();
    assert!(overview.notice.unwrap().contains("Delete it again"));
    bench
        .workflow
        .delete_workflow(&admin(), "harbour", "harbour")
        .await
        .unwrap();
    expect(
        &bench,
        Check::LastChange,
        LineState::Passed,
        "workflow.delete",
    )
    .await;
}

#[tokio::test]
async fn a_create_that_was_cut_off_before_its_first_step_is_begun_again() {
    let bench = Bench::new().await;
    let died = Ledger::open(&bench.ledger_path).await.unwrap();
    let begun = died.begin(
        "ada",
        "workflow.create",
        "harbour",
        "schedule 54 21 */7 * *",
    );
    drop(begun.await.unwrap());
    died.close_abandoned().await.unwrap();
    let line = line(&bench, Check::LastChange).await;
    assert_eq!(line.state, LineState::Warned);
    assert!(
        line.finding.ends_with("Nothing of it is there."),
        "{line:?}"
    );
    assert!(line.remedy.unwrap().starts_with("Create it again"));
    assert_eq!(line.repair, None);
}

#[tokio::test]
async fn what_cannot_be_read_is_unknown_and_the_rest_is_told() {
    let bench = Bench::configured().await;
    bench.azure.forbid("/cacheRules");
    expect(
        &bench,
        Check::CacheRules,
        LineState::Unknown,
        "AuthorizationFailed",
    )
    .await;
    expect(
        &bench,
        Check::ImageCount,
        LineState::Passed,
        "selects 1 of at most 100",
    )
    .await;
}

#[tokio::test]
async fn only_an_administrator_repairs_and_only_what_has_a_repair() {
    let bench = Bench::configured().await;
    let repair = async |role, check| {
        let caller = Caller::new("eve", role);
        let workflow = &bench.workflow;
        workflow
            .repair_workflow(&caller, "harbour", check, None)
            .await
            .unwrap_err()
    };
    let denied = repair(Role::Operator, Check::Tasks).await;
    assert!(matches!(denied, WorkflowError::Forbidden(_)), "{denied}");
    let refused = repair(Role::Admin, Check::Network).await;
    assert!(
        matches!(refused, WorkflowError::Invalid { .. }),
        "{refused}"
    );
    assert!(bench.azure.open().changes.is_empty());
}

fn base64(text: &str) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(text)
}
