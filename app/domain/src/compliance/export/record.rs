//! A finding as flat fields: what FedRAMP's VER-RPT-VDT asks for, and what else is known.
use super::instant;
use crate::compliance::FindingRow;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

/// Names and values in order; what is not known is null or the word `unknown`.
pub fn fields(row: &FindingRow, now: DateTime<Utc>) -> Vec<(&'static str, Value)> {
    let mut fields = about_finding(row);
    fields.extend(about_risk(row));
    fields.extend(about_deadline(row, now));
    fields.extend(about_ending(row));
    fields
}

fn at(instant_at: Option<DateTime<Utc>>) -> Value {
    instant_at.map_or(Value::Null, |at| Value::from(instant(at)))
}

fn known(text: &str) -> Value {
    match text {
        "" => Value::Null,
        text => Value::from(text),
    }
}

fn about_finding(row: &FindingRow) -> Vec<(&'static str, Value)> {
    let finding = &row.finding;
    let instants = &finding.instants;
    vec![
        ("id", json!(finding.id)),
        ("kind", json!(finding.kind.as_str())),
        ("cve", known(&finding.cve)),
        ("package", known(&finding.package)),
        ("purl", known(&finding.purl)),
        ("installed", known(&finding.installed)),
        ("fixed", known(&finding.fixed)),
        ("image", json!(finding.image())),
        ("registry", json!(finding.registry)),
        ("repository", known(&finding.repository)),
        ("tag", known(&finding.tag)),
        ("digest", known(&finding.digest)),
        ("platform", known(&finding.platform)),
        (
            "published_at",
            at(row.signals.published.or(instants.published)),
        ),
        ("fix_available_at", at(instants.fix_available)),
        ("detected_at", at(instants.first_detected)),
        ("scanner", known(&finding.scanner)),
        ("scanner_data_at", at(finding.database_at)),
        ("scan_id", known(&finding.scan_id)),
        ("evaluated_at", at(instants.evaluated)),
    ]
}

fn about_risk(row: &FindingRow) -> Vec<(&'static str, Value)> {
    let signals = &row.signals;
    let kev = signals.kev.as_ref().and_then(Option::as_ref);
    let likely = match (kev, signals.automatable) {
        (Some(_), _) | (None, Some(true)) => "yes",
        (None, Some(false)) => "no",
        (None, None) => "unknown",
    };
    let or_unknown = |word: Option<&str>| json!(word.unwrap_or("unknown"));
    let yes_no = |yes: bool| if yes { "yes" } else { "no" };
    vec![
        ("severity", json!(row.severity.as_str())),
        ("internet_reachable", json!(row.exposure.as_str())),
        ("likely_exploitable", json!(likely)),
        ("automatable", or_unknown(signals.automatable.map(yes_no))),
        (
            "technical_impact",
            or_unknown(signals.impact.map(|it| it.as_str())),
        ),
        ("kev", json!(row.kev_word())),
        ("kev_added_at", at(kev.map(|kev| kev.added))),
        ("kev_due_at", at(kev.and_then(|kev| kev.due))),
        ("epss", json!(signals.epss.map(|epss| epss.score()))),
        (
            "epss_percentile",
            json!(signals.epss.map(|epss| epss.percentile())),
        ),
    ]
}

fn about_deadline(row: &FindingRow, now: DateTime<Utc>) -> Vec<(&'static str, Value)> {
    let deadline = &row.deadline;
    let is_overdue = deadline.standing == crate::compliance::Standing::Overdue;
    let explanation = is_overdue.then_some(match row.finding.fixed.is_empty() {
        true => "no fix is offered yet",
        false => "a fix is offered and not applied yet",
    });
    vec![
        ("anchor", json!(deadline.anchor.as_str())),
        ("anchor_at", at(deadline.anchor_at)),
        ("due_at", at(deadline.due)),
        ("days_left", json!(row.days_left(now))),
        ("rule", json!(deadline.why)),
        ("defaults", json!(deadline.defaults.join("; "))),
        ("forensic_triage", json!(deadline.forensic)),
        ("status", json!(deadline.standing.as_str())),
        ("overdue_explanation", json!(explanation)),
    ]
}

fn about_ending(row: &FindingRow) -> Vec<(&'static str, Value)> {
    let instants = &row.finding.instants;
    let closing = row.finding.closing.as_ref();
    let accepted = row.acceptance.as_ref();
    let text = |text: Option<&String>| known(text.map_or("", String::as_str));
    vec![
        (
            "disposition",
            json!(closing.map_or("open", |it| it.reason.as_str())),
        ),
        ("accepted_by", json!(accepted.map(|kept| &kept.accepted_by))),
        (
            "accepted_for",
            json!(accepted.map(|kept| &kept.exception.owner)),
        ),
        ("accepted_in_entry", json!(accepted.map(|kept| kept.entry))),
        (
            "accepted_why",
            json!(accepted.map(|kept| &kept.exception.reason)),
        ),
        (
            "accepted_until",
            at(accepted.map(|kept| kept.exception.expires_at)),
        ),
        ("patched_tag_pushed_at", at(instants.patched_tag_pushed)),
        ("patch_run_id", text(closing.map(|it| &it.run_id))),
        ("patched_tag", text(closing.map(|it| &it.tag))),
        ("patched_digest", text(closing.map(|it| &it.digest))),
        ("closed_at", at(closing.map(|it| it.at))),
        ("verified_by_scan_id", text(closing.map(|it| &it.scan_id))),
        ("adopted_at", at(instants.adopted)),
    ]
}
