//! What a page shows and an export writes: one function, so that their counts are the same.
use super::row::{all_rows, narrowed};
use super::{
    Coverage, ExposureRule, FeedKind, FeedState, Finding, FindingKind, FindingQuery, FindingRow,
    Freshness, KeptException, LeftOut, Observation, Profile, Rule, Severity, Signals, Standing,
    coverage,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Rows on a page.
pub const PAGE_ROWS: usize = 50;
/// Tags of a page's coverage, those that need somebody first.
pub const PAGE_TAGS: usize = 500;

/// What an operator decided for a registry.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ComplianceSettings {
    /// The first that fits decides.
    pub exposure: Vec<ExposureRule>,
    /// In place of the built-in ones with the same id, or besides them.
    pub profiles: Vec<Profile>,
}

impl ComplianceSettings {
    /// Every profile there is, the built-in ones first.
    pub fn all_profiles(&self) -> Vec<Profile> {
        let mut all = Profile::built_in();
        for own in &self.profiles {
            match all.iter_mut().find(|profile| profile.id == own.id) {
                Some(place) => *place = own.clone(),
                None => all.push(own.clone()),
            }
        }
        all
    }
}

/// Everything that is kept of a registry: what a view is made of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Material {
    pub registry: String,
    pub findings: Vec<Finding>,
    /// Of each tag the newest at the view's instant.
    pub observations: Vec<Observation>,
    /// Tags that patches are named after, as the registry has them now: repository and tag.
    pub tags: Vec<(String, String)>,
    /// The registry's tags that are not among them; of another day nothing is known of these.
    pub left_out: Option<LeftOut>,
    pub exceptions: Vec<KeptException>,
    pub settings: ComplianceSettings,
    /// By vulnerability.
    pub signals: BTreeMap<String, Signals>,
    pub feeds: Vec<FeedState>,
}

/// The numbers at the head of a page. Of all findings, whatever the filter.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Indicators {
    pub open: usize,
    pub overdue: usize,
    pub due_soon: usize,
    pub accepted: usize,
    /// Open, and critical or known exploited.
    pub worst: usize,
    /// Open, and nobody said how severe.
    pub unknown_severity: usize,
    pub fixed: usize,
    /// Fixed in time, of what was fixed or is overdue, in tenths of a percent; `None` of nothing.
    pub in_time_permille: Option<u32>,
    /// From the detection to the scan that found it clean, in minutes.
    pub mean_minutes_to_fix: Option<i64>,
    /// From the detection to the evaluation, in minutes.
    pub mean_minutes_to_evaluate: Option<i64>,
    /// Planned runs that did not happen, or ended without a result, and were not made up for.
    pub detection_failures: usize,
}

/// A profile without its rule, which only the server needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProfileHead {
    pub id: String,
    pub name: String,
    pub source: String,
}

impl From<Profile> for ProfileHead {
    fn from(profile: Profile) -> Self {
        Self {
            id: profile.id,
            name: profile.name,
            source: profile.source,
        }
    }
}

/// A page of findings, and all that stands around it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComplianceView {
    pub registry: String,
    pub query: FindingQuery,
    /// The instant that the view is of.
    pub as_of: DateTime<Utc>,
    pub is_past: bool,
    /// The one that the deadlines follow.
    pub profile: ProfileHead,
    /// The same with its rule, as JSON for people.
    pub deadlines: String,
    /// It is the registry's own, not built in.
    pub is_own_profile: bool,
    /// Every one there is.
    pub profiles: Vec<ProfileHead>,
    pub indicators: Indicators,
    pub coverage: Coverage,
    pub feeds: Vec<FeedState>,
    pub rows: Vec<FindingRow>,
    /// Rows on all pages.
    pub total: usize,
    pub page: usize,
    pub pages: usize,
    pub exceptions: Vec<KeptException>,
    pub exposure: Vec<ExposureRule>,
    /// Sentences about what is not known, and so is not green.
    pub doubts: Vec<String>,
    /// When images were last looked at; `None` where they never were.
    pub collected_at: Option<DateTime<Utc>>,
}

/// All that an export is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComplianceFile {
    pub registry: String,
    pub login_server: String,
    pub query: FindingQuery,
    pub as_of: DateTime<Utc>,
    pub profile: Profile,
    pub rows: Vec<FindingRow>,
    pub coverage: Coverage,
    pub feeds: Vec<FeedState>,
    pub generated_at: DateTime<Utc>,
    /// `drydock 0.1.0`.
    pub generator: String,
    /// `sequence:hash` of the audit trail's end; empty where it has none.
    pub chain_head: String,
}

