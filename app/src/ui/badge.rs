use super::{Icon, IconName, Tone};
use leptos::prelude::*;

/// A state in a word, with an icon where there is one.
#[component]
pub fn Badge(
    #[prop(optional)] tone: Tone,
    #[prop(optional)] icon: Option<IconName>,
    #[prop(into)] label: String,
) -> impl IntoView {
    view! {
        <span class="badge" data-tone=tone.as_str()>
            {icon.map(|name| view! { <Icon name /> })}
            <span>{label}</span>
        </span>
    }
}
