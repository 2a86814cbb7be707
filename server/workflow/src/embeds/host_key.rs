//! A host's public key, as an administrator pastes it: PEM (`BEGIN PUBLIC KEY`) or JWK.
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, ED25519, ParsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use drydock_ledger::NewKey;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// What precedes the key's own bytes in DER, RFC 8410 §4 and RFC 5480 §2.
const ED25519_PREFIX: &[u8] = b"\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00";
const P256_PREFIX: &[u8] = b"\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\x03\x42\x00";

/// The key's bytes as signatures are verified with them.
enum Key {
    Ed25519(Vec<u8>),
    /// 0x04, x, y.
    P256(Vec<u8>),
}

/// A key for `EdDSA` or `ES256`, and a sentence about what is none.
pub(super) fn parse(kid: &str, text: &str) -> Result<NewKey, String> {
    let text = text.trim();
    if text.contains("PRIVATE KEY") || is_private(text) {
        let why = "this is a private key: it belongs to the host alone. Make a new pair, as this \
                   one has been shown, and paste the public half";
        return Err(why.into());
    }
    let key = match text.starts_with('{') {
        true => from_jwk(text)?,
        false => from_pem(text)?,
    };
    checked(&key)?;
    let jwk = canonical(&key);
    let thumbprint = URL_SAFE_NO_PAD.encode(Sha256::digest(jwk.as_bytes()));
    let algorithm = match key {
        Key::Ed25519(_) => "EdDSA",
        Key::P256(_) => "ES256",
    };
    Ok(NewKey {
        kid: kid.to_owned(),
        jwk,
        algorithm: algorithm.to_owned(),
        thumbprint,
    })
}

fn is_private(text: &str) -> bool {
    let value: Option<Value> = serde_json::from_str(text).ok();
    value.is_some_and(|value| value.get("d").is_some())
}

fn from_pem(text: &str) -> Result<Key, String> {
    let shape = || {
        "paste a public key: PEM that begins with -----BEGIN PUBLIC KEY-----, or a JWK".to_owned()
    };
    let body = text
        .strip_prefix("-----BEGIN PUBLIC KEY-----")
        .and_then(|rest| rest.strip_suffix("-----END PUBLIC KEY-----"))
        .ok_or_else(shape)?;
    let body: String = body.split_whitespace().collect();
    let der = STANDARD.decode(body).map_err(|_| shape())?;
    if let Some(bytes) = der.strip_prefix(ED25519_PREFIX) {
        return Ok(Key::Ed25519(bytes.to_vec()));
    }
    if let Some(bytes) = der.strip_prefix(P256_PREFIX) {
        return Ok(Key::P256(bytes.to_vec()));
    }
    Err(KINDS.into())
}

const KINDS: &str = "only Ed25519 and P-256 keys are taken: `openssl genpkey -algorithm ed25519`";

fn from_jwk(text: &str) -> Result<Key, String> {
    let jwk: Value = serde_json::from_str(text).map_err(|error| format!("the JWK: {error}"))?;
    let member = |name: &str| jwk.get(name).and_then(Value::as_str).unwrap_or_default();
    let bytes = |name: &str| {
        let decoded = URL_SAFE_NO_PAD.decode(member(name));
        decoded.map_err(|_| format!("the JWK's `{name}` is not base64url"))
    };
    match (member("kty"), member("crv")) {
        ("OKP", "Ed25519") => Ok(Key::Ed25519(bytes("x")?)),
        ("EC", "P-256") => {
            let (x, y) = (bytes("x")?, bytes("y")?);
            Ok(Key::P256([&[4], x.as_slice(), y.as_slice()].concat()))
        }
        _ => Err(KINDS.into()),
    }
}

/// A point that is on no curve would be found out at the first visitor.
fn checked(key: &Key) -> Result<(), String> {
    let (parsed, length) = match key {
        Key::Ed25519(bytes) => (ParsedPublicKey::new(&ED25519, bytes), bytes.len() == 32),
        Key::P256(bytes) => {
            let parsed = ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, bytes);
            (parsed, bytes.len() == 65)
        }
    };
    match parsed {
        Ok(_) if length => Ok(()),
        _ => Err("its bytes are no public key; it may have been cut off".into()),
    }
}

/// The members of RFC 7638, in its order, which is also what the thumbprint covers.
fn canonical(key: &Key) -> String {
    let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    match key {
        Key::Ed25519(x) => format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{}"}}"#, encode(x)),
        Key::P256(point) => {
            let (x, y) = point.split_at(33);
            let x = encode(x.strip_prefix(&[4]).unwrap_or(x));
            let y = encode(y);
            format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8037, appendix A.2 and A.3.
    const RFC_JWK: &str =
        r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;

    #[test]
    fn a_jwk_has_the_thumbprint_of_the_rfc() {
        let key = parse("k", RFC_JWK).unwrap();
        assert_eq!(key.algorithm, "EdDSA");
        assert_eq!(
            key.thumbprint,
            "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
        );
    }

    #[test]
    fn pem_and_jwk_are_one_key() {
        let x = URL_SAFE_NO_PAD.decode("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
        let der = [ED25519_PREFIX, &x.unwrap()].concat();
        let pem = format!(
            "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
            STANDARD.encode(der)
        );
        assert_eq!(
            parse("k", &pem).unwrap().jwk,
            parse("k", RFC_JWK).unwrap().jwk
        );
    }

    #[test]
    fn what_is_no_public_key_of_ours_is_refused() {
        let private = RFC_JWK.replace("\"x\"", "\"d\":\"AAAA\",\"x\"");
        assert!(parse("k", &private).unwrap_err().contains("private key"));
        let pem = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----";
        assert!(parse("k", pem).unwrap_err().contains("private key"));
        for text in [
            "",
            "hello",
            r#"{"kty":"RSA","n":"AQAB","e":"AQAB"}"#,
            r#"{"kty":"oct","k":"AAAA"}"#,
            r#"{"kty":"OKP","crv":"Ed25519","x":"AAAA"}"#,
            r#"{"kty":"EC","crv":"P-256","x":"AAAA","y":"AAAA"}"#,
        ] {
            assert!(parse("k", text).is_err(), "{text}");
        }
    }
}
