//! The data plane against recorded shapes.

use crate::support::{Reply, Server};
use drydock_azure::AzureError;
use drydock_domain::tag::{Digest, RepositoryName, Tag};
use serde_json::json;

fn repository() -> RepositoryName {
    RepositoryName::parse("team/app").unwrap()
}

fn digest_of(text: &str) -> Digest {
    use sha2::{Digest as _, Sha256};
    Digest::parse(&format!("sha256:{}", hex::encode(Sha256::digest(text)))).unwrap()
}

#[tokio::test]
async fn tokens_are_exchanged_once_and_kept_per_scope() {
    let server = Server::start().await;
    server.on(
        "GET /acr/v1/team/app/_tags",
        Reply::json(
            200,
            json!({"tags": [{"name": "1.0", "digest": "sha256:a"}]}),
        ),
    );
    server.on(
        "GET /acr/v1/_catalog",
        Reply::json(200, json!({"repositories": null})),
    );
    let acr = server.azure().registry(&server.login_server()).unwrap();
    for _ in 0..2 {
        assert_eq!(acr.list_tags(&repository()).await.unwrap()[0].name, "1.0");
        assert!(acr.list_repositories().await.unwrap().is_empty());
    }
    let exchanged = server.asked("/oauth2/exchange");
    assert_eq!(exchanged.len(), 1);
    assert!(exchanged[0].body.contains("access_token=entra"));
    let granted = server.asked("/oauth2/token");
    assert_eq!(granted.len(), 2, "one per scope");
    assert!(
        granted[0]
            .body
            .contains("scope=repository%3Ateam%2Fapp%3Ametadata_read")
    );
    let tags = server.asked("_tags");
    assert_eq!(tags[0].headers["authorization"], "Bearer access");
}

#[tokio::test]
async fn a_token_that_is_no_longer_taken_is_replaced_once() {
    let server = Server::start().await;
    let no = || {
        Reply::json(
            401,
            json!({"errors": [{"code": "UNAUTHORIZED", "message": "m"}]}),
        )
    };
    server.on("GET /acr/v1/team/app/_tags", no());
    server.on(
        "GET /acr/v1/team/app/_tags",
        Reply::json(200, json!({"tags": []})),
    );
    let acr = server.azure().registry(&server.login_server()).unwrap();
    acr.list_tags(&repository()).await.unwrap();
    assert_eq!(server.asked("/oauth2/token").len(), 2);

    server.on("GET /acr/v1/team/app/_manifests", no());
    let error = acr.list_manifests(&repository()).await.unwrap_err();
    assert!(matches!(error, AzureError::Forbidden(_)), "{error:?}");
    assert_eq!(server.asked("_manifests").len(), 2);
}

