//! What a dry run needs to know of one image: a scan of what is scanned, a plan for the original.
use super::compare::{Image, NO_SCANNER, Work};
use super::scan::Scan;
use crate::Workflow;
use crate::registry_room::RegistryRoom;
use drydock_domain::dry_run::{ImageInside, ImagePlan};
use drydock_domain::lineage::Progress;
use drydock_domain::tag::{Digest, RepositoryName};
use drydock_domain::verdict::{ImageEvidence, PlanEvidence, ScanEvidence};
use std::sync::Arc;

/// An image as a run would take it.
pub(crate) struct Target<'a> {
    pub room: &'a Arc<RegistryRoom>,
    pub repository: &'a str,
    /// The tag that is scanned, and its digest.
    pub scan: &'a str,
    pub digest: &'a str,
    /// Digest of what a patch is made from; `None` where it is not to be planned, or is not there.
    pub original: Option<&'a str>,
}

/// What was found, and what it weighs.
pub(crate) struct Inside {
    pub found: ImageInside,
    pub evidence: ImageEvidence,
}

impl Workflow {
    /// Whether images can be looked into at all; else why not, in a sentence.
    pub(crate) fn can_look_inside(&self) -> Result<(), String> {
        match self.inner.facts.engine {
            Some(_) => Ok(()),
            None => Err(format!("Images cannot be looked into: {NO_SCANNER}.")),
        }
    }

    /// Scans, and plans where there is something to fix, as a run would. Reads the registry alone,
    /// and waits however long it takes; `hear` is told how far it is.
    ///
    /// # Errors
    /// Why it could not be looked into, in a sentence.
    pub(crate) async fn look_inside(
        &self,
        target: &Target<'_>,
        hear: &(dyn Fn(Progress) + Send + Sync),
    ) -> Result<Inside, String> {
        // An original and its latest patch share their layers: none is fetched twice.
        let _layers = self.inner.facts.downloads()?;
        let is_same = target.original == Some(target.digest);
        let work = if is_same { Work::Plan } else { Work::Scan };
        let mut scan = self
            .find_scan(target, target.digest, work, hear)
            .await
            .map_err(|why| sentence(&why))?;
        let has_fixes = !scan.vulnerabilities.is_empty() && !scan.is_end_of_life;
        scan.plan = match target.original {
            Some(_) if !has_fixes => None,
            Some(original) if !is_same => {
                let planned = self.find_scan(target, original, Work::Plan, hear).await;
                planned
                    .map_err(|why| sentence(&format!("its plan failed: {why}")))?
                    .plan
            }
            _ => scan.plan,
        };
        Ok(inside(target, scan))
    }

    async fn find_scan(
        &self,
        target: &Target<'_>,
        digest: &str,
        work: Work,
        hear: &(dyn Fn(Progress) + Send + Sync),
    ) -> Result<Scan, String> {
        let told = |error: &dyn std::fmt::Display| error.to_string();
        let image = Image {
            room: target.room.clone(),
            repository: RepositoryName::parse(target.repository).map_err(|error| told(&error))?,
            digest: Digest::parse(digest).map_err(|error| told(&error))?,
        };
        let kind = if work == Work::Plan { "plan" } else { "scan" };
        let name = format!("{}.{kind}.json", image.digest.hex());
        let now = self.inner.clock.now();
        let start = |running| self.find_out(image, running, name.clone(), work);
        let is_good = |scan: &Scan| scan.is_fresh(now);
        self.inner.facts.wait_for(&name, is_good, start, hear).await
    }
}

fn inside(target: &Target<'_>, scan: Scan) -> Inside {
    let found = ImageInside {
        digest: target.digest.to_owned(),
        scanned_at: scan.at,
        os: scan.os,
        findings: scan.vulnerabilities,
        sources: scan.sources,
        notes: scan.notes,
        plan: scan.plan,
    };
    let evidence = ImageEvidence {
        digest: Some(found.digest.clone()),
        plan: found.plan.as_ref().map(numbers),
        ..ImageEvidence::default()
    };
    let evidence = match scan.is_complete || scan.is_end_of_life {
        true => ImageEvidence {
            scan: Some(weight(target, &found, scan.is_end_of_life)),
            ..evidence
        },
        false => ImageEvidence {
            failure: Some(sentence(&found.notes.join("; "))),
            ..evidence
        },
    };
    Inside { found, evidence }
}

fn weight(target: &Target<'_>, found: &ImageInside, is_end_of_life: bool) -> ScanEvidence {
    let count = |wanted: fn(&str) -> bool| {
        let severities = found.findings.iter().map(|one| one.severity.as_str());
        number(severities.filter(|severity| wanted(severity)).count())
    };
    ScanEvidence {
        tag: target.scan.to_owned(),
        digest: Some(found.digest.clone()),
        at: found.scanned_at,
        // A release's own index stands still between two point releases: the newest one tells.
        database_at: found.sources.iter().filter_map(|source| source.date).max(),
        fixable: count(|_| true),
        critical: count(|severity| severity.eq_ignore_ascii_case("critical")),
        unfixable: 0,
        application: 0,
        end_of_life: is_end_of_life.then(|| found.os.clone()),
    }
}

fn numbers(plan: &ImagePlan) -> PlanEvidence {
    PlanEvidence {
        upgrades: number(plan.upgrades.len()),
        kept_back: number(plan.kept_back.len()),
        size_bytes: plan.upgrades.iter().map(|change| change.size_bytes).sum(),
    }
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// A clause as a sentence.
fn sentence(clause: &str) -> String {
    let mut characters = clause.chars();
    let first = characters.next().map(|first| first.to_ascii_uppercase());
    let end = if clause.ends_with('.') { "" } else { "." };
    format!(
        "{}{}{end}",
        first.map_or_else(String::new, String::from),
        characters.as_str()
    )
}
