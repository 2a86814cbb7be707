use super::{Icon, IconName, Tone};
use leptos::prelude::*;

/// Something to know before going on. A danger is announced at once, the rest politely.
#[component]
pub fn Notice(
    #[prop(optional)] tone: Tone,
    #[prop(optional, into)] title: Option<String>,
    children: Children,
) -> impl IntoView {
    let (icon, role) = match tone {
        Tone::Danger => (IconName::CrossCircle, "alert"),
        Tone::Warning => (IconName::Warning, "status"),
        Tone::Success => (IconName::CheckCircle, "status"),
        Tone::Neutral | Tone::Accent | Tone::Info => (IconName::Info, "status"),
    };
    view! {
        <div class="notice" role=role data-tone=tone.as_str()>
            <Icon name=icon />
            <div>
                {title.map(|text| view! { <p class="notice-title">{text}</p> })}
                {children()}
            </div>
        </div>
    }
}
