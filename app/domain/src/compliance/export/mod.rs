//! Findings as files: for spreadsheets, scanners' viewers, auditors' tools and paper. The same facts
//! always make the same bytes.
mod csv;
mod cyclonedx;
mod html;
mod ics;
mod ndjson;
mod openvex;
mod oscal;
mod record;
mod sarif;
mod sbom;
mod spdx;

pub use sbom::Sbom;

use super::ComplianceFile;
use super::package_url::encoded;
use crate::audit::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    Csv,
    Ndjson,
    Sarif,
    #[serde(rename = "openvex")]
    OpenVex,
    #[serde(rename = "cyclonedx")]
    CycloneDx,
    Spdx,
    OscalAssessmentResults,
    OscalPoam,
    Html,
    Ics,
}

impl Format {
    pub const ALL: [Self; 10] = [
        Self::Csv,
        Self::Ndjson,
        Self::Sarif,
        Self::OpenVex,
        Self::CycloneDx,
        Self::Spdx,
        Self::OscalAssessmentResults,
        Self::OscalPoam,
        Self::Html,
        Self::Ics,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Ndjson => "ndjson",
            Self::Sarif => "sarif",
            Self::OpenVex => "openvex",
            Self::CycloneDx => "cyclonedx",
            Self::Spdx => "spdx",
            Self::OscalAssessmentResults => "oscal-assessment-results",
            Self::OscalPoam => "oscal-poam",
            Self::Html => "html",
            Self::Ics => "ics",
        }
    }

    pub fn find(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == word)
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Csv => "CSV",
            Self::Ndjson => "NDJSON",
            Self::Sarif => "SARIF 2.1.0",
            Self::OpenVex => "OpenVEX",
            Self::CycloneDx => "CycloneDX 1.6",
            Self::Spdx => "SPDX 2.3",
            Self::OscalAssessmentResults => "OSCAL assessment results",
            Self::OscalPoam => "OSCAL POA&M",
            Self::Html => "Printable page",
            Self::Ics => "Due dates (ICS)",
        }
    }

    pub fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Ndjson => "application/x-ndjson",
            Self::Sarif => "application/sarif+json",
            Self::OpenVex => "application/vnd.openvex+json",
            Self::CycloneDx => "application/vnd.cyclonedx+json",
            Self::Spdx => "application/spdx+json",
            Self::OscalAssessmentResults | Self::OscalPoam => "application/json",
            Self::Html => "text/html; charset=utf-8",
            Self::Ics => "text/calendar; charset=utf-8",
        }
    }

    /// What its file is called.
    pub fn file_name(self) -> &'static str {
        match self {
            Self::Csv => "findings.csv",
            Self::Ndjson => "findings.ndjson",
            Self::Sarif => "findings.sarif",
            Self::OpenVex => "findings.openvex.json",
            Self::CycloneDx => "image.cdx.json",
            Self::Spdx => "image.spdx.json",
            Self::OscalAssessmentResults => "oscal-assessment-results.json",
            Self::OscalPoam => "oscal-poam.json",
            Self::Html => "findings.html",
            Self::Ics => "due-dates.ics",
        }
    }

    /// It is about one image's contents, which has to be named.
    pub fn is_of_an_image(self) -> bool {
        matches!(self, Self::CycloneDx | Self::Spdx)
    }
}

/// The rows of a file in a format that is of findings; `None` for one that is of an image, and for an
/// OpenVEX document of nothing, which there cannot be.
pub fn render(format: Format, file: &ComplianceFile) -> Option<String> {
    Some(match format {
        Format::Csv => csv::to_csv(file),
        Format::Ndjson => ndjson::to_ndjson(file),
        Format::Sarif => pretty(&sarif::to_sarif(file)),
        Format::OpenVex => pretty(&openvex::to_openvex(file)?),
        Format::OscalAssessmentResults => pretty(&oscal::to_assessment_results(file)),
        Format::OscalPoam => pretty(&oscal::to_poam(file)),
        Format::Html => html::to_html(file),
        Format::Ics => ics::to_ics(file),
        Format::CycloneDx | Format::Spdx => return None,
    })
}

