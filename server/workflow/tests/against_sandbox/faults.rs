//! Every kind of fault ends in the right state: nothing twice, and nothing lost.
use crate::desk::{Desk, ada};
use drydock_domain::preflight::{Check, LineState};
use drydock_domain::run::RunStatus;
use drydock_domain::schedule::Schedule;
use drydock_workflow::WorkflowError;
use futures::StreamExt;

async fn assert_nothing_is_left(desk: &Desk) {
    let state = desk.workflow.get_workflow(&ada(), &desk.registry).await;
    let state = state.unwrap();
    assert!(!state.is_configured() && !state.is_partial(), "{state:?}");
}

/// Three tasks, a timer, a role for each that needs one, and no assignment too many.
async fn assert_whole(desk: &Desk) {
    let preflight = desk.workflow.preflight(&ada(), &desk.registry).await;
    for line in preflight.unwrap().lines {
        let parts = [Check::Tasks, Check::Timer, Check::TaskRoles, Check::Policy];
        if parts.contains(&line.check) {
            assert_eq!(line.state, LineState::Passed, "{line:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_create_that_fails_or_breaks_off_leaves_nothing_and_can_be_done_again() {
    let steps = [
        "*/manifests/v1",
        "*/tasks/cssc-scan-image",
        "*/roleAssignments/*",
        "*/tasks/cssc-trigger-workflow",
    ];
    let desk = Desk::start().await;
    // A throttle of a second or two is waited for; this one is longer than a call waits.
    for (kind, seconds, steps) in [
        ("server-error", 0, &steps[..]),
        ("reset", 0, &steps[..]),
        ("throttle", 6, &steps[1..2]),
    ] {
        for step in steps {
            desk.add_fault(kind, "PUT", step, seconds);
            let error = desk.create().await.unwrap_err();
            let WorkflowError::Undone { undone, .. } = &error else {
                panic!("{kind} at {step}: {error}");
            };
            assert!(undone.iter().all(|part| part.done), "{kind}: {error}");
            desk.assert_struck();
            assert_nothing_is_left(&desk).await;
        }
    }
    desk.fault("throttle", "PUT", steps[1]);
    desk.create().await.unwrap();
    desk.assert_struck();
    assert_whole(&desk).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_start_is_never_sent_twice() {
    let desk = Desk::configured().await;
    for kind in ["throttle", "server-error"] {
        desk.fault(kind, "POST", "*/scheduleRun");
        let error = desk.run().await.unwrap_err();
        let told = match kind {
            "throttle" => matches!(error, WorkflowError::Throttled { .. }),
            _ => matches!(error, WorkflowError::Unavailable { .. }),
        };
        assert!(told, "{kind}: {error}");
        desk.assert_struck();
        assert!(desk.runs().await.is_empty(), "{kind}");
    }
    desk.fault("reset", "POST", "*/scheduleRun");
    let run_id = desk.run().await.unwrap();
    desk.assert_struck();
    let runs = desk.runs().await;
    assert_eq!(runs.len(), 1, "{runs:?}");
    assert_eq!(runs[0].trigger.id, run_id);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_ends_on_its_way_is_replaced_and_the_change_made_once() {
    let desk = Desk::start().await;
    for (method, path) in [
        ("PUT", "*/manifests/v1"),
        ("PUT", "*/tasks/cssc-scan-image"),
    ] {
        desk.fault("unauthorized", method, path);
        desk.create().await.unwrap();
        desk.assert_struck();
        assert_whole(&desk).await;
        let caller = ada();
        let parts = desk
            .workflow
            .delete_workflow(&caller, &desk.registry, &desk.registry)
            .await;
        assert!(parts.unwrap().iter().all(|part| part.done));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_update_whose_answer_is_lost_is_taken_back() {
    let desk = Desk::configured().await;
    let before = desk
        .workflow
        .get_workflow(&ada(), &desk.registry)
        .await
        .unwrap();
    desk.fault("reset", "PATCH", "*/tasks/cssc-trigger-workflow");
    let schedule = Some(Schedule::new(2, 1, 1).unwrap());
    let updated = desk
        .workflow
        .update_workflow(
            &ada(),
            &desk.registry,
            None,
            schedule.map(Into::into),
            false,
        )
        .await;
    assert!(matches!(updated, Err(WorkflowError::Undone { .. })));
    desk.assert_struck();
    let after = desk
        .workflow
        .get_workflow(&ada(), &desk.registry)
        .await
        .unwrap();
    assert_eq!(after.cron, before.cron);
    assert_whole(&desk).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_delete_whose_answer_is_lost_still_says_what_happened() {
    let desk = Desk::configured().await;
    desk.fault("reset", "DELETE", "*/tasks/cssc-scan-image");
    let parts = desk
        .workflow
        .delete_workflow(&ada(), &desk.registry, &desk.registry)
        .await
        .unwrap();
    desk.assert_struck();
    assert!(parts.iter().all(|part| part.done), "{parts:?}");
    assert_nothing_is_left(&desk).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_that_is_slow_empty_at_first_refused_or_broken_is_read_whole() {
    let desk = Desk::configured().await;
    let run_id = desk.run().await.unwrap();
    desk.until(&run_id, |tree| tree.status.is_finished()).await;
    for kind in [
        "slow-body",
        "empty-page",
        "unauthorized",
        "server-error",
        "throttle",
        "reset",
    ] {
        desk.fault(kind, "GET", "*/runs");
        let runs = desk.fresh_runs().await;
        desk.assert_struck();
        assert_eq!(runs.len(), 1, "{kind}: {runs:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_goes_on_where_its_link_or_its_token_ended() {
    let desk = Desk::configured().await;
    let run_id = desk.run().await.unwrap();
    desk.until(&run_id, |tree| tree.status.is_finished()).await;
    let whole = desk
        .workflow
        .read_log(&ada(), &desk.registry, &run_id)
        .await;
    let whole = whole.unwrap().text;
    assert!(whole.contains("was successful after"), "{whole}");
    let path = format!("*/logs/{run_id}/*");
    for kind in [
        "expired-link",
        "unauthorized",
        "server-error",
        "slow-body",
        "throttle",
    ] {
        desk.fault(kind, "GET", &path);
        let follow = |offset| {
            let follow = desk
                .workflow
                .follow_log(&ada(), &desk.registry, &run_id, offset);
            follow.map(|chunk| chunk.unwrap().text).collect::<String>()
        };
        // Both read the one log that is read for them.
        let (first, second) = tokio::join!(follow(0), follow(20));
        desk.assert_struck();
        assert_eq!(first, whole, "{kind}");
        assert_eq!(second, whole[20..], "{kind}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_without_end_is_shown_as_running_and_can_be_cancelled() {
    let desk = Desk::configured().await;
    desk.fault("endless-run", "POST", "*/tasks/cssc-trigger-workflow");
    let run_id = desk.run().await.unwrap();
    desk.until(&run_id, |tree| tree.status == RunStatus::Running)
        .await;
    let refused = desk.run().await.unwrap_err();
    assert!(
        matches!(refused, WorkflowError::Conflict { .. }),
        "{refused}"
    );
    let parts = desk
        .workflow
        .cancel_run(&ada(), &desk.registry, &run_id)
        .await;
    assert!(parts.unwrap().iter().all(|part| part.done));
    let tree = desk.until(&run_id, |tree| tree.status.is_finished()).await;
    assert_eq!(tree.status, RunStatus::Canceled);
    assert_eq!(desk.runs().await.len(), 1);
}
