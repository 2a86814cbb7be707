//! What the server tells the pages: nouns that both sides serialise.
use crate::access::Role;
use crate::known_failure::KnownFailure;
use crate::policy::TagConvention;
use crate::proposal::Proposal;
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

impl Registry {
    /// Of `/subscriptions/S/resourceGroups/G/…`, `S`; empty where the id has another shape.
    pub fn subscription(&self) -> &str {
        self.segment_after("subscriptions")
    }

    /// Of the same, `G`.
    pub fn resource_group(&self) -> &str {
        self.segment_after("resourceGroups")
    }

    fn segment_after(&self, name: &str) -> &str {
        let mut segments = self.id.split('/');
        let found = segments.find(|segment| segment.eq_ignore_ascii_case(name));
        found.and_then(|_| segments.next()).unwrap_or_default()
    }
}

/// A subscription or a registry that the console's credential may not read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedPlace {
    /// The ARM resource id.
    pub id: String,
    /// In Azure's words.
    pub why: String,
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
    /// As far as the caller reaches.
    pub repositories: Vec<RepositoryTags>,
    /// The patterns of the repositories that the caller reaches; `None` for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<Vec<String>>,
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
    /// Occurrences of the deployed timer that led to no run, newest first.
    pub missed: Vec<DateTime<Utc>>,
    /// Originals that the policy picks and that were pushed again after their latest patch: repository
    /// and tag, as far as they have been looked at.
    #[serde(default)]
    pub drifted: Vec<(String, String)>,
    /// The change that waits for a second person.
    pub proposal: Option<Proposal>,
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

/// A dry run that Azure carried out itself, and where its answer differs from ours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AzureDryRun {
    pub run_id: String,
    /// Not finished where nobody waited long enough.
    pub status: crate::run::RunStatus,
    /// The tool's own lines; empty where the run failed before it had any.
    pub output: Vec<String>,
    pub only_in_azure: Vec<String>,
    pub only_here: Vec<String>,
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

/// What is archived of a run: it can be read when Azure has let go of the run and its log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArchivedRun {
    /// Digest of the record.
    pub record: String,
    /// Digest of the log; `None` where there was none any more.
    pub log: Option<String>,
    /// Reports of the images that were patched.
    pub n_documents: u32,
    pub kept_at: DateTime<Utc>,
}

/// The beginning of a log that may be long.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogHead {
    /// From byte 0 on; complete only where nothing was cut off.
    pub chunk: LogChunk,
    /// Lines that were cut off.
    pub n_lines_left: u32,
    /// The run has ended: the log gets no longer.
    pub ended: bool,
    /// Told anywhere in the log, also in the lines that were cut off.
    pub failure: Option<KnownFailure>,
}

impl LogHead {
    /// Keeps the first `n_lines` of a log that was read from its beginning.
    pub fn cut(mut log: LogChunk, n_lines: usize) -> Self {
        let ended = log.complete;
        let failure = KnownFailure::find(&log.text);
        let end = log.text.match_indices('\n').nth(n_lines.saturating_sub(1));
        let end = end.map_or(log.text.len(), |(place, _)| place + 1);
        let left = log.text[end..].lines().count();
        log.text.truncate(end);
        log.complete = ended && left == 0;
        Self {
            chunk: log,
            n_lines_left: u32::try_from(left).unwrap_or(u32::MAX),
            ended,
            failure,
        }
    }
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
    /// The caller may not do it.
    Denied {
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

/// The sessions that go on, the newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionList {
    pub sessions: Vec<SignedIn>,
    pub as_of: DateTime<Utc>,
}

/// A session that goes on, as the page of sessions shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedIn {
    /// Names the session; opens nothing.
    pub id: String,
    pub actor: String,
    pub role: Role,
    /// As [`crate::access::Scope`] is written; empty for everything.
    pub scope: String,
    /// How the person signed in: `link`, or the provider's address.
    pub method: String,
    pub since: DateTime<Utc>,
    /// To the minute.
    pub used_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    /// The session of whoever asks.
    pub is_own: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registry_s_place_is_read_out_of_its_id() {
        let mut registry = Registry {
            id: "/subscriptions/s/resourcegroups/g/providers/p/registries/r".to_owned(),
            name: "r".to_owned(),
            login_server: String::new(),
            location: String::new(),
            sku: String::new(),
            sandbox: false,
        };
        assert_eq!(
            (registry.subscription(), registry.resource_group()),
            ("s", "g")
        );
        registry.id = "subscriptions".to_owned();
        assert_eq!(
            (registry.subscription(), registry.resource_group()),
            ("", "")
        );
    }

    #[test]
    fn a_long_log_is_cut_after_a_line() {
        let check = |text: &str, complete, expected: (&str, u32, bool)| {
            let log = LogChunk {
                offset: 0,
                text: text.to_owned(),
                complete,
            };
            let head = LogHead::cut(log, 2);
            assert_eq!(head.ended, complete);
            let found = (
                head.chunk.text.as_str(),
                head.n_lines_left,
                head.chunk.complete,
            );
            assert_eq!(found, expected, "{text:?}");
        };
        check("", true, ("", 0, true));
        check("a\nb\n", true, ("a\nb\n", 0, true));
        check("a\nb", true, ("a\nb", 0, true));
        check("a\r\nb\nc\nd", true, ("a\r\nb\n", 2, false));
        check("a\nb\nc", false, ("a\nb\n", 1, false));
    }
}
