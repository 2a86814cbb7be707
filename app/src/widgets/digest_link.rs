use crate::format;
use crate::ui::CopyButton;
use leptos::prelude::*;

/// A digest's first digits, with the whole of it to be copied.
#[component]
pub fn DigestText(#[prop(into)] digest: String) -> impl IntoView {
    let short = format::short_digest(&digest).to_owned();
    view! {
        <span class="digest">
            <code title=digest.clone()>{short}</code>
            <CopyButton text=digest label="digest" />
        </span>
    }
}
