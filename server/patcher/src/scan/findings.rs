//! Upgrade candidates and the ids that they fix, as findings of a report.
use crate::plan::Candidate;
use crate::scan::ids::IdsBySource;
use crate::system::System;
use crate::trivy::{DataSource, PackageIdentifier, Vulnerability};

/// One finding for each id of each candidate. A security update that names no id is one
/// finding under a name of our own; an update that is neither is none.
pub fn of_candidates(
    system: &System,
    candidates: &[Candidate<'_>],
    ids: &IdsBySource,
) -> Vec<Vulnerability> {
    let mut findings = Vec::new();
    for candidate in candidates {
        let named = ids.of(candidate);
        for id in named {
            findings.push(finding(system, candidate, id.clone(), String::new()));
        }
        if named.is_empty() && candidate.is_security {
            let (source, version) = (&candidate.offer.source, &candidate.offer.source_version);
            let title =
                format!("Security update of {source} to {version} that names no vulnerability id");
            findings.push(finding(
                system,
                candidate,
                format!("DRYDOCK-{source}-{version}"),
                title,
            ));
        }
    }
    findings
}

fn finding(system: &System, candidate: &Candidate<'_>, id: String, title: String) -> Vulnerability {
    let installed = candidate.installed;
    let suite = candidate.suite;
    let date = suite.release.date.format("%Y-%m-%d %H:%M UTC");
    Vulnerability {
        vulnerability_id: id,
        package_id: format!("{}@{}", installed.package, installed.version),
        package_name: installed.package.clone(),
        package_identifier: PackageIdentifier {
            purl: package_url(system, candidate),
        },
        installed_version: installed.version.clone(),
        fixed_version: candidate.offer.version.clone(),
        status: "fixed".into(),
        data_source: DataSource {
            id: "signed-archive".into(),
            name: format!(
                "Signed index of {} of {date}, and the changelogs of its packages",
                suite.label
            ),
            url: suite.base_url.clone(),
        },
        title,
        severity: "UNKNOWN".into(),
    }
}

/// <https://github.com/package-url/purl-spec>: the epoch is a qualifier, as Trivy writes it.
fn package_url(system: &System, candidate: &Candidate<'_>) -> String {
    let installed = candidate.installed;
    let (epoch, version) = match installed.version.split_once(':') {
        Some((epoch, version)) => (format!("&epoch={epoch}"), version),
        None => (String::new(), installed.version.as_str()),
    };
    format!(
        "pkg:deb/{}/{}@{}?arch={}&distro={}-{}{epoch}",
        system.family,
        encode(&installed.package),
        encode(version),
        installed.architecture,
        system.family,
        encode(&system.name),
    )
}

fn encode(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'_' | b'~' => {
                encoded.push(char::from(byte));
            }
            other => encoded.push_str(&format!("%{other:02X}")),
        }
    }
    encoded
}
