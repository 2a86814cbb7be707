use super::{About, image_purl, instant, uuid};
use crate::compliance::{
    ClosingReason, ComplianceFile, Finding, FindingKind, FindingRow, Standing,
};
use serde_json::{Value, json};

/// OpenVEX 0.2: `affected` on the digest that has it, `fixed` on the digest that a scan found clean.
/// The format knows no document without a statement: `None` where there is none to make.
pub fn to_openvex(file: &ComplianceFile) -> Option<Value> {
    let about = About::of(file);
    let statements: Vec<Value> = file
        .rows
        .iter()
        .filter(|row| row.finding.kind == FindingKind::Vulnerability)
        .flat_map(|row| statements(file, row))
        .collect();
    if statements.is_empty() {
        return None;
    }
    let id = uuid(&["openvex", &about.registry, &about.rows_sha256, &about.as_of]);
    Some(json!({
        "@context": "https://openvex.dev/ns/v0.2.0",
        "@id": format!("urn:uuid:{id}"),
        "author": format!("Drydock for the registry {}", file.registry),
        "role": "Document Creator",
        "timestamp": instant(file.generated_at),
        "version": 1,
        "tooling": tooling(&about),
        "statements": statements,
    }))
}

/// The format has no place of its own for what a file says of itself.
fn tooling(about: &About) -> String {
    let pairs = about.pairs();
    let pairs: Vec<String> = pairs
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    pairs.join("; ")
}

fn statements(file: &ComplianceFile, row: &FindingRow) -> Vec<Value> {
    let finding = &row.finding;
    let mut statements = vec![json!({
        "vulnerability": {"name": finding.cve},
        "timestamp": instant(finding.opened_at),
        "products": [product(file, finding, &finding.tag, &finding.digest)],
        "status": "affected",
        "action_statement": action(row),
    })];
    let clean = finding.closing.as_ref().filter(|closing| {
        matches!(
            closing.reason,
            ClosingReason::Patched | ClosingReason::Rebuilt
        )
    });
    if let Some(closing) = clean {
        statements.push(json!({
            "vulnerability": {"name": finding.cve},
            "timestamp": instant(closing.at),
            "products": [product(file, finding, &closing.tag, &closing.digest)],
            "status": "fixed",
            "status_notes": format!("verified by the scan {}", closing.scan_id),
        }));
    }
    statements
}

fn product(file: &ComplianceFile, finding: &Finding, tag: &str, digest: &str) -> Value {
    json!({
        "@id": image_purl(&file.login_server, &finding.repository, tag, digest),
        "subcomponents": [{"@id": finding.purl}],
    })
}

fn action(row: &FindingRow) -> String {
    let finding = &row.finding;
    if let (Standing::Accepted, Some(kept)) = (row.deadline.standing, &row.acceptance) {
        return format!("Accepted by {}", kept.phrase());
    }
    match &finding.closing {
        Some(closing) if closing.reason.stops_the_clock() => {
            format!("Use {} at {}.", closing.tag, closing.digest)
        }
        Some(_) => "This digest is not the tag's any more.".to_owned(),
        None if finding.fixed.is_empty() => "No fix is offered yet.".to_owned(),
        None => format!("Update {} to {}.", finding.package, finding.fixed),
    }
}
