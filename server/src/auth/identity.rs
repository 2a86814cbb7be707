//! Whom somebody else vouches for: a provider's signed token, or a proxy's headers.
use super::grants::Grants;
use drydock_workflow::{Role, Scope};
use serde_json::Value;

/// Somebody who has proved to be somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The name for people.
    pub name: String,
    /// What tells the person from everybody else, whatever they are called.
    pub subject: String,
    /// What the claim of roles held.
    pub values: Vec<String>,
}

/// What an identity may do here.
pub struct Granted {
    pub identity: Identity,
    pub role: Role,
    pub scope: Scope,
}

impl Identity {
    /// Out of claims: the first name that is there, the issuer's own name for the person, which never
    /// changes (OpenID Connect Core 1.0, section 5.7), and the values of the claim `roles_claim`, which
    /// may be a path such as `realm_access.roles`.
    pub fn from_claims(claims: &Value, roles_claim: &str) -> Self {
        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        let names = ["preferred_username", "email", "upn", "name", "sub"];
        let mut names = names.into_iter().filter_map(text);
        let name = names.find(|name| !name.is_empty()).unwrap_or("nobody");
        let subject = match (text("iss"), text("sub")) {
            (Some(issuer), Some(subject)) => format!("oidc {issuer} {subject}"),
            _ => subject_of_name(name),
        };
        Self {
            name: name.to_owned(),
            subject,
            values: values(claims, roles_claim),
        }
    }

    /// # Errors
    /// The identity again, where none of its values grants anything.
    pub fn granted(self, grants: &Grants) -> Result<Granted, Self> {
        match grants.find(&self.values) {
            Some((role, scope)) => Ok(Granted {
                identity: self,
                role,
                scope,
            }),
            None => Err(self),
        }
    }
}

/// For somebody of whom nothing but a name is known; not everybody writes one always in the same case.
pub fn subject_of_name(name: &str) -> String {
    format!("name {}", name.trim().to_lowercase())
}

fn values(claims: &Value, path: &str) -> Vec<String> {
    let whole = claims.get(path);
    let found = whole.or_else(|| {
        path.split('.')
            .try_fold(claims, |value, name| value.get(name))
    });
    match found {
        Some(Value::String(text)) => vec![text.clone()],
        Some(Value::Array(items)) => {
            let texts = items.iter().filter_map(Value::as_str);
            texts.map(str::to_owned).collect()
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn roles_are_found_wherever_a_provider_puts_them() {
        let check = |claims: Value, path, expected: &[&str]| {
            assert_eq!(
                Identity::from_claims(&claims, path).values,
                expected,
                "{claims}"
            );
        };
        check(json!({"roles": ["a", "b"]}), "roles", &["a", "b"]);
        check(json!({"roles": "a b"}), "roles", &["a b"]);
        check(
            json!({"realm_access": {"roles": ["a"]}}),
            "realm_access.roles",
            &["a"],
        );
        check(
            json!({"https://x.example/roles": ["a"]}),
            "https://x.example/roles",
            &["a"],
        );
        check(json!({"roles": [1, "a"]}), "roles", &["a"]);
        check(json!({"sub": "1"}), "roles", &[]);
    }

    #[test]
    fn people_are_told_apart_by_the_issuers_own_name_for_them() {
        let subject = |claims: Value| Identity::from_claims(&claims, "roles").subject;
        let ada = json!({"iss": "https://a", "sub": "1", "name": "Ada"});
        let renamed = json!({"iss": "https://a", "sub": "1", "name": "Ada Byron"});
        let namesake = json!({"iss": "https://a", "sub": "2", "name": "Ada"});
        let elsewhere = json!({"iss": "https://b", "sub": "1", "name": "Ada"});
        assert_eq!(subject(ada.clone()), subject(renamed));
        assert_ne!(subject(ada.clone()), subject(namesake));
        assert_ne!(subject(ada), subject(elsewhere));
        assert_eq!(
            subject(json!({"name": "ÅSA "})),
            subject(json!({"name": "åsa"}))
        );
    }

    #[test]
    fn somebody_is_called_by_the_name_that_they_sign_in_with() {
        let name = |claims: Value| Identity::from_claims(&claims, "roles").name;
        let all = json!({"preferred_username": "ada@corp", "name": "Ada", "sub": "1"});
        assert_eq!(name(all), "ada@corp");
        assert_eq!(name(json!({"preferred_username": "", "sub": "1"})), "1");
    }
}
