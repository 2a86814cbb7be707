//! A console at an Azure in memory, with a ledger on disk.
use crate::azure::FakeAzure;
use drydock_azure::{Azure, AzureConfig, CredentialConfig, Secret};
use drydock_domain::console::{AuditEntry, AuditOutcome};
use drydock_domain::schedule::Schedule;
use drydock_ledger::Ledger;
use drydock_workflow::{Caller, Clock, Role, Workflow};
use std::path::PathBuf;

pub const POLICY: &str =
    r#"{"version": "v1", "repositories": [{"repository": "app", "tags": ["*"]}]}"#;

pub struct Bench {
    pub azure: FakeAzure,
    pub workflow: Workflow,
    pub ledger_path: PathBuf,
    _folder: tempfile::TempDir,
}

impl Bench {
    pub async fn new() -> Self {
        let azure = FakeAzure::start().await;
        azure.open().tags.insert("app".into(), vec!["1.0".into()]);
        let folder = tempfile::tempdir().unwrap();
        let ledger_path = folder.path().join("ledger.db");
        let ledger = Ledger::open(&ledger_path).await.unwrap();
        let now = "2026-11-21T08:00:00Z".parse().unwrap();
        let workflow = Workflow::new(connect(azure.port()), ledger, Clock::new(move || now));
        Self {
            azure,
            workflow,
            ledger_path,
            _folder: folder,
        }
    }

    /// The same with continuous patching configured.
    pub async fn configured() -> Self {
        let bench = Self::new().await;
        bench.create().await.unwrap();
        bench.azure.open().changes.clear();
        bench
    }

    pub async fn create(
        &self,
    ) -> Result<drydock_domain::console::AppliedChange, drydock_workflow::WorkflowError> {
        self.workflow
            .create_workflow(&admin(), "harbour", POLICY, weekly(), false)
            .await
    }

    pub async fn newest_entry(&self) -> AuditEntry {
        let entries = self.workflow.list_entries(&admin(), 1, None).await.unwrap();
        entries.into_iter().next().unwrap()
    }

    pub async fn newest_outcome(&self) -> AuditOutcome {
        self.newest_entry().await.outcome.unwrap()
    }
}

fn connect(port: u16) -> Azure {
    let url = format!("https://localhost:{port}");
    Azure::connect(AzureConfig {
        arm_endpoint: url.parse().unwrap(),
        authority: url.parse().unwrap(),
        arm_scope: "https://management.azure.com/.default".into(),
        acr_scope: "https://containerregistry.azure.net/.default".into(),
        subscription_id: "s".into(),
        credential: CredentialConfig::ClientSecret {
            tenant_id: "tenant".into(),
            client_id: "client".into(),
            secret: Secret::new("secret"),
        },
        loopback: Some(([127, 0, 0, 1], port).into()),
    })
    .unwrap()
}

pub fn admin() -> Caller {
    Caller::new("ada", Role::Admin)
}

pub fn weekly() -> Schedule {
    Schedule::new(7, 21, 54).unwrap()
}
