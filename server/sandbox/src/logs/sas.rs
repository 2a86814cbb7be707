//! Signed links to logs: whoever has one may read that one blob until it expires.
use crate::identity::Secret;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use url::Url;

const LIFETIME: TimeDelta = TimeDelta::minutes(70);
const VERSION: &str = "2024-11-04";

/// Makes and checks links to the logs of one registry.
pub struct LogLinks<'a> {
    base: &'a Url,
    key: &'a Secret,
    container: String,
}

/// Why a link does not open its blob.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SasError {
    #[error("the link carries no signature of this sandbox for this blob")]
    Signature,
    #[error("the link expired at {0}; ask listLogSasUrl for another")]
    Expired(DateTime<Utc>),
}

impl<'a> LogLinks<'a> {
    /// `base` is where clients find the sandbox, `registry_id` the ARM id of the registry.
    pub fn new(base: &'a Url, key: &'a Secret, registry_id: &str) -> Self {
        let hash = Sha256::digest(registry_id.to_ascii_lowercase());
        Self {
            base,
            key,
            container: format!("container-{}", hex::encode(&hash[..16])),
        }
    }

    pub fn path(&self, run_id: &str) -> String {
        format!("/{}/logs/{run_id}/rawtext.log", self.container)
    }

    /// The id of the run whose log is at `path`.
    pub fn parse_path<'p>(&self, path: &'p str) -> Option<&'p str> {
        let rest = path.strip_prefix('/')?.strip_prefix(&self.container)?;
        let run_id = rest.strip_prefix("/logs/")?.strip_suffix("/rawtext.log")?;
        let plain = run_id.bytes().all(|byte| byte.is_ascii_alphanumeric());
        (plain && !run_id.is_empty()).then_some(run_id)
    }

    /// A link that opens until seventy minutes from `now`.
    pub fn link(&self, run_id: &str, now: DateTime<Utc>) -> Url {
        let expiry = (now + LIFETIME).to_rfc3339_opts(SecondsFormat::Secs, true);
        let mut link = self.base.clone();
        link.set_path(&self.path(run_id));
        link.query_pairs_mut()
            .append_pair("sv", VERSION)
            .append_pair("se", &expiry)
            .append_pair("sr", "b")
            .append_pair("sp", "r")
            .append_pair(
                "sig",
                &STANDARD.encode(self.mac(run_id, &expiry).finalize().into_bytes()),
            );
        link
    }

    /// Whether `query` opens the log of `run_id`.
    pub fn verify(&self, run_id: &str, query: &str, now: DateTime<Utc>) -> Result<(), SasError> {
        let value = |name: &str| {
            let mut pairs = url::form_urlencoded::parse(query.as_bytes());
            pairs.find_map(|(key, value)| (key == name).then(|| value.into_owned()))
        };
        let (Some(expiry), Some(signature)) = (value("se"), value("sig")) else {
            return Err(SasError::Signature);
        };
        let signature = STANDARD
            .decode(signature)
            .map_err(|_| SasError::Signature)?;
        let signed = self.mac(run_id, &expiry).verify_slice(&signature);
        signed.map_err(|_| SasError::Signature)?;
        let expiry = expiry.parse().map_err(|_| SasError::Signature)?;
        if now >= expiry {
            Err(SasError::Expired(expiry))
        } else {
            Ok(())
        }
    }

    fn mac(&self, run_id: &str, expiry: &str) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.key.reveal().as_bytes())
            .expect("HMAC takes a key of any length");
        // The prefix keeps this signature from ever being a token's.
        mac.update(format!("blob\nr\n{expiry}\n{}", self.path(run_id)).as_bytes());
        mac
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_opens_its_own_blob_until_it_expires() {
        let base = "https://localhost:5080/".parse().unwrap();
        let key: Secret = serde_json::from_str("\"key\"").unwrap();
        let links = LogLinks::new(&base, &key, "/r");
        let now: DateTime<Utc> = "2025-04-22T21:54:17Z".parse().unwrap();
        let link = links.link("ca1", now);
        assert_eq!(link.origin(), base.origin());
        assert_eq!(links.parse_path(link.path()), Some("ca1"));
        let query = link.query().unwrap();
        let late = now + TimeDelta::minutes(69);
        assert_eq!(links.verify("ca1", query, late), Ok(()));
        assert_eq!(links.verify("ca2", query, late), Err(SasError::Signature));
        let too_late = now + LIFETIME;
        assert_eq!(
            links.verify("ca1", query, too_late),
            Err(SasError::Expired(too_late))
        );
        let longer = query.replace("2025-04-22T23", "2025-04-22T24");
        for wrong in ["", &longer, "se=2025-04-22T23%3A04%3A17Z"] {
            assert_eq!(
                links.verify("ca1", wrong, now),
                Err(SasError::Signature),
                "{wrong}"
            );
        }
        let other_key: Secret = serde_json::from_str("\"other\"").unwrap();
        let others = LogLinks::new(&base, &other_key, "/r");
        assert_eq!(others.verify("ca1", query, now), Err(SasError::Signature));
    }

    #[test]
    fn only_paths_of_logs_are_logs() {
        let base = "https://localhost:5080/".parse().unwrap();
        let key: Secret = serde_json::from_str("\"key\"").unwrap();
        let links = LogLinks::new(&base, &key, "/r");
        for wrong in ["ca1/../ca2", "", "ca%31"] {
            assert_eq!(links.parse_path(&links.path(wrong)), None, "{wrong}");
        }
        assert_eq!(links.parse_path("/container-1/logs/ca1/rawtext.log"), None);
    }
}
