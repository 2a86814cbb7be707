use super::{Sbom, instant, uuid};
use crate::compliance::{FindingRow, Severity, Standing};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// CycloneDX 1.6 of one image: its packages, and the vulnerabilities that are known of them.
pub fn to_cyclonedx(sbom: &Sbom<'_>) -> Value {
    let about = sbom.about();
    let (file, contents) = (sbom.file, sbom.contents);
    let image = sbom.image();
    let mut packages = BTreeMap::new();
    for package in &contents.packages {
        packages.insert(sbom.package(package), package);
    }
    let refs: BTreeMap<(&str, &str), &str> = packages
        .iter()
        .map(|(purl, package)| ((&*package.name, &*package.version), &**purl))
        .collect();
    let components: Vec<Value> = packages
        .iter()
        .map(|(purl, package)| {
            json!({
                "type": "library", "bom-ref": purl, "name": package.name,
                "version": package.version, "purl": purl,
            })
        })
        .collect();
    let vulnerabilities: Vec<Value> = file
        .rows
        .iter()
        .map(|row| vulnerability(row, &refs, &image))
        .collect();
    let (name, version) = file
        .generator
        .split_once(' ')
        .unwrap_or((&file.generator, ""));
    let properties: Vec<Value> = about
        .pairs()
        .into_iter()
        .map(|(name, value)| json!({"name": format!("drydock:{name}"), "value": value}))
        .collect();
    let serial = uuid(&[
        "cyclonedx",
        &contents.digest,
        &about.rows_sha256,
        &about.as_of,
    ]);
    json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": format!("urn:uuid:{serial}"),
        "version": 1,
        "metadata": {
            "timestamp": instant(file.generated_at),
            "tools": {"components": [{"type": "application", "name": name, "version": version}]},
            "component": {
                "type": "container", "bom-ref": image,
                "name": format!("{}/{}", file.login_server, sbom.repository),
                "version": contents.digest, "purl": image,
            },
            "properties": properties,
        },
        "components": components,
        "dependencies": [{"ref": image, "dependsOn": packages.keys().collect::<Vec<_>>()}],
        "vulnerabilities": vulnerabilities,
    })
}

fn vulnerability(row: &FindingRow, refs: &BTreeMap<(&str, &str), &str>, image: &str) -> Value {
    let finding = &row.finding;
    let severity = match row.severity {
        Severity::Negligible => "info",
        other => other.as_str(),
    };
    let key = (finding.package.as_str(), finding.installed.as_str());
    // What is fixed in this image affects no package of it any more: the image is named.
    let affected = refs.get(&key).copied().unwrap_or(image);
    let state = match row.deadline.standing {
        Standing::Met | Standing::MetLate => "resolved_with_pedigree",
        _ => "exploitable",
    };
    let detail = match (&row.acceptance, row.deadline.standing) {
        (Some(kept), Standing::Accepted) => {
            format!("Accepted by {}", kept.phrase())
        }
        (_, standing) => format!("{}: {}", standing.label(), row.deadline.why),
    };
    let mut value = json!({
        "bom-ref": format!("finding-{}", finding.id),
        "id": finding.cve,
        "ratings": [{"severity": severity}],
        "analysis": {"state": state, "detail": detail},
        "affects": [{"ref": affected}],
    });
    if !finding.fixed.is_empty() {
        let advice = format!("Update {} to {}.", finding.package, finding.fixed);
        value["recommendation"] = advice.into();
    }
    value
}
