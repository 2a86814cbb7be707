//! What is in a registry, as far as selection and verdicts need to know.
use crate::console::{RegistryTags, RepositoryTags, TagFacts};
use crate::pattern::fits;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::BTreeMap;

/// A registry's repositories and what listing each of them gave.
///
/// As JSON: `{"repository": ["tag", …]}`. A repository whose listing failed is
/// `{"status": 401}`, or `{"status": 403, "tags": […]}` when it broke off after its first page.
/// What is known about each tag beyond its name is not serialised.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Inventory {
    pub repositories: BTreeMap<String, Listing>,
    #[serde(skip)]
    within: Option<Vec<String>>,
}

/// What listing a repository's tags gave. A repository that is not in the inventory is missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Listing {
    Listed(Vec<InventoryTag>),
    /// The first page was refused: the service takes every tag for missing.
    Refused {
        /// HTTP status of the answer.
        status: u16,
    },
    /// A later page was refused: the service gives up altogether.
    Interrupted {
        status: u16,
        tags: Vec<InventoryTag>,
    },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InventoryTag {
    pub name: String,
    /// Why Azure's tasks cannot patch what the tag points to, where that is known.
    pub obstacle: Option<Obstacle>,
}

/// A kind of artifact that cannot be patched, and that selection picks all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Obstacle {
    Windows,
    /// An index of several platforms.
    MultiArch,
    /// A signature, an attestation, a chart, the policy itself.
    NotAnImage,
}

impl Inventory {
    pub fn new(repositories: BTreeMap<String, Listing>) -> Self {
        Self {
            repositories,
            within: None,
        }
    }

    /// The same for somebody who may know of no other repositories than those that fit one of the
    /// patterns; `None` for all.
    #[must_use]
    pub fn within(self, patterns: Option<Vec<String>>) -> Self {
        Self {
            within: patterns,
            ..self
        }
    }

    /// Whoever asks may know of a part of the registry alone.
    pub fn is_part(&self) -> bool {
        self.within.is_some()
    }

    /// Whoever asks may not know whether the repository is there.
    pub fn is_outside(&self, repository: &str) -> bool {
        let fit = |patterns: &Vec<String>| patterns.iter().any(|it| fits(it, repository));
        self.within.as_ref().is_some_and(|patterns| !fit(patterns))
    }

    pub fn listing(&self, repository: &str) -> Option<&Listing> {
        self.repositories.get(repository)
    }

    /// The tags of a repository; none where it is missing or its listing failed.
    pub fn tags(&self, repository: &str) -> &[InventoryTag] {
        self.listing(repository).map_or(&[], Listing::tags)
    }

    pub fn tag_count(&self) -> usize {
        self.repositories
            .values()
            .map(|listing| listing.tags().len())
            .sum()
    }
}

impl Listing {
    /// The tags of a complete listing, else none: what the service works with.
    pub fn tags(&self) -> &[InventoryTag] {
        match self {
            Self::Listed(tags) => tags,
            Self::Refused { .. } | Self::Interrupted { .. } => &[],
        }
    }
}

impl<R: Into<String>, T: Into<String>, L: IntoIterator<Item = T>> FromIterator<(R, L)>
    for Inventory
{
    fn from_iter<I: IntoIterator<Item = (R, L)>>(repositories: I) -> Self {
        let listed = |(repository, tags): (R, L)| {
            let tags = tags.into_iter().map(InventoryTag::named).collect();
            (repository.into(), Listing::Listed(tags))
        };
        Self::new(repositories.into_iter().map(listed).collect())
    }
}

impl From<&RegistryTags> for Inventory {
    fn from(registry: &RegistryTags) -> Self {
        let listed = |repository: &RepositoryTags| {
            let tags = repository.tags.iter().map(InventoryTag::from).collect();
            (repository.repository.clone(), Listing::Listed(tags))
        };
        let repositories = registry.repositories.iter().map(listed).collect();
        Self::new(repositories).within(registry.within.clone())
    }
}

impl InventoryTag {
    /// A tag of which nothing but the name is known.
    pub fn named(name: impl Into<String>) -> Self {
        let name = name.into();
        let obstacle = is_referrer_tag(&name).then_some(Obstacle::NotAnImage);
        Self { name, obstacle }
    }
}

impl From<&TagFacts> for InventoryTag {
    fn from(facts: &TagFacts) -> Self {
        Self {
            name: facts.tag.clone(),
            obstacle: obstacle(facts),
        }
    }
}

