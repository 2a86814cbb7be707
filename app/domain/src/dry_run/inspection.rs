//! What a dry run finds beyond the names of tags: how far it is, and what is in each image.
use super::{Depth, Receipt};
use crate::lineage::{Progress, Vulnerability};
use crate::patch_report::{IndexSource, KeptBack, PackageChange};
use crate::verdict::Evidence;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A dry run that looks into what the policy picks: under way until there is a receipt or a
/// failure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inspection {
    pub depth: Depth,
    /// What is known so far: it weighs into verdicts as it comes.
    pub evidence: Evidence,
    /// Images that are looked into, and those of them that are done.
    pub total: usize,
    pub done: usize,
    /// What is done at the moment.
    pub progress: Progress,
    pub receipt: Option<Receipt>,
    /// Why it ended before its end; a sentence.
    pub failure: Option<String>,
    /// When this was said.
    pub as_of: DateTime<Utc>,
}

impl Inspection {
    pub fn begun(depth: Depth, at: DateTime<Utc>) -> Self {
        Self {
            depth,
            evidence: Evidence::default(),
            total: 0,
            done: 0,
            progress: Progress::default(),
            receipt: None,
            failure: None,
            as_of: at,
        }
    }

    pub fn is_over(&self) -> bool {
        self.receipt.is_some() || self.failure.is_some()
    }
}

/// What the scanner and the planner found for one image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageInside {
    /// Digest of the scanned tag.
    pub digest: String,
    pub scanned_at: DateTime<Utc>,
    /// `debian 12.15`; empty where the image does not say it.
    pub os: String,
    /// Vulnerabilities that a signed index has a fix for: no others are looked for.
    pub findings: Vec<Vulnerability>,
    pub sources: Vec<IndexSource>,
    /// What could not be looked at; sentences.
    pub notes: Vec<String>,
    pub plan: Option<ImagePlan>,
}

/// What a patch of an original would do. Packages are fetched and looked at for it, and nothing
/// is pushed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImagePlan {
    /// Digest of the original.
    pub digest: String,
    pub upgrades: Vec<PackageChange>,
    pub kept_back: Vec<KeptBack>,
    pub notes: Vec<String>,
}

/// An image of a kept dry run with what was in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InspectedImage {
    pub repository: String,
    pub original: String,
    /// The tag that was scanned.
    pub scan: String,
    pub inside: ImageInside,
}

impl InspectedImage {
    /// By its original, or by the tag that stands for it where the original does not exist.
    pub fn is(&self, repository: &str, tag: &str) -> bool {
        self.repository == repository && (self.original == tag || self.scan == tag)
    }
}
