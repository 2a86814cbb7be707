use crate::tasks::testing::Bench;
use axum::body::Body;
use http::{Method, Request, StatusCode};
use serde_json::json;

#[tokio::test]
async fn nobody_is_answered_without_a_token_for_arm() {
    let bench = Bench::start().await;
    let foreign = bench.state().tokens.issue_entra(
        &crate::tokens::Principal {
            object_id: "x".into(),
            client_id: None,
        },
        "https://containerregistry.azure.net",
    );
    for (authorization, code) in [
        (None, "AuthenticationFailed"),
        (Some("Basic eDp5".to_owned()), "AuthenticationFailed"),
        (Some("Bearer None".to_owned()), "InvalidAuthenticationToken"),
        (
            Some(format!("Bearer {foreign}")),
            "InvalidAuthenticationToken",
        ),
    ] {
        let mut request = Request::get("/subscriptions?api-version=2022-12-01");
        if let Some(authorization) = &authorization {
            request = request.header("authorization", authorization);
        }
        let answer = bench.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert_eq!(answer.json()["error"]["code"], code);
        let challenge = answer.headers["www-authenticate"].to_str().unwrap();
        let tenant = &bench.state().endpoints.tenant_id;
        assert!(
            challenge.contains("authorization_uri=\"https://localhost:")
                && challenge.contains(tenant),
            "{challenge}"
        );
    }
}

#[tokio::test]
async fn every_answer_can_be_traced() {
    let bench = Bench::start().await;
    let request = Request::get(bench.path(""))
        .header("authorization", format!("bearer {}", bench.token()))
        .header("x-ms-client-request-id", "my-id")
        .header("x-ms-return-client-request-id", "true");
    let answer = bench.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.headers["x-ms-client-request-id"], "my-id");
    assert_eq!(
        answer.headers["x-ms-request-id"],
        answer.headers["x-ms-correlation-request-id"]
    );
    assert!(answer.headers.contains_key("x-ms-routing-request-id"));
}

#[tokio::test]
async fn what_is_not_there_is_refused_in_arms_envelope() {
    let bench = Bench::start().await;
    let registry = bench.state().endpoints.registry_id();
    let group = registry.split("/providers/").next().unwrap();
    for (method, path, status, code) in [
        (
            Method::GET,
            registry.clone(),
            400,
            "MissingApiVersionParameter",
        ),
        (
            Method::GET,
            "/subscriptions/other?api-version=1".to_owned(),
            404,
            "SubscriptionNotFound",
        ),
        (
            Method::GET,
            registry.replace("/drydock-sandbox/", "/other/") + "?api-version=1",
            404,
            "ResourceGroupNotFound",
        ),
        (
            Method::GET,
            format!("{group}/providers/Microsoft.ContainerRegistry/registries/other?api-version=1"),
            404,
            "ResourceNotFound",
        ),
        (
            Method::GET,
            bench.path("/tasks/cssc-patch-image"),
            404,
            "ResourceNotFound",
        ),
        (
            Method::PATCH,
            bench.path("/tasks/cssc-patch-image"),
            404,
            "ResourceNotFound",
        ),
        (
            Method::GET,
            bench.path("/runs/ca1"),
            404,
            "ResourceNotFound",
        ),
        (
            Method::GET,
            bench.path("/webhooks"),
            404,
            "InvalidResourceType",
        ),
        (Method::DELETE, bench.path("/runs"), 405, "MethodNotAllowed"),
        (
            Method::GET,
            bench.path("/runs?$filter=image%20eq%20'x'"),
            400,
            "InvalidQueryParameter",
        ),
        (
            Method::GET,
            bench.path("/runs?$top=0"),
            400,
            "InvalidQueryParameter",
        ),
        (
            Method::GET,
            bench.path("/runs?$skiptoken=5"),
            400,
            "InvalidQueryParameter",
        ),
    ] {
        let answer = bench.call(method.clone(), &path, &json!({})).await;
        assert_eq!(
            (
                answer.status.as_u16(),
                answer.json()["error"]["code"].as_str()
            ),
            (status, Some(code)),
            "{method} {path}"
        );
    }
    let message = bench
        .get(&bench.path("/tasks/cssc-patch-image"))
        .await
        .json()["error"]["message"]
        .clone();
    assert_eq!(
        message,
        "The Resource 'Microsoft.ContainerRegistry/registries/drydock/tasks/cssc-patch-image' under resource group \
         'drydock-sandbox' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix"
    );
}
