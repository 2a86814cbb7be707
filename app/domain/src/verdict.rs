//! What will happen to each tag of a registry, and why: the faithful outcome of
//! [`crate::selection::select`] explained tag by tag, the ones that are not chosen included.
use crate::inventory::Inventory;
use crate::policy::Policy;
use crate::selection::{Selected, Selection};
use serde::{Deserialize, Serialize};
use std::fmt;

mod cause;
mod evidence;
mod judge;
mod missing;
mod trace;

pub use cause::{Cause, PatchState};
pub use evidence::{
    Drift, Evidence, ImageEvidence, MAX_DATABASE_AGE_DAYS, PlanEvidence, RegistryObstacle,
    ScanEvidence, weigh,
};
pub use judge::judge;
pub use trace::{Rule, StepOutcome, Trace, TraceStep, trace};

/// What a run will do with a tag, as far as it can be known without a scan. The codes are
/// stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Verdict {
    /// Selected: it is scanned, and patched where the scan finds something to fix.
    WillScan,
    /// A patch that Azure made, or takes for one.
    PatchTag,
    /// No row of the policy names it.
    NotSelected,
    /// Only rows that are switched off name it.
    Disabled,
    /// It has the ending of a patch tag, so that no row can name it, and none picks it.
    Reserved,
    /// It has the ending of a patch tag, and what it would be a patch of does not exist.
    PhantomBase,
    /// Selected although no row names it: Azure reads a dot as any character.
    RegexLeak,
    /// Lost: Azure takes it for another image that it has already.
    KeyCollision,
    /// It has the ending of the convention that the policy does not use.
    OtherConvention,
    /// The policy names it, and it does not exist.
    NotFound,
    /// Selected, but with more than 100 images the whole run fails.
    OverLimit,
    /// Selected, but its patches have used up the numbers to 999.
    SeriesFull,
    /// Selected, but it is a Windows image.
    Windows,
    /// Selected, but it is an index of several platforms.
    MultiArch,
    /// Selected, but it is a signature or another artifact.
    NotAnImage,
    /// The registry did not let its repository be listed, or it could not be looked into.
    Unreadable,
    /// Scanned, and there is something to fix: a patch is pushed.
    WillPatch,
    /// Scanned, and there is nothing to fix.
    Clean,
    /// Scanned: vulnerabilities, and no fix for any of them, or none that can be applied.
    NoFix,
    /// Scanned: its vulnerabilities are in application packages, which Azure does not patch.
    AppOnly,
    /// Its distribution ships no fixes any more.
    #[serde(rename = "EOSL")]
    EndOfLife,
    /// The original was pushed again after its latest patch, which is what is scanned.
    BaseDrift,
    /// The scan looked into a database that was too old to tell.
    #[serde(rename = "STALE_DB")]
    StaleDatabase,
    /// The registry gives roles per repository: its tasks see nothing.
    #[serde(rename = "ABAC")]
    RepositoryPermissions,
    /// A cache rule fills the repository: its tasks cannot push to it.
    #[serde(rename = "PTC")]
    PullThroughCache,
    /// The registry can run no tasks.
    NoTasks,
}

impl Verdict {
    pub const ALL: [Self; 26] = [
        Self::WillScan,
        Self::PatchTag,
        Self::NotSelected,
        Self::Disabled,
        Self::Reserved,
        Self::PhantomBase,
        Self::RegexLeak,
        Self::KeyCollision,
        Self::OtherConvention,
        Self::NotFound,
        Self::OverLimit,
        Self::SeriesFull,
        Self::Windows,
        Self::MultiArch,
        Self::NotAnImage,
        Self::Unreadable,
        Self::WillPatch,
        Self::Clean,
        Self::NoFix,
        Self::AppOnly,
        Self::EndOfLife,
        Self::BaseDrift,
        Self::StaleDatabase,
        Self::RepositoryPermissions,
        Self::PullThroughCache,
        Self::NoTasks,
    ];

