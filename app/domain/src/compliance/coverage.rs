//! Which tags were scanned, and how long ago.
use super::{Material, Observation, ScanOutcome, is_stale};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// An image is to be scanned within this.
const SCAN_WINDOW: TimeDelta = TimeDelta::days(30);

/// Of one tag: when it was last scanned, and what that is worth.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Currency {
    pub repository: String,
    pub original: String,
    /// `None` for one that was never scanned.
    pub scan: Option<Observation>,
    pub freshness: Freshness,
    /// Unpatched, and still to be pulled beside its patch.
    pub unpatched_base: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Freshness {
    NeverScanned,
    /// The last scan could not read the image.
    Unreadable,
    /// The scanner's data was too old to tell.
    StaleDatabase,
    /// Nobody looks for fixes for its operating system any more, so finding none says nothing.
    EndOfLife,
    /// The last scan is more than 30 days ago.
    Old,
    Current,
}

impl Freshness {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NeverScanned => "never-scanned",
            Self::Unreadable => "unreadable",
            Self::StaleDatabase => "stale-database",
            Self::EndOfLife => "end-of-life",
            Self::Old => "old",
            Self::Current => "current",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::NeverScanned => "Never scanned",
            Self::Unreadable => "Cannot be read",
            Self::StaleDatabase => "Cannot tell: scanner data is stale",
            Self::EndOfLife => "Cannot tell: end of life",
            Self::Old => "Scanned over 30 days ago",
            Self::Current => "Scanned within 30 days",
        }
    }

    /// Of the newest scan, at `now`.
    pub fn of(scan: Option<&Observation>, now: DateTime<Utc>) -> Self {
        match scan {
            None => Self::NeverScanned,
            Some(scan) if scan.outcome == ScanOutcome::Unreadable => Self::Unreadable,
            Some(scan) if scan.is_end_of_life => Self::EndOfLife,
            Some(scan) if is_stale(scan.database_at, scan.at) => Self::StaleDatabase,
            Some(scan) if now - scan.at > SCAN_WINDOW => Self::Old,
            Some(_) => Self::Current,
        }
    }
}

/// Tags of the registry that no scan of their own covers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// Patches: they count with the tag that they patch.
    pub patches: usize,
    /// An index of platforms, a signature, an artifact: no image that could be scanned.
    pub not_images: usize,
}

/// How well a registry's tags are covered by scans.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// The worst first; on a page at most [`super::PAGE_TAGS`] of them.
    pub tags: Vec<Currency>,
    pub current: usize,
    /// Tags, whether listed or not.
    pub total: usize,
    #[serde(default)]
    pub left_out: Option<LeftOut>,
}

impl Coverage {
    /// Everything is scanned, within its window, with data that can tell.
    pub fn is_complete(&self) -> bool {
        self.total > 0 && self.current == self.total
    }
}

/// How each tag stands with its scans; the worst first.
pub fn coverage(material: &Material, now: DateTime<Utc>) -> Coverage {
    let scans = material.observations.iter().filter(|scan| scan.at <= now);
    let mut newest: BTreeMap<(&str, &str), &Observation> = BTreeMap::new();
    for scan in scans {
        let place = newest
            .entry((&scan.repository, &scan.original))
            .or_insert(scan);
        if place.at < scan.at {
            *place = scan;
        }
    }
    let mut tags: Vec<Currency> = material
        .tags
        .iter()
        .map(|(repository, original)| {
            let scan = newest.get(&(repository.as_str(), original.as_str()));
            let scan = scan.map(|scan| (*scan).clone());
            Currency {
                repository: repository.clone(),
                original: original.clone(),
                freshness: Freshness::of(scan.as_ref(), now),
                unpatched_base: scan.as_ref().is_some_and(|scan| {
                    !scan.original_digest.is_empty() && scan.original_digest != scan.digest
                }),
                scan,
            }
        })
        .collect();
    tags.sort_by(|a, b| {
        (a.freshness, &a.repository, &a.original).cmp(&(b.freshness, &b.repository, &b.original))
    });
    let is_current = |tag: &&Currency| tag.freshness == Freshness::Current;
    Coverage {
        current: tags.iter().filter(is_current).count(),
        total: tags.len(),
        tags,
        left_out: material.left_out,
    }
}
