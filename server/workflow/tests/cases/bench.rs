//! A console at an Azure in memory, with a ledger on disk.
use crate::azure::FakeAzure;
use chrono::{DateTime, Utc};
use drydock_azure::{Azure, AzureConfig, Cloud, CredentialConfig, RegistryScope, Secret};
use drydock_domain::audit::AuditQuery;
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
    pub folder: tempfile::TempDir,
}

impl Bench {
    pub async fn new() -> Self {
        let azure = FakeAzure::start().await;
        azure.open().tags.insert("app".into(), vec!["1.0".into()]);
        let folder = tempfile::tempdir().unwrap();
        let ledger_path = folder.path().join("ledger.db");
        let ledger = Ledger::open(&ledger_path).await.unwrap();
        let now = "2026-11-21T08:00:00Z".parse().unwrap();
        let evidence = folder.path().join("evidence");
        let clock = Clock::new(move || now);
        let workflow = Workflow::new(connect(&azure), ledger, clock, evidence);
        Self {
            azure,
            workflow,
            ledger_path,
            folder,
        }
    }

    /// The same with continuous patching configured.
    pub async fn configured() -> Self {
        let bench = Self::new().await;
        bench.create().await.unwrap();
        bench.azure.open().changes.clear();
        bench
    }

    /// A console at the same Azure and ledger, on another day.
    pub async fn at(&self, now: DateTime<Utc>) -> Workflow {
        let ledger = Ledger::open(&self.ledger_path).await.unwrap();
        let evidence = self.folder.path().join("evidence");
        Workflow::new(
            connect(&self.azure),
            ledger,
            Clock::new(move || now),
            evidence,
        )
    }

    /// A console that is started when Azure has let go of today's runs.
    pub async fn after_thirty_days(&self) -> Workflow {
        self.at("2026-12-22T08:00:00Z".parse().unwrap()).await
    }

    pub async fn create(
        &self,
    ) -> Result<drydock_domain::console::AppliedChange, drydock_workflow::WorkflowError> {
        self.workflow
            .create_workflow(&admin(), "harbour", POLICY, weekly(), false)
            .await
    }

    /// The newest entry other than that somebody looked.
    pub async fn newest_entry(&self) -> AuditEntry {
        let entries = self
            .workflow
            .list_entries(&admin(), &AuditQuery::default(), 2)
            .await
            .unwrap();
        let mut entries = entries.into_iter();
        entries
            .find(|entry| entry.operation != "audit.view")
            .unwrap()
    }

    pub async fn newest_outcome(&self) -> AuditOutcome {
        self.newest_entry().await.outcome.unwrap()
    }
}

fn connect(azure: &FakeAzure) -> Azure {
    let url = format!("https://localhost:{}", azure.port());
    Azure::connect(AzureConfig {
        cloud: Cloud::at(url.parse().unwrap(), url.parse().unwrap()),
        registries: RegistryScope::Visible,
        credential: CredentialConfig::ClientSecret {
            tenant_id: "tenant".into(),
            client_id: "client".into(),
            secret: Secret::new("secret"),
        },
        loopback: Some(azure.loopback()),
    })
    .unwrap()
}

pub fn admin() -> Caller {
    Caller::new("ada", Role::Admin)
}

pub fn weekly() -> Schedule {
    Schedule::new(7, 21, 54).unwrap()
}
