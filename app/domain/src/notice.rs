//! What somebody should hear of without looking: each thing once, under a name of its own.
mod deadline;

pub use deadline::notices_of_findings;

use crate::proposal::Proposal;
use crate::run::{ImageStatus, RunStatus, RunTree, TaskName};
use crate::selection::IMAGE_LIMIT;
use crate::verdict::Drift;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// From here on somebody should know that the limit is near.
const NEAR_LIMIT: usize = IMAGE_LIMIT - IMAGE_LIMIT / 10;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum NoticeKind {
    #[serde(rename = "cycle.failed")]
    CycleFailed,
    #[serde(rename = "run.missed")]
    RunMissed,
    #[serde(rename = "limit.near")]
    LimitNear,
    /// An original was pushed again after its patch.
    #[serde(rename = "base.drifted")]
    BaseDrifted,
    /// Something must be fixed within days.
    #[serde(rename = "deadline.near")]
    DeadlineNear,
    #[serde(rename = "deadline.missed")]
    DeadlineMissed,
    /// CISA's catalogue of known exploited vulnerabilities lists what an image has.
    #[serde(rename = "kev.matched")]
    Exploited,
    /// The audit trail does not hold the head that was published of it.
    #[serde(rename = "audit.contradicted")]
    AuditContradicted,
    /// A change waits for a second person.
    #[serde(rename = "proposal.waiting")]
    ProposalWaiting,
    /// Asked for by a person.
    #[serde(rename = "test")]
    Test,
}

impl NoticeKind {
    pub const ALL: [Self; 10] = [
        Self::CycleFailed,
        Self::RunMissed,
        Self::LimitNear,
        Self::BaseDrifted,
        Self::DeadlineNear,
        Self::DeadlineMissed,
        Self::Exploited,
        Self::AuditContradicted,
        Self::ProposalWaiting,
        Self::Test,
    ];

    /// The type of the message that is sent.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CycleFailed => "cycle.failed",
            Self::RunMissed => "run.missed",
            Self::LimitNear => "limit.near",
            Self::BaseDrifted => "base.drifted",
            Self::DeadlineNear => "deadline.near",
            Self::DeadlineMissed => "deadline.missed",
            Self::Exploited => "kev.matched",
            Self::AuditContradicted => "audit.contradicted",
            Self::ProposalWaiting => "proposal.waiting",
            Self::Test => "test",
        }
    }

    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// The same for the same thing, whenever it is found.
    pub id: String,
    pub kind: NoticeKind,
    /// Empty for what is of no registry.
    pub registry: String,
    pub text: String,
    /// Where the console shows it: `/registries/harbour/runs/ca1`.
    pub path: String,
    /// When it was found.
    pub at: DateTime<Utc>,
}

impl Notice {
    fn new(kind: NoticeKind, registry: &str, subject: &str, at: DateTime<Utc>) -> Self {
        Self {
            id: format!("{}/{registry}/{subject}", kind.as_str()),
            kind,
            registry: registry.to_owned(),
            text: String::new(),
            path: format!("/registries/{registry}"),
            at,
        }
    }

    /// A cycle that ended with something failed, itself or an image.
    pub fn of_cycle(registry: &str, tree: &RunTree, at: DateTime<Utc>) -> Option<Self> {
        let is_cycle = tree.trigger.task == Some(TaskName::Trigger);
        if !is_cycle || tree.status != RunStatus::Failed {
            return None;
        }
        let id = &tree.trigger.id;
        let failed = tree.images.iter();
        let failed = failed.filter(|image| image.status == ImageStatus::Failed);
        let text = match failed.count() {
            0 => format!("Run {id} failed: {}.", tree.summary),
            1 => format!("1 image failed in run {id}: {}.", tree.summary),
            n => format!("{n} images failed in run {id}: {}.", tree.summary),
        };
        Some(Self {
            text,
            path: format!("/registries/{registry}/runs/{id}"),
            ..Self::new(NoticeKind::CycleFailed, registry, id, at)
        })
    }

    /// An occurrence of the schedule that led to no run.
    pub fn of_missed(registry: &str, occurrence: DateTime<Utc>, at: DateTime<Utc>) -> Self {
        let instant = occurrence.format("%Y-%m-%dT%H:%MZ").to_string();
        Self {
            text: format!("The run of {instant} was missed: the timer led to none."),
            path: format!("/registries/{registry}/schedule"),
            ..Self::new(NoticeKind::RunMissed, registry, &instant, at)
        }
    }

    /// A policy that selects nearly as many images as a cycle takes, or more.
    pub fn of_limit(
        registry: &str,
        policy_digest: &str,
        n_images: usize,
        at: DateTime<Utc>,
    ) -> Option<Self> {
        let (subject, text) = match n_images {
            n if n > IMAGE_LIMIT => (
                format!("over/{policy_digest}"),
                format!(
                    "{n} images match, the limit is {IMAGE_LIMIT}. The whole run would fail, nothing \
                     would be patched."
                ),
            ),
            n if n >= NEAR_LIMIT => (
                format!("near/{policy_digest}"),
                format!("{n} images match, and a run takes {IMAGE_LIMIT} at most."),
            ),
            _ => return None,
        };
        Some(Self {
            text,
            path: format!("/registries/{registry}/policy"),
            ..Self::new(NoticeKind::LimitNear, registry, &subject, at)
        })
    }

