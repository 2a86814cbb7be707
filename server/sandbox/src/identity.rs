//! Who the sandbox is and who may sign in to it: made once, at the first start, and kept in one
//! file that only its owner can read.
use crate::store::files;
use rand::distr::{Alphanumeric, SampleString};
use serde::{Deserialize, Serialize};
use std::{io, path::Path};
use uuid::Uuid;

/// A value that must reach no log: it has neither `Debug` nor `Display`.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Letters and digits alone, of nearly six bits each: a program that is given a value which
    /// begins with a hyphen takes it for an option.
    fn random(length: usize) -> Self {
        Self(Alphanumeric.sample_string(&mut rand::rng(), length))
    }

    fn client() -> Self {
        Self::random(40)
    }

    fn password() -> Self {
        Self::random(32)
    }

    /// For the one place that needs the value itself: a header, a form, a person's terminal.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Compares without telling by its duration how much was right.
    pub fn matches(&self, candidate: &str) -> bool {
        let (ours, theirs) = (self.0.as_bytes(), candidate.as_bytes());
        let difference = ours.iter().zip(theirs).fold(0, |sum, (a, b)| sum | (a ^ b));
        ours.len() == theirs.len() && difference == 0
    }
}

/// The ids and secrets of one sandbox.
#[derive(Clone, Serialize, Deserialize)]
pub struct Identity {
    pub tenant_id: Uuid,
    pub subscription_id: Uuid,
    /// The service principal that the console signs in as.
    pub client_id: Uuid,
    /// The same principal's object id: `oid` in its tokens, `principalId` in role assignments.
    pub object_id: Uuid,
    pub client_secret: Secret,
    /// The service principal that may only read: its client id, object id and secret.
    #[serde(default = "Uuid::new_v4")]
    pub reader_client_id: Uuid,
    #[serde(default = "Uuid::new_v4")]
    pub reader_object_id: Uuid,
    #[serde(default = "Secret::client")]
    pub reader_secret: Secret,
    /// The person who signs in as `USER_NAME`.
    #[serde(default = "Uuid::new_v4")]
    pub user_object_id: Uuid,
    #[serde(default = "Secret::password")]
    pub user_password: Secret,
    pub resource_group: String,
    pub registry_name: String,
    /// Password of the registry's admin user, whose name is the registry's.
    pub admin_password: Secret,
    /// The second one: a registry has two, so that one can be replaced in use.
    pub admin_password2: Secret,
    /// Signs every token that the sandbox hands out.
    pub signing_key: Secret,
}

/// The one person of the directory.
pub const USER_NAME: &str = "operator@drydock.localhost";

const FILE: &str = "identity.json";

impl Identity {
    /// Reads the identity under `directory`, or makes one there with mode 0600.
    ///
    /// # Errors
    /// The file cannot be read, is not an identity, or cannot be written.
    pub fn load_or_create(directory: &Path) -> io::Result<Self> {
        let path = directory.join(FILE);
        match std::fs::read(&path) {
            Ok(bytes) => {
                let identity: Self = serde_json::from_slice(&bytes)?;
                // A member that an earlier version did not know was made just now: it stays.
                let complete = serde_json::to_vec_pretty(&identity)?;
                if complete != bytes {
                    files::write_private(&path, &complete)?;
                }
                Ok(identity)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let identity = Self::generate();
                files::write_private(&path, &serde_json::to_vec_pretty(&identity)?)?;
                Ok(identity)
            }
            Err(error) => Err(error),
        }
    }

    fn generate() -> Self {
        Self {
            tenant_id: Uuid::new_v4(),
            subscription_id: Uuid::new_v4(),
            client_id: Uuid::new_v4(),
            object_id: Uuid::new_v4(),
            client_secret: Secret::client(),
            reader_client_id: Uuid::new_v4(),
            reader_object_id: Uuid::new_v4(),
            reader_secret: Secret::client(),
            user_object_id: Uuid::new_v4(),
            user_password: Secret::password(),
            resource_group: "drydock-sandbox".into(),
            registry_name: "drydock".into(),
            admin_password: Secret::password(),
            admin_password2: Secret::password(),
            signing_key: Secret::random(64),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_no_option_of_a_program() {
        let secret = Secret::random(200);
        assert_eq!(secret.reveal().len(), 200);
        assert!(
            secret
                .reveal()
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric())
        );
    }
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn an_identity_is_made_once_and_only_its_owner_can_read_it() {
        let directory = tempfile::tempdir().unwrap();
        let first = Identity::load_or_create(directory.path()).unwrap();
        let second = Identity::load_or_create(directory.path()).unwrap();
        assert_eq!(first.client_id, second.client_id);
        assert!(first.client_secret.matches(second.client_secret.reveal()));
        let metadata = std::fs::metadata(directory.path().join(FILE)).unwrap();
        assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn an_identity_of_an_earlier_version_gets_a_user_who_stays() {
        let directory = tempfile::tempdir().unwrap();
        let identity = Identity::load_or_create(directory.path()).unwrap();
        let mut earlier = serde_json::to_value(&identity).unwrap();
        let members = earlier.as_object_mut().unwrap();
        members.remove("user_object_id").unwrap();
        members.remove("user_password").unwrap();
        std::fs::write(directory.path().join(FILE), earlier.to_string()).unwrap();
        let first = Identity::load_or_create(directory.path()).unwrap();
        let second = Identity::load_or_create(directory.path()).unwrap();
        assert_eq!(first.user_object_id, second.user_object_id);
        assert_eq!(first.client_id, identity.client_id);
    }

    #[test]
    fn a_secret_matches_itself_only() {
        let secret = Secret("open sesame".into());
        assert!(secret.matches("open sesame"));
        for wrong in ["", "open", "open sesamf", "open sesame "] {
            assert!(!secret.matches(wrong), "{wrong:?}");
        }
    }
}
