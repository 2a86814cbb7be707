use super::*;

fn edit(at: &str) -> Edit {
    Edit {
        at: at.parse().unwrap(),
        by: "somebody".to_owned(),
    }
}

fn trigger() -> Task {
    let body = json!({
        "location": "eastus",
        "tags": {"cssc": "true"},
        "identity": {"type": "SystemAssigned"},
        "properties": {
            "agentPoolName": null,
            "step": {"type": "EncodedTask", "encodedTaskContent": "dmVyc2lvbg=="},
            "trigger": {"timerTriggers": [
                {"name": "azcli_defined_schedule", "schedule": "54 21 */7 * *"},
                {"name": "second", "schedule": "0 1 * * *", "status": "Disabled"},
            ]},
        },
    });
    Task::put(
        "cssc-trigger-workflow",
        &body,
        None,
        "local",
        &edit("2025-04-22T21:54:38.615486Z"),
    )
    .unwrap()
}

#[test]
fn a_put_is_shown_with_what_the_service_adds() {
    let task = trigger();
    let shown = task.to_arm("/registry", "tenant", View::Plain);
    let principal = task.identity.unwrap().principal_id.unwrap().to_string();
    assert_eq!(
        shown,
        json!({
            "type": "Microsoft.ContainerRegistry/registries/tasks",
            "identity": {"principalId": principal, "tenantId": "tenant", "type": "SystemAssigned"},
            "properties": {
                "provisioningState": "Succeeded",
                "creationDate": "2025-04-22T21:54:38.615486+00:00",
                "step": {"type": "EncodedTask", "encodedTaskContent": "dmVyc2lvbg=="},
                "trigger": {"timerTriggers": [
                    {"name": "azcli_defined_schedule", "schedule": "54 21 */7 * *", "status": "Enabled"},
                    {"name": "second", "schedule": "0 1 * * *", "status": "Disabled"},
                ]},
                "status": "Enabled",
                "platform": {"os": "linux", "architecture": "amd64"},
                "agentConfiguration": {"cpu": 2},
                "timeout": 3600,
                "isSystemTask": false,
            },
            "id": "/registry/tasks/cssc-trigger-workflow",
            "name": "cssc-trigger-workflow",
            "tags": {"cssc": "true"},
            "location": "eastus",
            "systemData": {
                "createdBy": "somebody",
                "createdByType": "Application",
                "createdAt": "2025-04-22T21:54:38.615486+00:00",
                "lastModifiedBy": "somebody",
                "lastModifiedByType": "Application",
                "lastModifiedAt": "2025-04-22T21:54:38.615486+00:00",
            },
        })
    );
}

#[test]
fn a_patch_changes_the_timer_that_it_names_and_nothing_else() {
    let before = trigger();
    let timers = json!([
        {"schedule": "55 21 */14 * *", "name": "AZCLI_defined_schedule"},
        {"schedule": "0 2 * * *", "name": "third"},
    ]);
    let body = json!({"properties": {"trigger": {"timerTriggers": timers}, "timeout": null}});
    let after = before.patch(&body, &edit("2025-04-22T21:55:30Z")).unwrap();
    assert_eq!(
        after.properties["trigger"]["timerTriggers"],
        json!([
            {"name": "AZCLI_defined_schedule", "schedule": "55 21 */14 * *", "status": "Enabled"},
            {"name": "second", "schedule": "0 1 * * *", "status": "Disabled"},
            {"schedule": "0 2 * * *", "name": "third", "status": "Enabled"},
        ])
    );
    assert_eq!(after.identity, before.identity);
    assert_eq!(after.properties["timeout"], 3600);
    assert_eq!(after.properties["step"], before.properties["step"]);
    assert_eq!(
        (after.created_at, after.modified_at),
        (before.created_at, "2025-04-22T21:55:30Z".parse().unwrap())
    );
}

