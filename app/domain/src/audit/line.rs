use super::{Bytes, Hash, PublicKey, Signature, SignedStatement, Statement, canonical};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use std::borrow::Cow;

/// One line of an exported trail (NDJSON: a JSON object to a line).
#[derive(Clone, Debug)]
pub enum Line<'t> {
    Trail(Trail<'t>),
    Entry {
        /// As it stands in the line: the hash covers these bytes.
        body: &'t str,
        hash: Hash,
        previous: Hash,
    },
    Statement(SignedStatement),
    Personal(Personal<'t>),
}

/// The first line: where the file comes from. Nothing in it is signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trail<'t> {
    /// An excerpt that leaves out the entries up to this sequence; 0 for the whole trail.
    pub after: i64,
    pub exported_at: i64,
    #[serde(borrow)]
    pub format: Cow<'t, str>,
    #[serde(borrow)]
    pub generator: Cow<'t, str>,
}

/// What a pseudonym stands for. It is kept beside the chain: once it is erased, the pseudonym is
/// SHA-256 of something with 128 unknown bits in it, and the chain is as whole as before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Personal<'t> {
    /// A name, or an address and a user agent on two lines.
    #[serde(borrow)]
    pub data: Cow<'t, str>,
    #[serde(borrow)]
    pub id: Cow<'t, str>,
    pub salt: Bytes<16>,
}

impl Personal<'_> {
    /// The pseudonym of `data`: the first 16 bytes of SHA-256 over the salt and the data.
    pub fn pseudonym(salt: &Bytes<16>, data: &str) -> String {
        let digest: [u8; 32] = Sha256::new()
            .chain_update(salt.0)
            .chain_update(data)
            .finalize()
            .into();
        let (half, _) = digest.split_first_chunk().expect("32 bytes begin with 16");
        Bytes::<16>(*half).to_string()
    }

    pub fn is_authentic(&self) -> bool {
        Self::pseudonym(&self.salt, &self.data) == self.id
    }
}

/// Every member that a line may have; exactly one shape of them is a line.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Members<'t> {
    #[serde(borrow)]
    entry: Option<&'t RawValue>,
    hash: Option<Hash>,
    key: Option<PublicKey>,
    #[serde(borrow)]
    personal: Option<Personal<'t>>,
    previous: Option<Hash>,
    signature: Option<Signature>,
    statement: Option<Statement>,
    #[serde(borrow)]
    trail: Option<Trail<'t>>,
}

impl<'t> Line<'t> {
    /// `None` for what is not a line of an audit trail.
    pub fn parse(text: &'t str) -> Option<Self> {
        match serde_json::from_str(text).ok()? {
            Members {
                entry: Some(body),
                hash: Some(hash),
                previous: Some(previous),
                key: None,
                personal: None,
                signature: None,
                statement: None,
                trail: None,
            } => Some(Self::Entry {
                body: body.get(),
                hash,
                previous,
            }),
            Members {
                statement: Some(statement),
                key: Some(key),
                signature: Some(signature),
                entry: None,
                hash: None,
                personal: None,
                previous: None,
                trail: None,
            } => Some(Self::Statement(SignedStatement {
                key,
                signature,
                statement,
            })),
            Members {
                entry: None,
                hash: None,
                key: None,
                personal,
                previous: None,
                signature: None,
                statement: None,
                trail,
            } => match (personal, trail) {
                (Some(personal), None) => Some(Self::Personal(personal)),
                (None, Some(trail)) => Some(Self::Trail(trail)),
                _ => None,
            },
            _ => None,
        }
    }
}

/// Writes an entry's line, without its line feed; `body` must be what was hashed.
pub fn entry_line(body: &str, hash: &Hash, previous: &Hash) -> String {
    format!(r#"{{"entry":{body},"hash":"{hash}","previous":"{previous}"}}"#)
}

pub fn statement_line(statement: &SignedStatement) -> String {
    canonical(statement)
}

pub fn personal_line(personal: &Personal<'_>) -> String {
    #[derive(Serialize)]
    struct Wrapped<'p, 't> {
        personal: &'p Personal<'t>,
    }
    canonical(&Wrapped { personal })
}

pub fn trail_line(trail: &Trail<'_>) -> String {
    #[derive(Serialize)]
    struct Wrapped<'p, 't> {
        trail: &'p Trail<'t>,
    }
    canonical(&Wrapped { trail })
}
