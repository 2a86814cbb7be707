use super::editor::Editor;
use super::json_pane::TEXT;
use crate::format;
use crate::ui::{Button, Icon, IconName, Tone, focus_next};
use crate::widgets::MarkedText;
use drydock_domain::policy::{Advice, Finding, FindingCode, Fix, Severity};
use leptos::prelude::*;

/// The list's name.
pub const FINDINGS: &str = "policy-findings";

/// Everything that either validator would say, and our advice, in the document's order; the count is announced
/// politely while somebody types.
#[component]
pub fn Findings(editor: Editor) -> impl IntoView {
    let summary = Memo::new(move |_| {
        let is_empty = editor.text.with(|text| text.trim().is_empty());
        editor.findings.with(|findings| summary(findings, is_empty))
    });
    let list = move || {
        let findings = editor.findings.get().into_iter();
        findings
            .map(|advice| view! { <Line editor advice /> })
            .collect_view()
    };
    view! {
        <div class="findings" id=FINDINGS tabindex="-1">
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

fn summary(findings: &[Advice], is_empty: bool) -> (Tone, IconName, String) {
    if is_empty {
        return (
            Tone::Neutral,
            IconName::Info,
            "Nothing is written yet.".to_owned(),
        );
    }
    let errors = findings
        .iter()
        .filter(|advice| advice.finding.severity == Severity::Error)
        .count() as u64;
    let warnings = findings.len() as u64 - errors;
    let is_over = |advice: &Advice| advice.finding.code == FindingCode::OverLimit;
    if errors == 0 && findings.iter().any(is_over) {
        return (
            Tone::Danger,
            IconName::CrossCircle,
            "Both validators accept it, and no run would patch anything: it picks too many images."
                .to_owned(),
        );
    }
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
pub fn FieldFindings(editor: Editor, findings: Memo<Vec<Advice>>) -> impl IntoView {
    move || {
        let lines = findings.get().into_iter().map(|Advice { finding, fixes }| {
            let tone = match finding.severity {
                Severity::Error => Tone::Danger,
                Severity::Warning => Tone::Warning,
            };
            view! {
                <div class="field-finding" data-tone=tone.as_str()>
                    <Icon name=IconName::Warning />
                    <div>
                        <p><MarkedText text=finding.message /></p>
                        <Fixes editor fixes />
                    </div>
                </div>
            }
        });
        lines.collect_view()
    }
}

#[component]
fn Fixes(editor: Editor, fixes: Vec<Fix>) -> impl IntoView {
    let buttons = fixes.into_iter().map(|fix| {
        let label = fix.label.clone();
        view! {
            <Button on:click=move |_| {
                editor.fix(&fix);
                // The button goes with its finding: who pressed it goes on where the rest stand.
                focus_next(FINDINGS.to_owned());
            }>
                <MarkedText text=label />
            </Button>
        }
    });
    let buttons: Vec<_> = buttons.collect();
    (!buttons.is_empty()).then(|| {
        view! { <div class="fixes" hidden=move || !editor.alive.get()>{buttons}</div> }
    })
}

#[component]
fn Line(editor: Editor, advice: Advice) -> impl IntoView {
    let Advice { finding, fixes } = advice;
    let (tone, icon) = match finding.severity {
        Severity::Error => (Tone::Danger, IconName::CrossCircle),
        Severity::Warning => (Tone::Warning, IconName::Warning),
    };
    let by = refused_by(&finding);
    let place = format!("line {}, column {}", finding.line, finding.column);
    let (line, column) = (finding.line, finding.column);
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
                <Fixes editor fixes />
            </div>
        </li>
    }
}

fn refused_by(finding: &Finding) -> Option<String> {
    let by: Vec<_> = finding.refused_by.iter().map(|by| by.name()).collect();
    (!by.is_empty()).then(|| format!(" Refused by {}.", by.join(" and ")))
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
        let findings = |text| -> Vec<Advice> {
            let found = drydock_domain::policy::check(text).findings.into_iter();
            let advice = |finding| Advice {
                finding,
                fixes: Vec::new(),
            };
            found.map(advice).collect()
        };
        let (tone, ..) = summary(&findings("{"), false);
        assert_eq!(tone, Tone::Danger);
        let (tone, ..) = summary(&[], false);
        assert_eq!(tone, Tone::Success);
        let (tone, ..) = summary(&findings(""), true);
        assert_eq!(tone, Tone::Neutral);
    }
}
