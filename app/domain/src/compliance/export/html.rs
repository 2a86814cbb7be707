use super::{About, instant};
use crate::compliance::{ComplianceFile, FindingRow};

const STYLE: &str = "body{font:14px/1.4 system-ui,sans-serif;margin:2rem;color:#111;background:#fff}\
table{border-collapse:collapse;width:100%;font-size:12px}th,td{border:1px solid #bbb;padding:4px;\
text-align:left;vertical-align:top;overflow-wrap:anywhere}thead{display:table-header-group}\
tr{break-inside:avoid}dl{display:grid;grid-template-columns:max-content 1fr;gap:2px 12px}dd{margin:0;\
overflow-wrap:anywhere}@page{size:A4 landscape;margin:12mm}";

/// A page that stands alone and prints: no script, nothing loaded.
pub fn to_html(file: &ComplianceFile) -> String {
    let about = About::of(file);
    let framework = file.query.framework();
    let title = format!("{}: {}", framework.label(), file.registry);
    let mut out = format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{0}</title>\
         <style>{STYLE}</style></head><body>\n<h1>{0}</h1>\n<p>{1}</p>\n<p>{2} {3}</p>\n<dl>\n",
        escaped(&title),
        escaped(framework.question()),
        escaped(&file.profile.name),
        escaped(&file.profile.source),
    );
    for (name, value) in about.pairs() {
        let name = name.replace('_', " ");
        out.push_str(&format!("<dt>{name}</dt><dd>{}</dd>\n", escaped(&value)));
    }
    let coverage = &file.coverage;
    out.push_str(&format!(
        "<dt>coverage</dt><dd>{} of {} tags scanned within 30 days, with data that can tell</dd>\n",
        coverage.current, coverage.total
    ));
    for feed in &file.feeds {
        let state = match feed.imported_at {
            Some(at) => format!("{}, read {}", feed.source, instant(at)),
            None => "not imported: unknown".to_owned(),
        };
        let label = escaped(feed.kind.label());
        out.push_str(&format!("<dt>{label}</dt><dd>{}</dd>\n", escaped(&state)));
    }
    out.push_str(
        "</dl>\n<table><thead><tr><th scope=\"col\">Finding</th><th scope=\"col\">Package</th>\
         <th scope=\"col\">Image</th><th scope=\"col\">Severity, KEV</th><th scope=\"col\">Detected</th>\
         <th scope=\"col\">Due</th><th scope=\"col\">Status</th><th scope=\"col\">Evidence</th></tr>\
         </thead><tbody>\n",
    );
    for row in &file.rows {
        push_row(&mut out, row);
    }
    out.push_str("</tbody></table>\n</body></html>\n");
    out
}

fn push_row(out: &mut String, row: &FindingRow) {
    let finding = &row.finding;
    let at = |at: Option<_>| at.map_or_else(|| "unknown".to_owned(), instant);
    let fixed = match finding.fixed.as_str() {
        "" => "no fix",
        version => version,
    };
    let mut due = row
        .deadline
        .due
        .map_or_else(|| "no date".to_owned(), instant);
    due.push_str(&format!(" ({})", row.deadline.why));
    for default in &row.deadline.defaults {
        due.push_str("; ");
        due.push_str(default);
    }
    let mut status = row.deadline.standing.label().to_owned();
    if let Some(kept) = &row.acceptance {
        status.push_str(&format!(": by {}", kept.phrase()));
    }
    let evidence = match &finding.closing {
        Some(closing) => format!(
            "{} {}, scan {}",
            closing.tag, closing.digest, closing.scan_id
        ),
        None => format!("scan {}", finding.scan_id),
    };
    let cells = [
        finding.cve.clone(),
        format!("{} {} → {fixed}", finding.package, finding.installed),
        finding.image(),
        format!("{}, {}", row.severity.as_str(), row.kev_word()),
        at(finding.instants.first_detected),
        due,
        status,
        evidence,
    ];
    out.push_str("<tr>");
    for cell in cells {
        out.push_str(&format!("<td>{}</td>", escaped(&cell)));
    }
    out.push_str("</tr>\n");
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}
