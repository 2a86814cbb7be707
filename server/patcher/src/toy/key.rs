//! The toy archive's own OpenPGP key.
use crate::PatchError;
use chrono::{DateTime, Utc};
use pgp::composed::{
    ArmorOptions, CleartextSignedMessage, Deserializable, EncryptionCaps, KeyType,
    SecretKeyParamsBuilder, SignedPublicKey, SignedSecretKey,
};
use pgp::crypto::hash::HashAlgorithm;
use pgp::packet::{SignatureConfig, SignatureType, Subpacket, SubpacketData};
use pgp::types::{KeyDetails, Password, Timestamp};
use rand_core::OsRng;
use std::fs;
use std::io::Write;
use std::path::Path;

/// The public key, in the archive's folder.
pub const PUBLIC_KEY_FILE: &str = "drydock-toy.asc";
const SECRET_KEY_FILE: &str = "drydock-toy.secret.asc";
const USER_ID: &str = "Drydock toy archive <toy@drydock.invalid>";

/// Signs indexes. It vouches for nothing but the toy archive of one installation.
pub struct ToyKey {
    secret: SignedSecretKey,
}

impl ToyKey {
    /// The key of this folder, made there at the first time; readable by its owner only.
    pub fn load_or_make(dir: &Path) -> Result<Self, PatchError> {
        fs::create_dir_all(dir).map_err(PatchError::io(format!("making {}", dir.display())))?;
        let path = dir.join(SECRET_KEY_FILE);
        let key = match fs::read_to_string(&path) {
            Ok(text) => Self::parse(&text).map_err(|why| PatchError::Corrupt {
                what: path.display().to_string(),
                why: format!("{why}; remove it, and a new key is made"),
            })?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let key = Self::make()?;
                write_owned(dir, &path, &key.armoured_secret()?)?;
                key
            }
            Err(error) => {
                return Err(PatchError::io(format!("reading {}", path.display()))(error));
            }
        };
        write_owned(dir, &dir.join(PUBLIC_KEY_FILE), &key.armoured_public()?)?;
        Ok(key)
    }

    fn parse(text: &str) -> Result<Self, pgp::errors::Error> {
        let (secret, _) = SignedSecretKey::from_string(text)?;
        Ok(Self { secret })
    }

    fn make() -> Result<Self, PatchError> {
        let parameters = SecretKeyParamsBuilder::default()
            .key_type(KeyType::Ed25519Legacy)
            .can_sign(true)
            .can_certify(true)
            .can_encrypt(EncryptionCaps::None)
            .primary_user_id(USER_ID.to_owned())
            .build()
            .map_err(|error| failed("describing", &error))?;
        let secret = parameters
            .generate(OsRng)
            .map_err(|error| failed("making", &error))?;
        Ok(Self { secret })
    }

    /// An `InRelease` of this text. The same text and time give the same bytes.
    pub fn sign(&self, text: &str, at: DateTime<Utc>) -> Result<String, PatchError> {
        let sign = || -> pgp::errors::Result<String> {
            let key = &self.secret.primary_key;
            let seconds = u32::try_from(at.timestamp()).unwrap_or_default();
            let mut config =
                SignatureConfig::v4(SignatureType::Text, key.algorithm(), HashAlgorithm::Sha512);
            config.hashed_subpackets = vec![
                Subpacket::regular(SubpacketData::SignatureCreationTime(Timestamp::from_secs(
                    seconds,
                )))?,
                Subpacket::regular(SubpacketData::IssuerFingerprint(key.fingerprint()))?,
            ];
            let message = CleartextSignedMessage::new(text, config, key, &Password::empty())?;
            message.to_armored_string(ArmorOptions::default())
        };
        sign().map_err(|error| failed("signing with", &error))
    }

    fn armoured_secret(&self) -> Result<String, PatchError> {
        self.secret
            .to_armored_string(ArmorOptions::default())
            .map_err(|error| failed("writing", &error))
    }

    fn armoured_public(&self) -> Result<String, PatchError> {
        SignedPublicKey::from(self.secret.clone())
            .to_armored_string(ArmorOptions::default())
            .map_err(|error| failed("writing", &error))
    }
}

fn failed(doing: &str, error: &dyn std::fmt::Display) -> PatchError {
    let cause = std::io::Error::other(error.to_string());
    PatchError::Io {
        what: format!("{doing} the toy archive's key"),
        cause,
    }
}

/// A temporary file is for its owner only, and keeps that when it gets its name.
fn write_owned(dir: &Path, path: &Path, text: &str) -> Result<(), PatchError> {
    let write = || -> std::io::Result<()> {
        let mut file = tempfile::NamedTempFile::new_in(dir)?;
        file.write_all(text.as_bytes())?;
        file.persist(path)?;
        Ok(())
    };
    write().map_err(PatchError::io(format!("writing {}", path.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_of_a_folder_stays_and_signs_the_same_twice() {
        let dir = tempfile::tempdir().unwrap();
        let at = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let first = ToyKey::load_or_make(dir.path())
            .unwrap()
            .sign("a\n- b\n", at)
            .unwrap();
        let second = ToyKey::load_or_make(dir.path())
            .unwrap()
            .sign("a\n- b\n", at)
            .unwrap();
        assert_eq!(first, second);
        assert!(first.starts_with("-----BEGIN PGP SIGNED MESSAGE-----"));
    }

    #[test]
    fn a_damaged_key_says_what_to_do() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(SECRET_KEY_FILE), "nonsense").unwrap();
        let error = ToyKey::load_or_make(dir.path()).err().unwrap();
        assert!(error.to_string().contains("remove it"), "{error}");
    }
}
