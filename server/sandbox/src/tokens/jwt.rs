//! JSON Web Tokens signed with HMAC-SHA-256: only the sandbox that made a token can check it.
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use hmac::{Hmac, Mac};
use serde::{Serialize, de::DeserializeOwned};
use sha2::Sha256;

/// Why a bearer is not accepted. The message names no part of the token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    #[error("the token is not a JSON Web Token")]
    Malformed,
    #[error("the token was not signed by this sandbox")]
    Signature,
    #[error("the token is not valid yet")]
    NotYetValid,
    #[error("the token expired at {0}")]
    Expired(DateTime<Utc>),
    #[error("the token is for the audience '{0}', which is not this one")]
    Audience(String),
    #[error("the token is a {0}, which is not what belongs here")]
    Kind(String),
}

pub(super) struct Signer(Hmac<Sha256>);

impl Signer {
    pub fn new(key: &[u8]) -> Self {
        Self(Hmac::new_from_slice(key).expect("HMAC takes a key of any length"))
    }

    pub fn sign(&self, claims: &impl Serialize) -> String {
        let claims = serde_json::to_vec(claims).expect("claims are plain data");
        let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","typ":"JWT"}"#);
        let signed = format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims));
        let signature = self.mac(&signed).finalize().into_bytes();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// The claims of a token with our signature that is valid at `now`.
    pub fn verify<C: DeserializeOwned>(
        &self,
        token: &str,
        now: DateTime<Utc>,
    ) -> Result<C, TokenError> {
        let (signed, signature) = token.rsplit_once('.').ok_or(TokenError::Malformed)?;
        let (_header, claims) = signed.split_once('.').ok_or(TokenError::Malformed)?;
        let decode = |part| {
            URL_SAFE_NO_PAD
                .decode(part)
                .map_err(|_| TokenError::Malformed)
        };
        let (claims, signature) = (decode(claims)?, decode(signature)?);
        // The header is not asked which algorithm to use: there is one.
        self.mac(signed)
            .verify_slice(&signature)
            .map_err(|_| TokenError::Signature)?;
        check_lifetime(&claims, now)?;
        serde_json::from_slice(&claims).map_err(|_| TokenError::Malformed)
    }

    fn mac(&self, signed: &str) -> Hmac<Sha256> {
        let mut mac = self.0.clone();
        mac.update(signed.as_bytes());
        mac
    }
}

fn check_lifetime(claims: &[u8], now: DateTime<Utc>) -> Result<(), TokenError> {
    #[derive(serde::Deserialize)]
    struct Lifetime {
        nbf: i64,
        exp: i64,
    }
    let Lifetime { nbf, exp } =
        serde_json::from_slice(claims).map_err(|_| TokenError::Malformed)?;
    if now.timestamp() < nbf {
        return Err(TokenError::NotYetValid);
    }
    if now.timestamp() >= exp {
        let expiry = DateTime::from_timestamp(exp, 0).unwrap_or_default();
        return Err(TokenError::Expired(expiry));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;
    use serde_json::{Value, json};

    fn check(token: &str, after: i64, expected: Result<(), TokenError>) {
        let now = DateTime::UNIX_EPOCH + TimeDelta::seconds(after);
        let actual = Signer::new(b"key").verify::<Value>(token, now).map(drop);
        assert_eq!(actual, expected, "{token} at {after}");
    }

    #[test]
    fn a_token_is_valid_between_its_two_instants_and_with_our_signature_only() {
        let token = Signer::new(b"key").sign(&json!({"nbf": 10, "exp": 20}));
        check(&token, 9, Err(TokenError::NotYetValid));
        check(&token, 10, Ok(()));
        check(&token, 19, Ok(()));
        let expiry = DateTime::UNIX_EPOCH + TimeDelta::seconds(20);
        check(&token, 20, Err(TokenError::Expired(expiry)));
        let foreign = Signer::new(b"another").sign(&json!({"nbf": 10, "exp": 20}));
        check(&foreign, 15, Err(TokenError::Signature));
    }

    #[test]
    fn what_is_not_a_token_is_malformed_and_a_changed_one_is_refused() {
        for text in ["", "None", "a.b", "a.!.c"] {
            check(text, 15, Err(TokenError::Malformed));
        }
        let token = Signer::new(b"key").sign(&json!({"nbf": 10, "exp": 20}));
        let parts: Vec<_> = token.split('.').collect();
        let longer = URL_SAFE_NO_PAD.encode(r#"{"nbf":10,"exp":99}"#);
        let forged = format!("{}.{longer}.{}", parts[0], parts[2]);
        check(&forged, 15, Err(TokenError::Signature));
        let unsigned = URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#);
        check(
            &format!("{unsigned}.{longer}."),
            15,
            Err(TokenError::Signature),
        );
    }
}