/// The page that a query asks for. `now` is the instant that the view is of.
pub fn view(
    material: &Material,
    query: &FindingQuery,
    now: DateTime<Utc>,
    is_past: bool,
) -> ComplianceView {
    let (profile, all) = all_rows(material, query, now);
    let indicators = indicators(&all);
    let mut coverage = coverage(material, now);
    let doubts = doubts(material, &profile, &coverage, &indicators);
    coverage.tags.truncate(PAGE_TAGS);
    let rows = narrowed(all, query);
    let total = rows.len();
    let pages = total.div_ceil(PAGE_ROWS).max(1);
    let page = query.page.clamp(1, pages);
    let collected_at = material.observations.iter().map(|scan| scan.at).max();
    ComplianceView {
        registry: material.registry.clone(),
        query: query.clone(),
        as_of: now,
        is_past,
        doubts,
        deadlines: profile.to_text(),
        is_own_profile: material.settings.profiles.contains(&profile),
        profile: profile.into(),
        profiles: material
            .settings
            .all_profiles()
            .into_iter()
            .map(ProfileHead::from)
            .collect(),
        indicators,
        coverage,
        feeds: material.feeds.clone(),
        rows: rows
            .into_iter()
            .skip((page - 1) * PAGE_ROWS)
            .take(PAGE_ROWS)
            .collect(),
        total,
        page,
        pages,
        exceptions: material.exceptions.clone(),
        exposure: material.settings.exposure.clone(),
        collected_at,
    }
}

fn indicators(rows: &[FindingRow]) -> Indicators {
    let mut found = Indicators::default();
    let (mut fix_minutes, mut evaluations) = (Vec::new(), Vec::new());
    let mut in_time = 0;
    for row in rows {
        let standing = row.deadline.standing;
        let instants = &row.finding.instants;
        let detected = instants.first_detected;
        if let (Some(detected), Some(evaluated)) = (detected, instants.evaluated) {
            evaluations.push((evaluated - detected).num_minutes());
        }
        match standing {
            Standing::Met | Standing::MetLate => {
                found.fixed += 1;
                in_time += usize::from(standing == Standing::Met);
                let stopped = row.deadline.stopped_at;
                fix_minutes.extend(
                    detected
                        .zip(stopped)
                        .map(|(from, to)| (to - from).num_minutes()),
                );
            }
            Standing::Gone => {}
            open => {
                found.open += 1;
                found.overdue += usize::from(open == Standing::Overdue);
                found.due_soon += usize::from(open == Standing::DueSoon);
                found.accepted += usize::from(open == Standing::Accepted);
                let is_listed = matches!(row.signals.kev, Some(Some(_)));
                found.worst += usize::from(is_listed || row.severity == Severity::Critical);
                found.unknown_severity += usize::from(row.severity == Severity::Unknown);
                let is_failure = row.finding.kind != FindingKind::Vulnerability;
                found.detection_failures += usize::from(is_failure);
            }
        }
    }
    let counted = found.fixed + found.overdue;
    found.in_time_permille = (counted > 0).then(|| (in_time * 1000 / counted) as u32);
    found.mean_minutes_to_fix = mean(&fix_minutes);
    found.mean_minutes_to_evaluate = mean(&evaluations);
    found
}

fn mean(minutes: &[i64]) -> Option<i64> {
    let sum: i64 = minutes.iter().sum();
    let count = i64::try_from(minutes.len()).ok()?;
    sum.checked_div(count)
}

fn doubts(
    material: &Material,
    profile: &Profile,
    coverage: &Coverage,
    indicators: &Indicators,
) -> Vec<String> {
    let mut doubts = Vec::new();
    let count = |wanted: Freshness| {
        let tags = coverage.tags.iter();
        tags.filter(|tag| tag.freshness == wanted).count()
    };
    let of = coverage.tags.len();
    for (freshness, what) in [
        (Freshness::NeverScanned, "Never scanned"),
        (Freshness::Unreadable, "Not readable by the last scan"),
        (
            Freshness::StaleDatabase,
            "Scanned with data that is too old to tell",
        ),
        (
            Freshness::EndOfLife,
            "Past the end of life, where nobody looks for fixes any more",
        ),
        (Freshness::Old, "Last scanned more than 30 days ago"),
    ] {
        match count(freshness) {
            0 => {}
            n => doubts.push(format!(
                "{what}: {n} of {of} tags. Nothing found there is not clean."
            )),
        }
    }
    let is_absent = |kind| {
        let feed = material.feeds.iter().find(|feed| feed.kind == kind);
        feed.is_none_or(|feed| feed.imported_at.is_none())
    };
    if is_absent(FeedKind::Kev) {
        doubts.push(
            "No catalogue of known exploited vulnerabilities was imported: whether one is listed is not \
             known."
                .into(),
        );
    }
    if is_absent(FeedKind::Vulnrichment) && indicators.unknown_severity > 0 {
        doubts.push(format!(
            "The severity of {} open findings is not known: archives' changelogs name none, and no \
             records that do were imported.",
            indicators.unknown_severity
        ));
    }
    if let Rule::Impact { .. } = profile.rule {
        doubts.push(
            "Adverse impact is what a provider rates; severity stands for it here, and each date says so."
                .into(),
        );
    }
    doubts
}
