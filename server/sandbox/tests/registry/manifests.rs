//! Manifests, tags, listings and referrers.
use crate::support::{INDEX, MANIFEST, TestSandbox, descriptor, digest, image};
use http::{Method, StatusCode};
use serde_json::{Value, json};

const CONFIG: &[u8] = br#"{"architecture":"amd64","os":"linux"}"#;

#[tokio::test]
async fn a_manifest_is_read_by_tag_and_by_digest_byte_for_byte() {
    let sandbox = TestSandbox::start().await;
    let digest = sandbox.push_image("team/app", "v1", "layer").await;
    let expected = image(CONFIG, b"layer").to_string();
    for reference in ["v1", &digest, &digest.replace(':', "%3A")] {
        let answer = sandbox
            .get(&format!("/v2/team/app/manifests/{reference}"))
            .await;
        assert_eq!(answer.body, expected.as_bytes(), "{reference}");
        assert_eq!(answer.header("content-type"), MANIFEST);
        assert_eq!(answer.header("docker-content-digest"), digest);
        assert_eq!(answer.header("etag"), format!("\"{digest}\""));
    }
    let head = sandbox
        .send(Method::HEAD, "/v2/team/app/manifests/v1", &[], "")
        .await;
    assert_eq!(head.header("content-length"), expected.len().to_string());
    assert!(head.body.is_empty());
}

#[tokio::test]
async fn a_client_gets_no_manifest_that_it_does_not_accept() {
    let sandbox = TestSandbox::start().await;
    sandbox.push_image("a", "v1", "layer").await;
    let docker = "application/vnd.docker.distribution.manifest.v2+json";
    let check = async |accept: &str, expected: u16| {
        let headers = [("accept", accept)];
        let answer = sandbox
            .send(Method::GET, "/v2/a/manifests/v1", &headers, "")
            .await;
        assert_eq!(answer.status.as_u16(), expected, "{accept}");
    };
    check("*/*", 200).await;
    check(&format!("{docker}, {MANIFEST};q=0.5"), 200).await;
    check(docker, 404).await;
}

#[tokio::test]
async fn a_manifest_whose_content_is_missing_is_refused_with_its_names() {
    let sandbox = TestSandbox::start().await;
    sandbox.push_blob("a", CONFIG).await;
    let answer = sandbox
        .put_manifest("a", "v1", MANIFEST, &image(CONFIG, b"layer"))
        .await;
    assert_eq!(answer.error(), (400, "MANIFEST_BLOB_UNKNOWN".into()));
    let missing = digest(b"layer");
    assert!(
        answer.message().contains(&format!("layer 0 {missing}")),
        "{}",
        answer.message()
    );
    assert_eq!(answer.json()["errors"][0]["detail"][0]["digest"], missing);
    assert_eq!(
        sandbox.get("/v2/a/manifests/v1").await.error(),
        (404, "NAME_UNKNOWN".into())
    );
    assert_eq!(
        sandbox.get("/v2/_catalog").await.json(),
        json!({"repositories": []})
    );
}

#[tokio::test]
async fn an_index_needs_its_manifests() {
    let sandbox = TestSandbox::start().await;
    let child = image(CONFIG, b"layer").to_string();
    let index = json!({
        "schemaVersion": 2, "mediaType": INDEX,
        "manifests": [descriptor(MANIFEST, child.as_bytes())],
    });
    let refused = sandbox.put_manifest("a", "multi", INDEX, &index).await;
    assert_eq!(refused.error(), (400, "MANIFEST_BLOB_UNKNOWN".into()));
    assert!(
        refused.message().contains("manifest 0"),
        "{}",
        refused.message()
    );
    sandbox.push_image("a", "v1", "layer").await;
    let answer = sandbox.put_manifest("a", "multi", INDEX, &index).await;
    assert_eq!(answer.status, StatusCode::CREATED);
}

#[tokio::test]
async fn a_digest_or_a_size_that_lies_is_refused() {
    let sandbox = TestSandbox::start().await;
    sandbox.push_image("a", "v1", "layer").await;
    let other = digest(b"something else");
    let lie = sandbox
        .put_manifest("a", &other, MANIFEST, &image(CONFIG, b"layer"))
        .await;
    assert_eq!(lie.error(), (400, "DIGEST_INVALID".into()));
    let mut wrong_size = image(CONFIG, b"layer");
    wrong_size["layers"][0]["size"] = 6.into();
    let lie = sandbox.put_manifest("a", "v2", MANIFEST, &wrong_size).await;
    assert_eq!(lie.error(), (400, "MANIFEST_INVALID".into()));
    assert!(lie.message().contains("has 5 bytes"), "{}", lie.message());
    let no_json = sandbox.send(
        Method::PUT,
        "/v2/a/manifests/v3",
        &[("content-type", MANIFEST)],
        "{\"schemaVersion\":",
    );
    assert_eq!(no_json.await.error(), (400, "MANIFEST_INVALID".into()));
    let answer = sandbox.get("/v2/a/tags/list").await;
    assert_eq!(answer.json(), json!({"name": "a", "tags": ["v1"]}));
}

#[tokio::test]
async fn a_manifest_beyond_four_mebibytes_is_refused() {
    let sandbox = TestSandbox::start().await;
    let headers = [("content-type", MANIFEST)];
    let body = vec![b' '; 4 * 1024 * 1024 + 1];
    let answer = sandbox
        .send(Method::PUT, "/v2/a/manifests/v1", &headers, body)
        .await;
    assert_eq!(answer.error(), (413, "SIZE_INVALID".into()));
}

