//! What is known beyond the names of tags: scans, digests, and what the registry cannot do.
//! It turns "will be scanned" into what the scan will probably find.
use super::{Cause, Judgement, Verdict};
use crate::instant::Minute;
use crate::selection::Selected;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// A scan that looked into an older database cannot tell.
pub const MAX_DATABASE_AGE_DAYS: i64 = 7;

/// Everything that is known, by repository and original tag.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    pub registry: Option<RegistryObstacle>,
    /// Repositories that a cache rule fills.
    pub cached: Vec<String>,
    pub images: BTreeMap<String, BTreeMap<String, ImageEvidence>>,
}

impl Evidence {
    /// Of one original.
    pub fn image(&self, repository: &str, original: &str) -> Option<&ImageEvidence> {
        self.images.get(repository)?.get(original)
    }
}

/// Why no image of the registry can be patched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum RegistryObstacle {
    /// Roles are given per repository (attribute-based access control).
    RepositoryPermissions,
    NoTasks,
}

impl RegistryObstacle {
    pub(super) fn verdict(self) -> Verdict {
        match self {
            Self::RepositoryPermissions => Verdict::RepositoryPermissions,
            Self::NoTasks => Verdict::NoTasks,
        }
    }

    pub(super) fn sentence(self) -> &'static str {
        match self {
            Self::RepositoryPermissions => {
                "The registry gives roles per repository (ABAC). Azure does not support \
                 continuous patching there: its tasks see no tags."
            }
            Self::NoTasks => {
                "The registry can run no tasks, so nothing in it is scanned or patched."
            }
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageEvidence {
    /// Digest of the tag that is scanned, now.
    pub digest: Option<String>,
    pub scan: Option<ScanEvidence>,
    pub drift: Option<Drift>,
    /// Why it was to be scanned and could not be; one or more sentences.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// What a patch of the original would do, where one was planned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<PlanEvidence>,
}

/// A planned patch in numbers: of packages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanEvidence {
    pub upgrades: u32,
    pub kept_back: u32,
    /// Bytes of the packages that are fetched.
    pub size_bytes: u64,
}

/// What a scan found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScanEvidence {
    /// The tag and the digest that were scanned.
    pub tag: String,
    pub digest: Option<String>,
    pub at: DateTime<Utc>,
    /// How old the vulnerability database was made, where the scan says it.
    pub database_at: Option<DateTime<Utc>>,
    /// Vulnerabilities of OS packages that have a fix, and the critical ones of them.
    pub fixable: u32,
    pub critical: u32,
    /// Vulnerabilities of OS packages without a fix.
    pub unfixable: u32,
    /// Vulnerabilities of application packages.
    pub application: u32,
    /// The distribution with its version, where it is past its end of life: `Debian 8`.
    pub end_of_life: Option<String>,
}

/// The original was pushed again after this patch was made of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drift {
    /// The latest patch tag.
    pub patch: String,
    /// Digests of the original when it was patched, and now.
    pub then: String,
    pub now: String,
}

/// The one thing that a scan comes down to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScanResult {
    WillPatch,
    /// There are fixes, and the planned patch keeps back every one of them.
    KeptBack,
    Stale {
        days: i64,
    },
    EndOfLife,
    NoFix,
    AppOnly,
    Clean,
}

impl ScanResult {
    fn of(scan: &ScanEvidence, plan: Option<PlanEvidence>, now: DateTime<Utc>) -> Self {
        // A fix does not go away again, however old the database is.
        if scan.fixable > 0 && scan.end_of_life.is_none() {
            return match plan {
                Some(PlanEvidence { upgrades: 0, .. }) => Self::KeptBack,
                _ => Self::WillPatch,
            };
        }
        let age = scan
            .database_at
            .map_or(TimeDelta::zero(), |made| now - made);
        if age > TimeDelta::days(MAX_DATABASE_AGE_DAYS) {
            return Self::Stale {
                days: age.num_days(),
            };
        }
        match scan {
            ScanEvidence {
                end_of_life: Some(_),
                ..
            } => Self::EndOfLife,
            ScanEvidence { unfixable: 1.., .. } => Self::NoFix,
            ScanEvidence {
                application: 1.., ..
            } => Self::AppOnly,
            _ => Self::Clean,
        }
    }

    pub(super) fn verdict(self) -> Verdict {
        match self {
            Self::WillPatch => Verdict::WillPatch,
            Self::Stale { .. } => Verdict::StaleDatabase,
            Self::EndOfLife => Verdict::EndOfLife,
            Self::NoFix | Self::KeptBack => Verdict::NoFix,
            Self::AppOnly => Verdict::AppOnly,
            Self::Clean => Verdict::Clean,
        }
    }
}

