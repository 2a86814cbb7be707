use super::testing::Bench;
use super::testing::run_to_end;
use drydock_domain::run::RunStatus;
use http::Method;
use serde_json::{Value, json};

/// The whole cycle with the real engine on images of the toy archive.
#[tokio::test]
async fn a_cycle_patches_what_can_be_patched_and_the_next_one_finds_it_done() {
    let bench = Bench::start_with_toy_images().await;
    bench.put_workflow().await;
    let rows = [("toy/base", "2"), ("toy/clean", "1.0"), ("toy/legacy", "1")];
    let rows = rows.map(|(repository, tag)| json!({"repository": repository, "tags": [tag]}));
    bench.push_policy(&json!({"version": "v1", "repositories": rows}).to_string());
    run_to_end(&bench, "cssc-trigger-workflow", &[]).await;
    for id in ["ca2", "ca3", "ca4", "ca5"] {
        let run = bench.wait_for_end(id).await;
        assert_eq!(run.status, RunStatus::Succeeded, "{}", bench.log(id));
    }
    let login_server = bench.state().endpoints.login_server.clone();
    let scan = bench.log("ca2");
    let scheduled = format!(
        "PATCHING task scheduled for image {login_server}/toy/base:2, new patch tag will be 2-1\r\nWARNING: Queued a run with ID: ca5\r\n"
    );
    assert!(scan.contains(&scheduled), "{scan}");
    let skipped =
        "PATCHING will be skipped as no vulnerability found in the image toy/clean:1.0\r\n";
    assert!(bench.log("ca3").contains(skipped), "{}", bench.log("ca3"));
    let skipped = "EOSL for the image toy/legacy:1 -> true\r\n";
    assert!(bench.log("ca4").contains(skipped), "{}", bench.log("ca4"));

    let patch = bench.log("ca5");
    assert!(
        patch.contains(&format!(
            "Patched image pushed to {login_server}/toy/base:2-1\r\n"
        )),
        "{patch}"
    );
    let shown = bench.ok(Method::GET, "/runs/ca5", Value::Null).await;
    let output = &shown["properties"]["outputImages"][0];
    assert_eq!(
        (&output["repository"], &output["tag"]),
        (&json!("toy/base"), &json!("2-1"))
    );
    let report = bench.patch_report("toy/base", "2-1");
    assert_eq!(report.patched.digest, output["digest"]);
    assert_eq!(
        (report.origin.tag.as_str(), report.patched.tag.as_str()),
        ("2", "2-1")
    );
    assert!(
        report
            .upgraded
            .iter()
            .any(|change| change.package == "toy-ssl"),
        "{report:?}"
    );
    assert_eq!(report.vulnerabilities_after, 0);
    assert_eq!(bench.referrer_count("toy/base", "2-1"), 3);
    let filter = format!(
        "/runs?$filter=contains(OutputImageManifests,'toy/base@{}')",
        output["digest"].as_str().unwrap()
    );
    let found = bench.ok(Method::GET, &filter, Value::Null).await;
    assert_eq!(found["value"][0]["name"], "ca5");

    run_to_end(&bench, "cssc-trigger-workflow", &[]).await;
    bench.wait_for_end("ca7").await;
    let skipped =
        "PATCHING will be skipped as no vulnerability found in the image toy/base:2-1\r\n";
    assert!(bench.log("ca7").contains(skipped), "{}", bench.log("ca7"));
}

#[tokio::test]
async fn an_image_with_nothing_to_upgrade_is_green_and_nothing_is_pushed() {
    let bench = Bench::start_with_toy_images().await;
    bench.put_workflow().await;
    let values = [
        ("SOURCE_REPOSITORY", "toy/clean"),
        ("SOURCE_IMAGE_TAG", "1.0"),
        ("SOURCE_IMAGE_NEWPATCH_TAG", "1"),
    ];
    let before = bench.state().registry.repositories();
    let (run, log) = run_to_end(&bench, "cssc-patch-image", &values).await;
    assert_eq!(run.status, RunStatus::Succeeded, "{log}");
    assert!(
        log.contains(
            "toy/clean:1.0 is up to date: no package can be upgraded, and nothing is pushed\r\n"
        ),
        "{log}"
    );
    assert!(run.output_images.is_empty());
    assert_eq!(bench.state().registry.repositories(), before);
}
