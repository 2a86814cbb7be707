//! The findings that a query asks for, each with its deadline.
use super::{
    Deadline, Epss, Exposure, Finding, FindingKind, FindingQuery, Framework, KeptException,
    Material, Profile, Severity, Signals, Standing, deadline, exposure_of, sample,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A finding with its deadline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingRow {
    pub finding: Finding,
    pub deadline: Deadline,
    pub exposure: Exposure,
    /// The one that counts: a feed's, else the scanner's.
    pub severity: Severity,
    pub signals: Signals,
    /// Who accepts it, why and until when.
    pub acceptance: Option<KeptException>,
}

impl FindingRow {
    /// Whole days from `now`, negative when they are past; `None` without a date.
    pub fn days_left(&self, now: DateTime<Utc>) -> Option<i64> {
        let left = self.deadline.due? - now;
        Some(left.num_seconds().div_euclid(86_400))
    }

    /// `yes`, `no` or `unknown`.
    pub fn kev_word(&self) -> &'static str {
        match &self.signals.kev {
            None => "unknown",
            Some(None) => "no",
            Some(Some(_)) => "yes",
        }
    }

    pub fn epss(&self) -> Option<Epss> {
        self.signals.epss
    }
}

/// The rows that a query asks for, the most urgent first; and the profile they follow.
pub fn rows(
    material: &Material,
    query: &FindingQuery,
    now: DateTime<Utc>,
) -> (Profile, Vec<FindingRow>) {
    let (profile, all) = all_rows(material, query, now);
    let rows = narrowed(all, query);
    (profile, rows)
}

pub(super) fn all_rows(
    material: &Material,
    query: &FindingQuery,
    now: DateTime<Utc>,
) -> (Profile, Vec<FindingRow>) {
    let profiles = material.settings.all_profiles();
    let wanted = query.profile_id();
    let found = profiles.iter().find(|profile| profile.id == wanted);
    let profile = found.unwrap_or(&profiles[0]).clone();
    let none = Signals::default();
    let mut rows: Vec<FindingRow> = material
        .findings
        .iter()
        .filter_map(|finding| finding.as_of(now))
        .map(|finding| {
            let signals = material.signals.get(&finding.cve).unwrap_or(&none).clone();
            let signals = as_of(signals, now);
            let exposure = exposure_of(&material.settings.exposure, &finding.repository);
            let exceptions = &material.exceptions;
            let deadline = deadline(&finding, &profile, exposure, &signals, exceptions, now);
            let acceptance = exceptions.iter().find(|kept| kept.covers(&finding, now));
            FindingRow {
                severity: signals.severity.unwrap_or(finding.severity),
                acceptance: acceptance.cloned(),
                finding,
                deadline,
                exposure,
                signals,
            }
        })
        .collect();
    rows.sort_by(|a, b| order(a).cmp(&order(b)));
    (profile, rows)
}

/// A catalogue entry of a later day was not there yet.
fn as_of(mut signals: Signals, now: DateTime<Utc>) -> Signals {
    if let Some(kev) = &mut signals.kev
        && kev.as_ref().is_some_and(|kev| kev.added > now)
    {
        *kev = None;
    }
    signals
}

fn order(row: &FindingRow) -> impl Ord + '_ {
    let due = row.deadline.due.unwrap_or(DateTime::<Utc>::MAX_UTC);
    let finding = &row.finding;
    (
        !row.deadline.standing.is_open(),
        row.deadline.standing == Standing::Accepted,
        due,
        std::cmp::Reverse(row.severity),
        (&finding.repository, &finding.original, &finding.cve),
        (&finding.package, &finding.id, finding.opened_at),
    )
}

pub(super) fn narrowed(rows: Vec<FindingRow>, query: &FindingQuery) -> Vec<FindingRow> {
    let framework = query.framework();
    let kept = rows.into_iter().filter(|row| fits(row, query, framework));
    match framework {
        Framework::Soc2 => sample(kept.collect(), &query.seed, query.sample_size()),
        _ => kept.collect(),
    }
}

fn fits(row: &FindingRow, query: &FindingQuery, framework: Framework) -> bool {
    let finding = &row.finding;
    let standing = row.deadline.standing;
    let is_superseded = standing == Standing::Gone;
    let status = match query.status.as_str() {
        "all" => true,
        "open" => standing.is_open(),
        "closed" => !standing.is_open(),
        // What a sample is drawn from, and what a period's report tells, is done or not.
        "" if matches!(framework, Framework::Soc2 | Framework::FedrampVdr) => !is_superseded,
        "" => standing.is_open(),
        word => standing.as_str() == word,
    };
    let needle = query.text.as_str();
    let holds = |text: &str| contains(text, needle);
    let text = needle.is_empty()
        || [
            &finding.cve,
            &finding.package,
            &finding.repository,
            &finding.tag,
            &finding.digest,
            &finding.id,
        ]
        .into_iter()
        .any(|text| holds(text));
    let of_framework = match framework {
        Framework::Kev | Framework::Cra => {
            // What nobody can rule out is shown, as unknown.
            !matches!(row.signals.kev, Some(None)) && finding.kind == FindingKind::Vulnerability
        }
        Framework::Pci => finding.kind == FindingKind::Vulnerability,
        Framework::All
        | Framework::FedrampVdr
        | Framework::FedrampContainers
        | Framework::Sp800190
        | Framework::Soc2
        | Framework::Iso27001 => true,
    };
    status
        && text
        && of_framework
        && (query.severity.is_empty() || row.severity.as_str() == query.severity)
        && (query.repository.is_empty() || finding.repository == query.repository)
}

/// Whatever the casing of ASCII.
fn contains(text: &str, needle: &str) -> bool {
    let (text, needle) = (text.as_bytes(), needle.as_bytes());
    text.windows(needle.len().max(1))
        .any(|window| window.eq_ignore_ascii_case(needle))
}
