//! Which keys may sign an archive, and the check of an `InRelease` file against them.
use crate::PatchError;
use chrono::{DateTime, Utc};
use pgp::composed::{CleartextSignedMessage, Deserializable, SignedPublicKey};
use pgp::crypto::hash::HashAlgorithm;
use pgp::packet::{Signature, SignatureType};
use pgp::types::KeyDetails;
use std::path::Path;

const DEBIAN: &[u8] = include_bytes!("../../keys/debian-archive.gpg");
const UBUNTU: &[u8] = include_bytes!("../../keys/ubuntu-archive.gpg");

/// Fingerprints of the compiled-in keys and signing subkeys; `keys/README.md` says where
/// they come from.
const PINNED: [&str; 16] = [
    // Debian archive, bullseye: key and subkey; the same for the lines below.
    "1F89983E0081FDE018F3CC9673A4F27B8DD47936",
    "A7236886F3CCCAAD148A27F80E98404D386FA1D9",
    // Debian security archive, bullseye.
    "AC530D520F2F3269F5E98313A48449044AAD5C5D",
    "ED541312A33F1128F10B1C6C54404762BBB6E853",
    // Debian stable release, bullseye and bookworm.
    "A4285295FC7B1A81600062A9605C66F00D6C9793",
    "4D64FEC119C2029067D6E791F8D2585B8783D481",
    // Debian archive, bookworm.
    "B8B80B5B623EAB6AD8775C45B7C5D7D6350947F8",
    "4CB50190207B4758A3F73A796ED0E7B82643E131",
    // Debian security archive, bookworm.
    "05AB90340C0C5E797F44A8C8254CF3B5AEC0A8F0",
    "B0CAB9266E8C3929798B3EEEBDE6D2B9216EC7A8",
    // Debian archive, trixie.
    "04B54C3CDCA79751B16BC6B5225629DF75B188BD",
    "B8E5F13176D2A7A75220028078DBA3BC47EF2265",
    // Debian security archive, trixie.
    "5E04A1E3223A19A20706E20F9904613D4CCE68C6",
    "89C87ACEA5DD6B8E6A7068808E9F831205B4BA95",
    // Debian stable release, trixie.
    "41587F7DB8C774BCCF131416762F67A0B2C39DE4",
    // Ubuntu archive, 2018.
    "F6ECB3762474EDA9D21B7022871920D1991BC93C",
];

/// Keys that are trusted for one address.
#[derive(Debug, Default)]
pub(super) struct KeyRing {
    keys: Vec<TrustedKey>,
}

/// A certificate with the parts of it that may sign.
#[derive(Debug)]
struct TrustedKey {
    certificate: SignedPublicKey,
    signers: Vec<Signer>,
}

#[derive(Debug)]
struct Signer {
    fingerprint: String,
    /// Place among the subkeys; `None` is the primary key.
    subkey: Option<usize>,
    /// Seconds since 1970.
    expires_at: Option<i64>,
}

/// A text whose signature holds.
#[derive(Debug)]
pub(super) struct Verified {
    /// What was signed, with line feeds only: nothing outside of it may be read.
    pub text: String,
    pub signed_by: String,
}

/// Why a signed text is not accepted.
#[derive(Debug, thiserror::Error)]
pub(super) enum SignatureError {
    #[error("it is not a text with an OpenPGP signature ({0})")]
    Malformed(String),
    #[error("it is signed by {0}, and no such key is known here")]
    UnknownKey(String),
    #[error("the signature by {0} does not fit the text")]
    Bad(String),
    #[error("the key {0} that signed it has expired")]
    KeyExpired(String),
}

impl KeyRing {
    /// The keys of Debian and Ubuntu that are compiled in.
    pub fn built_in() -> Self {
        let mut ring = Self::default();
        for keys in [DEBIAN, UBUNTU] {
            ring.add(keys).expect("a test reads the compiled-in keys");
        }
        for key in &mut ring.keys {
            key.signers
                .retain(|signer| PINNED.contains(&signer.fingerprint.as_str()));
        }
        ring
    }

    /// Adds every public key of a file, binary or armoured.
    pub fn add_file(&mut self, path: &Path) -> Result<(), PatchError> {
        let refuse = |why: String| PatchError::Settings {
            what: format!("key file {}", path.display()),
            why,
        };
        let content = std::fs::read(path).map_err(|error| refuse(error.to_string()))?;
        self.add(&content)
            .map_err(|error| refuse(error.to_string()))
    }

    fn add(&mut self, content: &[u8]) -> pgp::errors::Result<()> {
        let before = self.keys.len();
        let armoured = content.starts_with(b"-----BEGIN");
        let certificates: Vec<_> = if armoured {
            SignedPublicKey::from_armor_many(content)?
                .0
                .collect::<Result<_, _>>()?
        } else {
            SignedPublicKey::from_bytes_many(content)?.collect::<Result<_, _>>()?
        };
        self.keys
            .extend(certificates.into_iter().map(TrustedKey::new));
        if self.keys.len() == before {
            return Err(std::io::Error::other("there is no public key in it").into());
        }
        Ok(())
    }

    /// Accepts a text if one signature by a known key holds. Signatures by other keys are
    /// passed over, as archives sign with several.
    pub fn verify(&self, signed: &str, now: DateTime<Utc>) -> Result<Verified, SignatureError> {
        let (message, _) = CleartextSignedMessage::from_string(signed)
            .map_err(|error| SignatureError::Malformed(error.to_string()))?;
        let text = message.signed_text();
        let mut refusal = None;
        for signature in message.signatures() {
            match self.check(signature, &text, now) {
                Ok(signed_by) => {
                    return Ok(Verified {
                        text: text.replace("\r\n", "\n"),
                        signed_by,
                    });
                }
                // A known key's failure says more than an unknown key's presence.
                Err(error) => match (&refusal, &error) {
                    (Some(_), SignatureError::UnknownKey(_)) => {}
                    _ => refusal = Some(error),
                },
            }
        }
        Err(refusal.unwrap_or_else(|| SignatureError::Malformed("no signature in it".into())))
    }

