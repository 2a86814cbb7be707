//! A dry run as a file: CSV for a spreadsheet, Markdown for a change ticket, JSON for a program.
use super::estimate::Estimate;
use crate::verdict::{ImageEvidence, PlanEvidence, TagVerdict, Verdict};
use serde::{Deserialize, Serialize};

/// One line of a dry run. Its JSON is that of the verdict, with what else is known beside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    #[serde(flatten)]
    pub verdict: TagVerdict,
    /// The latest patch tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latest: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size_bytes: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub estimate: Option<Estimate>,
    /// Where the dry run looked into it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<Found>,
}

/// What was found in one image, in numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// Vulnerabilities with a fix.
    pub fixable: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<PlanEvidence>,
}

impl Found {
    /// `None` where the image was not scanned.
    pub fn of(evidence: &ImageEvidence) -> Option<Self> {
        Some(Self {
            fixable: evidence.scan.as_ref()?.fixable,
            plan: evidence.plan,
        })
    }
}

impl From<TagVerdict> for Row {
    fn from(verdict: TagVerdict) -> Self {
        Self {
            verdict,
            latest: None,
            digest: None,
            size_bytes: None,
            estimate: None,
            found: None,
        }
    }
}

const COLUMNS: [&str; 14] = [
    "repository",
    "tag",
    "verdict",
    "reason",
    "latest",
    "scan",
    "next",
    "digest",
    "size_bytes",
    "estimated_ms",
    "estimated_micro_dollars",
    "fixable",
    "upgrades",
    "kept_back",
];

impl Row {
    fn cells(&self) -> [String; COLUMNS.len()] {
        let verdict = &self.verdict;
        let text = |cell: &Option<String>| cell.clone().unwrap_or_default();
        let number = |cell: Option<u64>| cell.map_or_else(String::new, |cell| cell.to_string());
        let estimate = self.estimate;
        let plan = self.found.and_then(|found| found.plan);
        let cost = |it: Estimate| it.scan_micro_dollars + it.patch_micro_dollars;
        [
            verdict.repository.clone(),
            verdict.tag.clone(),
            verdict.verdict.as_str().to_owned(),
            verdict.reason.clone(),
            text(&self.latest),
            text(&verdict.scan),
            text(&verdict.next),
            text(&self.digest),
            number(self.size_bytes),
            number(estimate.map(|it| it.scan_ms + it.patch_ms)),
            number(estimate.map(cost)),
            number(self.found.map(|found| found.fixable.into())),
            number(plan.map(|plan| plan.upgrades.into())),
            number(plan.map(|plan| plan.kept_back.into())),
        ]
    }
}

/// RFC 4180, with a line of column names. No cell is a formula to a spreadsheet.
pub fn to_csv(rows: &[Row]) -> String {
    let mut text = COLUMNS.join(",");
    text.push_str("\r\n");
    for row in rows {
        for (index, cell) in row.cells().iter().enumerate() {
            if index > 0 {
                text.push(',');
            }
            push_csv_cell(&mut text, cell);
        }
        text.push_str("\r\n");
    }
    text
}

/// A spreadsheet takes a cell that begins with one of these for a formula; an apostrophe says that
/// it is text.
pub(crate) fn push_csv_cell(out: &mut String, cell: &str) {
    out.push('"');
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) {
        out.push('\'');
    }
    out.push_str(&cell.replace('"', "\"\""));
    out.push('"');
}

/// Totals by verdict, then a table. `title` is a heading; foreign names cannot end a cell or
/// begin a link.
pub fn to_markdown(title: &str, rows: &[Row]) -> String {
    let mut text = String::from("## ");
    push_markdown(&mut text, title);
    text.push_str("\n\n");
    for verdict in Verdict::ALL {
        let count = rows
            .iter()
            .filter(|row| row.verdict.verdict == verdict)
            .count();
        if count > 0 {
            text.push_str(&format!("- {count} {}\n", verdict.label()));
        }
    }
    text.push_str("\n| Image | Verdict | Next tag | Reason |\n|---|---|---|---|\n");
    for row in rows {
        let verdict = &row.verdict;
        let image = format!("{}:{}", verdict.repository, verdict.tag);
        let next = verdict.next.as_deref().unwrap_or_default();
        for cell in [&image, verdict.verdict.as_str(), next, &verdict.reason] {
            text.push_str("| ");
            push_markdown(&mut text, cell);
            text.push(' ');
        }
        text.push_str("|\n");
    }
    text
}

