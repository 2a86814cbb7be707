use super::{Icon, IconName};
use leptos::prelude::*;

/// Why there is nothing here, and the next step.
#[component]
pub fn EmptyState(
    icon: IconName,
    #[prop(into)] title: String,
    /// The reason, and the next step as a link or a button.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="empty">
            <Icon name=icon />
            <h2>{title}</h2>
            {children()}
        </div>
    }
}
