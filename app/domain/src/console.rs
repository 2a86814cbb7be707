//! What the server tells the pages: nouns that both sides serialise.
use crate::policy::TagConvention;
use crate::run::RunTree;
use crate::selection::Selection;
use crate::verdict::TagVerdict;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A registry that the console's credential can see.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registry {
    /// The ARM resource id.
    pub id: String,
    pub name: String,
    pub login_server: String,
    pub location: String,
    pub sku: String,
    /// The sandbox's own registry, or one in Azure.
    pub sandbox: bool,
}

/// Continuous patching of one registry, as deployed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkflowState {
    pub registry: Registry,
    pub tasks: Vec<TaskState>,
    pub policy: Option<DeployedPolicy>,
    /// The trigger task's timer, where there is one: the cron as deployed.
    pub cron: Option<String>,
    /// Absent where the timer is disabled or its cron is not understood.
    pub next_run: Option<DateTime<Utc>>,
    pub as_of: DateTime<Utc>,
}

impl WorkflowState {
    /// All three tasks are there: the extension's own test.
    pub fn is_configured(&self) -> bool {
        self.tasks.len() == 3 && self.tasks.iter().all(|task| task.exists)
    }

    /// Some parts are there and others are not.
    pub fn is_partial(&self) -> bool {
        !self.is_configured() && (self.policy.is_some() || self.tasks.iter().any(|t| t.exists))
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskState {
    pub name: crate::run::TaskName,
    pub exists: bool,
    pub created_at: Option<DateTime<Utc>>,
    /// The definition is the one that this version of Drydock writes.
    pub current: bool,
}

/// `csscpolicies/patchpolicy:v1`, byte for byte.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeployedPolicy {
    pub text: String,
    /// Digest of the manifest: the version that an update is based on.
    pub digest: String,
    pub pushed_at: Option<DateTime<Utc>>,
    pub convention: Option<TagConvention>,
}

/// A registry's tags with what the dry run shows about each.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegistryTags {
    pub repositories: Vec<RepositoryTags>,
    pub as_of: Option<DateTime<Utc>>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RepositoryTags {
    pub repository: String,
    pub tags: Vec<TagFacts>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TagFacts {
    pub tag: String,
    pub digest: String,
    pub size_bytes: u64,
    /// `linux`, `windows`; empty for an index or an artifact.
    pub os: String,
    pub architecture: String,
    pub media_type: String,
    pub updated_at: Option<DateTime<Utc>>,
}

/// The Overview.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overview {
    pub state: WorkflowState,
    pub matched_images: Option<u32>,
    pub repositories: u32,
    pub tags: u32,
    pub patch_tags: u32,
    /// Newest first.
    pub recent: Vec<RunTree>,
    pub notice: Option<String>,
}

/// A dry run over the registry's tags as the server reads them now.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ServerPreview {
    pub selection: Selection,
    pub verdicts: Vec<TagVerdict>,
    /// Why the service's own check refuses the policy; nothing is selected then.
    pub refusal: Option<String>,
    pub as_of: Option<DateTime<Utc>>,
}

/// How far the sandbox is with making its sample images.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SampleProgress {
    pub images: Vec<SampleImage>,
    pub finished: bool,
    /// The archive that the samples come from, in words: a signed Debian archive and its host,
    /// or the toy archive made here because none could be reached.
    pub source: String,
    pub toy: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SampleImage {
    pub reference: String,
    /// `waiting`, `assembling`, `ready`, `failed: …`.
    pub state: String,
}

/// A piece of a run's log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogChunk {
    /// Bytes of the log before this piece.
    pub offset: u64,
    pub text: String,
    /// The last piece: the run has ended and everything is here.
    pub complete: bool,
}

/// A change that somebody made, as the ledger holds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    pub sequence: i64,
    pub actor: String,
    /// A dotted verb: `policy.apply`, `run.start`.
    pub operation: String,
    pub object: String,
    pub detail: String,
    pub begun_at: DateTime<Utc>,
    pub completed_at: Option<DateTime<Utc>>,
    /// `None` while it is under way, or when the process died in between.
    pub outcome: Option<AuditOutcome>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AuditOutcome {
    Succeeded {
        detail: String,
    },
    Failed {
        detail: String,
    },
    /// Nobody lived to say: the entry was closed at the next start.
    Unknown,
}

/// What a delete did to each part of the workflow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartOutcome {
    pub part: String,
    pub done: bool,
    pub detail: String,
}

/// What create or update did, step by step, and when the next run is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppliedChange {
    pub steps: Vec<PartOutcome>,
    pub next_run: Option<DateTime<Utc>>,
    /// The run that was started at once, where that was asked for.
    pub run_id: Option<String>,
    pub policy_digest: Option<String>,
}