/// Text that means nothing to Markdown, but for the back quotes with which reasons mark names:
/// between them only a cell's end means anything.
fn push_markdown(out: &mut String, text: &str) {
    let has_marks = text.matches('`').count().is_multiple_of(2) && !text.contains("``");
    let mut is_marked = false;
    for character in text.chars() {
        match character {
            '`' if has_marks => is_marked = !is_marked,
            '`' | '|' => out.push('\\'),
            '*' | '_' | '[' | ']' | '<' | '>' | '\\' | '#' if !is_marked => out.push('\\'),
            _ => {}
        }
        out.push(match character {
            '\n' | '\r' => ' ',
            other => other,
        });
    }
}

/// A list, indented.
pub fn to_json(rows: &[Row]) -> String {
    serde_json::to_string_pretty(rows).expect("its keys are strings")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(tag: &str, reason: &str) -> Row {
        let verdict = TagVerdict {
            repository: "web".to_owned(),
            tag: tag.to_owned(),
            verdict: Verdict::WillScan,
            reason: reason.to_owned(),
            scan: Some("1.0-1".to_owned()),
            next: Some("1.0-2".to_owned()),
            notes: Vec::new(),
        };
        Row {
            size_bytes: Some(7),
            estimate: Some(Estimate {
                scan_ms: 20_000,
                patch_ms: 70_000,
                scan_micro_dollars: 2_000,
                patch_micro_dollars: 7_000,
                is_own: true,
            }),
            found: Some(Found {
                fixable: 14,
                plan: None,
            }),
            ..Row::from(verdict)
        }
    }

    #[test]
    fn a_cell_is_never_a_formula_and_never_ends_early() {
        let text = to_csv(&[row("1.0", "=HYPERLINK(\"x\")"), row("-1", "a\nb")]);
        let mut lines = text.split("\r\n");
        assert_eq!(lines.next(), Some(COLUMNS.join(",").as_str()));
        let expected = "\"web\",\"1.0\",\"WILL_SCAN\",\"'=HYPERLINK(\"\"x\"\")\",\"\",\"1.0-1\",\
                        \"1.0-2\",\"\",\"7\",\"90000\",\"9000\",\"14\",\"\",\"\"";
        assert_eq!(lines.next(), Some(expected));
        assert!(lines.next().is_some_and(|line| line.contains("\"'-1\"")));
        for start in ['=', '+', '-', '@', '\t', '\r', '\n'] {
            let text = to_csv(&[row(&format!("{start}cmd"), "")]);
            assert!(text.contains(&format!(",\"'{start}cmd\"")), "{text:?}");
        }
    }

    #[test]
    fn markdown_has_totals_and_no_foreign_markup() {
        let text = to_markdown(
            "Dry run of `r`",
            &[row("1|0", "a\n[x](y) <b>"), row("2", "`a_b|` `")],
        );
        assert!(
            text.starts_with("## Dry run of `r`\n\n- 2 will be scanned\n"),
            "{text}"
        );
        let line = r"| web:1\|0 | WILL\_SCAN | 1.0-2 | a \[x\](y) \<b\> |";
        assert!(text.lines().any(|found| found == line), "{text}");
        assert!(text.ends_with("| \\`a\\_b\\|\\` \\` |\n"), "{text}");
        let marked = to_markdown("r", &[row("1", "`a_b|*` *")]);
        assert!(marked.ends_with("| `a_b\\|*` \\* |\n"), "{marked}");
    }

    #[test]
    fn json_comes_back_and_is_a_verdict_with_more() {
        let rows = [row("1", "x"), Row::from(row("2", "y").verdict)];
        let text = to_json(&rows);
        assert_eq!(serde_json::from_str::<Vec<Row>>(&text).unwrap(), rows);
        let verdicts: Vec<TagVerdict> = serde_json::from_str(&text).unwrap();
        assert_eq!(verdicts[0], rows[0].verdict);
    }
}
