use crate::tasks::testing::Bench;
use http::{Method, StatusCode};
use serde_json::{Value, json};

#[tokio::test]
async fn role_assignments_collide_as_they_do_in_azure() {
    let bench = Bench::start().await;
    let path = |name: u128| {
        bench.path(&format!(
            "/providers/Microsoft.Authorization/roleAssignments/{}",
            uuid::Uuid::from_u128(name)
        ))
    };
    let role = |principal: &str| json!({"properties": {"roleDefinitionId": "/roleDefinitions/r", "principalId": principal, "principalType": "ServicePrincipal"}});
    let made = bench.call(Method::PUT, &path(1), &role("p")).await;
    assert_eq!(made.status, StatusCode::CREATED);
    assert_eq!(
        bench.call(Method::PUT, &path(1), &role("p")).await.status,
        StatusCode::OK
    );
    for (name, principal, code) in [
        (2, "p", "RoleAssignmentExists"),
        (1, "q", "RoleAssignmentUpdateNotPermitted"),
    ] {
        let answer = bench.call(Method::PUT, &path(name), &role(principal)).await;
        assert_eq!(
            (answer.status, &answer.json()["error"]["code"]),
            (StatusCode::CONFLICT, &json!(code))
        );
    }
    let list = |filter: &'static str| {
        let path = bench.path(&format!(
            "/providers/Microsoft.Authorization/roleAssignments?$filter={filter}"
        ));
        let bench = &bench;
        async move {
            bench.get(&path).await.json()["value"]
                .as_array()
                .map(Vec::len)
        }
    };
    assert_eq!(list("principalId%20eq%20'P'").await, Some(1));
    assert_eq!(list("principalId%20eq%20'q'").await, Some(0));
    assert_eq!(list("atScope()%20and%20assignedTo('p')").await, Some(1));
    assert_eq!(list("nonsense").await, None);
    let deleted = bench.call(Method::DELETE, &path(1), &Value::Null).await;
    assert_eq!(
        (deleted.status, deleted.json()),
        (StatusCode::OK, made.json())
    );
    assert_eq!(
        bench
            .call(Method::DELETE, &path(1), &Value::Null)
            .await
            .status,
        StatusCode::NO_CONTENT
    );
}