/// Weighs what is known into judgements of the same registry. What stops the whole registry comes
/// before everything else; what stops a patch (a phantom base, a Windows image) stays; and a
/// plain "will be scanned" becomes what the last scan of the same content found.
pub fn weigh<'a>(judgements: &mut [Judgement<'a>], evidence: &'a Evidence, now: DateTime<Utc>) {
    for judgement in judgements {
        let Some(row) = judgement.row else { continue };
        if let Some(image) = evidence.image(&row.repository, &row.original) {
            weigh_image(judgement, row, image, now);
        }
        let is_cached = evidence.cached.contains(&row.repository);
        let repository = row.repository.as_str();
        let stop = match evidence.registry {
            Some(obstacle) => Some(Cause::RegistryObstacle { obstacle }),
            None => is_cached.then_some(Cause::PullThroughCache { repository }),
        };
        if let Some(stop) = stop {
            let before = std::mem::replace(&mut judgement.cause, stop);
            judgement.notes.insert(0, before);
        }
    }
}

fn weigh_image<'a>(
    judgement: &mut Judgement<'a>,
    row: &'a Selected,
    image: &'a ImageEvidence,
    now: DateTime<Utc>,
) {
    let is_same = |scan: &&ScanEvidence| {
        let is_other =
            matches!((&scan.digest, &image.digest), (Some(then), Some(now)) if then != now);
        scan.tag == row.scan && !is_other
    };
    let scanned = image.scan.as_ref().filter(is_same).map(|scan| {
        let result = ScanResult::of(scan, image.plan, now);
        let plan = image.plan;
        let cause = Cause::Scanned {
            row,
            scan,
            plan,
            result,
        };
        (result, cause)
    });
    let failure = image.failure.as_deref();
    let uninspected = failure.map(|why| Cause::Uninspected { row, why });
    let drift = image
        .drift
        .as_ref()
        .filter(|drift| drift.patch == row.scan)
        .map(|drift| Cause::BaseDrift { row, drift });
    let (first, second) = match (scanned, drift) {
        // The patch that is to come is made of the new content.
        (Some((ScanResult::WillPatch, scanned)), drift) => (Some(scanned), drift),
        (None, drift) if uninspected.is_some() => (uninspected, drift),
        (scanned, None) => (scanned.map(|(_, cause)| cause), None),
        (scanned, drift) => (drift, scanned.map(|(_, cause)| cause)),
    };
    let causes = [first, second].into_iter().flatten();
    if matches!(judgement.cause, Cause::WillScan { .. }) {
        let mut causes = causes;
        if let Some(cause) = causes.next() {
            judgement.cause = cause;
        }
        judgement.notes.splice(0..0, causes);
    } else {
        judgement.notes.extend(causes);
    }
}

pub(super) fn write_scan(
    out: &mut fmt::Formatter<'_>,
    row: &Selected,
    scan: &ScanEvidence,
    plan: Option<PlanEvidence>,
    result: ScanResult,
) -> fmt::Result {
    let tag = &scan.tag;
    match result {
        ScanResult::WillPatch => {
            let fixable = count(scan.fixable);
            write!(out, "{fixable} of `{tag}` can be fixed")?;
            if scan.critical > 0 {
                write!(out, " ({} critical)", scan.critical)?;
            }
            write!(out, ", so a patch is pushed as `{}`.", row.next)?;
            plan.map_or(Ok(()), |plan| write_plan(out, row, plan))
        }
        ScanResult::KeptBack => write!(
            out,
            "{} of `{tag}` can be fixed, and the plan for `{}` keeps back every package that \
             would fix one: nothing is patched until the reasons are gone.",
            count(scan.fixable),
            row.original
        ),
        ScanResult::Stale { days } => write!(
            out,
            "Cannot tell: the vulnerability database was {days} days old when `{tag}` was \
             scanned. Scan it again with a newer one."
        ),
        ScanResult::EndOfLife => write!(
            out,
            "{} is at its end of life, and no fixes are made for it. Move the image to a release \
             that is supported.",
            scan.end_of_life.as_deref().unwrap_or_default()
        ),
        ScanResult::NoFix => write!(
            out,
            "{} of `{tag}`, and no vendor has a fix yet. Each run looks again.",
            count(scan.unfixable)
        ),
        ScanResult::AppOnly => write!(
            out,
            "{} of `{tag}`, all in application packages. Azure patches packages of the operating \
             system alone: build the image anew.",
            count(scan.application)
        ),
        ScanResult::Clean => write!(
            out,
            "`{tag}` has no OS vulnerability that can be fixed, as of {}.",
            Minute(scan.at)
        ),
    }
}

fn write_plan(out: &mut fmt::Formatter<'_>, row: &Selected, plan: PlanEvidence) -> fmt::Result {
    let PlanEvidence {
        upgrades,
        kept_back,
        ..
    } = plan;
    let packages = match upgrades {
        1 => "1 package".to_owned(),
        many => format!("{many} packages"),
    };
    write!(out, " It upgrades {packages} of `{}`", row.original)?;
    match kept_back {
        0 => out.write_str("."),
        kept => write!(out, " and keeps {kept} back."),
    }
}

fn count(vulnerabilities: u32) -> String {
    match vulnerabilities {
        1 => "1 vulnerability".to_owned(),
        many => format!("{many} vulnerabilities"),
    }
}

#[cfg(test)]
mod tests;
