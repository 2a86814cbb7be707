//! Runs of ACR Tasks as the console sees them: one execution, its state, and the tree
//! trigger → scan → patch that makes one cycle of continuous patching.
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// The three tasks that make the workflow, by their names on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum TaskName {
    #[serde(rename = "cssc-trigger-workflow")]
    Trigger,
    #[serde(rename = "cssc-scan-image")]
    Scan,
    #[serde(rename = "cssc-patch-image")]
    Patch,
}

impl TaskName {
    pub const ALL: [Self; 3] = [Self::Trigger, Self::Scan, Self::Patch];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Trigger => "cssc-trigger-workflow",
            Self::Scan => "cssc-scan-image",
            Self::Patch => "cssc-patch-image",
        }
    }

    /// Names are compared without case, as ARM compares them.
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|task| task.as_str().eq_ignore_ascii_case(name))
    }
}

/// `properties.status` of a run. A word that Azure adds later is `Unknown`, and not finished.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum RunStatus {
    Queued,
    Started,
    Running,
    Succeeded,
    Failed,
    Canceled,
    Error,
    Timeout,
    #[serde(other)]
    Unknown,
}

impl RunStatus {
    pub fn is_finished(self) -> bool {
        match self {
            Self::Succeeded | Self::Failed | Self::Canceled | Self::Error | Self::Timeout => true,
            Self::Queued | Self::Started | Self::Running | Self::Unknown => false,
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "Queued",
            Self::Started => "Started",
            Self::Running => "Running",
            Self::Succeeded => "Succeeded",
            Self::Failed => "Failed",
            Self::Canceled => "Canceled",
            Self::Error => "Error",
            Self::Timeout => "Timeout",
            Self::Unknown => "Unknown",
        }
    }
}

/// What started a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RunCause {
    /// A timer trigger of the task; the occurrence is the instant of the schedule it stands for.
    Timer {
        name: String,
        occurrence: Option<DateTime<Utc>>,
    },
    /// `scheduleRun`, by a person or by another task.
    Manual,
    ImageUpdate,
    Source,
}

/// One execution of a task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// Opaque: `ca1`, `dt2rw`. Never sorted by; `created_at` orders runs.
    pub id: String,
    /// `None` for a quick run, which belongs to no task, and for a task that is not ours.
    pub task: Option<TaskName>,
    pub status: RunStatus,
    pub cause: RunCause,
    pub created_at: DateTime<Utc>,
    pub started_at: Option<DateTime<Utc>>,
    pub finished_at: Option<DateTime<Utc>>,
    /// `properties.runErrorMessage`.
    pub error: Option<String>,
}

/// The state of one image in one cycle, derived exactly as the az extension derives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ImageStatus {
    Queued,
    Running,
    Succeeded,
    Failed,
    Skipped,
    Canceled,
    Unknown,
}

impl ImageStatus {
    pub const ALL: [Self; 7] = [
        Self::Queued,
        Self::Running,
        Self::Succeeded,
        Self::Failed,
        Self::Skipped,
        Self::Canceled,
        Self::Unknown,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "Queued",
            Self::Running => "Running",
            Self::Succeeded => "Succeeded",
            Self::Failed => "Failed",
            Self::Skipped => "Skipped",
            Self::Canceled => "Canceled",
            Self::Unknown => "Unknown",
        }
    }
}

impl From<RunStatus> for ImageStatus {
    fn from(status: RunStatus) -> Self {
        match status {
            RunStatus::Queued => Self::Queued,
            RunStatus::Started | RunStatus::Running => Self::Running,
            RunStatus::Succeeded => Self::Succeeded,
            RunStatus::Failed | RunStatus::Error | RunStatus::Timeout => Self::Failed,
            RunStatus::Canceled => Self::Canceled,
            RunStatus::Unknown => Self::Unknown,
        }
    }
}

/// How an image's cycle ended where no run of its own went wrong: finer than the extension's status,
/// which calls a finished patch that pushed nothing a success, an end of life a skip, and knows of an
/// image only by its scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ImageEnding {
    /// A new tag was pushed.
    Patched,
    /// There was nothing to fix.
    UpToDate,
    /// There is something to fix, and every upgrade for it is kept back.
    KeptBack,
    /// The distribution ships no fixes any more: the image stays as vulnerable as it is.
    EndOfLife,
    /// The trigger selected it, and ended before it came to it: it was not even scanned.
    NeverBegun,
}

impl ImageEnding {
    /// The reason beside [`ImageEnding::NeverBegun`].
    pub const NEVER_BEGUN: &str = "the cycle ended before this image's turn";
}

/// Which images of a cycle that has ended are started once more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RetryOf {
    #[default]
    Failed,
    NeverBegun,
}

impl RetryOf {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::NeverBegun => "never_begun",
        }
    }

    pub fn holds(self, image: &ImageRun) -> bool {
        match self {
            Self::Failed => image.status == ImageStatus::Failed,
            Self::NeverBegun => image.ending == Some(ImageEnding::NeverBegun),
        }
    }
}

/// One image of a cycle: its scan, and the patch that the scan asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageRun {
    pub repository: String,
    pub original: String,
    /// The tag that was scanned: the latest patch tag, or the original.
    pub scanned: String,
    /// The tag that a patch would get.
    pub next: String,
    /// `None` between the trigger's line and the scan's first answer.
    pub scan: Option<Run>,
    pub patch: Option<Run>,
    /// `Vulnerabilities found for image …`, from the scan's log.
    pub vulnerabilities: Option<u32>,
    pub status: ImageStatus,
    /// `None` while it is under way, and where a run of it went wrong.
    pub ending: Option<ImageEnding>,
    /// A sentence: why skipped, why failed, what was pushed.
    pub reason: String,
}

/// One cycle: a run of the trigger task and everything it scheduled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunTree {
    pub trigger: Run,
    /// Of the whole tree: running while anything in it runs, failed when anything failed.
    pub status: RunStatus,
    /// In the order in which the trigger scheduled them; then what it selected and never came to.
    pub images: Vec<ImageRun>,
    /// A sentence about the cycle: `3 patched, 1 up to date, 1 end of life, 1 failed`, or why it failed.
    pub summary: String,
}

/// One run with the cycle that it belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunDetail {
    pub run: Run,
    /// `None` for a run of no known cycle: a quick run, or one whose trigger is no longer listed.
    pub tree: Option<RunTree>,
    /// Azure knows it no longer: this is what was archived, verified by its hash.
    pub from_archive: bool,
    pub as_of: DateTime<Utc>,
}

/// The cycles that Azure lists, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunList {
    pub trees: Vec<RunTree>,
    pub as_of: DateTime<Utc>,
}

/// One page of the archived cycles that Azure lists no longer, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EarlierRuns {
    pub trees: Vec<RunTree>,
    /// From 1.
    pub page: usize,
    pub n_pages: usize,
    /// Cycles on all pages.
    pub n_cycles: usize,
}