    fn check(
        &self,
        signature: &Signature,
        text: &str,
        now: DateTime<Utc>,
    ) -> Result<String, SignatureError> {
        let Some((key, signer)) = self.find_signer(signature) else {
            return Err(SignatureError::UnknownKey(issuer(signature)));
        };
        let fits = accepts(signature)
            && match signer.subkey {
                None => signature.verify(&key.certificate.primary_key, text.as_bytes()),
                Some(at) => {
                    signature.verify(&key.certificate.public_subkeys[at].key, text.as_bytes())
                }
            }
            .is_ok();
        if !fits {
            return Err(SignatureError::Bad(signer.fingerprint.clone()));
        }
        if signer
            .expires_at
            .is_some_and(|expiry| expiry <= now.timestamp())
        {
            return Err(SignatureError::KeyExpired(signer.fingerprint.clone()));
        }
        Ok(signer.fingerprint.clone())
    }

    fn find_signer(&self, signature: &Signature) -> Option<(&TrustedKey, &Signer)> {
        let wanted = issuer(signature);
        self.keys.iter().find_map(|key| {
            let signer = key
                .signers
                .iter()
                .find(|signer| !wanted.is_empty() && signer.fingerprint.ends_with(&wanted))?;
            Some((key, signer))
        })
    }
}

impl TrustedKey {
    /// A subkey counts only where the primary key's own signature binds it; what other keys
    /// certify is not looked at, nor are revoked keys taken.
    fn new(certificate: SignedPublicKey) -> Self {
        let primary = &certificate.primary_key;
        let mut signers = Vec::new();
        let revoked = !certificate.details.revocation_signatures.is_empty();
        if !revoked {
            let own = certificate.details.users.iter().flat_map(|user| {
                user.signatures.iter().filter(|signature| {
                    signature
                        .verify_certification(primary, pgp::types::Tag::UserId, &user.id)
                        .is_ok()
                })
            });
            signers.push(Signer {
                fingerprint: fingerprint(primary),
                subkey: None,
                expires_at: expiry(primary, own),
            });
            for (at, subkey) in certificate.public_subkeys.iter().enumerate() {
                let bindings = || {
                    subkey.signatures.iter().filter(|signature| {
                        signature
                            .verify_subkey_binding(primary, &subkey.key)
                            .is_ok()
                    })
                };
                let is_revoked = bindings()
                    .any(|signature| signature.typ() == Some(SignatureType::SubkeyRevocation));
                let may_sign = bindings().any(|signature| signature.key_flags().sign());
                if may_sign && !is_revoked {
                    signers.push(Signer {
                        fingerprint: fingerprint(&subkey.key),
                        subkey: Some(at),
                        expires_at: expiry(&subkey.key, bindings()),
                    });
                }
            }
        }
        Self {
            certificate,
            signers,
        }
    }
}

/// The newest signature that binds a user id or a subkey decides when the key expires;
/// Debian's keys also carry direct signatures, which only name who may revoke them.
fn expiry<'a>(
    key: &impl KeyDetails,
    signatures: impl Iterator<Item = &'a Signature>,
) -> Option<i64> {
    let newest = signatures.max_by_key(|signature| signature.created())?;
    let lifetime = newest.key_expiration_time()?.as_secs();
    (lifetime > 0).then(|| i64::from(key.created_at().as_secs()) + i64::from(lifetime))
}

/// A signature over a document, by a hash that is not broken.
fn accepts(signature: &Signature) -> bool {
    matches!(
        signature.typ(),
        Some(SignatureType::Binary | SignatureType::Text)
    ) && matches!(
        signature.hash_alg(),
        Some(HashAlgorithm::Sha256 | HashAlgorithm::Sha384 | HashAlgorithm::Sha512)
    )
}

/// Fingerprint of the key that made a signature, or the key id where that is all it says.
fn issuer(signature: &Signature) -> String {
    let fingerprint = signature
        .issuer_fingerprint()
        .first()
        .map(|one| format!("{one:X}"));
    fingerprint
        .or_else(|| {
            signature
                .issuer_key_id()
                .first()
                .map(|id| id.to_string().to_uppercase())
        })
        .unwrap_or_default()
}

fn fingerprint(key: &impl KeyDetails) -> String {
    format!("{:X}", key.fingerprint())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pinned_key_is_compiled_in_with_its_expiry() {
        let ring = KeyRing::built_in();
        let mut found: Vec<_> = ring.keys.iter().flat_map(|key| &key.signers).collect();
        found.sort_by_key(|signer| PINNED.iter().position(|one| *one == signer.fingerprint));
        let names: Vec<_> = found
            .iter()
            .map(|signer| signer.fingerprint.as_str())
            .collect();
        assert_eq!(names, PINNED);
        // Debian's keys live for eight years, Ubuntu's without end.
        assert_eq!(
            found
                .iter()
                .filter(|signer| signer.expires_at.is_none())
                .count(),
            1
        );
        let first = DateTime::from_timestamp(found[0].expires_at.unwrap(), 0).unwrap();
        assert_eq!(first.date_naive().to_string(), "2029-01-15");
    }

    #[test]
    fn a_text_without_a_signature_is_malformed() {
        let error = KeyRing::built_in().verify("Origin: Debian\n", DateTime::UNIX_EPOCH);
        assert!(
            matches!(error, Err(SignatureError::Malformed(_))),
            "{error:?}"
        );
    }
}
