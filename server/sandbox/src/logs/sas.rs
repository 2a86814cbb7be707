//! Signed links to blobs: whoever has one may do with that one blob what it says, until it expires.
use crate::State;
use crate::identity::Secret;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use std::fmt;
use url::Url;
use uuid::Uuid;

const LIFETIME: TimeDelta = TimeDelta::minutes(70);
const VERSION: &str = "2024-11-04";

/// A blob that a link can be for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Blob {
    /// The log of the run with this id: to be read.
    Log(String),
    /// An archive that a run is to take its files from: to be written.
    Source(SourcePath),
}

/// `tasks-source/202504220000/86a43d4c-71e1-448f-958f-7a312f32918b.tar.gz`: the day on which the
/// link was made, and a name of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourcePath {
    pub day: String,
    pub name: Uuid,
}

/// Makes and checks links to the blobs of one registry.
pub struct BlobLinks<'a> {
    base: &'a Url,
    key: &'a Secret,
    container: String,
}

/// Why a link does not open its blob.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SasError {
    #[error("the link carries no signature of this sandbox for this blob")]
    Signature,
    #[error("the link expired at {0}; ask for another")]
    Expired(DateTime<Utc>),
}

impl SourcePath {
    pub fn new(now: DateTime<Utc>) -> Self {
        Self {
            day: now.format("%Y%m%d0000").to_string(),
            name: Uuid::new_v4(),
        }
    }

    /// `None` when this is not the path of an archive.
    pub fn parse(path: &str) -> Option<Self> {
        let rest = path.strip_prefix("tasks-source/")?;
        let (day, name) = rest.strip_suffix(".tar.gz")?.split_once('/')?;
        let name = Uuid::parse_str(name).ok()?;
        let is_day = day.len() == 12 && day.bytes().all(|byte| byte.is_ascii_digit());
        let path = is_day.then(|| Self {
            day: day.to_owned(),
            name,
        })?;
        Some(path)
    }
}

impl fmt::Display for SourcePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "tasks-source/{}/{}.tar.gz", self.day, self.name)
    }
}

impl Blob {
    /// `sp`: read; or create and write.
    fn permissions(&self) -> &'static str {
        match self {
            Self::Log(_) => "r",
            Self::Source(_) => "cw",
        }
    }
}

impl<'a> BlobLinks<'a> {
    /// `base` is where clients find the sandbox, `registry_id` the ARM id of the registry.
    pub fn new(base: &'a Url, key: &'a Secret, registry_id: &str) -> Self {
        let hash = Sha256::digest(registry_id.to_ascii_lowercase());
        Self {
            base,
            key,
            container: format!("container-{}", hex::encode(&hash[..16])),
        }
    }

    pub fn of(state: &'a State) -> Self {
        Self::new(
            &state.endpoints.arm,
            &state.identity.signing_key,
            &state.endpoints.registry_id(),
        )
    }

    pub fn path(&self, blob: &Blob) -> String {
        match blob {
            Blob::Log(run_id) => format!("/{}/logs/{run_id}/rawtext.log", self.container),
            Blob::Source(path) => format!("/{}/{path}", self.container),
        }
    }

    /// The blob at `path`.
    pub fn parse_path(&self, path: &str) -> Option<Blob> {
        let rest = path.strip_prefix('/')?.strip_prefix(&self.container)?;
        let rest = rest.strip_prefix('/')?;
        if let Some(source) = SourcePath::parse(rest) {
            return Some(Blob::Source(source));
        }
        let run_id = rest.strip_prefix("logs/")?.strip_suffix("/rawtext.log")?;
        let plain = run_id.bytes().all(|byte| byte.is_ascii_alphanumeric());
        (plain && !run_id.is_empty()).then(|| Blob::Log(run_id.to_owned()))
    }

