//! What a scan changes in what is known of an image.
use super::{
    Closing, ClosingReason, Finding, FindingKind, Instants, Observation, ScanOutcome, Severity,
    finding_id, is_stale, package_url,
};
use crate::lineage::Vulnerability;
use crate::patch_report::PatchReport;
use chrono::{DateTime, Utc};
use std::collections::HashMap;

/// A scan of the newest image of a tag, and how that image came to be.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    pub scan: &'a Observation,
    pub vulnerabilities: &'a [Vulnerability],
    /// It is a patch of the original, and not the original.
    pub is_patch: bool,
    pub pushed_at: Option<DateTime<Utc>>,
    /// The run that made the patch; empty where it is not known.
    pub run_id: &'a str,
}

impl Seen<'_> {
    /// Finding nothing proves something: the image could be read, its system is supported, and the
    /// scanner's data was not too old to tell.
    fn can_tell(&self) -> bool {
        let scan = self.scan;
        scan.outcome == ScanOutcome::Complete
            && !scan.is_end_of_life
            && !is_stale(scan.database_at, scan.at)
    }
}

/// The findings to keep after a scan: those that it opens, and of `open`, the image's own open
/// vulnerabilities, those that it changes or closes. Nothing is closed by a scan that cannot tell.
pub fn reconcile(open: &[Finding], seen: &Seen<'_>) -> Vec<Finding> {
    let mut known: HashMap<Key<'_>, &Finding> = open
        .iter()
        .map(|finding| (key_of(finding), finding))
        .collect();
    let mut changes = Vec::new();
    for found in seen.vulnerabilities {
        let key = (
            found.id.as_str(),
            found.package.as_str(),
            architecture(&found.purl),
        );
        match known.remove(&key) {
            None => changes.push(opened(seen, found, None)),
            Some(before) if before.digest == seen.scan.digest => {
                changes.extend(renewed(seen, found, before));
            }
            Some(before) => {
                changes.push(closed(seen, before, ClosingReason::Superseded));
                changes.push(opened(seen, found, Some(before)));
            }
        }
    }
    if seen.can_tell() {
        let mut gone: Vec<&Finding> = known.into_values().collect();
        gone.sort_by(|a, b| a.id.cmp(&b.id));
        for before in gone {
            let reason = match (before.digest == seen.scan.digest, seen.is_patch) {
                (true, _) => ClosingReason::Withdrawn,
                (false, true) => ClosingReason::Patched,
                (false, false) => ClosingReason::Rebuilt,
            };
            changes.push(closed(seen, before, reason));
        }
    }
    changes
}

type Key<'a> = (&'a str, &'a str, &'a str);

fn key_of(finding: &Finding) -> Key<'_> {
    (&finding.cve, &finding.package, architecture(&finding.purl))
}

/// One package may be there for two architectures.
fn architecture(purl: &str) -> &str {
    let qualifiers = purl
        .split_once('?')
        .map_or("", |(_, qualifiers)| qualifiers);
    let mut pairs = qualifiers.split('&');
    pairs
        .find_map(|pair| pair.strip_prefix("arch="))
        .unwrap_or_default()
}

/// A finding that begins, or goes on from the same one in the image before.
fn opened(seen: &Seen<'_>, found: &Vulnerability, before: Option<&Finding>) -> Finding {
    let scan = seen.scan;
    let fixed = found.fixed_version.clone().unwrap_or_default();
    let instants = before.map(|before| before.instants.clone());
    let mut instants = instants.unwrap_or_else(|| Instants {
        first_detected: Some(scan.at),
        // The console works out its dates in the same breath.
        evaluated: Some(scan.at),
        ..Instants::default()
    });
    instants.patched_tag_pushed = None;
    if !fixed.is_empty() {
        instants.fix_available = instants.fix_available.or(Some(scan.at));
    }
    let image = format!("{}:{}", scan.repository, scan.original);
    Finding {
        id: finding_id(&scan.registry, &image, &scan.digest, &found.purl, &found.id),
        kind: FindingKind::Vulnerability,
        registry: scan.registry.clone(),
        repository: scan.repository.clone(),
        original: scan.original.clone(),
        tag: scan.tag.clone(),
        digest: scan.digest.clone(),
        platform: scan.platform.clone(),
        cve: found.id.clone(),
        package: found.package.clone(),
        purl: found.purl.clone(),
        installed: found.installed_version.clone(),
        fixed,
        severity: Severity::find(&found.severity).unwrap_or_default(),
        instants,
        scanner: scan.scanner.clone(),
        database_at: scan.database_at,
        scan_id: scan.id.clone(),
        opened_at: scan.at,
        closing: None,
    }
}

