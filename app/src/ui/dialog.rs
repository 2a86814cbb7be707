use super::{Icon, IconName, Variant};
use leptos::html;
use leptos::prelude::*;

/// The button that opens the [`Dialog`] with the same `target`. The browser does it by itself
/// (`command`), and the page does it for browsers that do not know how.
#[component]
pub fn DialogOpener(
    #[prop(into)] target: String,
    #[prop(optional)] variant: Variant,
    #[prop(optional)] icon: Option<IconName>,
    children: Children,
) -> impl IntoView {
    let opens = target.clone();
    view! {
        <button
            class="button"
            type="button"
            data-variant=variant.as_str()
            command="show-modal"
            commandfor=target
            on:click=move |_| show_modal(&opens)
        >
            {icon.map(|name| view! { <Icon name /> })}
            <span>{children()}</span>
        </button>
    }
}

/// A question that stands before everything else. Escape and "Close" leave without an answer.
/// Closes by itself when `close_when` becomes true.
#[component]
pub fn Dialog(
    /// Names the dialog for its opener; unique in the page.
    #[prop(into)]
    name: String,
    #[prop(into)] title: String,
    #[prop(optional, into)] close_when: Signal<bool>,
    children: Children,
) -> impl IntoView {
    let node = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        if close_when.get()
            && let Some(dialog) = node.get_untracked()
        {
            dialog.close();
        }
    });
    let title_name = format!("{name}-title");
    let labelled_by = title_name.clone();
    view! {
        <dialog class="dialog" node_ref=node id=name aria-labelledby=labelled_by>
            <form method="dialog" class="dialog-header">
                <h2 id=title_name>{title}</h2>
                <button class="icon-button" aria-label="Close">
                    <Icon name=IconName::Cross />
                </button>
            </form>
            <div class="dialog-body">{children()}</div>
        </dialog>
    }
}

/// For browsers that do not do it by themselves.
fn show_modal(name: &str) {
    #[cfg(target_arch = "wasm32")]
    if !knows_commands() {
        open_dialog(name);
    }
    #[cfg(not(target_arch = "wasm32"))]
    let _ = name;
}

/// The browser opens the dialog by itself.
#[cfg(target_arch = "wasm32")]
fn knows_commands() -> bool {
    let button = document().create_element("button");
    button.is_ok_and(|button| {
        js_sys::Reflect::has(&button, &"commandForElement".into()).unwrap_or(false)
    })
}

/// Opens the [`Dialog`] of that name, as its opener would.
pub fn open_dialog(name: &str) {
    #[cfg(target_arch = "wasm32")]
    {
        use wasm_bindgen::JsCast;
        let dialog = document()
            .get_element_by_id(name)
            .and_then(|element| element.dyn_into::<web_sys::HtmlDialogElement>().ok());
        if let Some(dialog) = dialog
            && !dialog.open()
        {
            // Refused only where the dialog has left the document, and then there is nothing to show.
            let _ = dialog.show_modal();
        }
    }
    #[cfg(not(target_arch = "wasm32"))]
    let _ = name;
}
