use drydock_domain::audit::{Bytes, Personal};
use rand::RngCore as _;
use sha2::{Digest as _, Sha256};
use std::fmt;

/// Who did something, as a salted digest of what vouches for them. Only whoever knows that can tell
/// whose it is, and once the salt is erased, nobody can.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonMark {
    salt: Bytes<16>,
    pseudonym: String,
}

impl PersonMark {
    /// Another one each time.
    pub fn of(subject: &str) -> Self {
        let mut salt = Bytes([0; 16]);
        rand::rng().fill_bytes(&mut salt.0);
        Self {
            pseudonym: Personal::pseudonym(&salt, subject),
            salt,
        }
    }

    /// As [`fmt::Display`] writes it.
    pub fn parse(text: &str) -> Option<Self> {
        let (salt, pseudonym) = text.split_once(':')?;
        Some(Self {
            salt: salt.parse().ok()?,
            pseudonym: pseudonym.to_owned(),
        })
    }

    pub fn is_of(&self, subject: &str) -> bool {
        Personal::pseudonym(&self.salt, subject) == self.pseudonym
    }

    /// Binds salt and digest, for the audit trail: it says of nobody whether the mark is theirs.
    pub fn fingerprint(&self) -> String {
        let digest = Sha256::digest(self.to_string());
        format!("sha256:{}", hex::encode(digest))
    }
}

impl fmt::Display for PersonMark {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.salt, self.pseudonym)
    }
}

#[cfg(test)]
mod tests {
    use super::PersonMark;

    #[test]
    fn a_mark_is_of_one_person_and_never_the_same_twice() {
        let (one, other) = (PersonMark::of("oidc a 1"), PersonMark::of("oidc a 1"));
        assert_ne!(one.fingerprint(), other.fingerprint());
        let read = PersonMark::parse(&one.to_string()).unwrap();
        assert_eq!(read, one);
        assert!(read.is_of("oidc a 1") && other.is_of("oidc a 1"));
        assert!(!read.is_of("oidc a 2"));
        assert_eq!(PersonMark::parse(""), None);
    }
}