/// An image's contents; `None` for a format that is of findings.
pub fn render_image(format: Format, sbom: &Sbom<'_>) -> Option<String> {
    Some(match format {
        Format::CycloneDx => pretty(&cyclonedx::to_cyclonedx(sbom)),
        Format::Spdx => pretty(&spdx::to_spdx(sbom)),
        Format::Csv
        | Format::Ndjson
        | Format::Sarif
        | Format::OpenVex
        | Format::OscalAssessmentResults
        | Format::OscalPoam
        | Format::Html
        | Format::Ics => return None,
    })
}

/// What every file says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    pub registry: String,
    /// As an address has it.
    pub filter: String,
    pub profile: String,
    pub as_of: String,
    pub rows: usize,
    /// SHA-256 over the rows as NDJSON writes them, so that files of different formats can be matched.
    pub rows_sha256: String,
    pub generated_at: String,
    pub generator: String,
    pub chain_head: String,
}

impl About {
    pub fn of(file: &ComplianceFile) -> Self {
        let mut hash = Sha256::new();
        for row in &file.rows {
            hash.update(ndjson::line(row, file.as_of));
            hash.update("\n");
        }
        Self {
            registry: file.registry.clone(),
            filter: filter(file),
            profile: file.profile.id.clone(),
            as_of: instant(file.as_of),
            rows: file.rows.len(),
            rows_sha256: Bytes::<32>(hash.finalize().into()).to_string(),
            generated_at: instant(file.generated_at),
            generator: file.generator.clone(),
            chain_head: file.chain_head.clone(),
        }
    }

    /// Its members in order, as text.
    fn pairs(&self) -> [(&'static str, String); 9] {
        [
            ("registry", self.registry.clone()),
            ("filter", self.filter.clone()),
            ("profile", self.profile.clone()),
            ("as_of", self.as_of.clone()),
            ("rows", self.rows.to_string()),
            ("rows_sha256", self.rows_sha256.clone()),
            ("generated_at", self.generated_at.clone()),
            ("generator", self.generator.clone()),
            ("chain_head", self.chain_head.clone()),
        ]
    }

    fn json(&self) -> Value {
        json!({
            "registry": self.registry, "filter": self.filter, "profile": self.profile,
            "asOf": self.as_of, "rows": self.rows, "rowsSha256": self.rows_sha256,
            "generatedAt": self.generated_at, "generator": self.generator,
            "chainHead": self.chain_head,
        })
    }
}

fn filter(file: &ComplianceFile) -> String {
    let pairs = file.query.pairs();
    let pairs: Vec<String> = pairs
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    pairs.join("&")
}

/// To the second, in UTC.
fn instant(at: chrono::DateTime<chrono::Utc>) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

fn pretty(value: &Value) -> String {
    let mut text = serde_json::to_string_pretty(value).expect("a JSON value has its text");
    text.push('\n');
    text
}

/// A UUID that follows from what it names, in the layout of RFC 9562's version 5 (which OSCAL asks
/// for), with SHA-256 where that has SHA-1.
fn uuid(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.finalize()[..16]);
    bytes[6] = bytes[6] & 0x0f | 0x50;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = Bytes::<16>(bytes).to_string();
    format!(
        "{}-{}-{}-{}-{}",
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..]
    )
}

/// An image as a package URL; the last part of its repository is its name.
fn image_purl(login_server: &str, repository: &str, tag: &str, digest: &str) -> String {
    let name = repository.rsplit('/').next().unwrap_or(repository);
    format!(
        "pkg:oci/{}@{}?repository_url={}&tag={}",
        encoded(name),
        encoded(digest),
        encoded(&format!("{login_server}/{repository}")),
        encoded(tag)
    )
}
