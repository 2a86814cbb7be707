//! Blobs: in one request, in two, from another repository; read whole and in parts.
use crate::support::{TestSandbox, digest};
use http::{Method, StatusCode};

#[tokio::test]
async fn a_blob_pushed_in_one_request_is_read_back() {
    let sandbox = TestSandbox::start().await;
    let digest = sandbox.push_blob("team/app", b"content").await;
    let path = format!("/v2/team/app/blobs/{digest}");
    let answer = sandbox.get(&path).await;
    assert_eq!(
        (answer.status, &answer.body[..]),
        (StatusCode::OK, &b"content"[..])
    );
    assert_eq!(answer.header("docker-content-digest"), digest);
    let head = sandbox.send(Method::HEAD, &path, &[], "").await;
    assert_eq!(
        head.header("docker-distribution-api-version"),
        "registry/2.0"
    );
    assert_eq!(
        (head.status, head.header("content-length")),
        (StatusCode::OK, "7")
    );
    assert!(head.body.is_empty());
}

#[tokio::test]
async fn a_blob_pushed_in_two_requests_follows_a_relative_location() {
    let sandbox = TestSandbox::start().await;
    let start = sandbox
        .send(Method::POST, "/v2/a/blobs/uploads/", &[], "")
        .await;
    assert_eq!(start.status, StatusCode::ACCEPTED);
    assert_eq!(start.header("range"), "0-0");
    let location = start.header("location");
    assert!(location.starts_with("/v2/a/blobs/uploads/"), "{location}");
    assert!(location.contains(start.header("docker-upload-uuid")));
    let digest = digest(b"hello");
    let path = format!("{location}&digest={digest}");
    let end = sandbox.send(Method::PUT, &path, &[], "hello").await;
    assert_eq!(end.status, StatusCode::CREATED);
    assert_eq!(end.header("location"), format!("/v2/a/blobs/{digest}"));
    assert_eq!(
        &sandbox.get(end.header("location")).await.body[..],
        b"hello"
    );
}

#[tokio::test]
async fn parts_of_a_blob_are_served() {
    let sandbox = TestSandbox::start().await;
    let path = format!(
        "/v2/a/blobs/{}",
        sandbox.push_blob("a", b"0123456789").await
    );
    for (range, content, expected) in [
        ("bytes=2-4", "234", "bytes 2-4/10"),
        ("bytes=7-", "789", "bytes 7-9/10"),
        ("bytes=-2", "89", "bytes 8-9/10"),
    ] {
        let answer = sandbox
            .send(Method::GET, &path, &[("range", range)], "")
            .await;
        assert_eq!(answer.status, StatusCode::PARTIAL_CONTENT, "{range}");
        assert_eq!(&answer.body[..], content.as_bytes());
        assert_eq!(answer.header("content-range"), expected);
    }
    let answer = sandbox
        .send(Method::GET, &path, &[("range", "bytes=10-")], "")
        .await;
    assert_eq!(answer.error(), (416, "RANGE_INVALID".into()));
    assert_eq!(answer.header("content-range"), "bytes */10");
}

#[tokio::test]
async fn a_blob_larger_than_a_chunk_comes_back_whole() {
    let sandbox = TestSandbox::start().await;
    let content: Vec<u8> = (0..3_000_017_u32).map(|n| (n % 251) as u8).collect();
    let digest = sandbox.push_blob("a", &content).await;
    let answer = sandbox.get(&format!("/v2/a/blobs/{digest}")).await;
    assert!(
        answer.body == content,
        "{} bytes came back",
        answer.body.len()
    );
}

#[tokio::test]
async fn an_empty_blob_is_a_blob() {
    let sandbox = TestSandbox::start().await;
    let digest = sandbox.push_blob("a", b"").await;
    let answer = sandbox.get(&format!("/v2/a/blobs/{digest}")).await;
    assert_eq!((answer.status, answer.body.len()), (StatusCode::OK, 0));
}

#[tokio::test]
async fn a_blob_belongs_to_the_repositories_it_was_pushed_to_or_mounted_in() {
    let sandbox = TestSandbox::start().await;
    let digest = sandbox.push_blob("from", b"shared").await;
    let there = format!("/v2/to/blobs/{digest}");
    assert_eq!(
        sandbox.get(&there).await.error(),
        (404, "BLOB_UNKNOWN".into())
    );
    let mount = format!("/v2/to/blobs/uploads/?mount={digest}&from=from");
    let answer = sandbox.send(Method::POST, &mount, &[], "").await;
    assert_eq!(answer.status, StatusCode::CREATED);
    assert_eq!(answer.header("location"), there);
    assert_eq!(&sandbox.get(&there).await.body[..], b"shared");
}

#[tokio::test]
async fn what_cannot_be_mounted_becomes_an_upload() {
    let sandbox = TestSandbox::start().await;
    let digest = digest(b"nowhere");
    let mount = format!("/v2/to/blobs/uploads/?mount={digest}&from=from");
    let answer = sandbox.send(Method::POST, &mount, &[], "").await;
    assert_eq!(answer.status, StatusCode::ACCEPTED);
    assert!(!answer.header("docker-upload-uuid").is_empty());
}

#[tokio::test]
async fn a_blob_in_use_cannot_be_deleted_and_an_unused_one_can() {
    let sandbox = TestSandbox::start().await;
    sandbox.push_image("a", "v1", "layer").await;
    let used = format!("/v2/a/blobs/{}", digest(b"layer"));
    let answer = sandbox.send(Method::DELETE, &used, &[], "").await;
    assert_eq!(answer.error(), (405, "UNSUPPORTED".into()));
    let unused = format!("/v2/a/blobs/{}", sandbox.push_blob("a", b"unused").await);
    let answer = sandbox.send(Method::DELETE, &unused, &[], "").await;
    assert_eq!(answer.status, StatusCode::ACCEPTED);
    assert_eq!(
        sandbox.get(&unused).await.error(),
        (404, "BLOB_UNKNOWN".into())
    );
}