#[test]
fn only_enabled_timers_of_an_enabled_task_start_runs() {
    let names = |task: &Task| {
        task.timers()
            .into_iter()
            .map(|timer| timer.name)
            .collect::<Vec<_>>()
    };
    let task = trigger();
    assert_eq!(names(&task), ["azcli_defined_schedule"]);
    let disabled = task.patch(
        &json!({"properties": {"status": "Disabled"}}),
        &edit("2025-04-22T21:55:30Z"),
    );
    assert!(names(&disabled.unwrap()).is_empty());
}

#[test]
fn a_second_put_replaces_the_definition_and_keeps_who_the_task_is() {
    let before = trigger();
    let body = json!({
        "identity": {"type": "SystemAssigned"},
        "properties": {"step": {"type": "EncodedTask", "encodedTaskContent": "eA=="}},
    });
    let later = edit("2025-05-01T00:00:00Z");
    let after = Task::put(
        "CSSC-TRIGGER-WORKFLOW",
        &body,
        Some(&before),
        "local",
        &later,
    )
    .unwrap();
    assert_eq!(after.name, "cssc-trigger-workflow");
    assert_eq!(after.identity, before.identity);
    assert_eq!(after.created_at, before.created_at);
    assert!(after.timers().is_empty());
    assert!(after.tags.is_empty());
}

#[test]
fn secrets_are_kept_and_never_shown() {
    let body = json!({"properties": {
        "step": {
            "type": "EncodedTask", "encodedTaskContent": "eA==", "contextAccessToken": "token-1",
            "values": [{"name": "A", "value": "shown", "isSecret": false}, {"name": "B", "value": "hidden-1", "isSecret": true}],
        },
        "credentials": {"customRegistries": {"x.example": {
            "userName": {"type": "Opaque", "value": "hidden-2"},
            "password": {"type": "Vaultsecret", "value": "https://vault.example/secret"},
        }}},
    }});
    let task = Task::put(
        "some-task",
        &body,
        None,
        "local",
        &edit("2025-05-01T00:00:00Z"),
    )
    .unwrap();
    let plain = task.to_arm("/r", "t", View::Plain).to_string();
    let details = task.to_arm("/r", "t", View::Details).to_string();
    for secret in ["hidden-1", "hidden-2", "token-1"] {
        assert!(
            !plain.contains(secret) && !details.contains(secret),
            "{secret}"
        );
    }
    assert!(plain.contains("shown") && !plain.contains("credentials"));
    assert!(details.contains("vault.example"));
    assert_eq!(task.step()["values"][1]["value"], "hidden-1");
}

#[test]
fn what_the_service_does_not_accept_is_named() {
    let step = json!({"type": "EncodedTask", "encodedTaskContent": "eA=="});
    let timers =
        |timers: Value| json!({"properties": {"step": step, "trigger": {"timerTriggers": timers}}});
    for (name, body, field) in [
        ("four", json!({"properties": {"step": step}}), "name"),
        ("a/b/c/d", json!({"properties": {"step": step}}), "name"),
        ("some-task", json!({}), "properties"),
        (
            "some-task",
            json!({"properties": {}}),
            "properties.step.type",
        ),
        (
            "some-task",
            json!({"properties": {"step": {"type": "Shell"}}}),
            "properties.step.type",
        ),
        (
            "some-task",
            json!({"properties": {"step": step, "timeout": 1}}),
            "properties.timeout",
        ),
        (
            "some-task",
            timers(json!([{"schedule": "0 0 * * *"}])),
            "timerTriggers.name",
        ),
        (
            "some-task",
            timers(json!([{"name": "t"}])),
            "timerTriggers[t].schedule",
        ),
        (
            "some-task",
            timers(json!([{"name": "t", "schedule": "daily"}])),
            "timerTriggers[t].schedule",
        ),
        (
            "some-task",
            timers(
                json!([{"name": "t", "schedule": "0 0 * * *"}, {"name": "T", "schedule": "0 1 * * *"}]),
            ),
            "properties.trigger.timerTriggers",
        ),
    ] {
        let error =
            Task::put(name, &body, None, "local", &edit("2025-05-01T00:00:00Z")).unwrap_err();
        assert!(error.to_string().contains(field), "{body}: {error}");
    }
}
