//! The audit trail: entries in canonical JSON, each bound to the one before by SHA-256, and
//! statements signed with Ed25519 about how far the trail reached. Pure, so that a server, the
//! command line and a browser verify with the same code.
//!
//! Canonical means RFC 8785 for the shapes here: members in ascending order (the order of the
//! fields below), no white space, integers below 2^53 and no other numbers, strings escaped as
//! serde_json does it, which is as the RFC asks. An entry's hash is SHA-256 over the 32 bytes of
//! the hash before and the bytes of its body; the hash before the first is 32 zeros.
mod bytes;
mod line;
mod query;
mod statement;
mod verify;
mod witness;
mod words;

pub use bytes::{Bytes, Hash, PublicKey, Signature};
pub use line::{Line, Personal, Trail, entry_line, personal_line, statement_line, trail_line};
pub use query::{AuditQuery, TrailCheck};
pub use statement::{SignedStatement, Statement, document_bytes, is_document_authentic};
pub use verify::{Break, Fault, Position, Trust, Verification, Verifier, verify};
pub use witness::{
    WITNESS_REPOSITORY, WITNESS_TAG, Witness, WitnessError, parse_witness, witness_tag,
};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::borrow::Cow;

/// The name and version of the format, in the first line of an exported trail.
pub const FORMAT: &str = "drydock-audit/1";

/// What the hash of an entry covers. Instants are microseconds since 1970 in UTC.
///
/// Of people it holds pseudonyms alone (`actor`, `client`): see [`Personal`]. Free text must name
/// no person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Body<'t> {
    /// The pseudonym of who did it; empty on a completion.
    #[serde(borrow, default, skip_serializing_if = "str::is_empty")]
    pub actor: Cow<'t, str>,
    pub at: i64,
    /// On a completion, `at` of the entry that it completes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub begun_at: Option<i64>,
    /// The pseudonym of an address and a user agent.
    #[serde(borrow, default, skip_serializing_if = "str::is_empty")]
    pub client: Cow<'t, str>,
    #[serde(borrow, default, skip_serializing_if = "str::is_empty")]
    pub detail: Cow<'t, str>,
    /// Written before there was a chain, and taken into it later: `at` is what the old row said.
    #[serde(default, skip_serializing_if = "is_false")]
    pub imported: bool,
    pub kind: Kind,
    #[serde(borrow, default, skip_serializing_if = "str::is_empty")]
    pub object: Cow<'t, str>,
    /// On a completion, the sequence of the entry that it completes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<i64>,
    /// A dotted verb; empty on a completion.
    #[serde(borrow, default, skip_serializing_if = "str::is_empty")]
    pub operation: Cow<'t, str>,
    /// Absent on what has only begun.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
    /// From 1, without gaps.
    pub sequence: i64,
}

/// What an entry is about. All but the first two say at once how they ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Something is about to be done; a completion follows.
    Begin,
    Complete,
    /// Somebody asked for what their role does not allow.
    Denial,
    SignIn,
    SignOut,
    /// Data left the console as a file.
    Export,
    /// Somebody read the audit trail.
    View,
    /// Old entries gave way to a tombstone.
    Prune,
    /// What was known of a person was erased.
    Erase,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    Succeeded,
    Failed,
    Denied,
    /// Nobody lived to say.
    Unknown,
}

impl Outcome {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Denied => "denied",
            Self::Unknown => "unknown",
        }
    }
}

impl<'t> Body<'t> {
    /// Reads a body; members that are unknown or stand twice are refused.
    pub fn parse(text: &'t str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }

    pub fn to_canonical(&self) -> String {
        canonical(self)
    }
}

/// The hash of the entry with this body after the entry with the hash `previous`.
pub fn chain_hash(previous: &Hash, body: &str) -> Hash {
    let digest = Sha256::new()
        .chain_update(previous.0)
        .chain_update(body)
        .finalize();
    Bytes(digest.into())
}

fn canonical(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("structs of strings and integers can be written as JSON")
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks for a reference"
)]
fn is_false(value: &bool) -> bool {
    !value
}

#[cfg(test)]
mod tests;
