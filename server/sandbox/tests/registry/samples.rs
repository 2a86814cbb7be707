//! The sample images that a new sandbox makes for itself, here from the toy archive, because no
//! other is named.
use crate::support::TestSandbox;
use http::StatusCode;
use std::time::Duration;

/// Long enough for a slow machine; nobody waits this long on another.
const LIMIT: Duration = Duration::from_secs(300);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn samples_appear_by_themselves_and_are_not_made_twice() {
    let sandbox = TestSandbox::start_with_samples().await;
    let mut progress = sandbox.sandbox.sample_progress();
    let finished = progress.wait_for(|progress| progress.finished);
    let made = tokio::time::timeout(LIMIT, finished)
        .await
        .unwrap()
        .unwrap()
        .clone();
    assert!(made.toy, "{}", made.source);
    assert!(!made.images.is_empty());
    for image in &made.images {
        assert_eq!(image.state, "ready", "{}", image.reference);
    }
    let (repository, tag) = made.images[0].reference.rsplit_once(':').unwrap();
    let path = format!("/acr/v1/{repository}/_tags/{tag}");
    let before = sandbox.get(&path).await;
    assert_eq!(before.status, StatusCode::OK, "{before:?}");

    let sandbox = sandbox.restart().await;
    let mut progress = sandbox.sandbox.sample_progress();
    let finished = progress.wait_for(|progress| progress.finished);
    let again = tokio::time::timeout(LIMIT, finished)
        .await
        .unwrap()
        .unwrap()
        .clone();
    assert_eq!(again.images, made.images);
    let after = sandbox.get(&path).await;
    assert_eq!(after.json()["tag"], before.json()["tag"]);
}
