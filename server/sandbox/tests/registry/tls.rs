//! The listener: TLS with an authority of its own, and plain HTTP where a registry client asks.
use crate::support::TestSandbox;
use drydock_sandbox::RunningSandbox;
use reqwest::{Certificate, Client, ClientBuilder};

fn trusting(sandbox: &TestSandbox) -> ClientBuilder {
    let authority = Certificate::from_pem(sandbox.sandbox.ca_pem().as_bytes()).unwrap();
    Client::builder()
        .no_proxy()
        .tls_certs_only([authority])
        .resolve("localhost", sandbox.sandbox.address())
}

async fn challenge(client: &Client, url: String) -> String {
    let answer = client.get(url).send().await.unwrap();
    let challenge = answer.headers()["www-authenticate"].to_str().unwrap();
    challenge.to_owned()
}

#[tokio::test]
async fn the_registry_answers_both_ways_and_sends_a_client_back_the_way_it_came() {
    let sandbox = TestSandbox::start().await;
    let client = trusting(&sandbox).build().unwrap();
    let server = &sandbox.sandbox.endpoints().login_server;
    for scheme in ["https", "http"] {
        let challenge = challenge(&client, format!("{scheme}://{server}/v2/")).await;
        let realm = format!("realm=\"{scheme}://{server}/oauth2/token\"");
        assert!(challenge.contains(&realm), "{challenge}");
    }
    let port = sandbox.sandbox.address().port();
    challenge(&client, format!("https://127.0.0.1:{port}/v2/")).await;
}

#[tokio::test]
async fn whatever_is_not_the_registry_insists_on_tls() {
    let sandbox = TestSandbox::start().await;
    let client = trusting(&sandbox).build().unwrap();
    let server = &sandbox.sandbox.endpoints().login_server;
    for path in [
        "/subscriptions?api-version=2022-12-01",
        "/metadata/endpoints?api-version=2022-09-01",
        "/adfs/.well-known/openid-configuration",
        "/common/oauth2/deviceauth",
        "/container-0/logs/ca1/rawtext.log",
    ] {
        let plain = client
            .get(format!("http://{server}{path}"))
            .send()
            .await
            .unwrap();
        assert_eq!(plain.status(), 403, "{path}");
        assert!(
            plain.text().await.unwrap().contains("HttpsRequired"),
            "{path}"
        );
        let secure = client
            .get(format!("https://{server}{path}"))
            .send()
            .await
            .unwrap();
        assert!(
            !secure.text().await.unwrap().contains("HttpsRequired"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_client_that_speaks_http_2_is_answered_in_it_and_any_other_is_not() {
    let sandbox = TestSandbox::start().await;
    sandbox.push_image("app", "v1", "layer").await;
    let server = &sandbox.sandbox.endpoints().login_server;
    let manifest = format!("https://{server}/v2/app/manifests/v1");
    let get = async |builder: ClientBuilder| {
        let request = builder.build().unwrap().get(&manifest);
        let answer = request
            .header("authorization", sandbox.admin())
            .send()
            .await;
        let answer = answer.unwrap();
        assert_eq!(answer.status(), 200);
        let version = answer.version();
        assert!(answer.text().await.unwrap().contains("schemaVersion"));
        version
    };
    assert_eq!(get(trusting(&sandbox)).await, http::Version::HTTP_2);
    let old = trusting(&sandbox).http1_only();
    assert_eq!(get(old).await, http::Version::HTTP_11);

    // More than a stream's window in both directions.
    let blob = vec![7; 9 << 20];
    let digest = crate::support::digest(&blob);
    let client = trusting(&sandbox).build().unwrap();
    let url = format!("https://{server}/v2/app/blobs/uploads/?digest={digest}");
    let pushed = client.post(url).header("authorization", sandbox.admin());
    let pushed = pushed.body(blob.clone()).send().await.unwrap();
    assert_eq!(pushed.status(), 201);
    let url = format!("https://{server}/v2/app/blobs/{digest}");
    let pulled = client.get(url).header("authorization", sandbox.admin());
    let pulled = pulled.send().await.unwrap();
    assert_eq!(pulled.version(), http::Version::HTTP_2);
    assert_eq!(pulled.bytes().await.unwrap(), blob);
}

#[tokio::test]
async fn a_client_that_does_not_know_the_authority_does_not_speak() {
    let sandbox = TestSandbox::start().await;
    let other = TestSandbox::start().await;
    let client = trusting(&other).resolve("localhost", sandbox.sandbox.address());
    let url = format!("https://{}/v2/", sandbox.sandbox.endpoints().login_server);
    assert!(client.build().unwrap().get(url).send().await.is_err());
}

#[tokio::test]
async fn the_authority_stays_and_others_find_the_sandbox_while_it_runs() {
    let sandbox = TestSandbox::start().await;
    let data = sandbox.sandbox.state().config.data_dir.clone();
    let found = RunningSandbox::find(&data).ok().unwrap();
    assert_eq!(
        found.endpoints.login_server,
        sandbox.sandbox.endpoints().login_server
    );
    let trusted = std::fs::read_to_string(&found.ca_file).unwrap();
    let sandbox = sandbox.restart().await;
    assert_eq!(sandbox.sandbox.ca_pem(), trusted);
    let directory = sandbox.stop().await;
    let Err(error) = RunningSandbox::find(&data) else {
        panic!("a sandbox that was stopped was found");
    };
    assert!(error.to_string().contains("no sandbox runs"), "{error}");
    drop(directory);
}