    /// A link that opens until seventy minutes from `now`.
    pub fn link(&self, blob: &Blob, now: DateTime<Utc>) -> Url {
        let expiry = (now + LIFETIME).to_rfc3339_opts(SecondsFormat::Secs, true);
        let mut link = self.base.clone();
        link.set_path(&self.path(blob));
        link.query_pairs_mut()
            .append_pair("sv", VERSION)
            .append_pair("se", &expiry)
            .append_pair("sr", "b")
            .append_pair("sp", blob.permissions())
            .append_pair(
                "sig",
                &STANDARD.encode(self.mac(blob, &expiry).finalize().into_bytes()),
            );
        link
    }

    /// Whether `query` opens the blob.
    pub fn verify(&self, blob: &Blob, query: &str, now: DateTime<Utc>) -> Result<(), SasError> {
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
        let signed = self.mac(blob, &expiry).verify_slice(&signature);
        signed.map_err(|_| SasError::Signature)?;
        let expiry = expiry.parse().map_err(|_| SasError::Signature)?;
        if now >= expiry {
            Err(SasError::Expired(expiry))
        } else {
            Ok(())
        }
    }

    fn mac(&self, blob: &Blob, expiry: &str) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.key.reveal().as_bytes())
            .expect("HMAC takes a key of any length");
        // The prefix keeps this signature from ever being a token's.
        let (permissions, path) = (blob.permissions(), self.path(blob));
        mac.update(format!("blob\n{permissions}\n{expiry}\n{path}").as_bytes());
        mac
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(run_id: &str) -> Blob {
        Blob::Log(run_id.to_owned())
    }

    #[test]
    fn a_link_opens_its_own_blob_until_it_expires() {
        let base = "https://localhost:5080/".parse().unwrap();
        let key: Secret = serde_json::from_str("\"key\"").unwrap();
        let links = BlobLinks::new(&base, &key, "/r");
        let now: DateTime<Utc> = "2025-04-22T21:54:17Z".parse().unwrap();
        let link = links.link(&log("ca1"), now);
        assert_eq!(link.origin(), base.origin());
        assert_eq!(links.parse_path(link.path()), Some(log("ca1")));
        let query = link.query().unwrap();
        let late = now + TimeDelta::minutes(69);
        assert_eq!(links.verify(&log("ca1"), query, late), Ok(()));
        assert_eq!(
            links.verify(&log("ca2"), query, late),
            Err(SasError::Signature)
        );
        let too_late = now + LIFETIME;
        assert_eq!(
            links.verify(&log("ca1"), query, too_late),
            Err(SasError::Expired(too_late))
        );
        let longer = query.replace("2025-04-22T23", "2025-04-22T24");
        for wrong in ["", &longer, "se=2025-04-22T23%3A04%3A17Z"] {
            assert_eq!(
                links.verify(&log("ca1"), wrong, now),
                Err(SasError::Signature),
                "{wrong}"
            );
        }
        let other_key: Secret = serde_json::from_str("\"other\"").unwrap();
        let others = BlobLinks::new(&base, &other_key, "/r");
        assert_eq!(
            others.verify(&log("ca1"), query, now),
            Err(SasError::Signature)
        );
    }

    #[test]
    fn only_paths_of_logs_are_logs() {
        let base = "https://localhost:5080/".parse().unwrap();
        let key: Secret = serde_json::from_str("\"key\"").unwrap();
        let links = BlobLinks::new(&base, &key, "/r");
        for wrong in ["ca1/../ca2", "", "ca%31"] {
            assert_eq!(links.parse_path(&links.path(&log(wrong))), None, "{wrong}");
        }
        assert_eq!(links.parse_path("/container-1/logs/ca1/rawtext.log"), None);
        let name = "86a43d4c-71e1-448f-958f-7a312f32918b";
        for wrong in [
            format!("tasks-source/../{name}.tar.gz"),
            format!("tasks-source/202504220000/../{name}.tar.gz"),
            "tasks-source/202504220000/archive.tar.gz".to_owned(),
        ] {
            assert_eq!(SourcePath::parse(&wrong), None, "{wrong}");
        }
        let path = format!("tasks-source/202504220000/{name}.tar.gz");
        assert_eq!(SourcePath::parse(&path).unwrap().to_string(), path);
    }
}
