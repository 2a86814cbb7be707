//! Entra: what clients discover, and how a person signs in.
use crate::support::{Answer, TestSandbox};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use drydock_sandbox::identity::USER_NAME;
use http::{Method, StatusCode};
use serde_json::{Value, json};

/// The Azure CLI's.
const CLIENT: &str = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";
const POWERSHELL: &str = "1950a258-227b-4e31-a9cf-717495945fc2";
const ARM: &str = "https://management.azure.com/.default openid profile offline_access";
const DEVICE_GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

async fn post(sandbox: &TestSandbox, path: &str, form: &[(&str, &str)]) -> Answer {
    let body = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(form)
        .finish();
    sandbox.send_as_is(Method::POST, path, &[], body).await
}

async fn token(sandbox: &TestSandbox, form: &[(&str, &str)]) -> Answer {
    post(sandbox, "/adfs/oauth2/token", form).await
}

fn code(answer: &Answer) -> u64 {
    answer.json()["error_codes"][0].as_u64().unwrap()
}

fn text(answer: &Answer, member: &str) -> String {
    answer.json()[member].as_str().unwrap().to_owned()
}

fn claims(token: &str) -> Value {
    let claims = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap()
}

fn password(sandbox: &TestSandbox) -> String {
    sandbox
        .sandbox
        .state()
        .identity
        .user_password
        .reveal()
        .to_owned()
}

async fn opens_arm(sandbox: &TestSandbox, token: &str) -> bool {
    let bearer = format!("Bearer {token}");
    let path = "/subscriptions?api-version=2022-12-01";
    let answer = sandbox
        .send_as_is(Method::GET, path, &[("authorization", &bearer)], "")
        .await;
    answer.status == StatusCode::OK
}

#[tokio::test]
async fn both_manners_of_discovery_name_where_to_ask() {
    let sandbox = TestSandbox::start().await;
    let endpoints = sandbox.sandbox.endpoints();
    let (base, tenant) = (endpoints.authority.as_str(), &endpoints.tenant_id);
    let check = async |path: &str, token: String| {
        let answer = sandbox.send_as_is(Method::GET, path, &[], "").await;
        assert_eq!(text(&answer, "token_endpoint"), token, "{path}");
    };
    let document = ".well-known/openid-configuration";
    check(
        &format!("/adfs/{document}"),
        format!("{base}adfs/oauth2/token"),
    )
    .await;
    check(
        &format!("/{tenant}/v2.0/{document}"),
        format!("{base}{tenant}/oauth2/v2.0/token"),
    )
    .await;
    check(
        &format!("/organizations/v2.0/{document}"),
        format!("{base}{tenant}/oauth2/v2.0/token"),
    )
    .await;
}

