//! A client certificate as an assertion: a short JWT, signed with the certificate's key, instead of
//! a secret (RFC 7523, and Entra's rules on certificate credentials).
use crate::AzureError;
use async_trait::async_trait;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PSS_SHA256, RsaKeyPair};
use azure_core::http::ClientMethodOptions;
use azure_identity::ClientAssertion;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::fmt;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};
use url::Url;
use uuid::Uuid;

/// Entra takes assertions of up to a day; each of ours is used at once.
const LIFE_SECONDS: u64 = 600;

pub(super) struct CertificateAssertion {
    key: RsaKeyPair,
    /// SHA-256 of the certificate, by which Entra finds it.
    thumbprint: String,
    audience: String,
    client_id: String,
}

impl fmt::Debug for CertificateAssertion {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("CertificateAssertion");
        shown
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

impl CertificateAssertion {
    /// The file holds PEM: the certificate, and its private key without a password.
    pub(super) fn read(
        file: &Path,
        authority: &Url,
        tenant_id: &str,
        client_id: &str,
    ) -> Result<Self, AzureError> {
        let refused = |why: String| AzureError::Invalid {
            field: format!("client certificate {}", file.display()),
            why,
        };
        let pem = std::fs::read(file).map_err(|error| refused(error.to_string()))?;
        let certificate = CertificateDer::from_pem_slice(&pem)
            .map_err(|_| refused("it holds no certificate in PEM".into()))?;
        let key = PrivateKeyDer::from_pem_slice(&pem)
            .map_err(|_| refused("it holds no private key in PEM without a password".into()))?;
        let key = match &key {
            PrivateKeyDer::Pkcs8(key) => RsaKeyPair::from_pkcs8(key.secret_pkcs8_der()),
            PrivateKeyDer::Pkcs1(key) => RsaKeyPair::from_der(key.secret_pkcs1_der()),
            _ => {
                return Err(refused(
                    "its key is not an RSA key, which Entra asks for".into(),
                ));
            }
        };
        let key = key.map_err(|error| refused(format!("its key cannot be used: {error}")))?;
        Ok(Self {
            key,
            thumbprint: URL_SAFE_NO_PAD.encode(Sha256::digest(&certificate)),
            audience: format!(
                "{}/{tenant_id}/oauth2/v2.0/token",
                authority.as_str().trim_end_matches('/')
            ),
            client_id: client_id.to_owned(),
        })
    }

    fn sign(&self, now: u64) -> azure_core::Result<String> {
        let header = json!({"alg": "PS256", "typ": "JWT", "x5t#S256": self.thumbprint});
        let claims = json!({
            "aud": self.audience,
            "iss": self.client_id,
            "sub": self.client_id,
            "jti": Uuid::new_v4(),
            "nbf": now,
            "exp": now + LIFE_SECONDS,
        });
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&header), part(&claims));
        let mut signature = vec![0; self.key.public_modulus_len()];
        self.key
            .sign(
                &RSA_PSS_SHA256,
                &SystemRandom::new(),
                signed.as_bytes(),
                &mut signature,
            )
            .map_err(|_| {
                let message = "the client certificate's key could not sign";
                azure_core::Error::with_message(azure_core::error::ErrorKind::Credential, message)
            })?;
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

#[async_trait]
impl ClientAssertion for CertificateAssertion {
    async fn secret(&self, _: Option<ClientMethodOptions<'_>>) -> azure_core::Result<String> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        self.sign(now.map_or(0, |since| since.as_secs()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::encoding::AsDer;
    use aws_lc_rs::rsa::{KeyPair, KeySize};
    use aws_lc_rs::signature::{KeyPair as _, RSA_PSS_2048_8192_SHA256, UnparsedPublicKey};
    use base64::engine::general_purpose::STANDARD;

    fn pem(label: &str, der: &[u8]) -> String {
        format!(
            "-----BEGIN {label}-----\n{}\n-----END {label}-----\n",
            STANDARD.encode(der)
        )
    }

    #[test]
    fn an_assertion_is_signed_with_the_key_and_names_the_certificate() {
        let key = KeyPair::generate(KeySize::Rsa2048).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("client.pem");
        let text = pem("CERTIFICATE", b"its bytes")
            + &pem(
                "PRIVATE KEY",
                AsDer::<aws_lc_rs::encoding::Pkcs8V1Der>::as_der(&key)
                    .unwrap()
                    .as_ref(),
            );
        std::fs::write(&file, text).unwrap();
        let authority = "https://login.example.org/".parse().unwrap();
        let assertion = CertificateAssertion::read(&file, &authority, "tenant", "client").unwrap();
        let jwt = assertion.sign(1_000).unwrap();

        let (signed, signature) = jwt.rsplit_once('.').unwrap();
        let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
        UnparsedPublicKey::new(&RSA_PSS_2048_8192_SHA256, key.public_key().as_ref())
            .verify(signed.as_bytes(), &signature)
            .unwrap();
        let (header, claims) = signed.split_once('.').unwrap();
        let read = |part: &str| -> Value {
            serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
        };
        let thumbprint = URL_SAFE_NO_PAD.encode(Sha256::digest(b"its bytes"));
        assert_eq!(read(header)["x5t#S256"], thumbprint);
        let claims = read(claims);
        assert_eq!(
            claims["aud"],
            "https://login.example.org/tenant/oauth2/v2.0/token"
        );
        assert_eq!(
            (&claims["iss"], &claims["exp"]),
            (&json!("client"), &json!(1_600))
        );
    }

    #[test]
    fn a_file_without_a_key_is_refused_by_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("client.pem");
        std::fs::write(&file, pem("CERTIFICATE", b"its bytes")).unwrap();
        let authority = "https://login.example.org/".parse().unwrap();
        let error = CertificateAssertion::read(&file, &authority, "t", "c").unwrap_err();
        assert!(
            error
                .to_string()
                .contains("client.pem: it holds no private key"),
            "{error}"
        );
    }
}
