use crate::azure::REGISTRY;
use crate::bench::{Bench, POLICY, admin, weekly};
use drydock_domain::audit::AuditQuery;
use drydock_domain::console::AuditOutcome;
use drydock_workflow::{Caller, Role, WorkflowError};

#[tokio::test]
async fn a_workflow_is_made_as_the_extension_would_make_it() {
    let bench = Bench::new().await;
    let applied = bench.create().await.unwrap();
    assert!(applied.steps.iter().all(|step| step.done), "{applied:?}");
    assert_eq!(
        applied.next_run,
        Some("2026-11-22T21:54:00Z".parse().unwrap())
    );
    assert_eq!(
        bench.azure.policy().as_deref(),
        Some(POLICY),
        "byte for byte"
    );
    {
        let contents = bench.azure.open();
        let trigger = &contents.tasks["cssc-trigger-workflow"];
        let timer = &trigger["properties"]["trigger"]["timerTriggers"][0];
        assert_eq!(timer["name"], "azcli_defined_schedule");
        assert_eq!(timer["schedule"], "54 21 */7 * *");
        assert!(contents.tasks["cssc-patch-image"]["identity"].is_null());
        assert_eq!(
            contents.tasks["cssc-scan-image"]["tags"]
                .as_object()
                .unwrap()
                .len(),
            1
        );
        let principals: Vec<&str> = contents
            .roles
            .values()
            .map(|role| role["properties"]["principalId"].as_str().unwrap())
            .collect();
        assert_eq!(principals.len(), 2);
        assert!(principals.contains(&"principal-of-cssc-scan-image"));
    }
    let state = bench
        .workflow
        .get_workflow(&admin(), "HARBOUR")
        .await
        .unwrap();
    assert!(state.is_configured() && state.tasks.iter().all(|task| task.current));
    assert_eq!(state.registry.id, REGISTRY);
    assert_eq!(state.policy.unwrap().digest, applied.policy_digest.unwrap());
    let entry = bench.newest_entry().await;
    assert_eq!(
        (entry.actor.as_str(), entry.operation.as_str()),
        ("ada", "workflow.create")
    );
    assert!(matches!(
        entry.outcome,
        Some(AuditOutcome::Succeeded { .. })
    ));
}

const STEPS: [&str; 5] = [
    "manifests/v1",
    "tasks/cssc-patch-image",
    "tasks/cssc-scan-image",
    "roleAssignments",
    "tasks/cssc-trigger-workflow",
];

async fn check_nothing_is_left(bench: &Bench, step: &str) {
    let error = bench.create().await.unwrap_err();
    let WorkflowError::Undone { undone, .. } = &error else {
        panic!("{step}: {error}");
    };
    assert!(undone.iter().all(|part| part.done), "{step}: {error}");
    assert_eq!(bench.azure.policy(), None, "{step}");
    let contents = bench.azure.open();
    assert!(
        contents.tasks.is_empty(),
        "{step}: {:?}",
        contents.tasks.keys()
    );
    assert!(contents.roles.is_empty(), "{step}");
}

#[tokio::test]
async fn what_was_made_is_taken_back_when_a_step_fails() {
    for step in STEPS {
        let bench = Bench::new().await;
        bench.azure.fail(step);
        check_nothing_is_left(&bench, step).await;
    }
}

#[tokio::test]
async fn a_step_whose_answer_was_lost_is_taken_back_too() {
    for step in STEPS {
        let bench = Bench::new().await;
        bench.azure.lose_the_answer_to(step);
        check_nothing_is_left(&bench, step).await;
    }
}

