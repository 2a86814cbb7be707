//! An OpenVEX document for a patched image: which vulnerabilities its new packages have fixed.
use drydock_domain::patch_report::{PackageChange, PatchReport};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use uuid::Uuid;

/// `artifactType` of the referrer that carries it.
pub const TYPE: &str = "application/vnd.openvex+json";

/// `None` when the changelogs of what was upgraded name no vulnerability.
pub fn document(report: &PatchReport) -> Option<Value> {
    let mut fixed = BTreeMap::<&str, Vec<&PackageChange>>::new();
    for change in &report.upgraded {
        for id in &change.ids {
            fixed.entry(id).or_default().push(change);
        }
    }
    if fixed.is_empty() {
        return None;
    }
    let patched = &report.patched;
    let name = patched.repository.rsplit('/').next().unwrap_or_default();
    let product = format!("pkg:oci/{name}@{}", patched.digest.replace(':', "%3A"));
    let statements = fixed.iter().map(|(id, changes)| {
        let packages = changes
            .iter()
            .map(|change| json!({"@id": purl(report, change)}));
        json!({
            "vulnerability": {"name": id},
            "products": [{"@id": product, "subcomponents": packages.collect::<Vec<_>>()}],
            "status": "fixed",
        })
    });
    let id = Uuid::new_v5(&Uuid::NAMESPACE_URL, product.as_bytes());
    Some(json!({
        "@context": "https://openvex.dev/ns/v0.2.0",
        "@id": format!("urn:uuid:{id}"),
        "author": "Drydock",
        "tooling": report.tool,
        "timestamp": report.created_at,
        "version": 1,
        "statements": statements.collect::<Vec<_>>(),
    }))
}

/// The package as it is installed in the patched image, which is what a scanner finds there.
fn purl(report: &PatchReport, change: &PackageChange) -> String {
    let PackageChange {
        package,
        new,
        architecture,
        ..
    } = change;
    let os = &report.os;
    format!(
        "pkg:deb/{0}/{package}@{new}?arch={architecture}&distro={0}-{1}",
        os.family, os.name
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_statement_per_vulnerability_names_every_package_that_fixed_it() {
        let change = |package: &str, ids: &[&str]| PackageChange {
            package: package.to_owned(),
            new: "2".to_owned(),
            architecture: "amd64".to_owned(),
            ids: ids.iter().map(|id| (*id).to_owned()).collect(),
            ..PackageChange::default()
        };
        let mut report = PatchReport::default();
        assert_eq!(document(&report), None);
        report.os.family = "debian".to_owned();
        report.os.name = "12".to_owned();
        report.patched.repository = "team/app".to_owned();
        report.patched.digest = "sha256:00".to_owned();
        report.upgraded = vec![change("a", &["CVE-1", "CVE-2"]), change("b", &["CVE-2"])];
        let statements = document(&report).unwrap()["statements"].clone();
        assert_eq!(statements.as_array().map(Vec::len), Some(2));
        let purl = |package: &str| json!({"@id": format!("pkg:deb/debian/{package}@2?arch=amd64&distro=debian-12")});
        assert_eq!(
            statements[1],
            json!({
                "vulnerability": {"name": "CVE-2"},
                "products": [{"@id": "pkg:oci/app@sha256%3A00", "subcomponents": [purl("a"), purl("b")]}],
                "status": "fixed",
            })
        );
    }
}
