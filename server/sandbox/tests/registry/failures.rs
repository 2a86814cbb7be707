//! Broken connections, lies, wrong names, and many clients at once.
use crate::support::{MANIFEST, TestSandbox, digest, files_below, image};
use axum::body::Body;
use bytes::Bytes;
use futures::{StreamExt, future::join_all, stream};
use http::{Method, StatusCode};
use std::io;

/// A body that breaks off after a megabyte and a half.
fn broken() -> Body {
    let chunk = Bytes::from(vec![7; 512 * 1024]);
    let chunks = stream::iter([Ok(chunk.clone()), Ok(chunk.clone()), Ok(chunk)]);
    let end = stream::iter([Err(io::Error::other("connection reset"))]);
    Body::from_stream(chunks.chain(end))
}

#[tokio::test]
async fn a_push_that_breaks_off_leaves_nothing_and_can_be_repeated() {
    let sandbox = TestSandbox::start().await;
    let content = vec![7; 2 * 1024 * 1024];
    let path = format!("/v2/a/blobs/uploads/?digest={}", digest(&content));
    let answer = sandbox.send(Method::POST, &path, &[], broken()).await;
    assert_eq!(answer.error(), (400, "BLOB_UPLOAD_INVALID".into()));
    assert_eq!(
        files_below(&sandbox.registry_files()),
        Vec::<std::path::PathBuf>::new()
    );
    let again = sandbox.send(Method::POST, &path, &[], content).await;
    assert_eq!(again.status, StatusCode::CREATED);
}

#[tokio::test]
async fn a_chunk_that_breaks_off_can_be_gone_on_from() {
    let sandbox = TestSandbox::start().await;
    let content = vec![7; 2 * 1024 * 1024];
    let start = sandbox
        .send(Method::POST, "/v2/a/blobs/uploads/", &[], "")
        .await;
    let location = start.header("location");
    let broken = sandbox.send(Method::PATCH, location, &[], broken()).await;
    assert_eq!(broken.error(), (400, "BLOB_UPLOAD_INVALID".into()));
    let status = sandbox.get(location).await;
    let held: usize = status
        .header("range")
        .trim_start_matches("0-")
        .parse::<usize>()
        .unwrap()
        + 1;
    assert!(held > 1 && held <= 3 * 512 * 1024, "{held}");
    let rest = content[held..].to_vec();
    let range = format!("{held}-{}", content.len() - 1);
    let path = format!("{location}&digest={}", digest(&content));
    let end = sandbox
        .send(Method::PUT, &path, &[("content-range", &range)], rest)
        .await;
    assert_eq!(end.status, StatusCode::CREATED, "{end:?}");
}

#[tokio::test]
async fn a_digest_that_lies_stores_nothing_and_names_both() {
    let sandbox = TestSandbox::start().await;
    let claimed = digest(b"what was promised");
    let path = format!("/v2/a/blobs/uploads/?digest={claimed}");
    let answer = sandbox.send(Method::POST, &path, &[], "what came").await;
    assert_eq!(answer.error(), (400, "DIGEST_INVALID".into()));
    assert!(answer.message().contains(&claimed), "{}", answer.message());
    assert!(
        answer.message().contains(&digest(b"what came")),
        "{}",
        answer.message()
    );
    let start = sandbox
        .send(Method::POST, "/v2/a/blobs/uploads/", &[], "")
        .await;
    let path = format!("{}&digest={claimed}", start.header("location"));
    let answer = sandbox.send(Method::PUT, &path, &[], "what came").await;
    assert_eq!(answer.error(), (400, "DIGEST_INVALID".into()));
    assert_eq!(
        files_below(&sandbox.registry_files()),
        Vec::<std::path::PathBuf>::new()
    );
}

#[tokio::test]
async fn names_that_break_the_grammar_are_refused_with_their_code() {
    let sandbox = TestSandbox::start().await;
    let long_tag = "t".repeat(129);
    let long_name = "n".repeat(256);
    let sha512 = format!("sha512:{}", "a".repeat(128));
    for (method, path, expected) in [
        (
            Method::GET,
            "/v2/UPPER/manifests/v1".to_owned(),
            "NAME_INVALID",
        ),
        (
            Method::POST,
            "/v2/a_/blobs/uploads/".to_owned(),
            "NAME_INVALID",
        ),
        (
            Method::GET,
            format!("/v2/{long_name}/tags/list"),
            "NAME_INVALID",
        ),
        (Method::PUT, "/v2/a/manifests/-v1".to_owned(), "TAG_INVALID"),
        (
            Method::PUT,
            format!("/v2/a/manifests/{long_tag}"),
            "TAG_INVALID",
        ),
        (
            Method::GET,
            "/v2/a/manifests/sha256:123".to_owned(),
            "DIGEST_INVALID",
        ),
        (
            Method::GET,
            "/v2/a/blobs/latest".to_owned(),
            "DIGEST_INVALID",
        ),
        (
            Method::POST,
            "/v2/a/blobs/uploads/?digest=latest".to_owned(),
            "DIGEST_INVALID",
        ),
        (
            Method::POST,
            format!("/v2/a/blobs/uploads/?digest={sha512}"),
            "DIGEST_INVALID",
        ),
        (
            Method::GET,
            "/acr/v1/UPPER/_tags".to_owned(),
            "NAME_INVALID",
        ),
    ] {
        let answer = sandbox.send(method, &path, &[], "").await;
        assert_eq!(answer.error(), (400, expected.into()), "{path}");
    }
    let answer = sandbox.send(Method::PUT, "/v2/_catalog", &[], "").await;
    assert_eq!(answer.error(), (405, "UNSUPPORTED".into()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_at_once_do_not_harm_each_other() {
    let sandbox = TestSandbox::start().await;
    let pushes = (0..24).map(|n| {
        let sandbox = &sandbox;
        async move {
            let repository = format!("repository{}", n % 3);
            sandbox
                .push_image(&repository, &format!("v{n}"), &format!("layer {}", n % 5))
                .await
        }
    });
    join_all(pushes).await;
    for n in 0..24 {
        let path = format!("/v2/repository{}/manifests/v{n}", n % 3);
        let manifest = sandbox.get(&path).await;
        let config = br#"{"architecture":"amd64","os":"linux"}"#;
        let expected = image(config, format!("layer {}", n % 5).as_bytes()).to_string();
        assert_eq!(manifest.body, expected.as_bytes(), "{path}");
    }
    let sandbox = sandbox.restart().await;
    for repository in 0..3 {
        let facts = sandbox
            .get(&format!("/acr/v1/repository{repository}"))
            .await
            .json();
        assert_eq!(
            (facts["tagCount"].as_u64(), facts["manifestCount"].as_u64()),
            (Some(8), Some(5))
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_tag_pushed_by_many_at_once_points_at_one_of_them() {
    let sandbox = TestSandbox::start().await;
    let layers: Vec<_> = (0..8).map(|n| format!("layer {n}")).collect();
    let pushes = layers
        .iter()
        .map(|layer| sandbox.push_image("a", "latest", layer));
    let pushed = join_all(pushes).await;
    let headers = [("accept", MANIFEST)];
    let answer = sandbox
        .send(Method::GET, "/v2/a/manifests/latest", &headers, "")
        .await;
    let now = answer.header("docker-content-digest").to_owned();
    assert!(pushed.contains(&now));
    let sandbox = sandbox.restart().await;
    let after = sandbox.get("/v2/a/manifests/latest").await;
    assert_eq!(after.header("docker-content-digest"), now);
}
