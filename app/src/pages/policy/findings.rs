use super::editor::Editor;
use super::json_pane::TEXT;
use crate::format;
use crate::ui::{Icon, IconName, Tone};
use crate::widgets::MarkedText;
use drydock_domain::policy::{Finding, Severity};
use leptos::prelude::*;

/// Everything that either validator would say, in the document's order; the count is announced
/// politely while somebody types.
#[component]
pub fn Findings(editor: Editor) -> impl IntoView {
    let summary = Memo::new(move |_| {
        let is_empty = editor.text.with(|text| text.trim().is_empty());
        editor
            .check
            .with(|check| summary(&check.findings, is_empty))
    });
    let list = move || {
        let empty = editor.text.with(|text| text.trim().is_empty());
        editor.check.with(|check| {
            let shown = check.findings.iter().filter(|_| !empty).cloned();
            shown
                .map(|finding| view! { <Line finding /> })
                .collect_view()
        })
    };
    view! {
        <div class="findings" id="policy-findings">
            <p class="findings-summary" role="status">
                {move || {
                    let (tone, icon, text) = summary.get();
                    view! {
                        <span class="findings-count" data-tone=tone.as_str()>
                            <Icon name=icon />
                            <span>{text}</span>
                        </span>
                    }
                }}
            </p>
            <ol role="list">{list}</ol>
        </div>
    }
}

fn summary(findings: &[Finding], is_empty: bool) -> (Tone, IconName, String) {
    if is_empty {
        return (
            Tone::Neutral,
            IconName::Info,
            "Nothing is written yet.".to_owned(),
        );
    }
    let errors = findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .count() as u64;
    let warnings = findings.len() as u64 - errors;
    match (errors, warnings) {
        (0, 0) => (
            Tone::Success,
            IconName::CheckCircle,
            "Both ACR's own check and the az extension accept this policy.".to_owned(),
        ),
        (0, n) => (
            Tone::Warning,
            IconName::Warning,
            format!(
                "Accepted, with {}.",
                format::count(n, "piece of advice", "pieces of advice")
            ),
        ),
        (n, 0) => (
            Tone::Danger,
            IconName::CrossCircle,
            format!(
                "{} to mend before it can be applied.",
                format::count(n, "error", "errors")
            ),
        ),
        (errors, warnings) => (
            Tone::Danger,
            IconName::CrossCircle,
            format!(
                "{} to mend before it can be applied, and {}.",
                format::count(errors, "error", "errors"),
                format::count(warnings, "piece of advice", "pieces of advice")
            ),
        ),
    }
}

/// What the findings say about one field, beside it.
#[component]
pub fn FieldFindings(findings: Memo<Vec<Finding>>) -> impl IntoView {
    move || {
        let lines = findings.get().into_iter().map(|finding| {
            let tone = match finding.severity {
                Severity::Error => Tone::Danger,
                Severity::Warning => Tone::Warning,
            };
            view! {
                <p class="field-finding" data-tone=tone.as_str()>
                    <Icon name=IconName::Warning />
                    <span><MarkedText text=finding.message /></span>
                </p>
            }
        });
        lines.collect_view()
    }
}

#[component]
fn Line(finding: Finding) -> impl IntoView {
    let (tone, icon) = match finding.severity {
        Severity::Error => (Tone::Danger, IconName::CrossCircle),
        Severity::Warning => (Tone::Warning, IconName::Warning),
    };
    let place = format!("line {}, column {}", finding.line, finding.column);
    let (line, column) = (finding.line, finding.column);
    let by: Vec<_> = finding.refused_by.iter().map(|by| by.name()).collect();
    let by = (!by.is_empty()).then(|| format!(" Refused by {}.", by.join(" and ")));
    view! {
        <li data-tone=tone.as_str()>
            <Icon name=icon />
            <div>
                <a href=format!("#{TEXT}") on:click=move |event| {
                    if go_to(line, column) {
                        event.prevent_default();
                    }
                }>{place}</a>
                <p><MarkedText text=finding.message />{by}</p>
                <p class="muted"><MarkedText text=finding.remedy /></p>
            </div>
        </li>
    }
}

/// Puts the cursor to the place in the text; whether it could.
#[cfg(target_arch = "wasm32")]
fn go_to(line: u32, column: u32) -> bool {
    use wasm_bindgen::JsCast;
    let field = document()
        .get_element_by_id(TEXT)
        .and_then(|element| element.dyn_into::<web_sys::HtmlTextAreaElement>().ok());
    let Some(field) = field else {
        return false;
    };
    let at = utf16_offset(&field.value(), line, column);
    field.focus().is_ok() && field.set_selection_range(at, at).is_ok()
}

#[cfg(not(target_arch = "wasm32"))]
fn go_to(_line: u32, _column: u32) -> bool {
    false
}

/// Where a line and a column, both from 1 and in characters, stand as browsers count.
#[cfg(any(target_arch = "wasm32", test))]
fn utf16_offset(text: &str, line: u32, column: u32) -> u32 {
    let mut offset = 0;
    for (index, content) in text.split_inclusive('\n').enumerate() {
        let is_here = index + 1 == line as usize;
        let characters = content.chars().take(match is_here {
            true => column.saturating_sub(1) as usize,
            false => usize::MAX,
        });
        offset += characters.map(char::len_utf16).sum::<usize>();
        if is_here {
            break;
        }
    }
    offset as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_counted_as_browsers_count() {
        let check = |text, line, column, expected| {
            assert_eq!(utf16_offset(text, line, column), expected);
        };
        check("{\n  \"a\": 1\n}", 1, 1, 0);
        check("{\n  \"a\": 1\n}", 2, 3, 4);
        check("🛳️x\ny", 2, 1, 5);
        check("", 1, 1, 0);
    }

    #[test]
    fn the_count_tells_errors_from_advice() {
        let findings = |text| drydock_domain::policy::check(text).findings;
        let (tone, ..) = summary(&findings("{"), false);
        assert_eq!(tone, Tone::Danger);
        let (tone, ..) = summary(&[], false);
        assert_eq!(tone, Tone::Success);
        let (tone, ..) = summary(&findings(""), true);
        assert_eq!(tone, Tone::Neutral);
    }
}
