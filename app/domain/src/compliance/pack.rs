//! An audit pack: files, an index that names the SHA-256 of each, and a signature of the index.
#[cfg(test)]
mod tests;
mod trail;

pub use trail::{Comparison, published_head_of};

use super::export::About;
use crate::audit::{
    Bytes, PublicKey, Signature, SignedStatement, Verification, Witness, is_document_authentic,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The name and version of the format; what is signed begins with it.
pub const PACK_FORMAT: &str = "drydock-pack/1";

const INDEX: &str = "INDEX.json";
const SIGNATURE: &str = "INDEX.sig.json";

/// One file of a pack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    pub name: String,
    pub bytes: Vec<u8>,
}

/// What `INDEX.json` holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackIndex {
    pub format: String,
    pub about: About,
    /// What was published of the trail inside, outside of the console's database.
    pub witness: Witness,
    /// In the order in which they stand in the pack.
    pub files: Vec<IndexedFile>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndexedFile {
    pub name: String,
    pub size_bytes: usize,
    pub sha256: String,
}

/// What `INDEX.sig.json` holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PackSignature {
    format: String,
    key: PublicKey,
    signature: Signature,
}

/// What the verifying side knows from elsewhere.
#[derive(Clone, Debug, Default)]
pub struct PackTrust {
    /// Only these may sign; empty for any.
    pub keys: Vec<PublicKey>,
    /// A published head of the trail, fetched without the console.
    pub witness: Option<SignedStatement>,
}

/// A pack that is whole.
#[derive(Clone, Debug)]
pub struct Pack {
    pub index: PackIndex,
    pub key: PublicKey,
    /// The entry of the published head inside, which the trail holds; `None` where there is none.
    pub published: Option<i64>,
    pub comparison: Comparison,
    /// Of the audit trail inside; `None` where there is none.
    pub trail: Option<Verification>,
}

/// The first file of a pack that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {why}")]
pub struct PackFault {
    pub file: String,
    /// A clause.
    pub why: String,
}

fn sha256(bytes: &[u8]) -> String {
    Bytes::<32>(Sha256::digest(bytes).into()).to_string()
}

/// The index of these files, as the member that stands first.
pub fn index_of(about: About, witness: Witness, files: &[Member]) -> Member {
    let index = PackIndex {
        format: PACK_FORMAT.to_owned(),
        about,
        witness,
        files: files
            .iter()
            .map(|file| IndexedFile {
                name: file.name.clone(),
                size_bytes: file.bytes.len(),
                sha256: sha256(&file.bytes),
            })
            .collect(),
    };
    Member {
        name: INDEX.to_owned(),
        bytes: written(&index),
    }
}

/// The signature, as the member that stands after the index.
pub fn signature_of(key: PublicKey, signature: Signature) -> Member {
    let format = PACK_FORMAT.to_owned();
    let signed = PackSignature {
        format,
        key,
        signature,
    };
    Member {
        name: SIGNATURE.to_owned(),
        bytes: written(&signed),
    }
}

fn written(value: &impl Serialize) -> Vec<u8> {
    let text = serde_json::to_string_pretty(value);
    let mut text = text.expect("structs of strings, numbers and lists have their JSON");
    text.push('\n');
    text.into_bytes()
}

/// Is every file as it was when the pack was signed, by one of the trusted keys where any are named,
/// and does the trail inside agree with what was published of it?
///
/// # Errors
/// The first file that is not, and why.
pub fn verify_pack(members: &[Member], trust: &PackTrust) -> Result<Pack, PackFault> {
    let fault = |file: &str, why: &str| PackFault {
        file: file.to_owned(),
        why: why.to_owned(),
    };
    let [index, signature, files @ ..] = members else {
        return Err(fault(
            INDEX,
            "the pack does not begin with it and its signature",
        ));
    };
    if index.name != INDEX {
        return Err(fault(
            &index.name,
            "the pack does not begin with INDEX.json",
        ));
    }
    if signature.name != SIGNATURE {
        return Err(fault(
            &signature.name,
            "INDEX.sig.json does not follow the index",
        ));
    }
    let signed: PackSignature = serde_json::from_slice(&signature.bytes)
        .map_err(|_| fault(SIGNATURE, "it is no signature of a pack"))?;
    // Only what was written counts: nothing in this file is signed itself.
    if written(&signed) != signature.bytes || signed.format != PACK_FORMAT {
        return Err(fault(SIGNATURE, "it is not as it was written"));
    }
    if !trust.keys.is_empty() && !trust.keys.contains(&signed.key) {
        return Err(fault(SIGNATURE, "it is of a key that is not trusted"));
    }
    if !is_document_authentic(&signed.key, &signed.signature, PACK_FORMAT, &index.bytes) {
        return Err(fault(
            INDEX,
            "the signature in INDEX.sig.json is not of this index",
        ));
    }
    let parsed: PackIndex = serde_json::from_slice(&index.bytes)
        .map_err(|_| fault(INDEX, "it is signed, and no index that this version knows"))?;
    check_files(&parsed, files)?;
    let checked = trail::check_trail(files, signed.key, &parsed.about.generated_at, trust)?;
    Ok(Pack {
        index: parsed,
        key: signed.key,
        published: checked.published,
        comparison: checked.comparison,
        trail: checked.trail,
    })
}

fn check_files(index: &PackIndex, files: &[Member]) -> Result<(), PackFault> {
    let fault = |file: &str, why: String| {
        Err(PackFault {
            file: file.to_owned(),
            why,
        })
    };
    for (place, listed) in index.files.iter().enumerate() {
        let Some(file) = files.get(place) else {
            return fault(&listed.name, "it is missing".to_owned());
        };
        if file.name != listed.name {
            let why = format!("the index has {} in its place", listed.name);
            return fault(&file.name, why);
        }
        let actual = sha256(&file.bytes);
        if actual != listed.sha256 || file.bytes.len() != listed.size_bytes {
            let why = format!("its SHA-256 is {actual}, and was {}", listed.sha256);
            return fault(&file.name, why);
        }
    }
    match files.get(index.files.len()) {
        Some(surplus) => fault(&surplus.name, "the index does not name it".to_owned()),
        None => Ok(()),
    }
}
