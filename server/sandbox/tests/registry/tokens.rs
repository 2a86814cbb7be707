//! From a client secret to an access token, and what each token opens.
use crate::support::{Answer, TestSandbox, basic};
use chrono::TimeDelta;
use http::{Method, StatusCode};
use serde_json::{Value, json};

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
const ZERO_USER: &str = "00000000-0000-0000-0000-000000000000";

async fn post(sandbox: &TestSandbox, path: &str, form: &[(&str, &str)]) -> Answer {
    let body = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(form)
        .finish();
    sandbox.send_as_is(Method::POST, path, &[FORM], body).await
}

async fn entra(sandbox: &TestSandbox, secret: &str, scope: &str) -> Answer {
    let endpoints = sandbox.sandbox.endpoints();
    let path = format!("/{}/oauth2/v2.0/token", endpoints.tenant_id);
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", &endpoints.client_id),
        ("client_secret", secret),
        ("scope", scope),
    ];
    post(sandbox, &path, &form).await
}

async fn refresh_token(sandbox: &TestSandbox) -> String {
    let endpoints = sandbox.sandbox.endpoints();
    let scope = "https://containerregistry.azure.net/.default";
    let entra = entra(sandbox, endpoints.client_secret.reveal(), scope)
        .await
        .json();
    let form = [
        ("grant_type", "access_token"),
        ("service", &endpoints.login_server),
        ("tenant", &endpoints.tenant_id),
        ("access_token", entra["access_token"].as_str().unwrap()),
    ];
    text(
        &post(sandbox, "/oauth2/exchange", &form).await,
        "refresh_token",
    )
}

async fn access_token(sandbox: &TestSandbox, scope: &str) -> String {
    let refresh = refresh_token(sandbox).await;
    let form = [
        ("grant_type", "refresh_token"),
        ("service", &sandbox.sandbox.endpoints().login_server),
        ("scope", scope),
        ("refresh_token", &refresh),
    ];
    text(&post(sandbox, "/oauth2/token", &form).await, "access_token")
}

fn text(answer: &Answer, member: &str) -> String {
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    answer.json()[member].as_str().unwrap().to_owned()
}

async fn get_with(sandbox: &TestSandbox, path: &str, token: &str) -> Answer {
    let bearer = format!("Bearer {token}");
    sandbox
        .send_as_is(Method::GET, path, &[("authorization", &bearer)], "")
        .await
}

fn claims(token: &str) -> Value {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    let claims = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap()
}

#[tokio::test]
async fn without_a_credential_there_is_a_challenge_and_nothing_else() {
    let sandbox = TestSandbox::start().await;
    let answer = sandbox.send_as_is(Method::GET, "/v2/", &[], "").await;
    let server = &sandbox.sandbox.endpoints().login_server;
    assert_eq!(answer.error(), (401, "UNAUTHORIZED".into()));
    let expected = format!("Bearer realm=\"https://{server}/oauth2/token\",service=\"{server}\"");
    assert_eq!(answer.header("www-authenticate"), expected);
    assert_eq!(answer.json()["errors"][0]["detail"], Value::Null);
    for (method, path, scope) in [
        (Method::GET, "/v2/_catalog", "registry:catalog:*"),
        (Method::GET, "/acr/v1/_catalog", "registry:catalog:*"),
        (Method::GET, "/v2/a/manifests/v1", "repository:a:pull"),
        (
            Method::POST,
            "/v2/a/blobs/uploads/",
            "repository:a:pull,push",
        ),
        (Method::GET, "/acr/v1/a/_tags", "repository:a:metadata_read"),
        (Method::DELETE, "/acr/v1/a", "repository:a:delete"),
    ] {
        let answer = sandbox.send_as_is(method, path, &[], "").await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path}");
        let challenge = answer.header("www-authenticate");
        assert!(
            challenge.ends_with(&format!(",scope=\"{scope}\"")),
            "{challenge}"
        );
    }
}

