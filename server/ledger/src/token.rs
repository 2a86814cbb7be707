use rand::Rng;
use sha2::{Digest, Sha256};

/// A random secret of 256 bits, in hexadecimal. It has neither `Debug` nor `Display`, and only its
/// SHA-256 is stored: with that much chance in it, a slow hash would protect nothing more.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    pub(crate) fn random() -> Self {
        let mut bytes = [0_u8; 32];
        rand::rng().fill(&mut bytes);
        Self(hex::encode(bytes))
    }

    /// What a cookie or a link holds.
    pub fn from_presented(text: &str) -> Self {
        Self(text.to_owned())
    }

    pub fn expose(&self) -> &str {
        &self.0
    }

    pub(crate) fn sha256(&self) -> Vec<u8> {
        Sha256::digest(self.0.as_bytes()).to_vec()
    }
}
