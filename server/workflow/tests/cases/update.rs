use crate::bench::{Bench, POLICY, admin, weekly};
use drydock_domain::schedule::Schedule;
use drydock_workflow::{PolicyChange, ScheduleChange, WorkflowError};

const OTHER: &str =
    r#"{"version": "v1", "repositories": [{"repository": "app", "tags": ["1.0"]}]}"#;

async fn digest(bench: &Bench) -> String {
    let state = bench
        .workflow
        .get_workflow(&admin(), "harbour")
        .await
        .unwrap();
    state.policy.unwrap().digest
}

fn change(text: &str, based_on: &str, comment: &str) -> PolicyChange {
    PolicyChange {
        text: text.into(),
        based_on: Some(based_on.into()),
        comment: comment.into(),
    }
}

#[tokio::test]
async fn of_two_people_who_edit_the_second_is_told_and_nothing_is_lost() {
    let bench = Bench::configured().await;
    let seen = digest(&bench).await;
    let update = async |policy: &str| {
        let change = change(policy, &seen, "less at night");
        bench
            .workflow
            .update_workflow(&admin(), "harbour", Some(change), None, false)
            .await
    };
    update(OTHER).await.unwrap();
    let error = update(POLICY).await.unwrap_err();
    assert!(matches!(error, WorkflowError::Conflict { .. }), "{error:?}");
    assert!(error.to_string().contains(&digest(&bench).await), "{error}");
    assert_eq!(bench.azure.policy().as_deref(), Some(OTHER));
}

#[tokio::test]
async fn of_two_who_move_the_timer_the_second_is_told_what_it_is_now() {
    let bench = Bench::configured().await;
    let move_to = |days, based_on: String| {
        let change = ScheduleChange {
            schedule: Schedule::new(days, 3, 5).unwrap(),
            based_on: Some(based_on),
        };
        let workflow = &bench.workflow;
        async move {
            workflow
                .update_workflow(&admin(), "harbour", None, Some(change), false)
                .await
        }
    };
    let seen = weekly().to_cron();
    move_to(14, seen.clone()).await.unwrap();
    let Err(WorkflowError::Conflict { why }) = move_to(3, seen).await else {
        panic!("the first one's choice is lost");
    };
    assert!(why.contains("`5 3 */14 * *`"), "{why}");
    assert_eq!(bench.azure.open().changes.len(), 1);
}

#[tokio::test]
async fn a_schedule_alone_changes_one_timer() {
    let bench = Bench::configured().await;
    let schedule = Schedule::new(14, 3, 5).unwrap();
    let applied = bench
        .workflow
        .update_workflow(&admin(), "harbour", None, Some(schedule.into()), false)
        .await
        .unwrap();
    assert_eq!(
        applied.next_run,
        Some("2026-11-29T03:05:00Z".parse().unwrap())
    );
    assert_eq!(bench.azure.open().changes.len(), 1);
    let state = bench
        .workflow
        .get_workflow(&admin(), "harbour")
        .await
        .unwrap();
    assert_eq!(state.cron.as_deref(), Some("5 3 */14 * *"));
}

#[tokio::test]
async fn a_policy_is_restored_when_the_schedule_cannot_be_set() {
    let bench = Bench::configured().await;
    let before = digest(&bench).await;
    bench.azure.fail("PATCH ");
    let schedule = Some(Schedule::new(14, 3, 5).unwrap());
    let error = bench
        .workflow
        .update_workflow(
            &admin(),
            "harbour",
            Some(change(OTHER, &before, "try this")),
            schedule.map(Into::into),
            true,
        )
        .await
        .unwrap_err();
    assert!(
        error.to_string().contains("the policy before it is back"),
        "{error}"
    );
    assert_eq!(digest(&bench).await, before);
    assert_eq!(bench.azure.changes("scheduleRun"), 0);
}

#[tokio::test]
async fn what_is_not_there_cannot_be_updated() {
    let bench = Bench::new().await;
    let caller = admin();
    let update = |schedule| {
        bench
            .workflow
            .update_workflow(&caller, "harbour", None, schedule, false)
    };
    let error = update(None).await.unwrap_err();
    assert!(matches!(error, WorkflowError::Invalid { .. }), "{error:?}");
    let error = update(Some(weekly().into())).await.unwrap_err();
    assert!(matches!(error, WorkflowError::Conflict { .. }), "{error:?}");
    let nowhere = bench
        .workflow
        .get_workflow(&admin(), "elsewhere")
        .await
        .unwrap_err();
    assert!(matches!(nowhere, WorkflowError::NotFound { .. }));
}

#[tokio::test]
async fn a_policy_is_not_changed_without_a_reason() {
    let bench = Bench::configured().await;
    let before = digest(&bench).await;
    let update = async |comment: &str| {
        let change = change(OTHER, &before, comment);
        let caller = admin();
        let updated = bench
            .workflow
            .update_workflow(&caller, "harbour", Some(change), None, false);
        updated.await.unwrap_err()
    };
    for comment in [" \n", &"x".repeat(501)] {
        let error = update(comment).await;
        assert!(
            matches!(&error, WorkflowError::Invalid { field, .. } if field == "comment"),
            "{error:?}"
        );
    }
    assert_eq!(bench.azure.policy().as_deref(), Some(POLICY));
}

#[tokio::test]
async fn every_policy_stays_readable_with_who_applied_it_and_why() {
    let bench = Bench::configured().await;
    let caller = admin();
    let first = digest(&bench).await;
    let change = change(OTHER, &first, " only the release ");
    let updated = bench
        .workflow
        .update_workflow(&caller, "harbour", Some(change), None, false);
    updated.await.unwrap();
    let versions = bench.workflow.list_policy_versions(&caller, "harbour");
    let versions = versions.await.unwrap();
    let [new, old] = versions.as_slice() else {
        panic!("{versions:?}")
    };
    let application = new.application.as_ref().unwrap();
    assert_eq!(application.author, "ada");
    assert_eq!(application.comment, "only the release");
    assert!(new.is_deployed && !old.is_deployed);
    assert_eq!(old.digest, first);

    let delete = bench
        .workflow
        .delete_workflow(&caller, "harbour", "harbour");
    delete.await.unwrap();
    for (version, text) in [(new, OTHER), (old, POLICY)] {
        let kept = bench
            .workflow
            .get_policy_text(&caller, "harbour", &version.digest);
        assert_eq!(kept.await.unwrap(), text);
    }
}

#[tokio::test]
async fn a_policy_of_101_images_is_refused_before_anything_is_written_and_names_the_largest() {
    let bench = Bench::configured().await;
    let seen = digest(&bench).await;
    let tags = |count: usize| (0..count).map(|n| format!("1.{n}")).collect::<Vec<_>>();
    bench.azure.open().tags.insert("app".into(), tags(61));
    bench.azure.open().tags.insert("web".into(), tags(40));
    let both = r#"{"version": "v1", "repositories": [
        {"repository": "web", "tags": ["*"]}, {"repository": "app", "tags": ["*"]}]}"#;
    let change = change(both, &seen, "everything");
    let ada = admin();
    let refused = bench
        .workflow
        .update_workflow(&ada, "harbour", Some(change), None, false);
    let error = refused.await.unwrap_err().to_string();
    assert!(error.contains("101 images"), "{error}");
    assert!(error.contains("Largest: app (61), web (40)."), "{error}");
    assert_eq!(bench.azure.open().changes.len(), 0);
}
