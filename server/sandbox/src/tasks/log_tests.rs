use super::testing::{Bench, occupy_agents};
use axum::body::Body;
use chrono::TimeDelta;
use http::{Method, Request, StatusCode};
use serde_json::Value;

#[tokio::test]
async fn a_log_is_a_blob_that_is_read_in_ranges_by_whoever_has_its_link() {
    let bench = Bench::start().await;
    occupy_agents(&bench).await;
    let waiting = bench.schedule("cssc-patch-image", &[]).await;
    let link = log_link(&bench, &waiting).await;
    for method in [Method::GET, Method::HEAD] {
        let missing = read_blob(&bench, method, &link, None).await;
        assert_eq!(
            (missing.status, &missing.headers["x-ms-error-code"]),
            (StatusCode::NOT_FOUND, &"BlobNotFound".parse().unwrap())
        );
    }

    while !bench.log("ca1").ends_with("next batch of images\r\n") {
        tokio::task::yield_now().await;
    }
    let link = log_link(&bench, "ca1").await;
    let whole = bench.log("ca1");
    let head = read_blob(&bench, Method::HEAD, &link, None).await;
    assert_eq!((head.status, head.body.len()), (StatusCode::OK, 0));
    assert_eq!(head.headers["content-length"], whole.len().to_string());
    assert_eq!(head.headers["x-ms-blob-type"], "AppendBlob");
    assert_eq!(head.headers["content-encoding"], "utf-8");
    assert_eq!(head.headers.get("x-ms-meta-complete"), None);
    let part = read_blob(&bench, Method::GET, &link, Some("bytes=5-14")).await;
    assert_eq!(
        (part.status, part.text().as_str()),
        (StatusCode::PARTIAL_CONTENT, &whole[5..15])
    );
    assert_eq!(
        part.headers["content-range"],
        format!("bytes 5-14/{}", whole.len())
    );
    let beyond = format!("bytes={}-", whole.len());
    let beyond = read_blob(&bench, Method::GET, &link, Some(&beyond)).await;
    assert_eq!(
        (beyond.status, &beyond.headers["x-ms-error-code"]),
        (
            StatusCode::RANGE_NOT_SATISFIABLE,
            &"InvalidRange".parse().unwrap()
        )
    );

    bench
        .ok(Method::POST, "/runs/ca1/cancel", Value::Null)
        .await;
    bench.wait_for_end("ca1").await;
    let rest = read_blob(
        &bench,
        Method::GET,
        &link,
        Some(&format!("bytes={}-", whole.len())),
    )
    .await;
    assert!(
        rest.text()
            .ends_with("Run ID: ca1 was canceled after 0s\r\n")
    );
    assert_eq!(rest.headers["x-ms-meta-complete"], "canceled");
    let all = read_blob(&bench, Method::GET, &link, None).await;
    assert_eq!((all.status, all.text()), (StatusCode::OK, bench.log("ca1")));

    let other = read_blob(&bench, Method::GET, &link.replace("/ca1/", "/ca2/"), None).await;
    assert_eq!(other.status, StatusCode::FORBIDDEN);
    bench.clock.advance(TimeDelta::minutes(70));
    let expired = read_blob(&bench, Method::GET, &link, None).await;
    assert_eq!(
        (expired.status, &expired.headers["x-ms-error-code"]),
        (
            StatusCode::FORBIDDEN,
            &"AuthenticationFailed".parse().unwrap()
        )
    );
}

async fn log_link(bench: &Bench, id: &str) -> String {
    let answer = bench
        .ok(
            Method::POST,
            &format!("/runs/{id}/listLogSasUrl"),
            Value::Null,
        )
        .await;
    let link = answer["logLink"].as_str().unwrap();
    link[link.find("/container-").unwrap()..].to_owned()
}

async fn read_blob(
    bench: &Bench,
    method: Method,
    link: &str,
    range: Option<&str>,
) -> super::testing::Answer {
    let mut request = Request::builder().method(method).uri(link);
    if let Some(range) = range {
        request = request.header("x-ms-range", range);
    }
    bench.send(request.body(Body::empty()).unwrap()).await
}
