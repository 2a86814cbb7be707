//! What to upgrade and what to leave, and why: nothing is changed here.
pub mod candidates;
pub mod closure;
pub mod scripts;

use crate::archive::Suite;
use drydock_domain::patch_report::{IndexSource, KeptBack, OperatingSystem, PackageChange};
use serde::{Deserialize, Serialize};

pub use candidates::Candidate;

/// A patch before it is made; as JSON, what a dry run shows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PatchPlan {
    pub os: OperatingSystem,
    pub upgrades: Vec<PackageChange>,
    pub kept_back: Vec<KeptBack>,
    /// Sentences for a person.
    pub notes: Vec<String>,
    pub sources: Vec<IndexSource>,
}

/// A suite as a report names it.
pub fn index_source(suite: &Suite) -> IndexSource {
    IndexSource {
        suite: suite.label.clone(),
        date: Some(suite.release.date),
        valid_until: suite.release.valid_until,
        signed_by: suite.release.signed_by.clone(),
    }
}