#[tokio::test]
async fn tags_and_repositories_are_listed_in_pages() {
    let sandbox = TestSandbox::start().await;
    for tag in ["c", "a", "e", "b", "d"] {
        sandbox.push_image("team/app", tag, "layer").await;
    }
    let mut path = "/v2/team/app/tags/list?n=2".to_owned();
    let mut seen = Vec::new();
    loop {
        let page = sandbox.get(&path).await;
        seen.push(page.json()["tags"].clone());
        let Some(link) = page.header("link").strip_prefix('<') else {
            break;
        };
        assert!(link.ends_with(">; rel=\"next\""), "{link}");
        path = link.split('>').next().unwrap().to_owned();
    }
    assert_eq!(json!(seen), json!([["a", "b"], ["c", "d"], ["e"]]));
    sandbox.push_image("another", "v1", "layer").await;
    let page = sandbox.get("/v2/_catalog?n=1").await;
    assert_eq!(page.json(), json!({"repositories": ["another"]}));
    assert_eq!(
        page.header("link"),
        "</v2/_catalog?last=another&n=1&orderby=>; rel=\"next\""
    );
    let page = sandbox.get("/v2/_catalog?last=another&n=1&orderby=").await;
    assert_eq!(page.json(), json!({"repositories": ["team/app"]}));
    assert_eq!(page.header("link"), "");
    let wrong = sandbox.get("/v2/_catalog?n=many").await;
    assert_eq!(wrong.error(), (400, "PAGINATION_NUMBER_INVALID".into()));
}

#[tokio::test]
async fn deleting_a_manifest_takes_its_tags_and_what_refers_to_it() {
    let sandbox = TestSandbox::start().await;
    let digest = sandbox.push_image("a", "v1", "layer").await;
    sandbox.push_image("a", "also-v1", "layer").await;
    sandbox.push_image("a", "v2", "other").await;
    refer(&sandbox, &digest, "application/vnd.example.sbom").await;
    let path = format!("/v2/a/manifests/{digest}");
    assert_eq!(
        sandbox.send(Method::DELETE, &path, &[], "").await.status,
        StatusCode::ACCEPTED
    );
    let tags = sandbox.get("/v2/a/tags/list").await;
    assert_eq!(tags.json()["tags"], json!(["v2"]));
    let manifests = sandbox.get("/acr/v1/a/_manifests").await;
    assert_eq!(manifests.json()["manifests"].as_array().unwrap().len(), 1);
    let again = sandbox.send(Method::DELETE, &path, &[], "").await;
    assert_eq!(again.error(), (404, "MANIFEST_UNKNOWN".into()));
}

#[tokio::test]
async fn deleting_by_tag_leaves_the_manifest() {
    let sandbox = TestSandbox::start().await;
    let digest = sandbox.push_image("a", "v1", "layer").await;
    let answer = sandbox
        .send(Method::DELETE, "/v2/a/manifests/v1", &[], "")
        .await;
    assert_eq!(answer.status, StatusCode::ACCEPTED);
    assert_eq!(
        sandbox.get("/v2/a/manifests/v1").await.error(),
        (404, "MANIFEST_UNKNOWN".into())
    );
    let answer = sandbox.get(&format!("/v2/a/manifests/{digest}")).await;
    assert_eq!(answer.status, StatusCode::OK);
}

/// Pushes an artifact whose subject is `subject`.
async fn refer(sandbox: &TestSandbox, subject: &str, artifact_type: &str) -> String {
    sandbox.push_blob("a", b"{}").await;
    let manifest = json!({
        "schemaVersion": 2, "mediaType": MANIFEST, "artifactType": artifact_type,
        "config": descriptor("application/vnd.oci.empty.v1+json", b"{}"),
        "layers": [descriptor("application/vnd.oci.empty.v1+json", b"{}")],
        "subject": {"mediaType": MANIFEST, "digest": subject, "size": 1},
        "annotations": {"note": artifact_type},
    });
    let digest = digest(manifest.to_string().as_bytes());
    let answer = sandbox
        .put_manifest("a", &digest, MANIFEST, &manifest)
        .await;
    assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
    assert_eq!(answer.header("oci-subject"), subject);
    digest
}

#[tokio::test]
async fn referrers_are_found_by_their_subject_and_filtered_by_type() {
    let sandbox = TestSandbox::start().await;
    let subject = sandbox.push_image("a", "v1", "layer").await;
    let sbom = refer(&sandbox, &subject, "application/vnd.example.sbom").await;
    let report = refer(&sandbox, &subject, "application/vnd.example.report").await;
    let path = format!("/v2/a/referrers/{subject}");
    let all = sandbox.get(&path).await;
    assert_eq!(all.header("content-type"), INDEX);
    assert_eq!(all.header("oci-filters-applied"), "");
    let digests: Vec<_> = rows(&all.json())
        .iter()
        .map(|row| row["digest"].clone())
        .collect();
    assert_eq!(digests.len(), 2);
    assert!(digests.contains(&json!(sbom)) && digests.contains(&json!(report)));
    let filtered = sandbox
        .get(&format!("{path}?artifactType=application/vnd.example.sbom"))
        .await;
    assert_eq!(filtered.header("oci-filters-applied"), "artifactType");
    let rows = rows(&filtered.json());
    assert_eq!(rows.len(), 1);
    assert_eq!(
        rows[0]["annotations"]["note"],
        "application/vnd.example.sbom"
    );
    let nothing = sandbox
        .get(&format!("/v2/nowhere/referrers/{subject}"))
        .await;
    assert_eq!(nothing.status, StatusCode::OK);
    assert_eq!(nothing.json()["manifests"], json!([]));
}

fn rows(index: &Value) -> Vec<Value> {
    index["manifests"].as_array().unwrap().clone()
}
