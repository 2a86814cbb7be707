//! Uploads in chunks: order, resumption, cancelling.
use crate::support::{Answer, TestSandbox, digest};
use chrono::TimeDelta;
use http::{Method, StatusCode};

async fn start(sandbox: &TestSandbox) -> String {
    let start = sandbox
        .send(Method::POST, "/v2/a/blobs/uploads/", &[], "")
        .await;
    assert_eq!(start.status, StatusCode::ACCEPTED);
    start.header("location").to_owned()
}

async fn patch(sandbox: &TestSandbox, location: &str, range: &str, chunk: &'static str) -> Answer {
    let headers = [("content-range", range)];
    sandbox.send(Method::PATCH, location, &headers, chunk).await
}

#[tokio::test]
async fn chunks_in_order_make_a_blob() {
    let sandbox = TestSandbox::start().await;
    let location = start(&sandbox).await;
    let first = patch(&sandbox, &location, "0-4", "hello").await;
    assert_eq!(
        (first.status, first.header("range")),
        (StatusCode::ACCEPTED, "0-4")
    );
    let second = patch(&sandbox, first.header("location"), "5-6", ", ").await;
    assert_eq!(
        (second.status, second.header("range")),
        (StatusCode::ACCEPTED, "0-6")
    );
    let digest = digest(b"hello, world");
    let path = format!("{}&digest={digest}", second.header("location"));
    let end = sandbox
        .send(Method::PUT, &path, &[("content-range", "7-11")], "world")
        .await;
    assert_eq!(end.status, StatusCode::CREATED);
    let blob = sandbox.get(&format!("/v2/a/blobs/{digest}")).await;
    assert_eq!(&blob.body[..], b"hello, world");
    let again = sandbox.get(&location).await;
    assert_eq!(again.error(), (404, "BLOB_UPLOAD_UNKNOWN".into()));
}

#[tokio::test]
async fn a_chunk_out_of_order_is_refused_with_the_place_to_go_on_from() {
    let sandbox = TestSandbox::start().await;
    let location = start(&sandbox).await;
    patch(&sandbox, &location, "0-4", "hello").await;
    for range in ["0-4", "6-9", "nonsense", "9-6"] {
        let answer = patch(&sandbox, &location, range, "again").await;
        assert_eq!(
            answer.error(),
            (416, "BLOB_UPLOAD_INVALID".into()),
            "{range}"
        );
    }
    let refused = patch(&sandbox, &location, "6-9", "four").await;
    assert_eq!(refused.header("range"), "0-4");
    assert_eq!(refused.header("location"), location);
    let status = sandbox.get(&location).await;
    assert_eq!(
        (status.status, status.header("range")),
        (StatusCode::NO_CONTENT, "0-4")
    );
}

#[tokio::test]
async fn a_chunk_shorter_than_it_says_is_refused() {
    let sandbox = TestSandbox::start().await;
    let location = start(&sandbox).await;
    let answer = patch(&sandbox, &location, "0-9", "hello").await;
    assert_eq!(answer.error(), (400, "SIZE_INVALID".into()));
}

#[tokio::test]
async fn a_cancelled_upload_is_gone() {
    let sandbox = TestSandbox::start().await;
    let location = start(&sandbox).await;
    let cancelled = sandbox.send(Method::DELETE, &location, &[], "").await;
    assert_eq!(cancelled.status, StatusCode::NO_CONTENT);
    let answer = patch(&sandbox, &location, "0-4", "hello").await;
    assert_eq!(answer.error(), (404, "BLOB_UPLOAD_UNKNOWN".into()));
}

#[tokio::test]
async fn an_upload_of_one_repository_is_not_one_of_another() {
    let sandbox = TestSandbox::start().await;
    let location = start(&sandbox).await.replace("/v2/a/", "/v2/b/");
    assert_eq!(
        sandbox.get(&location).await.error(),
        (404, "BLOB_UPLOAD_UNKNOWN".into())
    );
}

#[tokio::test]
async fn an_upload_goes_on_after_a_restart() {
    let sandbox = TestSandbox::start().await;
    let location = start(&sandbox).await;
    patch(&sandbox, &location, "0-4", "hello").await;
    let sandbox = sandbox.restart().await;
    assert_eq!(sandbox.get(&location).await.header("range"), "0-4");
    let digest = digest(b"hello, world");
    let path = format!("{location}&digest={digest}");
    let end = sandbox
        .send(Method::PUT, &path, &[("content-range", "5-11")], ", world")
        .await;
    assert_eq!(end.status, StatusCode::CREATED);
    let blob = sandbox.get(&format!("/v2/a/blobs/{digest}")).await;
    assert_eq!(&blob.body[..], b"hello, world");
}

#[tokio::test]
async fn an_upload_left_alone_for_a_day_is_swept_at_the_next_start() {
    let sandbox = TestSandbox::start().await;
    let location = start(&sandbox).await;
    patch(&sandbox, &location, "0-4", "hello").await;
    sandbox.advance(TimeDelta::hours(25));
    let sandbox = sandbox.restart().await;
    assert_eq!(
        sandbox.get(&location).await.error(),
        (404, "BLOB_UPLOAD_UNKNOWN".into())
    );
    let uploads = sandbox.registry_files().join("uploads");
    assert_eq!(
        crate::support::files_below(&uploads),
        Vec::<std::path::PathBuf>::new()
    );
}
