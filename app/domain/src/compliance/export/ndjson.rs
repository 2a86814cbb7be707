use super::{About, record};
use crate::compliance::{ComplianceFile, FindingRow};
use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

/// A JSON object to a line: first what the file is, then a line for each finding.
pub fn to_ndjson(file: &ComplianceFile) -> String {
    let mut text = json!({"export": About::of(file).json()}).to_string();
    text.push('\n');
    for row in &file.rows {
        text.push_str(&line(row, file.as_of));
        text.push('\n');
    }
    text
}

/// One finding, without the line feed.
pub fn line(row: &FindingRow, now: DateTime<Utc>) -> String {
    let fields = record::fields(row, now).into_iter();
    let object: Map<String, Value> = fields
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    Value::Object(object).to_string()
}
