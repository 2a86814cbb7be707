//! A sandbox with the sample images of the toy archive, and a console that can look into them.
use drydock_azure::{Azure, AzureConfig, Cloud, CredentialConfig, Loopback, RegistryScope, Secret};
use drydock_domain::run::RunTree;
use drydock_ledger::Ledger;
use drydock_patcher::{ArchiveConfig, Engine, EngineConfig, Limits};
use drydock_sandbox::{Sandbox, SandboxConfig};
use drydock_workflow::{Caller, Clock, Workflow};
use std::path::Path;
use std::sync::Arc;

/// Nothing outside the machine is asked.
fn offline(folder: &Path) -> ArchiveConfig {
    ArchiveConfig {
        toy_dir: Some(folder.join("toy-archive")),
        machine_apt_dir: None,
        offline: true,
        ..ArchiveConfig::default()
    }
}

/// A sandbox with the sample images of the toy archive; nothing outside the machine is asked.
pub async fn sandbox(folder: &Path) -> Sandbox {
    let config = SandboxConfig {
        data_dir: folder.to_owned(),
        listen: "127.0.0.1:0".parse().unwrap(),
        archive: offline(folder),
        samples: true,
        faults: true,
    };
    let sandbox = Sandbox::start(config).await.unwrap();
    let mut progress = sandbox.sample_progress();
    let finished = progress.wait_for(|progress| progress.finished).await;
    let states = finished.unwrap().images.clone();
    assert!(
        states.iter().all(|image| image.state == "ready"),
        "{states:?}"
    );
    sandbox
}

/// A console with the sandbox's own principal.
pub async fn console(sandbox: &Sandbox, folder: &Path) -> Workflow {
    let endpoints = sandbox.endpoints();
    let secret = endpoints.client_secret.reveal();
    console_as(sandbox, folder, "console", (&endpoints.client_id, secret)).await
}

/// A console with the principal that may only read and pull.
#[allow(dead_code, reason = "each test file uses a part of it")]
pub async fn reading_console(sandbox: &Sandbox, folder: &Path) -> Workflow {
    let identity = &sandbox.state().identity;
    let client_id = identity.reader_client_id.to_string();
    let secret = identity.reader_secret.reveal();
    console_as(sandbox, folder, "reading", (&client_id, secret)).await
}

async fn console_as(
    sandbox: &Sandbox,
    folder: &Path,
    name: &str,
    (client_id, secret): (&str, &str),
) -> Workflow {
    let home = folder.join(name);
    std::fs::create_dir(&home).unwrap();
    let endpoints = sandbox.endpoints();
    let azure = Azure::connect(AzureConfig {
        cloud: Cloud::at(endpoints.arm.clone(), endpoints.authority.clone()),
        registries: RegistryScope::Visible,
        credential: CredentialConfig::ClientSecret {
            tenant_id: endpoints.tenant_id.clone(),
            client_id: client_id.to_owned(),
            secret: Secret::new(secret),
        },
        loopback: Some(Loopback {
            address: sandbox.address(),
            ca_pem: sandbox.ca_pem().to_owned(),
        }),
    });
    let ledger = Ledger::open(&home.join("ledger.db")).await.unwrap();
    let evidence = home.join("evidence");
    let engine = Engine::new(EngineConfig {
        cache_dir: home.join("cache"),
        archive: offline(folder),
        limits: Limits::default(),
    });
    Workflow::new(azure.unwrap(), ledger, Clock::system(), evidence)
        .scanning_with(Arc::new(engine.unwrap()))
}

/// Watches until a cycle has ended.
pub async fn ended(workflow: &Workflow, caller: &Caller, registry: &str, run_id: &str) -> RunTree {
    let mut runs = workflow.watch_runs(caller, registry).await.unwrap();
    loop {
        let found = runs
            .borrow_and_update()
            .iter()
            .find(|tree| tree.trigger.id == run_id && tree.status.is_finished())
            .cloned();
        match found {
            Some(tree) => return tree,
            None => runs.changed().await.unwrap(),
        }
    }
}
