//! The proof that a dry run wrote nothing, and that nothing moved since.
use crate::console::RegistryTags;
use crate::json::quote;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How far a dry run went.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Depth {
    /// What the policy picks.
    #[default]
    Match,
    /// And what is in it.
    Scan,
    /// And what a patch would change.
    ScanAndPlan,
}

impl Depth {
    pub const ALL: [Self; 3] = [Self::Match, Self::Scan, Self::ScanAndPlan];

    /// As in JSON and in addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Match => "match",
            Self::Scan => "scan",
            Self::ScanAndPlan => "scan-and-plan",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|depth| depth.as_str() == word)
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Match => "match",
            Self::Scan => "match and scan",
            Self::ScanAndPlan => "match, scan and plan",
        }
    }
}

/// What a dry run worked with. Digests are `sha256:…`; those of the inventory are of
/// [`inventory_listing`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    pub depth: Depth,
    pub policy_digest: String,
    pub inventory_before: String,
    pub inventory_after: String,
    pub started_at: DateTime<Utc>,
    pub finished_at: DateTime<Utc>,
    pub matches: usize,
}

impl Receipt {
    /// Every tag of the registry pointed to the same content before and after. Another client may
    /// have written meanwhile: then it says that something moved, not who moved it.
    pub fn is_unchanged(&self) -> bool {
        self.inventory_before == self.inventory_after
    }
}

/// A registry's tags with their digests in one text, whatever order they were listed in: what the
/// inventory's digest is taken of. As JSON, sorted: `{"REPOSITORY":{"TAG":"DIGEST"}}`.
pub fn inventory_listing(registry: &RegistryTags) -> String {
    let mut listing = String::from("{");
    for (repository, tags) in &by_name(registry) {
        open(&mut listing, repository, "{");
        for (tag, digest) in tags {
            open(&mut listing, tag, &quote(digest));
        }
        listing.push('}');
    }
    listing.push('}');
    listing
}

fn open(listing: &mut String, key: &str, value: &str) {
    if !listing.ends_with('{') {
        listing.push(',');
    }
    listing.push_str(&quote(key));
    listing.push(':');
    listing.push_str(value);
}

fn by_name(registry: &RegistryTags) -> BTreeMap<&str, BTreeMap<&str, &str>> {
    let repositories = registry.repositories.iter().map(|repository| {
        let tags = repository.tags.iter();
        let tags = tags.map(|tag| (tag.tag.as_str(), tag.digest.as_str()));
        (repository.repository.as_str(), tags.collect())
    });
    repositories.collect()
}

/// A tag that points elsewhere than it did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moved {
    pub repository: String,
    pub tag: String,
    /// `None` for a tag that is new.
    pub before: Option<String>,
    /// `None` for a tag that is gone.
    pub after: Option<String>,
}

/// The tags that moved between two listings, sorted: "apply exactly this" refuses where there is
/// one among those that it is about.
pub fn moved(before: &RegistryTags, after: &RegistryTags) -> Vec<Moved> {
    let (old, new) = (flat(before), flat(after));
    let mut moved = Vec::new();
    for ((repository, tag), digest) in &old {
        let now = new.get(&(*repository, *tag));
        if now != Some(digest) {
            moved.push(Moved {
                repository: (*repository).to_owned(),
                tag: (*tag).to_owned(),
                before: Some((*digest).to_owned()),
                after: now.map(|digest| (*digest).to_owned()),
            });
        }
    }
    let is_new = |(key, _): &(&(&str, &str), &&str)| !old.contains_key(*key);
    moved.extend(
        new.iter()
            .filter(is_new)
            .map(|((repository, tag), digest)| Moved {
                repository: (*repository).to_owned(),
                tag: (*tag).to_owned(),
                before: None,
                after: Some((*digest).to_owned()),
            }),
    );
    moved.sort_by(|a, b| (&a.repository, &a.tag).cmp(&(&b.repository, &b.tag)));
    moved
}

fn flat(registry: &RegistryTags) -> BTreeMap<(&str, &str), &str> {
    let repositories = registry.repositories.iter();
    let tags = repositories.flat_map(|repository| {
        let name = repository.repository.as_str();
        let tags = repository.tags.iter();
        tags.map(move |tag| ((name, tag.tag.as_str()), tag.digest.as_str()))
    });
    tags.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::{RepositoryTags, TagFacts};

    fn registry(repositories: &[(&str, &[(&str, &str)])]) -> RegistryTags {
        let tag = |(tag, digest): &(&str, &str)| TagFacts {
            tag: (*tag).to_owned(),
            digest: (*digest).to_owned(),
            ..TagFacts::default()
        };
        let repositories = repositories
            .iter()
            .map(|(repository, tags)| RepositoryTags {
                repository: (*repository).to_owned(),
                tags: tags.iter().map(tag).collect(),
            });
        RegistryTags {
            repositories: repositories.collect(),
            within: None,
            as_of: None,
        }
    }

    #[test]
    fn a_listing_does_not_depend_on_the_order() {
        let one = registry(&[("b", &[("2", "y"), ("1", "x")]), ("a\"", &[])]);
        let other = registry(&[("a\"", &[]), ("b", &[("1", "x"), ("2", "y")])]);
        let expected = r#"{"a\"":{},"b":{"1":"x","2":"y"}}"#;
        assert_eq!(inventory_listing(&one), expected);
        assert_eq!(inventory_listing(&other), expected);
        assert!(serde_json::from_str::<serde_json::Value>(expected).is_ok());
        assert_eq!(inventory_listing(&registry(&[])), "{}");
    }

    #[test]
    fn tags_that_moved_came_or_went_are_named() {
        let before = registry(&[("a", &[("1", "x"), ("2", "y"), ("3", "z")])]);
        let after = registry(&[("a", &[("0", "n"), ("1", "x"), ("2", "w")])]);
        let found = moved(&before, &after);
        let brief: Vec<_> = found
            .iter()
            .map(|it| (it.tag.as_str(), it.before.as_deref(), it.after.as_deref()))
            .collect();
        let expected = [
            ("0", None, Some("n")),
            ("2", Some("y"), Some("w")),
            ("3", Some("z"), None),
        ];
        assert_eq!(brief, expected);
        assert!(moved(&before, &before).is_empty());
    }

    #[test]
    fn a_receipt_tells_whether_anything_moved() {
        let mut receipt = Receipt {
            depth: Depth::ScanAndPlan,
            policy_digest: "sha256:aa".to_owned(),
            inventory_before: "sha256:bb".to_owned(),
            inventory_after: "sha256:bb".to_owned(),
            started_at: DateTime::UNIX_EPOCH,
            finished_at: DateTime::UNIX_EPOCH,
            matches: 3,
        };
        assert!(receipt.is_unchanged());
        receipt.inventory_after.push('x');
        assert!(!receipt.is_unchanged());
        let json = serde_json::to_string(&receipt).unwrap();
        for depth in Depth::ALL {
            let word = serde_json::to_value(depth).unwrap();
            assert_eq!(word.as_str().and_then(Depth::parse), Some(depth));
        }
        assert_eq!(serde_json::from_str::<Receipt>(&json).unwrap(), receipt);
    }
}