    /// Entries that were published of the audit trail in this registry, and are not in it any more.
    pub fn of_contradicted(registry: &str, sequence: i64, at: DateTime<Utc>) -> Self {
        Self {
            text: format!(
                "The audit trail does not hold entry {sequence} as it was published: entries were \
                 removed or written anew."
            ),
            path: "/audit".to_owned(),
            ..Self::new(
                NoticeKind::AuditContradicted,
                registry,
                &sequence.to_string(),
                at,
            )
        }
    }

    /// An original that was pushed again after its latest patch.
    pub fn of_drift(
        registry: &str,
        repository: &str,
        original: &str,
        drift: &Drift,
        at: DateTime<Utc>,
    ) -> Self {
        let subject = format!("{repository}:{original}@{}", drift.now);
        Self {
            text: format!(
                "{repository}:{original} was pushed again after {}: the patch stands on old content.",
                drift.patch
            ),
            path: format!("/registries/{registry}/images/{repository}"),
            ..Self::new(NoticeKind::BaseDrifted, registry, &subject, at)
        }
    }

    /// A change that somebody asks for. Who it was stands in the console, where it can be erased.
    pub fn of_proposal(proposal: &Proposal) -> Self {
        let Proposal {
            registry, id, at, ..
        } = proposal;
        Self {
            text: format!("A change waits for approval: {}.", proposal.change),
            path: format!("/registries/{registry}/proposals"),
            ..Self::new(NoticeKind::ProposalWaiting, registry, id, *at)
        }
    }

    /// What a person sends to see that it arrives.
    pub fn test(id: &str, at: DateTime<Utc>) -> Self {
        Self {
            text: "This is a test: notifications from Drydock arrive here.".to_owned(),
            path: "/notifications".to_owned(),
            ..Self::new(NoticeKind::Test, "", id, at)
        }
    }
}

/// A notice and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptNotice {
    pub notice: Notice,
    /// How often it was sent without success.
    pub n_failures: u32,
    /// `None` where it is not to be sent again.
    pub next_at: Option<DateTime<Utc>>,
    pub delivered_at: Option<DateTime<Utc>>,
    /// Why the last attempt failed.
    pub failure: Option<String>,
}

/// What has been found, and where it is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeBoard {
    /// Host of the webhook; `None` where none is configured.
    pub receiver: Option<String>,
    /// Newest first.
    pub notices: Vec<KeptNotice>,
    pub as_of: DateTime<Utc>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::{Run, RunCause};

    fn at() -> DateTime<Utc> {
        "2026-11-21T08:00:00Z".parse().unwrap()
    }

    fn tree(task: TaskName, status: RunStatus) -> RunTree {
        RunTree {
            trigger: Run {
                id: "ca1".into(),
                task: Some(task),
                status,
                cause: RunCause::Manual,
                created_at: at(),
                started_at: None,
                finished_at: None,
                error: None,
            },
            status,
            images: Vec::new(),
            summary: "the policy could not be read".into(),
        }
    }

    #[test]
    fn only_a_cycle_that_failed_is_told() {
        let told = |task, status| Notice::of_cycle("harbour", &tree(task, status), at());
        let failed = told(TaskName::Trigger, RunStatus::Failed).unwrap();
        assert_eq!(failed.id, "cycle.failed/harbour/ca1");
        assert_eq!(failed.text, "Run ca1 failed: the policy could not be read.");
        assert_eq!(told(TaskName::Trigger, RunStatus::Succeeded), None);
        assert_eq!(told(TaskName::Scan, RunStatus::Failed), None);
    }

    #[test]
    fn the_limit_is_told_when_it_is_near_and_again_when_it_is_passed() {
        let told = |n| Notice::of_limit("harbour", "sha256:ab", n, at()).map(|notice| notice.id);
        assert_eq!(told(89), None);
        assert_eq!(
            told(90).as_deref(),
            Some("limit.near/harbour/near/sha256:ab")
        );
        assert_eq!(told(100), told(90));
        assert_eq!(
            told(101).as_deref(),
            Some("limit.near/harbour/over/sha256:ab")
        );
    }

    #[test]
    fn each_missed_run_is_a_notice_of_its_own() {
        let one = Notice::of_missed("harbour", at(), at());
        assert_eq!(one.id, "run.missed/harbour/2026-11-21T08:00Z");
        assert_eq!(one.path, "/registries/harbour/schedule");
    }

    #[test]
    fn every_kind_is_found_by_its_name() {
        for kind in NoticeKind::ALL {
            assert_eq!(NoticeKind::find(kind.as_str()), Some(kind));
        }
    }
}
