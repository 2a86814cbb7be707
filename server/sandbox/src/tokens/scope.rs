//! Scopes of the registry's access tokens: what is asked for, granted and needed.
use drydock_domain::tag::RepositoryName;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A resource and the actions on it: an element of the claim `access`, and, written
/// `type:name:action,action`, a scope.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Access {
    /// `repository` or `registry`.
    #[serde(rename = "type")]
    pub kind: String,
    pub name: String,
    pub actions: Vec<String>,
}

/// What one request needs: an action on a repository, or the catalog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    kind: &'static str,
    name: String,
    /// Any one of these is enough.
    any_of: &'static [&'static str],
    /// What a challenge tells the client to ask for.
    pub ask: &'static [&'static str],
}

impl Need {
    /// Reading manifests and blobs.
    pub fn pull(repository: &RepositoryName) -> Self {
        Self::repository(repository, &["pull"], &["pull"])
    }

    /// Writing; clients ask for `pull` along with it.
    pub fn push(repository: &RepositoryName) -> Self {
        Self::repository(repository, &["push"], &["pull", "push"])
    }

    pub fn delete(repository: &RepositoryName) -> Self {
        Self::repository(repository, &["delete"], &["delete"])
    }

    /// Listing tags as the OCI specification does.
    pub fn list(repository: &RepositoryName) -> Self {
        Self::repository(repository, &["pull", "metadata_read"], &["pull"])
    }

    /// ACR's own listings.
    pub fn metadata(repository: &RepositoryName) -> Self {
        Self::repository(repository, &["metadata_read", "pull"], &["metadata_read"])
    }

    /// Changing what may be done.
    pub fn metadata_write(repository: &RepositoryName) -> Self {
        Self::repository(repository, &["metadata_write"], &["metadata_write"])
    }

    pub fn catalog() -> Self {
        Self {
            kind: "registry",
            name: "catalog".into(),
            any_of: &["*"],
            ask: &["*"],
        }
    }

    fn repository(
        repository: &RepositoryName,
        any_of: &'static [&'static str],
        ask: &'static [&'static str],
    ) -> Self {
        Self {
            kind: "repository",
            name: repository.to_string(),
            any_of,
            ask,
        }
    }

    /// Whether whoever may do these things in every repository, or list the `catalog`, may do this.
    pub fn is_met_by(&self, actions: &[&str]) -> bool {
        match self.kind {
            "registry" => actions.contains(&"catalog"),
            _ => self.any_of.iter().any(|action| actions.contains(action)),
        }
    }

    /// The scope that a challenge names.
    pub fn scope(&self) -> String {
        format!("{}:{}:{}", self.kind, self.name, self.ask.join(","))
    }

    pub fn kind(&self) -> &'static str {
        self.kind
    }

    pub fn name(&self) -> &str {
        &self.name
    }
}

impl Access {
    /// Reads `repository:a/b:pull,push`. The name may hold a colon (`registry:5000/a`), so the
    /// kind ends at the first one and the actions begin after the last.
    pub fn parse(scope: &str) -> Option<Self> {
        let (kind, rest) = scope.split_once(':')?;
        let (name, actions) = rest.rsplit_once(':')?;
        if kind.is_empty() || name.is_empty() {
            return None;
        }
        Some(Self {
            kind: kind.to_owned(),
            name: name.to_owned(),
            actions: actions
                .split(',')
                .filter(|action| !action.is_empty())
                .map(str::to_owned)
                .collect(),
        })
    }

    fn covers(&self, need: &Need) -> bool {
        self.kind == need.kind
            && self.name == need.name
            && self
                .actions
                .iter()
                .any(|action| action == "*" || need.any_of.contains(&action.as_str()))
    }
}

impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.kind, self.name, self.actions.join(","))
    }
}

/// Whether `granted` holds something that answers `need`.
pub fn covers(granted: &[Access], need: &Need) -> bool {
    granted.iter().any(|access| access.covers(need))
}

/// What ACR gives for what was asked: the known actions of known kinds, anything else left out.
/// Fewer than asked is not an error; the client finds out from `access`.
pub fn grantable(asked: Vec<Access>) -> Vec<Access> {
    asked
        .into_iter()
        .filter_map(|mut access| {
            let known: &[&str] = match access.kind.as_str() {
                "registry" if access.name == "catalog" => &["*"],
                "repository" => &REPOSITORY_ACTIONS,
                _ => return None,
            };
            access
                .actions
                .retain(|action| known.contains(&action.as_str()));
            (!access.actions.is_empty()).then_some(access)
        })
        .collect()
}

const REPOSITORY_ACTIONS: [&str; 8] = [
    "pull",
    "push",
    "delete",
    "metadata_read",
    "metadata_write",
    "deleted_read",
    "deleted_restore",
    "*",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_is_read_and_printed() {
        for scope in [
            "repository:a/b:pull,push",
            "registry:catalog:*",
            "repository:host:5000/a:delete",
        ] {
            assert_eq!(Access::parse(scope).unwrap().to_string(), scope);
        }
        for wrong in [
            "",
            "repository",
            "repository:a",
            ":a:pull",
            "repository::pull",
        ] {
            assert_eq!(Access::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn only_the_same_repository_and_one_of_the_actions_cover_a_need() {
        let need = Need::list(&RepositoryName::parse("a/b").unwrap());
        let check = |scope: &str, expected| {
            let granted = [Access::parse(scope).unwrap()];
            assert_eq!(covers(&granted, &need), expected, "{scope}");
        };
        check("repository:a/b:pull", true);
        check("repository:a/b:push,metadata_read", true);
        check("repository:a/b:*", true);
        check("repository:a/b:push,delete", false);
        check("repository:a:pull", false);
        check("registry:a/b:pull", false);
    }

    #[test]
    fn unknown_actions_and_kinds_are_left_out_of_what_is_granted() {
        let asked = ["repository:a:pull,fly", "repository:b:fly", "plugin:c:pull"];
        let asked = asked
            .iter()
            .filter_map(|scope| Access::parse(scope))
            .collect();
        let granted: Vec<_> = grantable(asked).iter().map(Access::to_string).collect();
        assert_eq!(granted, ["repository:a:pull"]);
    }
}