fn obstacle(facts: &TagFacts) -> Option<Obstacle> {
    if is_referrer_tag(&facts.tag) {
        return Some(Obstacle::NotAnImage);
    }
    if facts.os.eq_ignore_ascii_case("windows") {
        return Some(Obstacle::Windows);
    }
    match facts.media_type.as_str() {
        "application/vnd.oci.image.index.v1+json"
        | "application/vnd.docker.distribution.manifest.list.v2+json" => Some(Obstacle::MultiArch),
        "application/vnd.oci.image.manifest.v1+json"
        | "application/vnd.docker.distribution.manifest.v2+json"
            if facts.os.is_empty() =>
        {
            Some(Obstacle::NotAnImage)
        }
        // Unknown, an ordinary image, or something that only a scan can judge.
        _ => None,
    }
}

/// `sha256-<64 hex>`, with or without `.sig`, `.att` or `.sbom`: where signing tools and the
/// referrers fallback of OCI 1.1 keep what belongs to another manifest.
fn is_referrer_tag(tag: &str) -> bool {
    tag.strip_prefix("sha256-").is_some_and(|rest| {
        let is_hex = |byte: &u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(byte);
        let digits = rest.bytes().take_while(|byte| is_hex(byte)).count();
        digits == 64 && (rest.len() == 64 || rest.as_bytes()[64] == b'.')
    })
}

impl Serialize for Listing {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let names = |tags: &[InventoryTag]| tags.iter().map(|tag| tag.name.clone()).collect();
        match self {
            Self::Listed(tags) => WireListing::Tags(names(tags)),
            Self::Refused { status } => WireListing::Failed {
                status: *status,
                tags: None,
            },
            Self::Interrupted { status, tags } => WireListing::Failed {
                status: *status,
                tags: Some(names(tags)),
            },
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Listing {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let named = |names: Vec<String>| names.into_iter().map(InventoryTag::named).collect();
        let wire = WireListing::deserialize(deserializer).map_err(|_| {
            D::Error::custom("a repository is a list of tags, such as [\"3.11\", \"3.11-1\"]")
        })?;
        Ok(match wire {
            WireListing::Tags(names) => Self::Listed(named(names)),
            WireListing::Failed { status, tags: None } => Self::Refused { status },
            WireListing::Failed {
                status,
                tags: Some(names),
            } => Self::Interrupted {
                status,
                tags: named(names),
            },
        })
    }
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum WireListing {
    Tags(Vec<String>),
    Failed {
        status: u16,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        tags: Option<Vec<String>>,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_listing_survives_json() {
        let text = r#"{"a":["1","2"],"b":{"status":401},"c":{"status":403,"tags":["3"]},"d":[]}"#;
        let inventory: Inventory = serde_json::from_str(text).unwrap();
        assert_eq!(inventory.tags("a").len(), 2);
        assert_eq!(
            inventory.listing("b"),
            Some(&Listing::Refused { status: 401 })
        );
        assert!(matches!(
            inventory.listing("c"),
            Some(Listing::Interrupted { .. })
        ));
        assert_eq!(inventory.tag_count(), 2);
        assert_eq!(serde_json::to_string(&inventory).unwrap(), text);
        assert!(serde_json::from_str::<Inventory>(r#"{"a":"1"}"#).is_err());
    }

    #[test]
    fn a_manifest_tells_what_cannot_be_patched() {
        let check = |tag: &str, os: &str, media_type: &str, expected: Option<Obstacle>| {
            let facts = TagFacts {
                tag: tag.to_owned(),
                os: os.to_owned(),
                media_type: media_type.to_owned(),
                ..TagFacts::default()
            };
            assert_eq!(
                InventoryTag::from(&facts).obstacle,
                expected,
                "{tag} {os} {media_type}"
            );
        };
        let manifest = "application/vnd.oci.image.manifest.v1+json";
        check("1.0", "linux", manifest, None);
        check("1.0", "Windows", manifest, Some(Obstacle::Windows));
        check("1.0", "", manifest, Some(Obstacle::NotAnImage));
        check("1.0", "", "", None);
        check(
            "1.0",
            "",
            "application/vnd.oci.image.index.v1+json",
            Some(Obstacle::MultiArch),
        );
        let signature = format!("sha256-{}.sig", "0a".repeat(32));
        check(&signature, "linux", manifest, Some(Obstacle::NotAnImage));
        check("sha256-short", "linux", manifest, None);
    }
}
