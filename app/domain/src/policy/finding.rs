//! What is wrong with a policy document, or worth knowing about it.
use super::Policy;
use serde::{Deserialize, Serialize};

/// A document's check by both validators.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyCheck {
    /// What the service reads, wherever it can decode the document at all, even where its check
    /// then refuses it.
    pub policy: Option<Policy>,
    /// In the document's order.
    pub findings: Vec<Finding>,
}

impl PolicyCheck {
    pub fn is_refused_by(&self, validator: Validator) -> bool {
        self.findings
            .iter()
            .any(|finding| finding.refused_by.contains(&validator))
    }

    /// Neither validator refuses the document; there may be warnings.
    pub fn is_accepted(&self) -> bool {
        self.findings
            .iter()
            .all(|finding| finding.refused_by.is_empty())
    }
}

/// One thing about one place of the document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    pub code: FindingCode,
    pub severity: Severity,
    /// Who refuses the document because of it; nobody for advice.
    pub refused_by: Vec<Validator>,
    /// JSON pointer (RFC 6901) of the value; empty for the whole document.
    pub pointer: String,
    /// Line and column, from 1; columns count characters.
    pub line: u32,
    pub column: u32,
    /// What is wrong, and why.
    pub message: String,
    /// What to do about it.
    pub remedy: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// At least one validator refuses the document.
    Error,
    Warning,
}

/// Who judges a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Validator {
    /// The check that runs in the registry's tasks, each time.
    Service,
    /// The check of `az acr supply-chain workflow create` and `update`.
    Extension,
}

impl Validator {
    /// For sentences: `ACR's own check`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Service => "ACR's own check",
            Self::Extension => "the az extension",
        }
    }
}

/// Stable names of the findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum FindingCode {
    TooLarge,
    Empty,
    ByteOrderMark,
    NotJson,
    TrailingComma,
    WrongType,
    KeyMissing,
    KeyCase,
    DuplicateKey,
    UnknownKey,
    VersionUnknown,
    ConventionUnknown,
    NoRepositories,
    DuplicateRepository,
    RepositoryEmpty,
    RepositoryName,
    NoTags,
    TagEmpty,
    TagReserved,
    TagLooksReserved,
    TagName,
    WildcardMixed,
    DuplicateTag,
    /// The service refuses the document for a reason that has no code of its own.
    ServiceRefusal,
    // What only the registry's tags tell: see [`super::advise`].
    RegexLeak,
    PhantomBase,
    KeyCollision,
    ConventionSwitch,
    OverLimit,
    RepositoryNotFound,
    TagNotFound,
}
