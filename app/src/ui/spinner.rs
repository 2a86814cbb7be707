use super::{Icon, IconName};
use leptos::prelude::*;

/// Something is under way, and what it is.
#[component]
pub fn Spinner(#[prop(into)] label: String) -> impl IntoView {
    view! {
        <p class="spinner" role="status">
            <Icon name=IconName::Running />
            <span>{label}</span>
        </p>
    }
}