#[tokio::test]
async fn the_metadata_is_an_object_and_was_a_list() {
    let sandbox = TestSandbox::start().await;
    let get = async |query: &str| {
        let path = format!("/metadata/endpoints{query}");
        sandbox.send_as_is(Method::GET, &path, &[], "").await
    };
    let arm = sandbox
        .sandbox
        .endpoints()
        .arm
        .as_str()
        .trim_end_matches('/')
        .to_owned();
    let now = get("?api-version=2022-09-01").await.json();
    assert_eq!(now["resourceManager"], json!(arm));
    assert_eq!(
        now["authentication"]["loginEndpoint"],
        json!(format!("{arm}/adfs"))
    );
    assert_eq!(get("?api-version=2019-05-01").await.json(), json!([now]));
    assert_eq!(get("").await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_person_signs_in_with_a_password_and_stays_signed_in() {
    let sandbox = TestSandbox::start().await;
    let password = password(&sandbox);
    let form = [
        ("grant_type", "password"),
        ("client_id", CLIENT),
        ("scope", ARM),
        ("username", USER_NAME),
        ("password", &password),
    ];
    let answer = token(&sandbox, &form).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    assert!(opens_arm(&sandbox, &text(&answer, "access_token")).await);
    let id = claims(&text(&answer, "id_token"));
    assert_eq!(
        (&id["aud"], &id["preferred_username"]),
        (&json!(CLIENT), &json!(USER_NAME))
    );
    let info = URL_SAFE_NO_PAD
        .decode(text(&answer, "client_info"))
        .unwrap();
    let info: Value = serde_json::from_slice(&info).unwrap();
    assert_eq!(info, json!({"uid": id["oid"], "utid": id["tid"]}));

    let refresh = text(&answer, "refresh_token");
    assert!(
        !opens_arm(&sandbox, &refresh).await,
        "a refresh token opens nothing"
    );
    let again = [
        ("grant_type", "refresh_token"),
        ("client_id", CLIENT),
        ("scope", "https://containerregistry.azure.net/.default"),
        ("refresh_token", &refresh),
    ];
    sandbox.advance(TimeDelta::days(89));
    assert_eq!(token(&sandbox, &again).await.status, StatusCode::OK);
    let mut foreign = again;
    foreign[1].1 = POWERSHELL;
    assert_eq!(code(&token(&sandbox, &foreign).await), 9_002_313);
    sandbox.advance(TimeDelta::days(1));
    assert_eq!(code(&token(&sandbox, &again).await), 700_082);
}

#[tokio::test]
async fn whoever_is_not_the_person_is_refused_as_entra_refuses() {
    let sandbox = TestSandbox::start().await;
    let right = password(&sandbox);
    let check = async |client: &str, name: &str, password: &str, expected: u64| {
        let form = [
            ("grant_type", "password"),
            ("client_id", client),
            ("scope", ARM),
            ("username", name),
            ("password", password),
        ];
        let answer = token(&sandbox, &form).await;
        assert_eq!(
            (answer.status, code(&answer)),
            (StatusCode::BAD_REQUEST, expected)
        );
        assert!(!String::from_utf8_lossy(&answer.body).contains(&right));
    };
    check(CLIENT, USER_NAME, "wrong", 50_126).await;
    check(CLIENT, "nobody@drydock.localhost", &right, 50_034).await;
    check(
        "00000000-0000-0000-0000-000000000000",
        USER_NAME,
        &right,
        700_016,
    )
    .await;
}

#[tokio::test]
async fn a_code_is_worth_something_once_the_person_confirmed_it_and_then_once() {
    let sandbox = TestSandbox::start().await;
    let begun = post(
        &sandbox,
        "/organizations/oauth2/v2.0/devicecode",
        &[("client_id", CLIENT), ("scope", ARM)],
    )
    .await;
    let (device_code, user_code) = (text(&begun, "device_code"), text(&begun, "user_code"));
    let redeem = [
        ("grant_type", DEVICE_GRANT),
        ("client_id", CLIENT),
        ("scope", ARM),
        ("device_code", device_code.as_str()),
    ];
    assert_eq!(
        text(&token(&sandbox, &redeem).await, "error"),
        "authorization_pending"
    );

    let page = url::Url::parse(&text(&begun, "verification_uri")).unwrap();
    let form = sandbox.send_as_is(Method::GET, page.path(), &[], "").await;
    assert!(
        form.header("content-security-policy")
            .contains("frame-ancestors 'none'")
    );
    post(
        &sandbox,
        page.path(),
        &[
            ("user_code", &user_code),
            ("username", USER_NAME),
            ("password", "wrong"),
        ],
    )
    .await;
    assert_eq!(
        text(&token(&sandbox, &redeem).await, "error"),
        "authorization_pending"
    );

    let password = password(&sandbox);
    let typed = user_code.to_ascii_lowercase();
    post(
        &sandbox,
        page.path(),
        &[
            ("user_code", &typed),
            ("username", USER_NAME),
            ("password", &password),
        ],
    )
    .await;
    let answer = token(&sandbox, &redeem).await;
    assert!(opens_arm(&sandbox, &text(&answer, "access_token")).await);
    assert_eq!(
        text(&token(&sandbox, &redeem).await, "error"),
        "bad_verification_code"
    );
}

#[tokio::test]
async fn a_code_that_nobody_confirmed_expires() {
    let sandbox = TestSandbox::start().await;
    let begun = post(
        &sandbox,
        "/adfs/oauth2/devicecode",
        &[
            ("client_id", CLIENT),
            ("resource", "https://management.azure.com"),
        ],
    )
    .await;
    let device_code = text(&begun, "device_code");
    let redeem = [
        ("grant_type", DEVICE_GRANT),
        ("client_id", CLIENT),
        ("scope", ARM),
        ("device_code", device_code.as_str()),
    ];
    sandbox.advance(TimeDelta::minutes(15));
    assert_eq!(
        text(&token(&sandbox, &redeem).await, "error"),
        "expired_token"
    );
    let password = password(&sandbox);
    let user_code = text(&begun, "user_code");
    post(
        &sandbox,
        "/common/oauth2/deviceauth",
        &[
            ("user_code", &user_code),
            ("username", USER_NAME),
            ("password", &password),
        ],
    )
    .await;
    assert_eq!(
        text(&token(&sandbox, &redeem).await, "error"),
        "expired_token"
    );
}
