//! A create whose process was killed: what is said of it, and that one click ends it well.
use crate::desk::{Desk, ada};
use drydock_domain::audit::AuditQuery;
use drydock_domain::console::AuditOutcome;
use drydock_domain::preflight::{Check, Line, LineState};

async fn line(desk: &Desk, check: Check) -> Line {
    let preflight = desk.workflow.preflight(&ada(), &desk.registry).await;
    let mut lines = preflight.unwrap().lines.into_iter();
    lines.find(|line| line.check == check).unwrap()
}

/// Names of what is there, of everything that a create makes.
async fn parts(desk: &Desk) -> Vec<String> {
    let state = desk.workflow.get_workflow(&ada(), &desk.registry).await;
    let state = state.unwrap();
    let tasks = state.tasks.iter().filter(|task| task.exists);
    let tasks = tasks.map(|task| task.name.as_str().to_owned());
    let policy = state.policy.map(|_| "policy".to_owned());
    tasks.chain(policy).chain(state.cron).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_create_that_was_killed_is_told_and_completed_by_one_repair() {
    let whole = parts(&Desk::configured().await).await;
    for step in [
        "*/tasks/cssc-scan-image",
        "*/roleAssignments/*",
        "*/tasks/cssc-trigger-workflow",
    ] {
        let mut desk = Desk::start().await;
        desk.create_and_die_at(step).await;

        let told = line(&desk, Check::LastChange).await;
        assert_eq!(told.state, LineState::Warned, "{step}: {told:?}");
        assert!(told.finding.contains("was cut off"), "{}", told.finding);
        let overview = desk.workflow.get_overview(&ada(), &desk.registry).await;
        let notice = overview.unwrap().notice.unwrap();
        assert!(notice.contains("workflow.create"), "{notice}");

        let repaired = desk
            .workflow
            .repair_workflow(&ada(), &desk.registry, Check::LastChange, None)
            .await
            .unwrap();
        assert!(
            repaired.iter().all(|part| part.done),
            "{step}: {repaired:?}"
        );
        assert_eq!(parts(&desk).await, whole, "{step}");
        for check in [
            Check::LastChange,
            Check::Tasks,
            Check::Timer,
            Check::TaskRoles,
        ] {
            let line = line(&desk, check).await;
            assert_eq!(line.state, LineState::Passed, "{step}: {line:?}");
        }
        let entries = desk
            .workflow
            .list_entries(&ada(), &AuditQuery::default(), 10)
            .await
            .unwrap();
        let [_view, repair, create] = entries.as_slice() else {
            panic!("{entries:?}");
        };
        assert_eq!(create.outcome, Some(AuditOutcome::Unknown));
        assert!(matches!(
            repair.outcome,
            Some(AuditOutcome::Succeeded { .. })
        ));
    }
}
