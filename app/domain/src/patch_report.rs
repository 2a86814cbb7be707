//! What one patch did, as the patcher writes it and attaches it to the patched image
//! (an OCI referrer), so that whoever has the registry has the evidence.
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// `artifactType` of the referrer, and media type of its one layer (this struct as JSON).
pub const PATCH_REPORT_TYPE: &str = "application/vnd.drydock.patch-report.v1+json";

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PatchReport {
    /// Repository, tag and digest of the image that was patched.
    pub origin: ImageReference,
    /// Repository, tag and digest of the image that was made.
    pub patched: ImageReference,
    pub created_at: Option<DateTime<Utc>>,
    /// `drydock 0.1.0`.
    pub tool: String,
    pub os: OperatingSystem,
    pub upgraded: Vec<PackageChange>,
    pub kept_back: Vec<KeptBack>,
    /// Sentences for a person, such as an index that is older than its date allows.
    pub notes: Vec<String>,
    pub sources: Vec<IndexSource>,
    /// Fixable findings in the original and in the patched image, from two scans.
    pub vulnerabilities_before: u32,
    pub vulnerabilities_after: u32,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ImageReference {
    pub repository: String,
    pub tag: String,
    pub digest: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct OperatingSystem {
    /// `debian`, `ubuntu`.
    pub family: String,
    /// `12.15`, `24.04`.
    pub name: String,
    pub end_of_life: bool,
}

/// One package at its old and new version.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PackageChange {
    pub package: String,
    pub source: String,
    pub architecture: String,
    pub old: String,
    pub new: String,
    /// `bookworm-security`.
    pub suite: String,
    /// CVE, GHSA, DSA and DLA ids that the changelog names between the two versions.
    pub ids: Vec<String>,
    /// Bytes of the .deb.
    pub size_bytes: u64,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct KeptBack {
    pub package: String,
    pub installed: String,
    pub candidate: String,
    pub reason: String,
}

/// A signed index that the plan was made from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct IndexSource {
    pub suite: String,
    /// `Date` of the Release file.
    pub date: Option<DateTime<Utc>>,
    /// `Valid-Until`, where it has one.
    pub valid_until: Option<DateTime<Utc>>,
    /// Fingerprint of the key that signed it.
    pub signed_by: String,
}
