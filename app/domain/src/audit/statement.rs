use super::{FORMAT, Hash, PublicKey, Signature, canonical};
use ed25519_dalek::VerifyingKey;
use serde::{Deserialize, Serialize};

/// What the holder of the key says about the trail. Instants are microseconds since 1970 in UTC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum Statement {
    /// At that instant the trail ended with this entry.
    Checkpoint { at: i64, hash: Hash, sequence: i64 },
    /// The entries up to `sequence`, `count` of them, were removed on purpose; `hash` is the
    /// last one's. `before` is the instant that the removed ones are older than.
    Tombstone {
        at: i64,
        before: i64,
        count: i64,
        hash: Hash,
        sequence: i64,
    },
}

impl Statement {
    /// The entry that the statement speaks about, and its hash.
    pub fn position(&self) -> (i64, Hash) {
        match self {
            Self::Checkpoint { sequence, hash, .. } | Self::Tombstone { sequence, hash, .. } => {
                (*sequence, *hash)
            }
        }
    }

    pub fn parse(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }

    pub fn to_canonical(&self) -> String {
        canonical(self)
    }

    /// The bytes that are signed: the format's name, a line feed, the canonical JSON.
    pub fn to_signed_bytes(&self) -> Vec<u8> {
        format!("{FORMAT}\n{}", canonical(self)).into_bytes()
    }
}

/// A statement, whose key signed it, and the signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedStatement {
    pub key: PublicKey,
    pub signature: Signature,
    pub statement: Statement,
}

impl SignedStatement {
    /// The signature is the key's own; whether the key is to be trusted is another question.
    pub fn is_authentic(&self) -> bool {
        let signature = ed25519_dalek::Signature::from_bytes(&self.signature.0);
        VerifyingKey::from_bytes(&self.key.0).is_ok_and(|key| {
            key.verify_strict(&self.statement.to_signed_bytes(), &signature)
                .is_ok()
        })
    }
}

/// The bytes that are signed of a document: the name of its format, a line feed, the document.
pub fn document_bytes(format: &str, document: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(format.len() + 1 + document.len());
    bytes.extend_from_slice(format.as_bytes());
    bytes.push(b'\n');
    bytes.extend_from_slice(document);
    bytes
}

/// Whether the key signed this document as one of this format.
pub fn is_document_authentic(
    key: &PublicKey,
    signature: &Signature,
    format: &str,
    document: &[u8],
) -> bool {
    let signature = ed25519_dalek::Signature::from_bytes(&signature.0);
    VerifyingKey::from_bytes(&key.0).is_ok_and(|key| {
        key.verify_strict(&document_bytes(format, document), &signature)
            .is_ok()
    })
}
