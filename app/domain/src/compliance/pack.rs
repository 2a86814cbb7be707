//! An audit pack: files, an index that names the SHA-256 of each, and a signature of the index.
use super::export::About;
use crate::audit::{
    Bytes, PublicKey, Signature, Trust, Verification, Verifier, is_document_authentic,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The name and version of the format; what is signed begins with it.
pub const PACK_FORMAT: &str = "drydock-pack/1";

const INDEX: &str = "INDEX.json";
const SIGNATURE: &str = "INDEX.sig.json";
const TRAIL: &str = "audit.ndjson";

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

/// A pack that is whole.
#[derive(Clone, Debug)]
pub struct Pack {
    pub index: PackIndex,
    pub key: PublicKey,
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
pub fn index_of(about: About, files: &[Member]) -> Member {
    let index = PackIndex {
        format: PACK_FORMAT.to_owned(),
        about,
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

/// Is every file as it was when the pack was signed? With `keys`, by one of those; without any, by
/// whoever signed it.
///
/// # Errors
/// The first file that is not, and why.
pub fn verify_pack(members: &[Member], keys: &[PublicKey]) -> Result<Pack, PackFault> {
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
    if !keys.is_empty() && !keys.contains(&signed.key) {
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
    let trail = files.iter().find(|file| file.name == TRAIL);
    let trail = trail
        .map(|file| check_trail(file, signed.key))
        .transpose()?;
    Ok(Pack {
        index: parsed,
        key: signed.key,
        trail,
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

fn check_trail(file: &Member, key: PublicKey) -> Result<Verification, PackFault> {
    let trust = Trust {
        keys: vec![key],
        witness: None,
    };
    let mut verifier = Verifier::new(&trust);
    let text = String::from_utf8_lossy(&file.bytes);
    for line in text.lines() {
        if !verifier.read(line) {
            break;
        }
    }
    let found = verifier.finish();
    match &found.broken {
        Some(broken) => Err(PackFault {
            file: file.name.clone(),
            why: format!("the trail breaks at {broken}"),
        }),
        None => Ok(found),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::document_bytes;
    use ed25519_dalek::{Signer as _, SigningKey};

    fn pack(key: u8) -> Vec<Member> {
        let member = |name: &str, text: &str| Member {
            name: name.to_owned(),
            bytes: text.as_bytes().to_vec(),
        };
        let files = vec![
            member("findings.csv", "\"id\"\r\n"),
            member("feeds.json", "[]\n"),
        ];
        let about = About {
            registry: "harbour".into(),
            filter: String::new(),
            profile: "internal".into(),
            as_of: "2026-11-21T08:00:00Z".into(),
            rows: 0,
            rows_sha256: String::new(),
            generated_at: "2026-11-21T08:00:00Z".into(),
            generator: "drydock 0.1.0".into(),
            chain_head: String::new(),
        };
        let index = index_of(about, &files);
        let key = SigningKey::from_bytes(&[key; 32]);
        let signature = key.sign(&document_bytes(PACK_FORMAT, &index.bytes));
        let public = Bytes(key.verifying_key().to_bytes());
        let signature = signature_of(public, Bytes(signature.to_bytes()));
        let mut members = vec![index, signature];
        members.extend(files);
        members
    }

    #[test]
    fn a_byte_that_changed_in_any_file_is_caught_and_its_file_named() {
        let whole = pack(1);
        let key = verify_pack(&whole, &[]).unwrap().key;
        assert!(verify_pack(&whole, &[key]).is_ok());
        for (place, member) in whole.iter().enumerate() {
            for at in 0..member.bytes.len() {
                let mut changed = whole.clone();
                changed[place].bytes[at] ^= 1;
                let fault = verify_pack(&changed, &[]).unwrap_err();
                // A signature that changed does not fit the index any more: either is the wrong one.
                let named = fault.file == member.name || (place == 1 && fault.file == INDEX);
                assert!(named, "{} at {at}: {fault}", member.name);
            }
        }
    }

    #[test]
    fn a_file_that_is_missing_added_or_elsewhere_is_named() {
        let check = |change: fn(&mut Vec<Member>), expected: &str| {
            let mut changed = pack(1);
            change(&mut changed);
            assert_eq!(verify_pack(&changed, &[]).unwrap_err().file, expected);
        };
        check(|files| drop(files.pop()), "feeds.json");
        check(|files| files.swap(2, 3), "feeds.json");
        check(|files| files.push(files[2].clone()), "findings.csv");
        check(|files| files.swap(0, 1), "INDEX.sig.json");
        check(Vec::clear, INDEX);
    }

    #[test]
    fn a_pack_of_another_key_is_not_of_the_one_that_is_trusted() {
        let (own, foreign) = (pack(1), pack(2));
        let trusted = verify_pack(&own, &[]).unwrap().key;
        assert!(verify_pack(&foreign, &[]).is_ok());
        let fault = verify_pack(&foreign, &[trusted]).unwrap_err();
        assert_eq!(fault.file, SIGNATURE);
        // Nor does a signature of another pack fit.
        let mut mixed = own;
        mixed[0] = foreign[0].clone();
        mixed[0].bytes.push(b'\n');
        assert_eq!(verify_pack(&mixed, &[]).unwrap_err().file, INDEX);
    }
}
