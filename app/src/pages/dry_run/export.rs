//! The lines as a file.
use super::model::Line;
use drydock_domain::verdict::TagVerdict;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Csv,
    Json,
}

impl Format {
    #[cfg(target_arch = "wasm32")]
    fn name(self) -> &'static str {
        match self {
            Self::Csv => "dry-run.csv",
            Self::Json => "dry-run.json",
        }
    }

    #[cfg(target_arch = "wasm32")]
    fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv;charset=utf-8",
            Self::Json => "application/json",
        }
    }

    pub fn write(self, lines: &[Line]) -> String {
        match self {
            Self::Csv => csv(lines),
            Self::Json => json(lines),
        }
    }
}

fn json(lines: &[Line]) -> String {
    let verdicts: Vec<&TagVerdict> = lines.iter().map(|line| &line.verdict).collect();
    serde_json::to_string_pretty(&verdicts).expect("its keys are strings")
}

fn csv(lines: &[Line]) -> String {
    let mut text = "repository,tag,verdict,reason,latest,scan,next\r\n".to_owned();
    for line in lines {
        let verdict = &line.verdict;
        let cells = [
            Some(verdict.repository.as_str()),
            Some(verdict.tag.as_str()),
            Some(verdict.verdict.as_str()),
            Some(verdict.reason.as_str()),
            line.latest.as_deref(),
            verdict.scan.as_deref(),
            verdict.next.as_deref(),
        ];
        let cells: Vec<_> = cells.map(|cell| csv_cell(cell.unwrap_or_default())).into();
        text.push_str(&cells.join(","));
        text.push_str("\r\n");
    }
    text
}

/// A spreadsheet takes a cell that begins with one of these for a formula; an apostrophe says that it
/// is text.
fn csv_cell(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let apostrophe = if is_formula { "'" } else { "" };
    format!("\"{apostrophe}{}\"", text.replace('"', "\"\""))
}

/// Hands the file to the reader's browser.
#[cfg(target_arch = "wasm32")]
pub fn save(format: Format, content: &str) {
    use leptos::prelude::document;
    use wasm_bindgen::{JsCast, JsValue};
    let parts = js_sys::Array::of1(&JsValue::from_str(content));
    let options = web_sys::BlobPropertyBag::new();
    options.set_type(format.media_type());
    let file = web_sys::Blob::new_with_str_sequence_and_options(&parts, &options);
    let address = file.and_then(|file| web_sys::Url::create_object_url_with_blob(&file));
    let link = document().create_element("a").ok();
    let link = link.and_then(|link| link.dyn_into::<web_sys::HtmlAnchorElement>().ok());
    if let (Ok(address), Some(link)) = (address, link) {
        link.set_href(&address);
        link.set_download(format.name());
        link.click();
        // The browser has begun to read it; without this it stays in memory as long as the page.
        let _ = web_sys::Url::revoke_object_url(&address);
    }
}

#[cfg(not(target_arch = "wasm32"))]
pub fn save(_format: Format, _content: &str) {}

#[cfg(test)]
mod tests {
    use super::*;
    use drydock_domain::verdict::Verdict;

    fn line(tag: &str, reason: &str) -> Line {
        Line {
            verdict: TagVerdict {
                repository: "web".to_owned(),
                tag: tag.to_owned(),
                verdict: Verdict::WillScan,
                reason: reason.to_owned(),
                scan: Some("1.0-1".to_owned()),
                next: Some("1.0-2".to_owned()),
                notes: Vec::new(),
            },
            latest: None,
        }
    }

    #[test]
    fn a_cell_is_never_a_formula_and_never_ends_early() {
        let text = csv(&[line("1.0", "=HYPERLINK(\"x\")")]);
        let expected =
            "\"web\",\"1.0\",\"WILL_SCAN\",\"'=HYPERLINK(\"\"x\"\")\",\"\",\"1.0-1\",\"1.0-2\"";
        assert_eq!(text.lines().nth(1), Some(expected));
    }

    #[test]
    fn the_json_is_that_of_the_command_line() {
        let read: Vec<TagVerdict> =
            serde_json::from_str(&json(&[line("1.0", "x")])).expect("it is JSON");
        assert_eq!(read, [line("1.0", "x").verdict]);
    }
}
