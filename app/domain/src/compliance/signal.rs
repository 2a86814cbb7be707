//! What others say of a vulnerability: whether it is exploited, how likely that is, how bad. Each comes
//! from a file or a feed that an operator named; what none says is unknown, not harmless.
use super::Severity;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// All that is known about one vulnerability. `None` is unknown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Signals {
    /// `Some(None)`: the catalogue was read, and does not list it.
    pub kev: Option<Option<Kev>>,
    pub epss: Option<Epss>,
    /// An attacker can automate its exploitation.
    pub automatable: Option<bool>,
    pub impact: Option<Impact>,
    pub severity: Option<Severity>,
    pub published: Option<DateTime<Utc>>,
}

/// A line of CISA's catalogue of known exploited vulnerabilities.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kev {
    pub added: DateTime<Utc>,
    /// Under the directive before BOD 26-04.
    pub due: Option<DateTime<Utc>>,
    pub ransomware: bool,
}

/// Technical impact, as SSVC has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Impact {
    Partial,
    Total,
}

impl Impact {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Partial => "partial",
            Self::Total => "total",
        }
    }
}

/// The probability of exploitation within 30 days, in millionths: a browser has no fractions to spare.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Epss {
    pub millionths: u32,
    pub percentile_millionths: u32,
}

impl Epss {
    /// `0.000430`.
    pub fn score(self) -> String {
        decimal(self.millionths)
    }

    /// `0.123450`.
    pub fn percentile(self) -> String {
        decimal(self.percentile_millionths)
    }
}

fn decimal(millionths: u32) -> String {
    format!("{}.{:06}", millionths / 1_000_000, millionths % 1_000_000)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FeedKind {
    Kev,
    Epss,
    /// CVE records with CISA's SSVC decision points and scores.
    Vulnrichment,
}

impl FeedKind {
    pub const ALL: [Self; 3] = [Self::Kev, Self::Epss, Self::Vulnrichment];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Kev => "kev",
            Self::Epss => "epss",
            Self::Vulnrichment => "vulnrichment",
        }
    }

    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Kev => "Known exploited (KEV)",
            Self::Epss => "Likely exploited (EPSS)",
            Self::Vulnrichment => "Severity, automatable, impact (Vulnrichment)",
        }
    }
}

/// What is known of a feed: a date and a source, or that there is none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedState {
    pub kind: FeedKind,
    /// A file's name or an address without its secrets; empty where the feed was never read.
    pub source: String,
    pub imported_at: Option<DateTime<Utc>>,
    /// What the feed says of its own date.
    pub dated: Option<DateTime<Utc>>,
    /// What the feed says of its version or model.
    pub version: String,
    pub records: u64,
    /// Of the file, as it was read.
    pub sha256: String,
}

impl FeedState {
    pub fn absent(kind: FeedKind) -> Self {
        Self {
            kind,
            source: String::new(),
            imported_at: None,
            dated: None,
            version: String::new(),
            records: 0,
            sha256: String::new(),
        }
    }
}
