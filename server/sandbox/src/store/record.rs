//! What the store remembers about repositories, tags and manifests, as it is on disk.
use super::Attributes;
use chrono::{DateTime, Utc};
use drydock_domain::tag::{Digest, InvalidName, RepositoryName, Tag};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt};

/// What a client names a manifest by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reference {
    Tag(Tag),
    Digest(Digest),
}

impl Reference {
    /// A digest holds a colon and a tag cannot.
    ///
    /// # Errors
    /// The text is neither.
    pub fn parse(text: &str) -> Result<Self, InvalidName> {
        if text.contains(':') {
            Digest::parse(text).map(Self::Digest)
        } else {
            Tag::parse(text).map(Self::Tag)
        }
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tag(tag) => tag.fmt(f),
            Self::Digest(digest) => digest.fmt(f),
        }
    }
}

impl From<Tag> for Reference {
    fn from(tag: Tag) -> Self {
        Self::Tag(tag)
    }
}

impl From<Digest> for Reference {
    fn from(digest: Digest) -> Self {
        Self::Digest(digest)
    }
}

/// A tag: one name for one manifest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TagRecord {
    pub name: Tag,
    pub digest: Digest,
    /// When the name was first used.
    pub created_at: DateTime<Utc>,
    /// When it was last pointed at a manifest.
    pub updated_at: DateTime<Utc>,
    #[serde(default)]
    pub attributes: Attributes,
}

/// A manifest of one repository. Everything in it but the times follows from the content; it is
/// kept so that listings read no manifest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestRecord {
    pub digest: Digest,
    pub media_type: String,
    pub size_bytes: u64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    #[serde(default)]
    pub attributes: Attributes,
    #[serde(flatten)]
    pub summary: ManifestSummary,
}

/// What a manifest says about itself and names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestSummary {
    pub config_media_type: Option<String>,
    /// `artifactType`, or the config's media type where that is absent.
    pub artifact_type: Option<String>,
    pub subject: Option<Digest>,
    #[serde(default)]
    pub annotations: BTreeMap<String, String>,
    /// Of an image's config: `amd64`.
    pub architecture: Option<String>,
    /// Of an image's config: `linux`.
    pub os: Option<String>,
    /// Config and layers, compressed; of an index, its children's manifests.
    pub image_size_bytes: u64,
    /// Config and layers that the repository holds.
    #[serde(default)]
    pub blobs: Vec<Digest>,
    /// An index's manifests.
    #[serde(default)]
    pub children: Vec<Child>,
}

/// A manifest that an index names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Child {
    pub digest: Digest,
    pub architecture: Option<String>,
    pub os: Option<String>,
}

/// A repository, counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepositoryFacts {
    pub name: RepositoryName,
    /// When its first manifest was pushed.
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub manifests: usize,
    pub tags: usize,
    pub attributes: Attributes,
}

/// What a delete removed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deleted {
    pub manifests: Vec<Digest>,
    pub tags: Vec<Tag>,
}

/// `repository.json`.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct RepositoryRecord {
    pub created_at: DateTime<Utc>,
    #[serde(default)]
    pub attributes: Attributes,
}
