//! Originals and the patches made of them, per repository.
use crate::patch_report::PatchReport;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

mod changes;
mod contents;
mod derivation;
mod dot;
mod graph;
mod snippet;

pub use changes::{
    Direction, InstalledPackage, PackageDiff, VersionChange, Vulnerability, VulnerabilityDiff,
    compare_packages, compare_vulnerabilities,
};
pub use contents::{
    Attachment, AttachmentKind, Comparison, Configuration, FieldChange, ImageContents, Layer,
    LayerDiff, Lookup, Progress, ScanComparison, compare_configurations, compare_layers,
};
pub use derivation::{DerivationFacts, Judged, derive};
pub use dot::to_dot;
pub use graph::{GraphEdge, GraphFacts, GraphNode, LineageGraph, Making, Pointer, Sighting, graph};
pub use snippet::Content;

/// A repository with its originals, newest activity first in `images`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RepositoryLineage {
    pub repository: String,
    pub images: Vec<ImageLineage>,
}

/// One original tag and its patches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageLineage {
    /// The original's tag. Its own row is absent when the tag does not exist (a phantom base).
    pub original: String,
    pub node: Option<LineageNode>,
    /// Lowest number first; the floating tag, where there is one, last.
    pub patches: Vec<LineageNode>,
}

/// One tag at one digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineageNode {
    pub tag: String,
    pub digest: String,
    pub size_bytes: u64,
    pub created_at: Option<DateTime<Utc>>,
    pub updated_at: Option<DateTime<Utc>>,
    /// `linux/amd64`; empty for an index.
    pub platform: String,
    pub media_type: String,
    /// What the patcher wrote about this patch, where it wrote anything.
    pub report: Option<PatchReport>,
    /// Why there is no report, or why the derivation is in doubt; a sentence.
    pub note: Option<String>,
    pub derivation: Derivation,
}

/// Whether a patch is known to stand on its original.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Derivation {
    /// This node is an original.
    Original,
    /// Its layers begin with the original's.
    Verified,
    /// The original was pushed again after this patch: same name, other content.
    Drifted,
    /// Its layers do not begin with the original's, or one of them cannot be read.
    Unverified,
}

/// A row of the Images page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RepositorySummary {
    pub repository: String,
    pub tags: u32,
    pub originals: u32,
    pub patches: u32,
    pub updated_at: Option<DateTime<Utc>>,
}

/// All repositories of a registry, by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RepositoryList {
    pub repositories: Vec<RepositorySummary>,
    pub as_of: Option<DateTime<Utc>>,
}

/// A repository's lineage as a page shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineageDrawing {
    pub lineage: RepositoryLineage,
    pub graph: LineageGraph,
    /// When the registry was asked.
    pub as_of: DateTime<Utc>,
}
