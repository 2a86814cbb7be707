use super::testing::Bench;
use axum::body::Body;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{Method, Request, StatusCode};
use serde_json::{Value, json};

const DRY_RUN: &str = "version: v1.1.0\nsteps:\n- cmd: acr cssc patch --dry-run --filter-policy-file {{.Values.CONFIGPATH}} > out.txt";
const POLICY: &str = r#"{"version": "v1", "tag-convention": "incremental", "repositories": [
    {"repository": "app", "tags": ["1.0", "2.0"]}]}"#;

/// As the az extension asks for a dry run.
fn file_request(source: &str, config: &str) -> Value {
    json!({
        "type": "FileTaskRunRequest",
        "isArchiveEnabled": false,
        "taskFilePath": "tmp_dry_run_template.yaml",
        "values": [{"name": "CONFIGPATH", "value": config}],
        "platform": {"os": "Linux", "architecture": "amd64"},
        "sourceLocation": source,
        "credentials": {},
    })
}

/// Queues a run, waits for its end, and answers its resource and its log.
async fn run(bench: &Bench, request: Value) -> (Value, String) {
    let queued = bench.ok(Method::POST, "/scheduleRun", request).await;
    let id = queued["properties"]["runId"].as_str().unwrap().to_owned();
    assert_eq!(queued["properties"]["status"], "Queued");
    bench.wait_for_end(&id).await;
    let shown = bench
        .ok(Method::GET, &format!("/runs/{id}"), Value::Null)
        .await;
    (shown, bench.log(&id))
}

#[tokio::test]
async fn a_dry_run_prints_what_the_tool_prints() {
    let bench = Bench::start().await;
    bench.push_image("app", "1.0");
    let source = bench
        .upload(&[("tmp_dry_run_template.yaml", DRY_RUN), ("p.json", POLICY)])
        .await;
    let (shown, log) = run(&bench, file_request(&source, "p.json")).await;
    let properties = &shown["properties"];
    assert_eq!(properties["status"], "Succeeded", "{log}");
    assert_eq!(properties["runType"], "QuickRun");
    assert_eq!(properties["platform"]["os"], "Linux");
    assert!(properties.get("task").is_none());
    let printed = log.find("DRY RUN mode enabled...\r\n").unwrap();
    let end = log.find("Matches found: 1\r\n").unwrap();
    let lines: Vec<&str> = log[printed..end].lines().skip(2).collect();
    assert_eq!(
        lines,
        [
            "Reading filter from filter file path...",
            "Validating filter...",
            "Configured Tag Convention:  incremental",
            "Artifacts specified in the filter that do not exist:",
            "Repo,Tag",
            "app,2.0",
            "Not found: 1",
            "Listing repositories and tags matching the filter:",
            "Repo,Tag",
            "app,1.0",
        ]
    );

    // The same definition, sent along with the request.
    let mut encoded = file_request(&source, "./p.json");
    encoded["type"] = "EncodedTaskRunRequest".into();
    encoded["encodedTaskContent"] = STANDARD.encode(DRY_RUN).into();
    let (shown, again) = run(&bench, encoded).await;
    assert_eq!(shown["properties"]["status"], "Succeeded", "{again}");
    assert!(again.contains(&log[printed..end]));
}

#[tokio::test]
async fn too_many_images_are_said_and_fail_nothing() {
    let bench = Bench::start().await;
    for number in 0..101 {
        bench.push_image("app", &format!("v{number}"));
    }
    let policy = r#"{"version": "v1", "repositories": [{"repository": "app", "tags": ["*"]}]}"#;
    let source = bench
        .upload(&[("tmp_dry_run_template.yaml", DRY_RUN), ("p", policy)])
        .await;
    let (shown, log) = run(&bench, file_request(&source, "p")).await;
    assert_eq!(shown["properties"]["status"], "Succeeded");
    assert!(log.contains(
        "Matches found: 101\r\nYou have exceeded the maximum limit of 100 images that can be scheduled for \
         continuous patching. Adjust the JSON filter to limit the number of images.\r\n"
    ));
}

#[tokio::test]
async fn what_a_quick_run_cannot_do_is_said_in_its_log() {
    let bench = Bench::start().await;
    let template = "tmp_dry_run_template.yaml";
    let refused = r#"{"version": "v2", "repositories": []}"#;
    let source = bench
        .upload(&[(template, DRY_RUN), ("bad.json", refused)])
        .await;
    let other = bench.upload(&[(template, "steps:\n- cmd: bash x")]).await;
    let missing = "tasks-source/202601050000/86a43d4c-71e1-448f-958f-7a312f32918b.tar.gz";
    let docker =
        json!({"type": "DockerBuildRequest", "imageNames": ["x"], "dockerFilePath": "Dockerfile"});
    for (request, why) in [
        (
            file_request(&source, "bad.json"),
            "Version is required in the filter and should be v1",
        ),
        (
            file_request(&source, "none.json"),
            "open none.json: no such file or directory; the archive has bad.json, tmp_dry_run_template.yaml",
        ),
        (file_request(&other, "p"), "the sandbox runs no containers"),
        (file_request(missing, "p"), "nothing was uploaded as"),
        (
            file_request("https://github.com/x/y.git", "p"),
            "fetches nothing from elsewhere",
        ),
        (docker, "does not carry out a step of type 'Docker'"),
    ] {
        let (shown, log) = run(&bench, request).await;
        assert_eq!(shown["properties"]["status"], "Failed", "{why}");
        assert!(log.contains(why), "{log}");
        // A dry run that failed shows nothing of what was to be its output.
        assert!(!log.contains("DRY RUN"), "{log}");
    }
}

#[tokio::test]
async fn an_archive_is_uploaded_once_its_link_opens_and_in_one_piece() {
    let bench = Bench::start().await;
    let link = bench
        .ok(Method::POST, "/listBuildSourceUploadUrl", Value::Null)
        .await;
    let url = link["uploadUrl"].as_str().unwrap();
    let put = |url: &str, kind: &'static str| {
        let request = Request::put(url).header("x-ms-blob-type", kind);
        bench.send(request.body(Body::from("x")).unwrap())
    };
    assert_eq!(put(url, "BlockBlob").await.status, StatusCode::CREATED);
    assert_eq!(
        put(url, "PageBlob").await.headers["x-ms-error-code"],
        "MissingRequiredHeader"
    );
    let forged = url.replace("sig=", "sig=A");
    assert_eq!(
        put(&forged, "BlockBlob").await.status,
        StatusCode::FORBIDDEN
    );
    // A link to write is not one to read.
    let request = Request::get(url).body(Body::empty()).unwrap();
    assert_eq!(
        bench.send(request).await.status,
        StatusCode::METHOD_NOT_ALLOWED
    );
    bench.advance_to("2026-01-05T11:10:01Z");
    assert_eq!(
        put(url, "BlockBlob").await.headers["x-ms-error-code"],
        "AuthenticationFailed"
    );
}
