//! What a page asks of the trail, and what it is told.
use super::{Outcome, Witness};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Which entries to list: conditions are joined by *and*, and an empty text asks for all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AuditQuery {
    /// A run, a digest, a repository: whatever an entry or its completion names.
    pub mention: String,
    /// A person's name, whole.
    pub actor: String,
    /// A dotted verb, whole.
    pub operation: String,
    pub object: String,
    pub outcome: Option<Outcome>,
    /// Days in UTC, `YYYY-MM-DD`, both of them included.
    pub from: String,
    pub until: String,
    /// Older than the entry of this sequence.
    pub before: Option<i64>,
}

impl AuditQuery {
    /// Whether entries are left out, other than by paging.
    pub fn is_narrow(&self) -> bool {
        let all = Self {
            before: self.before,
            ..Self::default()
        };
        *self != all
    }
}

/// What verifying the stored trail found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrailCheck {
    /// The last entry up to which the trail is whole; 0 for an empty one.
    pub through: i64,
    /// The last entry that a signed checkpoint vouches for.
    pub signed_through: Option<i64>,
    /// Where it breaks, in words.
    pub broken: Option<String>,
    /// What is not covered, in sentences.
    pub uncovered: Vec<String>,
    /// What was published of the trail outside of its database.
    pub witness: Witness,
    /// The public key that signs, in hexadecimal.
    pub key: String,
    pub as_of: DateTime<Utc>,
}
