//! The requests that the Azure CLI and its extension for continuous patching send, in their order,
//! and what those need of each answer.
mod client;
mod commands;
mod data;
mod parts;

use client::Client;
use serde_json::json;

#[tokio::test]
async fn the_extensions_commands_find_what_they_need_from_create_to_delete() {
    let az = Client::start().await;
    az.push_image("app", "1.0");
    az.push_image("app", "2.0");

    az.count(3, commands::login(&az)).await;
    az.count(2, parts::show_registry(&az)).await;
    let dry_run = az.count(10, commands::dry_run_only(&az)).await;
    assert_eq!(dry_run.matches("Matches found: 2").count(), 1, "{dry_run}");
    az.count(29, commands::create(&az, "54 21 */7 * *")).await;
    az.count(4, commands::show(&az, Some("54 21 */7 * *")))
        .await;
    az.count(1, commands::run_now(&az)).await;
    az.wait_until_quiet().await;

    // Sixteen requests, and two for the log of each scan.
    let images = az.count(20, commands::list(&az)).await;
    assert_eq!(images, ["app:1.0", "app:2.0"]);
    az.count(24, commands::update_schedule(&az, "55 21 */14 * *"))
        .await;
    az.count(25, commands::update_policy(&az)).await;
    az.count(4, commands::show(&az, Some("55 21 */14 * *")))
        .await;

    az.ask_for_an_endless_run().await;
    commands::run_now(&az).await;
    az.count(2, commands::cancel_run(&az)).await;
    az.wait_until_quiet().await;
    let canceled = az.runs("Status eq 'Canceled'").await;
    assert_eq!(canceled.len(), 1);

    // Two tasks have an identity, and each of those one role.
    az.count(37, commands::delete(&az)).await;
    az.count(4, commands::show(&az, None)).await;
    let left = az.state_of_everything().await;
    assert_eq!(
        left,
        json!({"tasks": 0, "roles": 0, "repositories": ["app"]})
    );
    assert!(!az.runs("TaskName eq 'cssc-scan-image'").await.is_empty());
    az.stop().await;
}

#[tokio::test]
async fn the_core_commands_for_runs_read_a_log_to_its_end() {
    let az = Client::start().await;
    az.push_image("app", "1.0");
    commands::login(&az).await;
    commands::create(&az, "0 0 */1 * *").await;
    let run_id = commands::run_now(&az).await;
    az.wait_until_quiet().await;
    let listed = az.count(3, commands::list_runs(&az)).await;
    assert!(listed.contains(&run_id));
    let log = az.count(7, commands::logs(&az, &run_id)).await;
    assert!(log.contains(&format!("Run ID: {run_id} ")), "{log}");
    assert_eq!(
        az.count(7, commands::list_repositories(&az)).await,
        ["app", "csscpolicies/patchpolicy"]
    );
    az.count(5, parts::expose_token(&az)).await;
    az.stop().await;
}
