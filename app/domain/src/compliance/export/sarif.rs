use super::{About, instant};
use crate::compliance::{ComplianceFile, FindingRow, Severity};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// OASIS SARIF 2.1.0: one result for each vulnerability in each package of each digest.
pub fn to_sarif(file: &ComplianceFile) -> Value {
    let mut rules: BTreeMap<&str, usize> = BTreeMap::new();
    for row in &file.rows {
        rules.insert(&row.finding.cve, 0);
    }
    for (index, place) in rules.values_mut().enumerate() {
        *place = index;
    }
    let described: Vec<Value> = rules.keys().map(|id| rule(id)).collect();
    let results: Vec<Value> = file
        .rows
        .iter()
        .map(|row| result(row, rules[row.finding.cve.as_str()]))
        .collect();
    let (name, version) = file
        .generator
        .split_once(' ')
        .unwrap_or((&file.generator, ""));
    json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {"name": name, "version": version, "rules": described}},
            "invocations": [{
                "executionSuccessful": true,
                "endTimeUtc": instant(file.generated_at),
                "properties": {"scannerDataAt": data_dates(file)},
            }],
            "results": results,
            "columnKind": "unicodeCodePoints",
            "properties": About::of(file).json(),
        }],
    })
}

/// The dates of the data that the findings were found with.
fn data_dates(file: &ComplianceFile) -> Vec<String> {
    let dates = file.rows.iter().filter_map(|row| row.finding.database_at);
    let mut dates: Vec<String> = dates.map(instant).collect();
    dates.sort();
    dates.dedup();
    dates
}

fn rule(id: &str) -> Value {
    let mut rule = Map::new();
    rule.insert("id".into(), id.into());
    rule.insert("shortDescription".into(), json!({"text": id}));
    if id.starts_with("CVE-") {
        let address = format!("https://www.cve.org/CVERecord?id={id}");
        rule.insert("helpUri".into(), address.into());
    }
    Value::Object(rule)
}

fn result(row: &FindingRow, rule_index: usize) -> Value {
    let finding = &row.finding;
    let level = match row.severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium | Severity::Unknown => "warning",
        Severity::Low | Severity::Negligible => "note",
    };
    let baseline = match row.deadline.standing.is_open() {
        true => "unchanged",
        false => "absent",
    };
    let fixed = match finding.fixed.as_str() {
        "" => "no fix is offered".to_owned(),
        version => format!("fixed in {version}"),
    };
    let suppressions: Vec<Value> = row
        .acceptance
        .iter()
        .map(|kept| {
            let why = format!("accepted by {}", kept.phrase());
            json!({"kind": "external", "status": "accepted", "justification": why})
        })
        .collect();
    json!({
        "ruleId": finding.cve,
        "ruleIndex": rule_index,
        "level": level,
        "message": {"text": format!(
            "{} in {} {} of {}: {fixed}.",
            finding.cve, finding.package, finding.installed, finding.image()
        )},
        "locations": [{
            "physicalLocation": {"artifactLocation": {"uri": location(row)}},
            "logicalLocations": [{
                "fullyQualifiedName": finding.purl,
                "name": finding.package,
                "kind": "package",
            }],
        }],
        "partialFingerprints": {"findingId/v1": finding.id},
        "baselineState": baseline,
        "suppressions": suppressions,
        "properties": {
            "status": row.deadline.standing.as_str(),
            "due": row.deadline.due.map(instant),
            "rule": row.deadline.why,
            "defaults": row.deadline.defaults,
            "severity": row.severity.as_str(),
            "knownExploited": row.kev_word(),
            "epss": row.signals.epss.map(|epss| epss.score()),
            "digest": finding.digest,
        },
    })
}

/// A relative reference: viewers take it for a file's path.
fn location(row: &FindingRow) -> String {
    let finding = &row.finding;
    let parts: Vec<String> = finding
        .repository
        .split('/')
        .chain([finding.tag.as_str()])
        .filter(|part| !part.is_empty())
        .map(super::encoded)
        .collect();
    match parts.is_empty() {
        true => super::encoded(&finding.registry),
        false => parts.join("/"),
    }
}
