use super::Severity;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// One vulnerability in one package of one image, or a scan that did not happen: what was found,
/// when each clock could start, and how it ended.
///
/// An image that is pushed again while the package is still vulnerable closes one finding and opens
/// the next, which keeps the instant of the first detection: no clock is set back by a push.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The same for the same digest, package and vulnerability, at any time.
    pub id: String,
    pub kind: FindingKind,
    pub registry: String,
    /// Empty where the finding is about the registry itself.
    pub repository: String,
    /// The tag that the image's patches are named after.
    pub original: String,
    /// The tag under which the digest was seen.
    pub tag: String,
    pub digest: String,
    /// `linux/amd64`; empty where it is not known.
    pub platform: String,
    /// `CVE-2026-1234`, or the scanner's own name for it.
    pub cve: String,
    pub package: String,
    /// Package URL, as the scanner gave it.
    pub purl: String,
    pub installed: String,
    /// The version that fixes it; empty where none does.
    pub fixed: String,
    /// As the scanner says it; feeds may know better.
    pub severity: Severity,
    pub instants: Instants,
    /// What found it, and how old its data was.
    pub scanner: String,
    pub database_at: Option<DateTime<Utc>>,
    /// The observation that saw it first.
    pub scan_id: String,
    /// When this row began to be true; the clock may have begun earlier.
    pub opened_at: DateTime<Utc>,
    pub closing: Option<Closing>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FindingKind {
    Vulnerability,
    /// A planned run that did not happen: a failure of detection.
    MissedRun,
    /// A run that ended without a result.
    FailedRun,
}

impl FindingKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Vulnerability => "vulnerability",
            Self::MissedRun => "missed-run",
            Self::FailedRun => "failed-run",
        }
    }
}

/// Where the clocks of frameworks may start. `None` is not known, and is shown so.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Instants {
    /// The vulnerability was made public.
    pub published: Option<DateTime<Utc>>,
    /// A package that fixes it was in the archive, as first seen here.
    pub fix_available: Option<DateTime<Utc>>,
    pub first_detected: Option<DateTime<Utc>>,
    /// Its due dates were first worked out.
    pub evaluated: Option<DateTime<Utc>>,
    pub kev_added: Option<DateTime<Utc>>,
    pub patched_tag_pushed: Option<DateTime<Utc>>,
    /// Somebody runs the patched image. No registry knows, so nothing sets it unasked.
    pub adopted: Option<DateTime<Utc>>,
}

/// How a finding ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closing {
    /// When a scan saw it gone.
    pub at: DateTime<Utc>,
    pub reason: ClosingReason,
    /// The tag and digest that were clean; empty where the image is gone.
    pub tag: String,
    pub digest: String,
    /// The observation that verified it.
    pub scan_id: String,
    /// The run that made the patch, where it is known.
    pub run_id: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClosingReason {
    /// A patched tag was pushed, and a scan of it does not find the vulnerability.
    Patched,
    /// The original was pushed again, without it.
    Rebuilt,
    /// Another digest took this one's place, and still has it: its own finding goes on.
    Superseded,
    /// A later scan of the same digest does not find it any more: the archive took its word back.
    Withdrawn,
    /// The tag is not in the registry any more.
    Gone,
    /// A later run made up for the one that was missed or failed.
    CaughtUp,
}

impl ClosingReason {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Patched => "patched",
            Self::Rebuilt => "rebuilt",
            Self::Superseded => "superseded",
            Self::Withdrawn => "withdrawn",
            Self::Gone => "gone",
            Self::CaughtUp => "caught-up",
        }
    }

    /// The vulnerability is gone, and not only this row about it.
    pub fn stops_the_clock(self) -> bool {
        match self {
            Self::Patched | Self::Rebuilt | Self::CaughtUp => true,
            Self::Superseded | Self::Withdrawn | Self::Gone => false,
        }
    }
}

/// The identity of a finding: 128 bits of SHA-256 over what it is about.
pub fn finding_id(registry: &str, image: &str, digest: &str, purl: &str, cve: &str) -> String {
    let mut hash = Sha256::new();
    for part in [registry, image, digest, purl, cve] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let hex: Vec<String> = hash.finalize()[..16]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    hex.concat()
}

impl Finding {
    /// `web/api:3.11@sha256:…`.
    pub fn image(&self) -> String {
        match (self.repository.is_empty(), self.digest.is_empty()) {
            (true, _) => self.registry.clone(),
            (false, true) => format!("{}:{}", self.repository, self.tag),
            (false, false) => format!("{}:{}@{}", self.repository, self.tag, self.digest),
        }
    }

    /// The finding as it was known at `at`; `None` where it was not known yet. What happened later is
    /// taken out.
    pub fn as_of(&self, at: DateTime<Utc>) -> Option<Self> {
        if self.opened_at > at {
            return None;
        }
        let mut then = self.clone();
        if then.closing.as_ref().is_some_and(|closing| closing.at > at) {
            then.closing = None;
        }
        let instants = &mut then.instants;
        for instant in [
            &mut instants.fix_available,
            &mut instants.evaluated,
            &mut instants.kev_added,
            &mut instants.patched_tag_pushed,
            &mut instants.adopted,
        ] {
            *instant = instant.filter(|instant| *instant <= at);
        }
        Some(then)
    }
}