#[tokio::test]
async fn a_bearer_that_is_no_token_is_malformed_and_says_what_was_wanted() {
    let sandbox = TestSandbox::start().await;
    let answer = get_with(&sandbox, "/v2/a/manifests/v1", "None").await;
    assert_eq!(answer.error(), (401, "UNAUTHORIZED".into()));
    assert!(
        answer
            .header("www-authenticate")
            .ends_with("error=\"malformed_token\"")
    );
    let wanted = json!([{"Type": "repository", "Name": "a", "Action": "pull"}]);
    assert_eq!(answer.json()["errors"][0]["detail"], wanted);
}

#[tokio::test]
async fn an_access_token_opens_its_repository_and_its_actions_only() {
    let sandbox = TestSandbox::start().await;
    sandbox.push_image("a", "v1", "layer").await;
    sandbox.push_image("b", "v1", "layer").await;
    let token = access_token(&sandbox, "repository:a:pull").await;
    assert_eq!(claims(&token)["access"][0]["actions"], json!(["pull"]));
    let check = async |path: &str, expected: u16| {
        let answer = get_with(&sandbox, path, &token).await;
        assert_eq!(answer.status.as_u16(), expected, "{path}");
        if expected == 401 {
            let challenge = answer.header("www-authenticate");
            assert!(
                challenge.ends_with("error=\"insufficient_scope\""),
                "{challenge}"
            );
        }
    };
    check("/v2/", 200).await;
    check("/v2/a/manifests/v1", 200).await;
    check("/v2/a/tags/list", 200).await;
    check("/v2/b/manifests/v1", 401).await;
    check("/v2/_catalog", 401).await;
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str())];
    let push = sandbox
        .send_as_is(Method::POST, "/v2/a/blobs/uploads/", &headers, "")
        .await;
    assert_eq!(push.status, StatusCode::UNAUTHORIZED);
    let delete = sandbox
        .send_as_is(Method::DELETE, "/acr/v1/a", &headers, "")
        .await;
    assert_eq!(delete.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_mount_needs_pull_on_the_other_repository() {
    let sandbox = TestSandbox::start().await;
    let digest = sandbox.push_blob("secret", b"shared").await;
    let path = format!("/v2/mine/blobs/uploads/?mount={digest}&from=secret");
    for (scope, expected) in [
        ("repository:mine:pull,push", 202),
        ("repository:mine:pull,push repository:secret:pull", 201),
    ] {
        let bearer = format!("Bearer {}", access_token(&sandbox, scope).await);
        let headers = [("authorization", bearer.as_str())];
        let answer = sandbox.send_as_is(Method::POST, &path, &headers, "").await;
        assert_eq!(answer.status.as_u16(), expected, "{scope}");
    }
}

#[tokio::test]
async fn tokens_expire_by_the_clock() {
    let sandbox = TestSandbox::start().await;
    let access = access_token(&sandbox, "registry:catalog:*").await;
    let refresh = refresh_token(&sandbox).await;
    assert_eq!(
        get_with(&sandbox, "/v2/_catalog", &access).await.status,
        StatusCode::OK
    );
    sandbox.advance(TimeDelta::minutes(76));
    let answer = get_with(&sandbox, "/v2/_catalog", &access).await;
    assert!(
        answer
            .header("www-authenticate")
            .ends_with("error=\"invalid_token\"")
    );
    let header = basic(ZERO_USER, &refresh);
    let headers = [("authorization", header.as_str())];
    let path = "/oauth2/token?scope=registry:catalog:*";
    let answer = sandbox.send_as_is(Method::GET, path, &headers, "").await;
    assert_eq!(answer.status, StatusCode::OK);
    sandbox.advance(TimeDelta::hours(2));
    let answer = sandbox.send_as_is(Method::GET, path, &headers, "").await;
    assert_eq!(answer.error(), (401, "UNAUTHORIZED".into()));
}

#[tokio::test]
async fn a_token_of_one_kind_opens_nothing_of_another() {
    let sandbox = TestSandbox::start().await;
    let refresh = refresh_token(&sandbox).await;
    let answer = get_with(&sandbox, "/v2/_catalog", &refresh).await;
    assert!(
        answer
            .header("www-authenticate")
            .ends_with("error=\"invalid_token\"")
    );
    let tokens = &sandbox.sandbox.state().tokens;
    assert!(tokens.verify_arm(&refresh).is_err());
    let endpoints = sandbox.sandbox.endpoints();
    let secret = endpoints.client_secret.reveal();
    let acr = entra(
        &sandbox,
        secret,
        "https://containerregistry.azure.net/.default",
    )
    .await;
    assert!(tokens.verify_arm(&text(&acr, "access_token")).is_err());
    for scope in [
        "https://management.azure.com/.default".to_owned(),
        "https://management.core.windows.net//.default".to_owned(),
        format!("{}.default", endpoints.arm),
    ] {
        let arm = entra(&sandbox, secret, &scope).await;
        let principal = tokens.verify_arm(&text(&arm, "access_token")).unwrap();
        assert_eq!(principal.client_id.unwrap(), endpoints.client_id, "{scope}");
    }
}

#[tokio::test]
async fn a_user_and_a_password_get_tokens_or_go_straight_to_the_registry() {
    let sandbox = TestSandbox::start().await;
    let state = sandbox.sandbox.state().clone();
    let refresh = refresh_token(&sandbox).await;
    let server = &sandbox.sandbox.endpoints().login_server;
    let client_id = state.identity.client_id.to_string();
    for (user, password) in [
        (ZERO_USER, refresh.as_str()),
        (
            &state.identity.registry_name,
            state.identity.admin_password.reveal(),
        ),
        (
            &state.identity.registry_name,
            state.identity.admin_password2.reveal(),
        ),
        (&client_id, state.identity.client_secret.reveal()),
    ] {
        let form = [
            ("grant_type", "password"),
            ("service", server),
            ("username", user),
            ("password", password),
            ("scope", "registry:catalog:*"),
        ];
        let token = text(
            &post(&sandbox, "/oauth2/token", &form).await,
            "access_token",
        );
        assert_eq!(
            get_with(&sandbox, "/v2/_catalog", &token).await.status,
            StatusCode::OK
        );
        for (password, expected) in [(password, 200), ("wrong", 401)] {
            let header = basic(user, password);
            let headers = [("authorization", header.as_str())];
            let answer = sandbox
                .send_as_is(Method::GET, "/v2/_catalog", &headers, "")
                .await;
            assert_eq!(answer.status.as_u16(), expected, "{user}");
        }
    }
}

#[tokio::test]
async fn nobody_is_let_in_anonymously_or_for_another_registry() {
    let sandbox = TestSandbox::start().await;
    let path = "/oauth2/token?scope=repository:a:pull";
    let answer = sandbox.send_as_is(Method::GET, path, &[], "").await;
    assert_eq!(answer.error(), (401, "UNAUTHORIZED".into()));
    let header = sandbox.admin();
    let headers = [("authorization", header.as_str())];
    let path = "/oauth2/token?scope=repository:a:pull&service=other.azurecr.io";
    let answer = sandbox.send_as_is(Method::GET, path, &headers, "").await;
    assert_eq!(answer.error(), (401, "UNAUTHORIZED".into()));
}

#[tokio::test]
async fn entra_refuses_as_the_real_one_does() {
    let sandbox = TestSandbox::start().await;
    let endpoints = sandbox.sandbox.endpoints().clone();
    let path = format!("/{}/oauth2/v2.0/token", endpoints.tenant_id);
    let good = [
        ("grant_type", "client_credentials"),
        ("client_id", &endpoints.client_id),
        ("client_secret", endpoints.client_secret.reveal()),
        ("scope", "https://management.azure.com/.default"),
    ];
    let check = async |path: &str, key: &str, value: &str, expected: (u16, &str, u32)| {
        let form = good.map(|(name, good)| {
            if name == key {
                (name, value)
            } else {
                (name, good)
            }
        });
        let answer = post(&sandbox, path, &form).await;
        let body = answer.json();
        assert_eq!(answer.status.as_u16(), expected.0, "{body}");
        assert_eq!(body["error"], expected.1);
        assert_eq!(body["error_codes"], json!([expected.2]));
        let description = body["error_description"].as_str().unwrap();
        assert!(
            description.starts_with(&format!("AADSTS{}: ", expected.2)),
            "{description}"
        );
        if key == "client_secret" && !value.is_empty() {
            assert!(
                !description.contains(value),
                "a secret is repeated: {description}"
            );
        }
    };
    check(
        &path,
        "client_secret",
        "wrong-secret",
        (401, "invalid_client", 7_000_215),
    )
    .await;
    check(
        &path,
        "client_secret",
        "",
        (400, "invalid_request", 900_144),
    )
    .await;
    check(
        &path,
        "client_id",
        "nobody",
        (400, "unauthorized_client", 700_016),
    )
    .await;
    check(
        &path,
        "grant_type",
        "magic",
        (400, "unsupported_grant_type", 70_003),
    )
    .await;
    check(
        &path,
        "scope",
        "https://graph.microsoft.com/.default",
        (400, "invalid_resource", 500_011),
    )
    .await;
    check(
        &path,
        "scope",
        "https://management.azure.com",
        (400, "invalid_scope", 1_002_012),
    )
    .await;
    let other = "/11111111-1111-1111-1111-111111111111/oauth2/v2.0/token";
    check(other, "", "", (400, "invalid_request", 90_002)).await;
}

#[tokio::test]
async fn discovery_names_the_token_endpoint() {
    let sandbox = TestSandbox::start().await;
    let endpoints = sandbox.sandbox.endpoints();
    let path = format!(
        "/{}/v2.0/.well-known/openid-configuration",
        endpoints.tenant_id
    );
    let answer = sandbox.send_as_is(Method::GET, &path, &[], "").await;
    let expected = format!(
        "{}{}/oauth2/v2.0/token",
        endpoints.authority, endpoints.tenant_id
    );
    assert_eq!(answer.json()["token_endpoint"], expected);
    assert!(!answer.header("x-ms-request-id").is_empty());
}

#[tokio::test]
async fn the_reader_sees_everything_and_changes_nothing() {
    let sandbox = TestSandbox::start().await;
    let state = sandbox.sandbox.state().clone();
    let (identity, endpoints) = (&state.identity, sandbox.sandbox.endpoints());
    let (client, secret) = (
        identity.reader_client_id.to_string(),
        identity.reader_secret.reveal(),
    );
    let registry = [("authorization", basic(&client, secret))];
    let registry = [(registry[0].0, registry[0].1.as_str())];
    for (method, path, expected) in [
        (Method::GET, "/v2/_catalog", StatusCode::OK),
        (Method::GET, "/acr/v1/_catalog", StatusCode::OK),
        (Method::GET, "/v2/app/tags/list", StatusCode::NOT_FOUND),
        (
            Method::POST,
            "/v2/app/blobs/uploads/",
            StatusCode::UNAUTHORIZED,
        ),
        (
            Method::DELETE,
            "/v2/app/manifests/1",
            StatusCode::UNAUTHORIZED,
        ),
    ] {
        let answer = sandbox.send_as_is(method, path, &registry, "").await;
        assert_eq!(answer.status, expected, "{path}: {answer:?}");
    }

    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", &client),
        ("client_secret", secret),
        ("scope", "https://management.azure.com/.default"),
    ];
    let path = format!("/{}/oauth2/v2.0/token", endpoints.tenant_id);
    let token = text(&post(&sandbox, &path, &form).await, "access_token");
    let bearer = format!("Bearer {token}");
    let bearer = [("authorization", bearer.as_str())];
    let registry = endpoints.registry_id();
    let tasks = format!("{registry}/tasks?api-version=2019-04-01");
    let listed = sandbox.send_as_is(Method::GET, &tasks, &bearer, "").await;
    assert_eq!(listed.status, StatusCode::OK, "{listed:?}");
    let task = format!("{registry}/tasks/t?api-version=2019-04-01");
    let refused = sandbox.send_as_is(Method::PUT, &task, &bearer, "{}").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{refused:?}");
    let error = refused.json()["error"].clone();
    assert_eq!(error["code"], "AuthorizationFailed");
    let message = error["message"].as_str().unwrap();
    assert!(
        message.contains("'Microsoft.ContainerRegistry/registries/tasks/write'"),
        "{message}"
    );
}
