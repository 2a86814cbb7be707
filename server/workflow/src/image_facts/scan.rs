//! The vulnerabilities of one image, as a scan at one time sees them.
use chrono::{DateTime, TimeDelta, Utc};
use drydock_domain::dry_run::ImagePlan;
use drydock_domain::lineage::{Lookup, ScanComparison, Vulnerability, compare_vulnerabilities};
use drydock_domain::patch_report::IndexSource;
use drydock_patcher::Inspection;
use serde::{Deserialize, Serialize};

/// Scans are not used when they are older than this: the archives bring new fixes several times a
/// day.
pub(super) const FRESH: TimeDelta = TimeDelta::hours(6);

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Scan {
    pub at: DateTime<Utc>,
    pub vulnerabilities: Vec<Vulnerability>,
    /// Whether anything could be looked for; where not, nothing found means nothing.
    pub is_complete: bool,
    /// `debian 12.15`; empty where the image does not say it.
    pub os: String,
    pub is_end_of_life: bool,
    pub sources: Vec<IndexSource>,
    pub notes: Vec<String>,
    pub plan: Option<ImagePlan>,
}

impl Scan {
    /// `digest` is the image's, for its plan.
    pub(super) fn new(found: Inspection, digest: &str, at: DateTime<Utc>) -> Self {
        let Inspection {
            report,
            sources,
            notes,
            plan,
        } = found;
        let vulnerabilities = report.vulnerabilities().map(|found| Vulnerability {
            id: found.vulnerability_id.clone(),
            package: found.package_name.clone(),
            severity: found.severity.clone(),
            fixed_version: Some(found.fixed_version.clone()),
            installed_version: found.installed_version.clone(),
            purl: found.package_identifier.purl.clone(),
        });
        let os = report.metadata.os.as_ref();
        Self {
            at,
            vulnerabilities: vulnerabilities.collect(),
            is_complete: !report.results.is_empty(),
            os: os.map_or_else(String::new, |os| format!("{} {}", os.family, os.name)),
            is_end_of_life: report.end_of_life(),
            sources,
            notes,
            plan: plan.map(|plan| ImagePlan {
                digest: digest.to_owned(),
                upgrades: plan.upgrades,
                kept_back: plan.kept_back,
                notes: plan.notes,
            }),
        }
    }

    pub(super) fn is_fresh(&self, now: DateTime<Utc>) -> bool {
        now - self.at < FRESH
    }
}

pub(super) fn compare(before: Lookup<Scan>, after: Lookup<Scan>) -> Lookup<ScanComparison> {
    match (before, after) {
        (Lookup::Failed(why), _) | (_, Lookup::Failed(why)) => Lookup::Failed(why),
        (Lookup::Underway(progress), _) | (_, Lookup::Underway(progress)) => {
            Lookup::Underway(progress)
        }
        (Lookup::Found(before), Lookup::Found(after)) => {
            if !(before.is_complete && after.is_complete) {
                return Lookup::Failed(
                    "one of the images holds no operating system that the built-in scanner knows, \
                     so nothing can be said about its vulnerabilities"
                        .into(),
                );
            }
            Lookup::Found(ScanComparison {
                difference: compare_vulnerabilities(
                    &before.vulnerabilities,
                    &after.vulnerabilities,
                ),
                as_of: before.at.min(after.at),
                source: "The built-in scanner, by the changelogs of the signed archives that the \
                         image's own sources name. Vulnerabilities without a fix are not listed, \
                         and application packages are not looked at."
                    .into(),
            })
        }
    }
}
