//! A console whose connection to Azure does not hold: what it says, and what it says to do.
use crate::desk::{Desk, ada, azure_with};
use drydock_azure::Secret;
use drydock_workflow::{Barrier, Clock, Workflow, WorkflowError};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_secret_that_entra_does_not_take_is_told_by_its_code_and_is_no_outage() {
    let desk = Desk::start().await;
    let azure = azure_with(&desk.sandbox, Secret::new("quite-wrong"));
    let ledger = drydock_ledger::Ledger::open(&desk.folder.path().join("other.db")).await;
    let evidence = desk.folder.path().join("evidence");
    let workflow = Workflow::new(azure, ledger.unwrap(), Clock::system(), evidence);
    let refused = workflow.list_registries(&ada()).await.unwrap_err();
    let is_credential = matches!(
        refused,
        WorkflowError::Refused {
            by: Barrier::Credential,
            ..
        }
    );
    let told = format!("{refused} {}", refused.remedy().unwrap());
    assert!(is_credential, "{told}");
    for words in [
        "AADSTS7000215: Invalid client secret",
        "Correlation ID",
        "Start the console with",
    ] {
        assert!(told.contains(words), "`{words}` is not in {told}");
    }
    assert!(!told.contains("quite-wrong"), "{told}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cloud_that_is_gone_is_told_by_its_address() {
    let desk = Desk::configured().await;
    let address = desk.sandbox.address().to_string();
    let port = address.rsplit(':').next().unwrap().to_owned();
    let Desk {
        sandbox,
        workflow,
        registry,
        folder,
    } = desk;
    sandbox.shutdown().await;
    let gone = workflow.get_workflow(&ada(), &registry).await.unwrap_err();
    assert!(matches!(gone, WorkflowError::Unavailable { .. }), "{gone}");
    let place = format!("localhost:{port} cannot be reached: ");
    assert!(gone.to_string().contains(&place), "{gone}");
    assert!(gone.remedy().unwrap().contains("Try again"));
    drop(folder);
}
