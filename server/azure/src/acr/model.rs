//! The registry's answers, as far as they are read.
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A row of `_tags`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct TagRecord {
    pub name: String,
    pub digest: String,
    pub created_time: Option<DateTime<Utc>>,
    pub last_update_time: Option<DateTime<Utc>>,
}

/// A row of `_manifests`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ManifestRecord {
    pub digest: String,
    /// Compressed layers and configuration together.
    pub image_size: u64,
    pub created_time: Option<DateTime<Utc>>,
    pub last_update_time: Option<DateTime<Utc>>,
    pub architecture: Option<String>,
    pub os: Option<String>,
    pub media_type: String,
    pub config_media_type: Option<String>,
}

/// A repository's own attributes.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RepositoryRecord {
    pub image_name: String,
    pub created_time: Option<DateTime<Utc>>,
    pub last_update_time: Option<DateTime<Utc>>,
    pub manifest_count: u32,
    pub tag_count: u32,
}

/// An OCI content descriptor.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Descriptor {
    pub media_type: String,
    pub digest: String,
    pub size: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub artifact_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub annotations: Option<BTreeMap<String, String>>,
}