    /// The code, as in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::WillScan => "WILL_SCAN",
            Self::PatchTag => "PATCH_TAG",
            Self::NotSelected => "NOT_SELECTED",
            Self::Disabled => "DISABLED",
            Self::Reserved => "RESERVED",
            Self::PhantomBase => "PHANTOM_BASE",
            Self::RegexLeak => "REGEX_LEAK",
            Self::KeyCollision => "KEY_COLLISION",
            Self::OtherConvention => "OTHER_CONVENTION",
            Self::NotFound => "NOT_FOUND",
            Self::OverLimit => "OVER_LIMIT",
            Self::SeriesFull => "SERIES_FULL",
            Self::Windows => "WINDOWS",
            Self::MultiArch => "MULTI_ARCH",
            Self::NotAnImage => "NOT_AN_IMAGE",
            Self::Unreadable => "UNREADABLE",
            Self::WillPatch => "WILL_PATCH",
            Self::Clean => "CLEAN",
            Self::NoFix => "NO_FIX",
            Self::AppOnly => "APP_ONLY",
            Self::EndOfLife => "EOSL",
            Self::BaseDrift => "BASE_DRIFT",
            Self::StaleDatabase => "STALE_DB",
            Self::RepositoryPermissions => "ABAC",
            Self::PullThroughCache => "PTC",
            Self::NoTasks => "NO_TASKS",
        }
    }

    /// For a badge: `will be scanned`.
    pub fn label(self) -> &'static str {
        match self {
            Self::WillScan => "will be scanned",
            Self::PatchTag => "patch",
            Self::NotSelected => "not selected",
            Self::Disabled => "disabled",
            Self::Reserved => "reserved ending",
            Self::PhantomBase => "phantom base",
            Self::RegexLeak => "picked by a dot",
            Self::KeyCollision => "lost to another",
            Self::OtherConvention => "other convention",
            Self::NotFound => "not found",
            Self::OverLimit => "over the limit",
            Self::SeriesFull => "numbers used up",
            Self::Windows => "Windows",
            Self::MultiArch => "several platforms",
            Self::NotAnImage => "not an image",
            Self::Unreadable => "unreadable",
            Self::WillPatch => "will be patched",
            Self::Clean => "nothing to fix",
            Self::NoFix => "no fix yet",
            Self::AppOnly => "application packages",
            Self::EndOfLife => "end of life",
            Self::BaseDrift => "pushed again",
            Self::StaleDatabase => "cannot tell",
            Self::RepositoryPermissions => "roles per repository",
            Self::PullThroughCache => "cached repository",
            Self::NoTasks => "no tasks",
        }
    }

    /// Something that a person should do something about.
    pub fn needs_attention(self) -> bool {
        match self {
            Self::WillScan
            | Self::PatchTag
            | Self::NotSelected
            | Self::Disabled
            | Self::OtherConvention
            | Self::WillPatch
            | Self::Clean
            | Self::NoFix => false,
            Self::Reserved
            | Self::PhantomBase
            | Self::RegexLeak
            | Self::KeyCollision
            | Self::NotFound
            | Self::OverLimit
            | Self::SeriesFull
            | Self::Windows
            | Self::MultiArch
            | Self::NotAnImage
            | Self::Unreadable
            | Self::AppOnly
            | Self::EndOfLife
            | Self::BaseDrift
            | Self::StaleDatabase
            | Self::RepositoryPermissions
            | Self::PullThroughCache
            | Self::NoTasks => true,
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// The verdict on one tag, borrowing everything: cheap enough to make anew at each keystroke,
/// with its sentences written only where they are shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement<'a> {
    pub repository: &'a str,
    /// A tag of the registry; or one that the policy names and the registry does not have.
    pub tag: &'a str,
    pub cause: Cause<'a>,
    /// What else holds, less important than `cause`.
    pub notes: Vec<Cause<'a>>,
    /// The row of the selection that stands at this tag: at the original where it exists, at the
    /// latest patch tag where it does not.
    pub row: Option<&'a Selected>,
}

impl Judgement<'_> {
    pub fn verdict(&self) -> Verdict {
        self.cause.verdict()
    }

    /// It is no Linux image of one platform: there is nothing in it that could be scanned.
    pub fn is_stopped_by_its_kind(&self) -> bool {
        matches!(self.cause, Cause::Obstacle { .. })
    }

    pub fn to_tag_verdict(&self) -> TagVerdict {
        TagVerdict {
            repository: self.repository.to_owned(),
            tag: self.tag.to_owned(),
            verdict: self.verdict(),
            reason: self.cause.to_string(),
            scan: self.row.map(|row| row.scan.clone()),
            next: self.row.map(|row| row.next.clone()),
            notes: self.notes.iter().map(Cause::to_string).collect(),
        }
    }
}

/// The verdict on one tag with its sentences, for the wire.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TagVerdict {
    pub repository: String,
    pub tag: String,
    pub verdict: Verdict,
    /// One or more sentences.
    pub reason: String,
    /// The tag that is scanned for it, where one is.
    pub scan: Option<String>,
    /// The tag that its next patch would get.
    pub next: Option<String>,
    /// What else is worth knowing, in sentences.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// A verdict on every tag of the registry, repositories in their order and tags in theirs, then
/// on what the policy names in vain.
///
/// `selection` must be what [`crate::selection::select`] made of the same policy and inventory.
pub fn verdicts(policy: &Policy, inventory: &Inventory, selection: &Selection) -> Vec<TagVerdict> {
    judge(policy, inventory, selection)
        .iter()
        .map(Judgement::to_tag_verdict)
        .collect()
}

#[cfg(test)]
mod tests;