#[tokio::test]
async fn undoing_goes_backwards_and_says_what_it_could_not_take_back() {
    let bench = Bench::new().await;
    bench.azure.fail("PUT /subscriptions/s/resourceGroups/rg/providers/Microsoft.ContainerRegistry/registries/harbour/tasks/cssc-trigger-workflow");
    bench.azure.fail("DELETE /subscriptions/s/resourceGroups/rg/providers/Microsoft.ContainerRegistry/registries/harbour/tasks/cssc-patch-image");
    let error = bench.create().await.unwrap_err();
    let WorkflowError::Undone { step, undone, .. } = &error else {
        panic!("{error}");
    };
    assert_eq!(step, "writing the task cssc-trigger-workflow");
    let parts: Vec<(&str, bool)> = undone
        .iter()
        .map(|part| (part.part.as_str(), part.done))
        .collect();
    let expected = [
        ("cssc-trigger-workflow", true),
        ("role of cssc-scan-image", true),
        ("cssc-scan-image", true),
        ("cssc-patch-image", false),
        ("policy", true),
    ];
    assert_eq!(parts, expected);
    assert_eq!(undone[0].detail, "was not there");
    let AuditOutcome::Failed { detail } = bench.newest_outcome().await else {
        panic!("it failed");
    };
    assert!(
        detail.contains("cssc-patch-image: could not be taken back"),
        "{detail}"
    );
}

#[tokio::test]
async fn half_a_workflow_is_completed_and_what_was_there_stays_when_that_fails() {
    let bench = Bench::configured().await;
    bench.azure.open().tasks.remove("cssc-trigger-workflow");
    bench.azure.fail("tasks/cssc-trigger-workflow");
    bench.create().await.unwrap_err();
    assert_eq!(bench.azure.open().tasks.len(), 2);
    assert_eq!(bench.azure.policy().as_deref(), Some(POLICY));
    bench.create().await.unwrap();
    assert_eq!(bench.azure.open().tasks.len(), 3);
}

#[tokio::test]
async fn of_a_double_click_one_creates_and_one_is_told_so() {
    let bench = Bench::new().await;
    let (first, second) = tokio::join!(bench.create(), bench.create());
    let (made, refused) = if first.is_ok() {
        (first, second)
    } else {
        (second, first)
    };
    assert!(made.is_ok());
    assert!(
        matches!(refused, Err(WorkflowError::Conflict { .. })),
        "{refused:?}"
    );
    assert_eq!(
        bench.azure.changes("PUT "),
        3 + 3 + 2,
        "blobs and manifest, tasks, roles"
    );
}

#[tokio::test]
async fn a_policy_that_would_not_work_changes_nothing() {
    let bench = Bench::new().await;
    let many = (0..101).map(|number| format!("v{number}")).collect();
    bench.azure.open().tags.insert("app".into(), many);
    let create = async |policy: &str| {
        bench
            .workflow
            .create_workflow(&admin(), "harbour", policy, weekly(), false)
            .await
            .unwrap_err()
            .to_string()
    };
    assert!(create("{").await.contains("line 1"));
    let reserved = POLICY.replace('*', "1.0-1");
    assert!(create(&reserved).await.contains("line 1, column"));
    assert!(create(POLICY).await.contains("it selects 101 images"));
    assert!(bench.azure.open().changes.is_empty());
}

#[tokio::test]
async fn who_may_not_edit_may_not_create() {
    let bench = Bench::new().await;
    for role in [Role::Viewer, Role::Operator, Role::Auditor] {
        let caller = Caller::new("eve", role);
        let denied = bench
            .workflow
            .create_workflow(&caller, "harbour", POLICY, weekly(), false)
            .await;
        assert!(
            matches!(denied, Err(WorkflowError::Forbidden(_))),
            "{role:?}"
        );
    }
    assert!(bench.azure.open().changes.is_empty());
    let query = AuditQuery {
        actor: "eve".to_owned(),
        ..AuditQuery::default()
    };
    let entries = bench.workflow.list_entries(&admin(), &query, 9).await;
    let entries = entries.unwrap();
    assert_eq!(entries.len(), 3, "each denial is entered");
    for entry in entries {
        assert_eq!(entry.operation, "workflow.create");
        assert!(matches!(entry.outcome, Some(AuditOutcome::Denied { .. })));
    }
}