/// The same finding where the scan knows more of it: a fix, or a severity.
fn renewed(seen: &Seen<'_>, found: &Vulnerability, before: &Finding) -> Option<Finding> {
    let mut after = before.clone();
    after.fixed = found.fixed_version.clone().unwrap_or_default();
    if !after.fixed.is_empty() {
        let first = after.instants.fix_available;
        after.instants.fix_available = first.or(Some(seen.scan.at));
    }
    after.severity = Severity::find(&found.severity).unwrap_or_default();
    (after != *before).then_some(after)
}

fn closed(seen: &Seen<'_>, before: &Finding, reason: ClosingReason) -> Finding {
    let mut after = before.clone();
    let scan = seen.scan;
    if reason == ClosingReason::Patched {
        after.instants.patched_tag_pushed = seen.pushed_at;
    }
    after.closing = Some(Closing {
        at: scan.at,
        reason,
        tag: scan.tag.clone(),
        digest: scan.digest.clone(),
        scan_id: scan.id.clone(),
        run_id: seen.run_id.to_owned(),
    });
    after
}

/// What a patch's own report says was wrong with the image that it was made of, as findings that are
/// open still: a scan of the patch closes them. `scan` is of that patch.
pub fn from_report(report: &PatchReport, scan: &Observation) -> Vec<Finding> {
    let Some(at) = report.created_at else {
        return Vec::new();
    };
    let image = format!("{}:{}", scan.repository, scan.original);
    let os = (report.os.family.as_str(), report.os.name.as_str());
    let mut findings = Vec::new();
    for change in &report.upgraded {
        let purl = package_url(os, &change.package, &change.architecture, &change.old);
        for cve in &change.ids {
            findings.push(Finding {
                id: finding_id(&scan.registry, &image, &report.origin.digest, &purl, cve),
                kind: FindingKind::Vulnerability,
                registry: scan.registry.clone(),
                repository: scan.repository.clone(),
                original: scan.original.clone(),
                tag: report.origin.tag.clone(),
                digest: report.origin.digest.clone(),
                platform: scan.platform.clone(),
                cve: cve.clone(),
                package: change.package.clone(),
                purl: purl.clone(),
                installed: change.old.clone(),
                fixed: change.new.clone(),
                severity: Severity::Unknown,
                instants: Instants {
                    first_detected: Some(at),
                    evaluated: Some(at),
                    fix_available: Some(at),
                    ..Instants::default()
                },
                scanner: format!("patch report of {}", report.tool),
                database_at: report.sources.iter().filter_map(|index| index.date).max(),
                scan_id: format!("report-{}", report.patched.digest),
                opened_at: at,
                closing: None,
            });
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(day: u32) -> DateTime<Utc> {
        format!("2026-11-{day:02}T00:00:00Z").parse().unwrap()
    }

    fn scan(tag: &str, digest: &str, day: u32) -> Observation {
        Observation {
            id: format!("scan-{day}"),
            registry: "harbour".into(),
            repository: "web/api".into(),
            original: "1.0".into(),
            tag: tag.into(),
            digest: digest.into(),
            platform: "linux/amd64".into(),
            original_digest: "sha256:a".into(),
            at: at(day),
            outcome: ScanOutcome::Complete,
            scanner: "drydock".into(),
            database_at: Some(at(day)),
            findings: 0,
            os: "debian 12".into(),
            is_end_of_life: false,
            note: String::new(),
        }
    }

    fn vulnerability(id: &str, arch: &str) -> Vulnerability {
        Vulnerability {
            id: id.into(),
            package: "libc6".into(),
            severity: "HIGH".into(),
            fixed_version: Some("2".into()),
            installed_version: "1".into(),
            purl: format!("pkg:deb/debian/libc6@1?arch={arch}&distro=debian-12"),
        }
    }

    fn seen<'a>(scan: &'a Observation, found: &'a [Vulnerability], is_patch: bool) -> Seen<'a> {
        Seen {
            scan,
            vulnerabilities: found,
            is_patch,
            pushed_at: Some(scan.at - chrono::TimeDelta::hours(1)),
            run_id: "ca1",
        }
    }

    #[test]
    fn a_finding_opens_once_and_a_clean_patch_closes_it() {
        let found = [
            vulnerability("CVE-1", "amd64"),
            vulnerability("CVE-1", "i386"),
        ];
        let first = scan("1.0", "sha256:a", 1);
        let open = reconcile(&[], &seen(&first, &found, false));
        assert_eq!(open.len(), 2, "an architecture each");
        assert_eq!(open[0].severity, Severity::High);
        assert_eq!(open[0].instants.first_detected, Some(at(1)));
        assert_ne!(open[0].id, open[1].id);
        let again = scan("1.0", "sha256:a", 2);
        assert_eq!(reconcile(&open, &seen(&again, &found, false)), []);

        let patch = scan("1.0-1", "sha256:b", 3);
        let closed = reconcile(&open, &seen(&patch, &[], true));
        assert_eq!(closed.len(), 2);
        let closing = closed[0].closing.as_ref().unwrap();
        assert_eq!(
            (closing.reason, closing.at),
            (ClosingReason::Patched, at(3))
        );
        assert_eq!(
            (closing.tag.as_str(), closing.run_id.as_str()),
            ("1.0-1", "ca1")
        );
        assert!(closed[0].instants.patched_tag_pushed.is_some());
    }

    #[test]
    fn a_push_that_fixes_nothing_sets_no_clock_back() {
        let found = [vulnerability("CVE-1", "amd64")];
        let open = reconcile(&[], &seen(&scan("1.0", "sha256:a", 1), &found, false));
        let patch = scan("1.0-1", "sha256:b", 9);
        let changes = reconcile(&open, &seen(&patch, &found, true));
        let [old, new] = &changes[..] else {
            panic!("{changes:?}")
        };
        assert_eq!(
            old.closing.as_ref().unwrap().reason,
            ClosingReason::Superseded
        );
        assert_eq!((new.digest.as_str(), new.opened_at), ("sha256:b", at(9)));
        assert_eq!(new.instants.first_detected, Some(at(1)));
        assert_ne!(new.id, old.id);
    }

    #[test]
    fn a_scan_that_cannot_tell_closes_nothing() {
        let found = [vulnerability("CVE-1", "amd64")];
        let open = reconcile(&[], &seen(&scan("1.0", "sha256:a", 1), &found, false));
        let check = |change: fn(&mut Observation), expected| {
            let mut patch = scan("1.0-1", "sha256:b", 20);
            change(&mut patch);
            assert_eq!(reconcile(&open, &seen(&patch, &[], true)).len(), expected);
        };
        check(|_| {}, 1);
        check(|scan| scan.database_at = Some(at(10)), 0);
        check(|scan| scan.database_at = None, 0);
        check(|scan| scan.outcome = ScanOutcome::Unreadable, 0);
        check(|scan| scan.is_end_of_life = true, 0);
    }

    #[test]
    fn what_became_of_a_digest_says_how_its_finding_ended() {
        let found = [vulnerability("CVE-1", "amd64")];
        let open = reconcile(&[], &seen(&scan("1.0", "sha256:a", 1), &found, false));
        let reason = |scan: &Observation| {
            let closed = reconcile(&open, &seen(scan, &[], false));
            closed[0].closing.as_ref().unwrap().reason
        };
        assert_eq!(reason(&scan("1.0", "sha256:c", 2)), ClosingReason::Rebuilt);
        assert_eq!(
            reason(&scan("1.0", "sha256:a", 2)),
            ClosingReason::Withdrawn
        );
    }

    #[test]
    fn a_fix_that_appears_starts_its_clock() {
        let mut found = [vulnerability("CVE-1", "amd64")];
        found[0].fixed_version = None;
        let open = reconcile(&[], &seen(&scan("1.0", "sha256:a", 1), &found, false));
        assert_eq!(open[0].instants.fix_available, None);
        found[0].fixed_version = Some("2".into());
        let changed = reconcile(&open, &seen(&scan("1.0", "sha256:a", 4), &found, false));
        assert_eq!(changed[0].instants.fix_available, Some(at(4)));
        assert_eq!(
            (changed[0].id.as_str(), changed[0].opened_at),
            (open[0].id.as_str(), at(1))
        );
    }
}
