//! Changeable attributes: what is locked is not pushed, pulled, deleted or listed; and the links
//! behind which blobs are read.
use crate::support::{Answer, MANIFEST, TestSandbox, image};
use chrono::TimeDelta;
use http::{Method, StatusCode};
use serde_json::{Value, json};

const DISALLOWED: &str = "REGISTRY_DISALLOWED_OPERATION";

async fn change(sandbox: &TestSandbox, path: &str, change: Value) -> Answer {
    let answer = sandbox
        .send(Method::PATCH, path, &[], change.to_string())
        .await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    answer
}

async fn expect_disallowed(sandbox: &TestSandbox, method: Method, path: &str) {
    let answer = sandbox.send(method, path, &[], "").await;
    assert_eq!(answer.error(), (405, DISALLOWED.into()), "{path}");
}

async fn push_again(sandbox: &TestSandbox, tag: &str, text: &str) -> Answer {
    let config = br#"{"architecture":"amd64","os":"linux"}"#;
    sandbox.push_blob("a", config).await;
    sandbox.push_blob("a", text.as_bytes()).await;
    let manifest = image(config, text.as_bytes());
    sandbox.put_manifest("a", tag, MANIFEST, &manifest).await
}

#[tokio::test]
async fn a_tag_that_must_not_be_written_is_neither_moved_nor_deleted() {
    let sandbox = TestSandbox::start().await;
    let digest = sandbox.push_image("a", "v1", "one").await;
    let told = change(
        &sandbox,
        "/acr/v1/a/_tags/v1",
        json!({"writeEnabled": false}),
    )
    .await;
    let attributes = &told.json()["tag"]["changeableAttributes"];
    let expected = json!({"deleteEnabled": true, "writeEnabled": false, "readEnabled": true, "listEnabled": true});
    assert_eq!(attributes, &expected);
    let moved = push_again(&sandbox, "v1", "two").await;
    assert_eq!(moved.error(), (405, DISALLOWED.into()));
    expect_disallowed(&sandbox, Method::DELETE, "/acr/v1/a/_tags/v1").await;
    expect_disallowed(
        &sandbox,
        Method::DELETE,
        &format!("/v2/a/manifests/{digest}"),
    )
    .await;
    expect_disallowed(&sandbox, Method::DELETE, "/acr/v1/a").await;
    let other = push_again(&sandbox, "v2", "two").await;
    assert_eq!(other.status, StatusCode::CREATED);
    assert_eq!(
        sandbox.get("/v2/a/manifests/v1").await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn a_lock_outlives_a_restart_and_a_push_and_is_taken_off_again() {
    let sandbox = TestSandbox::start().await;
    let digest = sandbox.push_image("a", "v1", "one").await;
    for path in [
        "/acr/v1/a/_tags/v1".to_owned(),
        format!("/acr/v1/a/_manifests/{digest}"),
        "/acr/v1/a".to_owned(),
    ] {
        change(&sandbox, &path, json!({"deleteEnabled": false})).await;
    }
    assert_eq!(
        push_again(&sandbox, "v1", "one").await.status,
        StatusCode::CREATED
    );
    let sandbox = sandbox.restart().await;
    let manifest = format!("/v2/a/manifests/{digest}");
    for path in [
        "/acr/v1/a",
        &format!("/acr/v1/a/_manifests/{digest}"),
        "/acr/v1/a/_tags/v1",
    ] {
        expect_disallowed(&sandbox, Method::DELETE, &manifest).await;
        change(&sandbox, path, json!({"deleteEnabled": true})).await;
    }
    let gone = sandbox.send(Method::DELETE, &manifest, &[], "").await;
    assert_eq!(gone.status, StatusCode::ACCEPTED);
}

#[tokio::test]
async fn a_locked_repository_takes_no_push_and_one_that_must_not_be_read_gives_nothing() {
    let sandbox = TestSandbox::start().await;
    sandbox.push_image("a", "v1", "one").await;
    let layer = sandbox.push_blob("a", b"one").await;
    change(
        &sandbox,
        "/acr/v1/a",
        json!({"writeEnabled": false, "readEnabled": false}),
    )
    .await;
    expect_disallowed(&sandbox, Method::POST, "/v2/a/blobs/uploads/").await;
    expect_disallowed(&sandbox, Method::GET, "/v2/a/manifests/v1").await;
    expect_disallowed(&sandbox, Method::GET, &format!("/v2/a/blobs/{layer}")).await;
    let listed = sandbox.get("/v2/a/tags/list").await;
    assert_eq!(listed.json()["tags"], json!(["v1"]));
}

#[tokio::test]
async fn what_must_not_be_listed_is_there_and_in_no_list() {
    let sandbox = TestSandbox::start().await;
    let digest = sandbox.push_image("a", "v1", "one").await;
    sandbox.push_image("a", "v2", "two").await;
    change(
        &sandbox,
        "/acr/v1/a/_tags/v1",
        json!({"listEnabled": false}),
    )
    .await;
    change(
        &sandbox,
        &format!("/acr/v1/a/_manifests/{digest}"),
        json!({"listEnabled": false}),
    )
    .await;
    let tags = sandbox.get("/v2/a/tags/list").await.json();
    assert_eq!(tags["tags"], json!(["v2"]));
    let tags = sandbox.get("/acr/v1/a/_tags").await.json();
    assert_eq!(tags["tags"].as_array().unwrap().len(), 1);
    let manifests = sandbox.get("/acr/v1/a/_manifests").await.json();
    assert_eq!(manifests["manifests"].as_array().unwrap().len(), 1);
    assert_eq!(
        sandbox.get("/v2/a/manifests/v1").await.status,
        StatusCode::OK
    );
    change(&sandbox, "/acr/v1/a", json!({"listEnabled": false})).await;
    let catalog = sandbox.get("/v2/_catalog").await.json();
    assert_eq!(catalog["repositories"], json!([]));
}

#[tokio::test]
async fn what_is_no_change_of_attributes_is_refused() {
    let sandbox = TestSandbox::start().await;
    sandbox.push_image("a", "v1", "one").await;
    let send = async |path: &str, body: &str| {
        let answer = sandbox
            .send(Method::PATCH, path, &[], body.to_owned())
            .await;
        answer.error()
    };
    assert_eq!(send("/acr/v1/a", "3").await, (400, "UNSUPPORTED".into()));
    assert_eq!(send("/acr/v1/b", "{}").await, (404, "NAME_UNKNOWN".into()));
    assert_eq!(
        send("/acr/v1/a/_tags/v9", "{}").await,
        (404, "TAG_UNKNOWN".into())
    );
}

#[tokio::test]
async fn a_blob_is_read_behind_a_link_that_opens_it_alone_and_for_a_while() {
    let sandbox = TestSandbox::start().await;
    let digest = sandbox.push_blob("a", b"content").await;
    let other = sandbox.push_blob("a", b"other").await;
    let admin = sandbox.admin();
    let headers = [("authorization", admin.as_str())];
    let path = format!("/v2/a/blobs/{digest}");
    let answer = sandbox.send_as_is(Method::GET, &path, &headers, "").await;
    assert_eq!(answer.status, StatusCode::TEMPORARY_REDIRECT);
    assert_eq!(answer.header("docker-content-digest"), digest);
    let link = url::Url::parse(answer.header("location")).unwrap();
    assert_eq!(link.scheme(), "https");
    let open = async |path: &str| sandbox.send_as_is(Method::GET, path, &[], "").await;
    let link = &link[url::Position::BeforePath..];
    assert_eq!(&open(link).await.body[..], b"content");
    let (plain, query) = link.split_once('?').unwrap();
    assert_eq!(open(plain).await.status, StatusCode::FORBIDDEN);
    let hex = |digest: &str| digest.strip_prefix("sha256:").unwrap().to_owned();
    let shard = |digest: &str| format!("/{}/{}/", &hex(digest)[..2], hex(digest));
    let elsewhere = plain.replace(&shard(&digest), &shard(&other));
    assert_ne!(elsewhere, plain);
    let stolen = open(&format!("{elsewhere}?{query}")).await;
    assert_eq!(stolen.status, StatusCode::FORBIDDEN);
    sandbox.advance(TimeDelta::minutes(20));
    assert_eq!(open(link).await.status, StatusCode::FORBIDDEN);
}
