use super::CopyButton;
use leptos::prelude::*;

/// Text to be copied as it stands: a command, a document. Scrolls inside itself.
#[component]
pub fn CodeBlock(#[prop(into)] label: String, #[prop(into)] text: String) -> impl IntoView {
    view! {
        <div class="code-block">
            <pre tabindex="0" role="region" aria-label=label.clone()>
                <code>{text.clone()}</code>
            </pre>
            <CopyButton text label />
        </div>
    }
}
