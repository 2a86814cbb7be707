use super::{Icon, IconName};
use leptos::prelude::*;

/// Copies `text`. Rendered by the server, shown once the page is alive: without JavaScript it
/// could do nothing.
#[component]
pub fn CopyButton(
    #[prop(into)] text: String,
    /// What is copied, in words: `digest of 3.11-1`.
    #[prop(into)]
    label: String,
) -> impl IntoView {
    let alive = RwSignal::new(false);
    let copied = RwSignal::new(false);
    Effect::new(move |_| alive.set(true));
    let name = move || {
        if copied.get() {
            format!("Copied {label}")
        } else {
            format!("Copy {label}")
        }
    };
    let icon = move || match copied.get() {
        true => view! { <Icon name=IconName::Check /> },
        false => view! { <Icon name=IconName::Copy /> },
    };
    view! {
        <button
            class="copy"
            type="button"
            aria-label=name.clone()
            title=name
            hidden=move || !alive.get()
            on:click=move |_| copy(&text, copied)
        >
            {icon}
        </button>
    }
}

#[cfg(target_arch = "wasm32")]
fn copy(text: &str, copied: RwSignal<bool>) {
    use std::time::Duration;
    // Where the browser refuses, as in a frame without permission, the text can still be selected.
    let _ = window().navigator().clipboard().write_text(text);
    copied.set(true);
    set_timeout(
        move || {
            copied.try_set(false);
        },
        Duration::from_secs(2),
    );
}

#[cfg(not(target_arch = "wasm32"))]
fn copy(_text: &str, _copied: RwSignal<bool>) {}
