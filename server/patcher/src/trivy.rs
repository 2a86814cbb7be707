//! The scan report in the shape of Trivy's JSON (schema version 2), so that whatever reads
//! one reads the other.
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// `Class` of results about packages of the operating system.
pub const OS_PACKAGES: &str = "os-pkgs";

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct TrivyReport {
    pub schema_version: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<DateTime<Utc>>,
    /// Repository and tag, as the caller named the image.
    pub artifact_name: String,
    /// `container_image`.
    pub artifact_type: String,
    pub metadata: Metadata,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub results: Vec<ScanResult>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Metadata {
    /// Absent where the image has no operating system that we know.
    #[serde(rename = "OS", skip_serializing_if = "Option::is_none")]
    pub os: Option<Os>,
    /// Digest of the image's configuration.
    #[serde(rename = "ImageID")]
    pub image_id: String,
    #[serde(rename = "DiffIDs")]
    pub diff_ids: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub repo_tags: Vec<String>,
    /// The image's configuration, as it is.
    pub image_config: Value,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Os {
    /// `debian`, `ubuntu`.
    pub family: String,
    /// `12.15`, `24.04`.
    pub name: String,
    /// Past the end of its support.
    #[serde(rename = "EOSL", skip_serializing_if = "std::ops::Not::not")]
    pub eosl: bool,
}

/// What was found in one part of the image.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ScanResult {
    /// `app:1.0 (debian 12.15)`.
    pub target: String,
    pub class: String,
    /// The family again.
    #[serde(rename = "Type")]
    pub kind: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub vulnerabilities: Vec<Vulnerability>,
}

/// One id in one installed package.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Vulnerability {
    #[serde(rename = "VulnerabilityID")]
    pub vulnerability_id: String,
    /// `libssl3@3.0.20-1~deb12u2`.
    #[serde(rename = "PkgID")]
    pub package_id: String,
    #[serde(rename = "PkgName")]
    pub package_name: String,
    #[serde(rename = "PkgIdentifier")]
    pub package_identifier: PackageIdentifier,
    pub installed_version: String,
    pub fixed_version: String,
    /// Always `fixed`: what has no fix in the archive is not listed.
    pub status: String,
    pub data_source: DataSource,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// `UNKNOWN`: the archive's changelogs name no severity.
    pub severity: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PackageIdentifier {
    /// `pkg:deb/debian/libssl3@3.0.20-1~deb12u2?arch=amd64&distro=debian-12.15`.
    #[serde(rename = "PURL")]
    pub purl: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DataSource {
    #[serde(rename = "ID")]
    pub id: String,
    #[serde(rename = "Name")]
    pub name: String,
    #[serde(rename = "URL")]
    pub url: String,
}

impl TrivyReport {
    /// Findings in packages of the operating system that have a fix: one per package and id.
    pub fn fixable_count(&self) -> u32 {
        let count = self
            .vulnerabilities()
            .filter(|found| !found.fixed_version.is_empty())
            .count();
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    /// Is the operating system past the end of its support?
    pub fn end_of_life(&self) -> bool {
        self.metadata.os.as_ref().is_some_and(|os| os.eosl)
    }

    /// The findings in packages of the operating system.
    pub fn vulnerabilities(&self) -> impl Iterator<Item = &Vulnerability> {
        self.results
            .iter()
            .filter(|result| result.class == OS_PACKAGES)
            .flat_map(|result| &result.vulnerabilities)
    }
}
