use crate::store::{Blobs, OCI_INDEX, Reference};
use crate::tasks::testing::{Answer, Bench};
use drydock_domain::tag::{RepositoryName, Tag};
use http::{Method, StatusCode};
use serde_json::{Value, json};

async fn import(bench: &Bench, body: &Value) -> Answer {
    let path = bench.path("/importImage");
    bench.call(Method::POST, &path, body).await
}

/// Imports, and polls until that has ended.
async fn finish(bench: &Bench, body: &Value) -> Answer {
    let begun = import(bench, body).await;
    assert_eq!(begun.status, StatusCode::ACCEPTED, "{}", begun.text());
    assert_eq!(begun.json(), Value::Null);
    assert_eq!(begun.headers["retry-after"], "1");
    let location = begun.headers["location"].to_str().unwrap();
    let location = &location[location.find("/subscriptions").unwrap()..];
    loop {
        let polled = bench.call(Method::GET, location, &Value::Null).await;
        if polled.status != StatusCode::ACCEPTED {
            return polled;
        }
        assert_eq!(polled.json()["status"], "Accepted");
        tokio::task::yield_now().await;
    }
}

/// From the source's registry, as its service principal.
fn from(source: &Bench, image: &str, target: &str) -> Value {
    let identity = &source.state().identity;
    json!({
        "source": {
            "registryUri": source.state().endpoints.login_server,
            "sourceImage": image,
            "credentials": {
                "username": identity.client_id,
                "password": identity.client_secret.reveal(),
            },
        },
        "targetTags": [target],
        "mode": "NoForce",
    })
}

fn digest(bench: &Bench, repository: &str, tag: &str) -> Option<String> {
    let repository = RepositoryName::parse(repository).unwrap();
    let tag = bench
        .state()
        .registry
        .tag(&repository, &Tag::parse(tag).unwrap());
    tag.map(|tag| tag.digest.to_string())
}

#[tokio::test]
async fn an_image_comes_in_with_everything_that_it_names() {
    let (source, bench) = (Bench::start().await, Bench::start().await);
    source.push_image("team/app", "1.0");
    let manifest = digest(&source, "team/app", "1.0").unwrap();
    let repository = RepositoryName::parse("team/app").unwrap();
    let record = source
        .state()
        .registry
        .manifest(&repository, &Reference::parse(&manifest).unwrap());
    let size = record.unwrap().content.len();
    let index = json!({
        "schemaVersion": 2,
        "mediaType": OCI_INDEX,
        "manifests": [{
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "digest": manifest,
            "size": size,
            "platform": {"os": "linux", "architecture": "amd64"},
        }],
    });
    let many = Reference::parse("many").unwrap();
    let put = source.state().registry.put_manifest(
        &repository,
        &many,
        OCI_INDEX,
        index.to_string().as_bytes(),
        Blobs::InRepository,
    );
    put.unwrap();

    let done = finish(&bench, &from(&source, "team/app:many", "copy/app:1")).await;
    assert_eq!(done.json(), json!({"status": "Succeeded"}));
    assert_eq!(
        digest(&bench, "copy/app", "1"),
        digest(&source, "team/app", "many")
    );
    // By its digest, and again within the registry.
    let by_digest = from(&source, &format!("team/app@{manifest}"), "copy/app:2");
    assert_eq!(finish(&bench, &by_digest).await.status, StatusCode::OK);
    assert_eq!(digest(&bench, "copy/app", "2"), Some(manifest.clone()));
    let within = json!({
        "source": {"resourceId": bench.state().endpoints.registry_id(), "sourceImage": "copy/app:2"},
        "targetTags": ["other:3"],
    });
    assert_eq!(finish(&bench, &within).await.status, StatusCode::OK);
    assert_eq!(digest(&bench, "other", "3"), Some(manifest));
}

#[tokio::test]
async fn a_tag_that_is_there_is_moved_by_force_only() {
    let (source, bench) = (Bench::start().await, Bench::start().await);
    source.push_image("app", "1.0");
    let mut body = from(&source, "app:1.0", "app:1.0");
    finish(&bench, &body).await;
    let refused = import(&bench, &body).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert_eq!(
        refused.json()["error"]["message"],
        "Tag app:1.0 already exists in target registry."
    );
    body["mode"] = "Force".into();
    assert_eq!(finish(&bench, &body).await.status, StatusCode::OK);
}

#[tokio::test]
async fn what_the_source_refuses_is_said_without_the_password() {
    let (source, bench) = (Bench::start().await, Bench::start().await);
    source.push_image("app", "1.0");
    let missing = finish(&bench, &from(&source, "app:2.0", "app:1")).await;
    assert_eq!(missing.status, StatusCode::BAD_REQUEST);
    assert!(
        missing.text().contains("MANIFEST_UNKNOWN"),
        "{}",
        missing.text()
    );
    let mut body = from(&source, "app:1.0", "app:1");
    body["source"]["credentials"]["password"] = "open sesame".into();
    let wrong = finish(&bench, &body).await;
    assert!(
        wrong.text().contains("refuses a token of 'app' with 401"),
        "{}",
        wrong.text()
    );
    assert!(!wrong.text().contains("sesame"));
    assert_eq!(digest(&bench, "app", "1"), None);

    let unknown = json!({"source": {"resourceId": "/subscriptions/x", "sourceImage": "a:1"}, "targetTags": ["a:1"]});
    for body in [
        unknown,
        json!({"source": {"registryUri": "example.com", "sourceImage": "A B"}, "targetTags": ["a:1"]}),
        json!({"source": {"registryUri": "example.com", "sourceImage": "a:1"}}),
        json!({"source": {"sourceImage": "a:1"}, "targetTags": ["a:1"]}),
    ] {
        let answer = import(&bench, &body).await;
        let json = answer.json();
        let code = json["error"]["code"].as_str().unwrap();
        assert!(["InvalidParameters"].contains(&code), "{body}: {code}");
    }
}
