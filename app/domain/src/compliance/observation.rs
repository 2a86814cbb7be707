use crate::verdict::MAX_DATABASE_AGE_DAYS;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// One scan of the image that a tag's patches end in, whatever came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observation {
    pub id: String,
    pub registry: String,
    pub repository: String,
    pub original: String,
    /// What was scanned: the newest patch, or the original.
    pub tag: String,
    pub digest: String,
    pub platform: String,
    /// The image that patches are made from, where it is still there to be pulled.
    pub original_digest: String,
    pub at: DateTime<Utc>,
    pub outcome: ScanOutcome,
    pub scanner: String,
    /// Of the newest index that was read.
    pub database_at: Option<DateTime<Utc>>,
    pub findings: u32,
    /// `debian 12.15`; empty where the image does not say.
    pub os: String,
    pub is_end_of_life: bool,
    /// Why it could not be read; empty otherwise.
    pub note: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ScanOutcome {
    Complete,
    /// Nothing can be said of the image.
    Unreadable,
}

/// Whether data of that date says nothing any more at `at`, by the same age as a dry run's verdict
/// `STALE_DB`; unknown is stale.
pub fn is_stale(database_at: Option<DateTime<Utc>>, at: DateTime<Utc>) -> bool {
    database_at.is_none_or(|dated| at - dated > TimeDelta::days(MAX_DATABASE_AGE_DAYS))
}
