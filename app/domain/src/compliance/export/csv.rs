use super::{About, record};
use crate::compliance::ComplianceFile;
use crate::dry_run::push_csv_cell;
use serde_json::Value;

/// RFC 4180 with a line of column names; no cell is a formula to a spreadsheet. What the file says of
/// itself stands in the last columns of each line, for the format has no other place.
pub fn to_csv(file: &ComplianceFile) -> String {
    let about = About::of(file).pairs();
    let mut text = String::new();
    // The columns are those of any finding: one without values names them where there is none.
    let names = record::fields(&columns_of(file), file.as_of);
    let head = names.iter().map(|(name, _)| (*name).to_owned());
    let head = head.chain(about.iter().map(|(name, _)| format!("export_{name}")));
    push_line(&mut text, head);
    for row in &file.rows {
        let cells = record::fields(row, file.as_of).into_iter();
        let cells = cells.map(|(_, value)| plain(value));
        push_line(
            &mut text,
            cells.chain(about.iter().map(|(_, value)| value.clone())),
        );
    }
    text
}

fn push_line(text: &mut String, cells: impl Iterator<Item = String>) {
    for (index, cell) in cells.enumerate() {
        if index > 0 {
            text.push(',');
        }
        push_csv_cell(text, &cell);
    }
    text.push_str("\r\n");
}

fn plain(value: Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text,
        Value::Bool(yes) => if yes { "yes" } else { "no" }.to_owned(),
        other => other.to_string(),
    }
}

/// Any row: its names are wanted, not its values.
fn columns_of(file: &ComplianceFile) -> crate::compliance::FindingRow {
    file.rows
        .first()
        .cloned()
        .unwrap_or_else(|| record_without_values(file))
}

fn record_without_values(file: &ComplianceFile) -> crate::compliance::FindingRow {
    use crate::compliance::{
        Exposure, Finding, FindingKind, FindingRow, Instants, Severity, Signals, deadline,
    };
    let finding = Finding {
        id: String::new(),
        kind: FindingKind::Vulnerability,
        registry: String::new(),
        repository: String::new(),
        original: String::new(),
        tag: String::new(),
        digest: String::new(),
        platform: String::new(),
        cve: String::new(),
        package: String::new(),
        purl: String::new(),
        installed: String::new(),
        fixed: String::new(),
        severity: Severity::Unknown,
        instants: Instants::default(),
        scanner: String::new(),
        database_at: None,
        scan_id: String::new(),
        opened_at: file.as_of,
        closing: None,
    };
    let signals = Signals::default();
    let (exposure, now) = (Exposure::Unknown, file.as_of);
    FindingRow {
        deadline: deadline(&finding, &file.profile, exposure, &signals, &[], now),
        finding,
        exposure,
        severity: Severity::Unknown,
        signals,
        acceptance: None,
    }
}
