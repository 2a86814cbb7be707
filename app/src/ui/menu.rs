use super::{Icon, IconName};
use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;

/// A disclosure that opens over the page: without JavaScript its summary closes it again, with it
/// also Escape, and a click anywhere else.
#[component]
pub fn Menu(
    /// What the closed menu shows.
    #[prop(into)]
    summary: ViewFn,
    children: Children,
) -> impl IntoView {
    let node = NodeRef::<html::Details>::new();
    Effect::new(move |_| close_on_click_elsewhere(node));
    let on_keydown = move |event: KeyboardEvent| {
        let is_open = node.get_untracked().is_some_and(|menu| menu.open());
        if is_open && event.key() == "Escape" {
            // Or the page would be left by the same key.
            event.prevent_default();
            close_and_return(node);
        }
    };
    view! {
        <details class="menu" node_ref=node on:keydown=on_keydown>
            <summary>{summary.run()} <Icon name=IconName::Chevron /></summary>
            <div class="menu-body">{children()}</div>
        </details>
    }
}

/// Whoever closes it by key goes on from the summary.
fn close_and_return(node: NodeRef<html::Details>) {
    #[cfg(target_arch = "wasm32")]
    if let Some(menu) = node.get_untracked() {
        use wasm_bindgen::JsCast;
        menu.set_open(false);
        let summary = menu.query_selector("summary").ok().flatten();
        if let Some(summary) = summary.and_then(|one| one.dyn_into::<web_sys::HtmlElement>().ok()) {
            // Refused only by an element that has left the document.
            let _ = summary.focus();
        }
    }
    #[cfg(not(target_arch = "wasm32"))]
    let _ = node;
}

#[cfg(target_arch = "wasm32")]
fn close_on_click_elsewhere(node: NodeRef<html::Details>) {
    use wasm_bindgen::JsCast;
    let handle = window_event_listener(leptos::ev::click, move |event| {
        let Some(menu) = node.try_get_untracked().flatten() else {
            return;
        };
        let target = event
            .target()
            .and_then(|target| target.dyn_into::<web_sys::Node>().ok());
        if !menu.contains(target.as_ref()) {
            menu.set_open(false);
        }
    });
    on_cleanup(move || handle.remove());
}

#[cfg(not(target_arch = "wasm32"))]
fn close_on_click_elsewhere(_node: NodeRef<html::Details>) {}
