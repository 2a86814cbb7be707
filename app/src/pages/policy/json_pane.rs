use super::editor::Editor;
use drydock_domain::policy::history::Origin;
use drydock_domain::policy::{Advice, Severity};
use drydock_domain::splice::Splice;
use leptos::html;
use leptos::prelude::*;
use std::collections::BTreeMap;

/// The form to which the text belongs when it is applied.
pub const APPLY_FORM: &str = "apply-policy";
pub const TEXT: &str = "policy-text";

/// The document as text, with a gutter of line numbers in which the findings are marked. Both stand
/// in one scrolling box, so that they cannot part.
#[component]
pub fn JsonPane(editor: Editor) -> impl IntoView {
    let node = NodeRef::<html::Textarea>::new();
    let lines = Memo::new(move |_| editor.text.with(|text| n_lines(text)));
    let marks = Memo::new(move |_| editor.findings.with(|findings| marks(findings)));
    keep_in_step(editor, node);
    view! {
        <div class="code-editor">
            <pre class="gutter" aria-hidden="true">
                {move || marks.with(|marks| gutter(lines.get(), marks))}
            </pre>
            <textarea
                id=TEXT
                node_ref=node
                name="policy"
                form=APPLY_FORM
                wrap="off"
                spellcheck="false"
                autocomplete="off"
                autocapitalize="off"
                aria-label="Policy as JSON"
                aria-describedby="policy-findings"
                rows=move || lines.get()
                inner_html=escape(&editor.text.get_untracked())
                on:input=move |event| editor.write(event_target_value(&event), Origin::Typing)
            ></textarea>
        </div>
    }
}

/// Writes the text into the field where it came from elsewhere. What was typed before the page was
/// alive is taken over, not lost.
fn keep_in_step(editor: Editor, node: NodeRef<html::Textarea>) {
    Effect::new(move |begun: Option<()>| {
        let text = editor.text.get();
        let Some(field) = node.get() else {
            return;
        };
        let shown = field.value();
        if shown == text {
            return;
        }
        // What the server wrote was not typed: a draft found meanwhile is newer than that.
        let typed = field.default_value().is_ok_and(|written| written != shown);
        match begun {
            None if typed => editor.write(shown, Origin::Whole),
            _ => replace(&field, &shown, &text),
        }
    });
}

/// Shows another text, with the cursor where it changed: a browser would put it to the end.
fn replace(field: &leptos::web_sys::HtmlTextAreaElement, shown: &str, text: &str) {
    let changed = Splice::between(shown, text);
    let end = &text[..changed.from + changed.text.len()];
    let at = end.chars().map(char::len_utf16).sum::<usize>() as u32;
    field.set_value(text);
    // Refused only by an element that has left the document.
    let _ = field.set_selection_range(at, at);
}

fn n_lines(text: &str) -> usize {
    text.matches('\n').count() + 1
}

fn marks(findings: &[Advice]) -> BTreeMap<usize, Severity> {
    let mut marks = BTreeMap::new();
    for Advice { finding, .. } in findings {
        let mark = marks
            .entry(finding.line as usize)
            .or_insert(finding.severity);
        if finding.severity == Severity::Error {
            *mark = Severity::Error;
        }
    }
    marks
}

/// The numbers of the lines; those with findings are elements, what is between them is one text.
fn gutter(lines: usize, marks: &BTreeMap<usize, Severity>) -> Vec<AnyView> {
    let mut parts = Vec::new();
    let mut from = 1;
    for (line, severity) in marks.range(..=lines) {
        parts.push(numbers(from, *line).into_any());
        let (tone, sign) = match severity {
            Severity::Error => ("danger", "✕"),
            Severity::Warning => ("warning", "!"),
        };
        parts.push(view! { <span data-tone=tone>{format!("{sign} {line}\n")}</span> }.into_any());
        from = line + 1;
    }
    parts.push(numbers(from, lines + 1).into_any());
    parts
}

fn numbers(from: usize, to: usize) -> String {
    (from..to).map(|line| format!("{line}\n")).collect()
}

/// As the content of an element: a textarea's text is no markup.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_with_an_error_and_a_warning_is_marked_as_an_error() {
        let findings = drydock_domain::policy::check(
            "{\"version\": \"v1\",\n\"repositories\": [{\"repository\": \"web\", \"tags\": [\"1-1\", 2]}]}",
        );
        let findings = findings.findings.into_iter().map(|finding| Advice {
            finding,
            fixes: Vec::new(),
        });
        let findings: Vec<Advice> = findings.collect();
        assert_eq!(marks(&findings).get(&2), Some(&Severity::Error));
    }

    #[test]
    fn the_text_cannot_end_the_field() {
        assert_eq!(escape("</textarea>&lt;"), "&lt;/textarea>&amp;lt;");
    }

    #[test]
    fn every_line_has_a_number() {
        assert_eq!(n_lines(""), 1);
        assert_eq!(n_lines("a\nb\n"), 3);
        assert_eq!(numbers(1, 4), "1\n2\n3\n");
    }
}
