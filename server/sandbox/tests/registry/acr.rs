//! ACR's own listings.
use crate::support::{INDEX, MANIFEST, TestSandbox, descriptor, digest, image};
use chrono::TimeDelta;
use http::{Method, StatusCode};
use serde_json::{Value, json};

/// The names in a page of `_tags`, and the path of the next one.
async fn page(sandbox: &TestSandbox, path: &str) -> (Vec<String>, Option<String>) {
    let answer = sandbox.get(path).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    let tags = answer.json()["tags"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let names = tags
        .iter()
        .map(|tag| tag["name"].as_str().unwrap().to_owned())
        .collect();
    let link = answer.header("link").strip_prefix('<').map(str::to_owned);
    (
        names,
        link.map(|link| link.split('>').next().unwrap().to_owned()),
    )
}

#[tokio::test]
async fn tags_are_listed_with_their_times_and_in_the_order_asked_for() {
    let sandbox = TestSandbox::start().await;
    for tag in ["b", "c", "a"] {
        sandbox.push_image("team/app", tag, tag).await;
        sandbox.advance(TimeDelta::minutes(1));
    }
    sandbox.push_image("team/app", "b", "again").await;
    let check = async |query: &str, expected: &[&str]| {
        let (names, _) = page(&sandbox, &format!("/acr/v1/team/app/_tags{query}")).await;
        assert_eq!(names, expected, "{query}");
    };
    check("", &["a", "b", "c"]).await;
    check("?orderby=timeasc", &["c", "a", "b"]).await;
    check("?orderby=timedesc", &["b", "a", "c"]).await;
    check("?orderby=timedesc&n=2&last=b", &["a", "c"]).await;
    check("?last=aa", &["b", "c"]).await;
    let newest = digest(
        image(br#"{"architecture":"amd64","os":"linux"}"#, b"again")
            .to_string()
            .as_bytes(),
    );
    check(&format!("?digest={newest}"), &["b"]).await;
    let tag = sandbox.get("/acr/v1/team/app/_tags/b").await.json();
    assert_eq!(tag["registry"], sandbox.sandbox.endpoints().login_server);
    assert_eq!(tag["imageName"], "team/app");
    assert_eq!(tag["tag"]["digest"], newest);
    assert_eq!(tag["tag"]["createdTime"], "2026-11-21T12:00:00Z");
    assert_eq!(tag["tag"]["lastUpdateTime"], "2026-11-21T12:03:00Z");
    assert_eq!(tag["tag"]["changeableAttributes"]["writeEnabled"], true);
}

#[tokio::test]
async fn the_page_after_the_last_tag_has_no_list_at_all() {
    let sandbox = TestSandbox::start().await;
    for tag in ["a", "b", "c"] {
        sandbox.push_image("app", tag, "layer").await;
    }
    let (names, next) = page(&sandbox, "/acr/v1/app/_tags?n=2").await;
    assert_eq!(names, ["a", "b"]);
    let next = next.unwrap();
    assert_eq!(next, "/acr/v1/app/_tags?last=b&n=2&orderby=");
    let (names, next) = page(&sandbox, &next).await;
    assert_eq!((names, next), (vec!["c".to_owned()], None));
    let after = sandbox.get("/acr/v1/app/_tags?n=2&last=c").await.json();
    assert!(after.as_object().unwrap().get("tags").is_none(), "{after}");
    let manifests = sandbox
        .get("/acr/v1/app/_manifests?last=sha256:f~")
        .await
        .json();
    assert!(
        manifests.as_object().unwrap().get("manifests").is_none(),
        "{manifests}"
    );
}

#[tokio::test]
async fn manifests_say_what_they_are() {
    let sandbox = TestSandbox::start().await;
    let config: &[u8] = br#"{"architecture":"amd64","os":"linux"}"#;
    let child = sandbox.push_image("app", "v1", "layer").await;
    let manifest = image(config, b"layer").to_string();
    let mut described = descriptor(MANIFEST, manifest.as_bytes());
    described["platform"] = json!({"architecture": "amd64", "os": "linux"});
    let index = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": [described]});
    sandbox.put_manifest("app", "multi", INDEX, &index).await;
    let row = sandbox
        .get(&format!("/acr/v1/app/_manifests/{child}"))
        .await
        .json();
    let expected = json!({
        "digest": child,
        "imageSize": config.len() + b"layer".len(),
        "createdTime": "2026-11-21T12:00:00Z",
        "lastUpdateTime": "2026-11-21T12:00:00Z",
        "architecture": "amd64",
        "os": "linux",
        "mediaType": MANIFEST,
        "configMediaType": "application/vnd.oci.image.config.v1+json",
        "tags": ["v1"],
        "changeableAttributes": {"deleteEnabled": true, "writeEnabled": true, "readEnabled": true, "listEnabled": true},
    });
    assert_eq!(row["manifest"], expected);
    let index = digest(index.to_string().as_bytes());
    let row = sandbox
        .get(&format!("/acr/v1/app/_manifests/{index}"))
        .await
        .json();
    let reference = json!([{"digest": child, "architecture": "amd64", "os": "linux"}]);
    assert_eq!(row["manifest"]["references"], reference);
    assert_eq!(row["manifest"]["architecture"], Value::Null);
    let all = sandbox.get("/acr/v1/app/_manifests").await.json();
    assert_eq!(all["manifests"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_repository_is_counted_and_deleted_whole() {
    let sandbox = TestSandbox::start().await;
    let digest = sandbox.push_image("team/app", "v1", "layer").await;
    sandbox.push_image("team", "v1", "layer").await;
    sandbox.advance(TimeDelta::minutes(5));
    sandbox.push_image("team/app", "v2", "layer").await;
    let facts = sandbox.get("/acr/v1/team/app").await.json();
    assert_eq!(facts["imageName"], "team/app");
    assert_eq!(facts["createdTime"], "2026-11-21T12:00:00Z");
    assert_eq!(facts["lastUpdateTime"], "2026-11-21T12:05:00Z");
    assert_eq!(
        (&facts["manifestCount"], &facts["tagCount"]),
        (&json!(1), &json!(2))
    );
    let deleted = sandbox
        .send(Method::DELETE, "/acr/v1/team/app", &[], "")
        .await;
    assert_eq!(deleted.status, StatusCode::ACCEPTED);
    let expected = json!({"manifestsDeleted": [digest], "tagsDeleted": ["v1", "v2"]});
    assert_eq!(deleted.json(), expected);
    for path in [
        "/acr/v1/team/app",
        "/acr/v1/team/app/_tags",
        "/acr/v1/team/app/_tags/v1",
    ] {
        assert_eq!(
            sandbox.get(path).await.error(),
            (404, "NAME_UNKNOWN".into()),
            "{path}"
        );
    }
    let left = sandbox.get("/acr/v1/_catalog").await.json();
    assert_eq!(left, json!({"repositories": ["team"]}));
    let again = sandbox
        .send(Method::DELETE, "/acr/v1/team/app", &[], "")
        .await;
    assert_eq!(again.error(), (404, "NAME_UNKNOWN".into()));
}

#[tokio::test]
async fn untagging_leaves_the_manifest() {
    let sandbox = TestSandbox::start().await;
    let digest = sandbox.push_image("app", "v1", "layer").await;
    let path = "/acr/v1/app/_tags/v1";
    assert_eq!(
        sandbox.send(Method::DELETE, path, &[], "").await.status,
        StatusCode::ACCEPTED
    );
    assert_eq!(sandbox.get(path).await.error(), (404, "TAG_UNKNOWN".into()));
    let manifest = sandbox
        .get(&format!("/acr/v1/app/_manifests/{digest}"))
        .await
        .json();
    assert_eq!(manifest["manifest"]["tags"], Value::Null);
}