#[tokio::test]
async fn a_listing_follows_its_links_within_the_registry() {
    let server = Server::start().await;
    let page = |name: &str| Reply::json(200, json!({"repositories": [name, "Old_Name"]}));
    server.on(
        "GET /acr/v1/_catalog",
        page("a").with(
            "link",
            r#"</acr/v1/_catalog?last=a&n=1&orderby=>; rel="next""#,
        ),
    );
    server.on("GET /acr/v1/_catalog", page("b"));
    let acr = server.azure().registry(&server.login_server()).unwrap();
    let names = acr.list_repositories().await.unwrap();
    assert_eq!(
        names.iter().map(|name| name.as_str()).collect::<Vec<_>>(),
        ["a", "b"]
    );

    server.on(
        "GET /acr/v1/team/app/_tags",
        Reply::json(200, json!({"tags": []}))
            .with("link", r#"<https://example.org/x>; rel="next""#),
    );
    assert!(acr.list_tags(&repository()).await.is_err());
}

#[tokio::test]
async fn an_answer_without_its_list_is_no_empty_list() {
    let server = Server::start().await;
    let other = || Reply::json(200, json!({"value": []}));
    server.on("GET /acr/v1/_catalog", other());
    server.on("GET /acr/v1/team/app/_tags", other());
    server.on("GET /acr/v1/team/app/_manifests", other());
    let acr = server.azure().registry(&server.login_server()).unwrap();
    let repository = repository();
    for (field, read) in [
        ("repositories", acr.list_repositories().await.map(drop)),
        ("tags", acr.list_tags(&repository).await.map(drop)),
        ("manifests", acr.list_manifests(&repository).await.map(drop)),
    ] {
        let error = read.unwrap_err().to_string();
        assert!(error.contains(&format!("has no `{field}`")), "{error}");
    }
    // A repository without tags is answered without their list.
    let none = json!({"registry": "reg.azurecr.io", "imageName": "team/app"});
    server.on("GET /acr/v1/team/app/_tags", Reply::json(200, none));
    assert!(acr.list_tags(&repository).await.unwrap().is_empty());
}

#[tokio::test]
async fn an_empty_page_may_lead_to_itself_and_the_list_goes_on() {
    let server = Server::start().await;
    let path = "GET /acr/v1/_catalog";
    for _ in 0..2 {
        let empty = Reply::json(200, json!({"repositories": []}));
        server.on(
            path,
            empty.with("link", r#"</acr/v1/_catalog?n=100>; rel="next""#),
        );
    }
    server.on(path, Reply::json(200, json!({"repositories": ["a"]})));
    let acr = server.azure().registry(&server.login_server()).unwrap();
    assert_eq!(acr.list_repositories().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_blob_is_fetched_from_storage_without_the_token_and_verified() {
    let server = Server::start().await;
    let digest = digest_of("policy");
    let to = server.url("/storage/blob?sig=s");
    server.on(
        &format!("GET /v2/team/app/blobs/{digest}"),
        Reply::bytes(307, "").with("location", to),
    );
    server.on("GET /storage/blob", Reply::bytes(200, "policy"));
    server.on("GET /storage/blob", Reply::bytes(200, "forged"));
    let acr = server.azure().registry(&server.login_server()).unwrap();
    let bytes = acr.get_blob(&repository(), &digest, 10).await.unwrap();
    assert_eq!(&bytes[..], b"policy");
    assert!(
        !server.asked("/storage/")[0]
            .headers
            .contains_key("authorization")
    );
    let error = acr.get_blob(&repository(), &digest, 10).await.unwrap_err();
    assert!(error.to_string().contains("other bytes"), "{error}");
    let error = acr.get_blob(&repository(), &digest, 5).await.unwrap_err();
    assert!(
        error.to_string().contains("larger than the 5 bytes"),
        "{error}"
    );
}

#[tokio::test]
async fn a_manifest_whose_digest_lies_is_refused() {
    let server = Server::start().await;
    let truth = digest_of("{}").to_string();
    let reply = |digest: &str| {
        Reply::bytes(200, "{}")
            .with("content-type", "application/vnd.oci.image.manifest.v1+json")
            .with("docker-content-digest", digest)
    };
    server.on("GET /v2/team/app/manifests/1.0", reply(&truth));
    server.on(
        "GET /v2/team/app/manifests/1.0",
        reply(digest_of("x").as_str()),
    );
    let acr = server.azure().registry(&server.login_server()).unwrap();
    let manifest = acr
        .find_manifest(&repository(), "1.0")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(manifest.digest, truth);
    assert!(acr.find_manifest(&repository(), "1.0").await.is_err());
    assert!(
        acr.find_manifest(&repository(), "2.0")
            .await
            .unwrap()
            .is_none()
    );
    let accept = server.asked("manifests")[0].headers["accept"]
        .to_str()
        .unwrap()
        .to_owned();
    assert_eq!(accept.matches("vnd.").count(), 4);
}

#[tokio::test]
async fn a_blob_and_a_manifest_are_pushed() {
    let server = Server::start().await;
    let location = "/v2/team/app/blobs/uploads/u1?_nouploadcache=false&_state=s";
    server.on(
        "POST /v2/team/app/blobs/uploads/",
        Reply::bytes(202, "").with("location", location),
    );
    server.on("PUT /v2/team/app/blobs/uploads/u1", Reply::bytes(201, ""));
    server.on("PUT /v2/team/app/manifests/v1", Reply::bytes(201, ""));
    let acr = server.azure().registry(&server.login_server()).unwrap();
    let blob = acr
        .push_blob(&repository(), "text/plain", b"policy")
        .await
        .unwrap();
    assert_eq!(
        (blob.digest, blob.size),
        (digest_of("policy").to_string(), 6)
    );
    let put = &server.asked("PUT /v2/team/app/blobs")[0];
    assert!(
        put.line.contains("_state=s&digest=sha256%3A"),
        "{}",
        put.line
    );
    let tag = Tag::parse("v1").unwrap();
    let kind = "application/vnd.oci.image.manifest.v1+json";
    let digest = acr
        .put_manifest(&repository(), &tag, kind, b"{}")
        .await
        .unwrap();
    assert_eq!(digest, digest_of("{}"));
    assert_eq!(server.asked("manifests")[0].headers["content-type"], kind);
}

#[tokio::test]
async fn referrers_of_another_kind_are_left_out() {
    let server = Server::start().await;
    let digest = digest_of("image");
    let descriptor = |kind: &str| json!({"mediaType": "m", "digest": "sha256:a", "size": 1, "artifactType": kind});
    server.on(
        &format!("GET /v2/team/app/referrers/{digest}"),
        Reply::json(
            200,
            json!({"manifests": [descriptor("signature"), descriptor("report")]}),
        ),
    );
    let acr = server.azure().registry(&server.login_server()).unwrap();
    let found = acr
        .list_referrers(&repository(), &digest, "report")
        .await
        .unwrap();
    assert_eq!(found.len(), 1);
}
