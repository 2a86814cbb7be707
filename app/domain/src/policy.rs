//! The policy document: what continuous patching covers, and in which tags it writes.
//!
//! Two programs judge it by different rules: the service's own tool, each time the workflow
//! runs, and the az extension, when a person saves it. [`parse`] and [`service_refusal`] are the
//! first alone; [`check`] is both, and says which of them refuses.
use crate::json;
use crate::tag;
use serde::{Deserialize, Serialize};

mod advice;
mod check;
mod decode;
pub mod diff;
pub mod document;
mod finding;
mod fix;
pub mod history;
mod version;

pub use advice::{Advice, advise};
pub use check::check;
pub use finding::{Finding, FindingCode, PolicyCheck, Severity, Validator};
pub use fix::{Fix, Fixer};
pub use version::{PolicyApplication, PolicyVersion};

/// The only version there is.
pub const VERSION: &str = "v1";

/// The extension refuses a larger file.
pub const MAX_SIZE_BYTES: usize = 10 * 1024 * 1024;

/// How patch tags are named.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TagConvention {
    /// `3.11-1`, `3.11-2`, …
    #[default]
    Incremental,
    /// `3.11-patched`, moved by each patch.
    Floating,
}

impl TagConvention {
    pub const ALL: [Self; 2] = [Self::Incremental, Self::Floating];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Incremental => "incremental",
            Self::Floating => "floating",
        }
    }

    /// The words of the document, case-sensitive.
    pub fn find(word: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|convention| convention.as_str() == word)
    }
}

/// A policy as the service reads it, at version `v1`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Policy {
    /// `None` where the document does not say; the service then works incrementally.
    pub convention: Option<TagConvention>,
    pub repositories: Vec<PolicyRepository>,
}

/// One row of a policy. A repository may have several.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PolicyRepository {
    pub repository: String,
    /// Exact tags, or `["*"]` alone for all of them.
    pub tags: Vec<String>,
    pub enabled: bool,
}

impl PolicyRepository {
    pub fn is_wildcard(&self) -> bool {
        matches!(self.tags.as_slice(), [tag] if tag == "*")
    }
}

impl Policy {
    /// The document, indented by two spaces, in the order of Microsoft's sample, with a last
    /// newline. `enabled` is always written.
    pub fn to_json(&self) -> String {
        let mut text = format!("{{\n  \"version\": {},\n", json::quote(VERSION));
        if let Some(convention) = self.convention {
            let convention = json::quote(convention.as_str());
            text.push_str(&format!("  \"tag-convention\": {convention},\n"));
        }
        let rows: Vec<String> = self.repositories.iter().map(row_to_json).collect();
        if rows.is_empty() {
            text.push_str("  \"repositories\": []\n}\n");
        } else {
            let rows = rows.join(",\n");
            text.push_str(&format!("  \"repositories\": [\n{rows}\n  ]\n}}\n"));
        }
        text
    }
}

fn row_to_json(row: &PolicyRepository) -> String {
    let tags: Vec<String> = row.tags.iter().map(|tag| json::quote(tag)).collect();
    format!(
        "    {{\n      \"repository\": {},\n      \"tags\": [{}],\n      \"enabled\": {}\n    }}",
        json::quote(&row.repository),
        tags.join(", "),
        row.enabled,
    )
}

/// Why the service does not work with a document. `Display` is the service's own message,
/// without the `Error: ` before it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParsePolicyError {
    /// Not JSON, or JSON of another shape.
    #[error("{message}")]
    NotDecoded {
        /// What the service's JSON decoder says; its tool puts in front of it where it read the
        /// document: see [`ParsePolicyError::acr_message`].
        message: String,
        /// A JSON pointer to the value.
        pointer: String,
        /// Line and column, from 1.
        line: u32,
        column: u32,
    },
    /// Decoded, and refused by the check that follows; one or more lines.
    #[error("{message}")]
    Refused { message: String },
}

impl ParsePolicyError {
    /// The message as `acr cssc patch` prints it to standard error after `Error: `.
    pub fn acr_message(&self, source: crate::selection::PolicySource) -> String {
        use crate::selection::PolicySource;
        match self {
            Self::Refused { message } => message.clone(),
            Self::NotDecoded { message, .. } => {
                let what = match source {
                    PolicySource::File => "the filter file from file path",
                    PolicySource::Artifact => "the filter policy",
                };
                format!("error unmarshalling json content when reading {what}: {message}")
            }
        }
    }
}

/// Reads a document as the service does: keys in any case, unknown ones passed over, `null` as
/// if absent, the last of duplicate keys; then its check. What only the extension refuses is
/// accepted.
pub fn parse(text: &str) -> Result<Policy, ParsePolicyError> {
    let document = decode::decode(text)?;
    match decode::refusal(&document) {
        None => Ok(document.into_policy()),
        Some(message) => Err(ParsePolicyError::Refused { message }),
    }
}

/// The message with which the service refuses a policy, one or more lines, exactly. The order
/// of its rules is the service's, and a disabled repository is checked like any other.
pub fn service_refusal(policy: &Policy) -> Option<String> {
    refuse_repositories(
        policy
            .repositories
            .iter()
            .map(|row| (&row.repository, &row.tags)),
    )
}

fn refuse_repositories<'a>(
    rows: impl ExactSizeIterator<Item = (&'a String, &'a Vec<String>)>,
) -> Option<String> {
    if rows.len() == 0 {
        return Some("Repositories is required in the filter".to_owned());
    }
    let mut lines = Vec::new();
    for (repository, tags) in rows {
        if repository.is_empty() {
            return Some("Repository is required in the filter".to_owned());
        }
        if tags.is_empty() {
            return Some("Tags is required in the filter".to_owned());
        }
        if tags.iter().any(String::is_empty) {
            return Some("Tag is required in the filter".to_owned());
        }
        let is_reserved = |tag: &&str| tag::has_reserved_suffix(tag);
        let reserved: Vec<&str> = tags
            .iter()
            .map(String::as_str)
            .filter(is_reserved)
            .collect();
        if !reserved.is_empty() {
            lines.push(format!(
                "Repo:{repository} Invalid Tag(s): {}",
                reserved.join(", ")
            ));
        }
    }
    if lines.is_empty() {
        return None;
    }
    lines.push("Tags in filter json should not end with -1 to -999 or -patched".to_owned());
    Some(lines.join("\n"))
}

#[cfg(test)]
mod tests;
