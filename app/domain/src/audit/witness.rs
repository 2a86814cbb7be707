//! The head of the trail as it is published outside of the database: what catches an end that was cut
//! off together with its checkpoints. The document is a signed checkpoint, as it stands in a trail.
use super::{Hash, Line, Position, SignedStatement, Statement};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Where a registry holds it. It is no image, and no page counts it as one.
pub const WITNESS_REPOSITORY: &str = "drydock/audit-witness";
/// The newest head; each one also has a tag of its own, see [`witness_tag`].
pub const WITNESS_TAG: &str = "head";

/// The tag that stays with the head at this entry.
pub fn witness_tag(sequence: i64) -> String {
    format!("entry-{sequence}")
}

/// Why a document is no published head.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WitnessError {
    #[error("it is not a signed checkpoint of an audit trail")]
    Unreadable,
    #[error("its signature is not that of the key that it names: it was changed")]
    Forged,
}

/// Reads a published head. That its signature is its key's own is checked; whether the key is to be
/// trusted is another question.
pub fn parse_witness(document: &str) -> Result<SignedStatement, WitnessError> {
    let Some(Line::Statement(signed)) = Line::parse(document.trim_end()) else {
        return Err(WitnessError::Unreadable);
    };
    match signed.statement {
        Statement::Tombstone { .. } => Err(WitnessError::Unreadable),
        Statement::Checkpoint { .. } if signed.is_authentic() => Ok(signed),
        Statement::Checkpoint { .. } => Err(WitnessError::Forged),
    }
}

impl From<&SignedStatement> for Position {
    fn from(signed: &SignedStatement) -> Self {
        let (sequence, hash) = signed.statement.position();
        Self { sequence, hash }
    }
}

/// What a console knows of its published head.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Witness {
    /// None is published.
    #[default]
    Off,
    /// The first is yet to be published there.
    Awaited { registry: String },
    Published {
        registry: String,
        /// The entry that the trail ended with.
        sequence: i64,
        /// That entry's.
        hash: Hash,
        at: DateTime<Utc>,
    },
    /// What is there could not be compared.
    Unread { registry: String, why: String },
}
