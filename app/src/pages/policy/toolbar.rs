use super::editor::Editor;
use crate::ui::{Button, IconName, save_file};
use drydock_domain::as_code::POLICY_FILE;
use leptos::ev::Event;
use leptos::prelude::*;

/// What is done with the document as a whole. It waits for the page to be alive.
#[component]
pub fn Toolbar(editor: Editor) -> impl IntoView {
    Effect::new(move |_| listen(editor));
    let refused = RwSignal::new(None::<&'static str>);
    let is_empty = move || editor.text.with(|text| text.trim().is_empty());
    view! {
        <div class="policy-tools needs-script" role="group" aria-label="Document">
            <Button
                icon=IconName::Undo
                disabled=Signal::derive(move || !editor.ways.get().0)
                attr:aria-keyshortcuts="Control+Z"
                on:click=move |_| editor.undo()
            >
                "Undo"
            </Button>
            <Button
                icon=IconName::Redo
                disabled=Signal::derive(move || !editor.ways.get().1)
                attr:aria-keyshortcuts="Control+Shift+Z"
                on:click=move |_| editor.redo()
            >
                "Redo"
            </Button>
            <label class="button">
                <input
                    class="visually-hidden"
                    type="file"
                    accept=".json,application/json"
                    on:change=move |event| read_file(&event, editor, refused)
                />
                <span>"Import"</span>
            </label>
            <Button
                icon=IconName::Download
                disabled=Signal::derive(is_empty)
                on:click=move |_| {
                    editor.text.with_untracked(|text| save_file(POLICY_FILE, "application/json", text));
                }
            >
                "Export"
            </Button>
            <p class="field-error" role="status">{move || refused.get()}</p>
        </div>
    }
}

/// Undo and redo by key. Fields other than the text keep the browser's own.
#[cfg(target_arch = "wasm32")]
fn listen(editor: Editor) {
    let handle = window_event_listener(leptos::ev::keydown, move |event| {
        let is_command = (event.ctrl_key() || event.meta_key()) && !event.alt_key();
        if !is_command || event.default_prevented() || is_in_another_field(&event) {
            return;
        }
        match (event.key().as_str(), event.shift_key()) {
            ("z", false) => editor.undo(),
            ("Z" | "z", true) | ("y", false) => editor.redo(),
            _ => return,
        }
        event.prevent_default();
    });
    on_cleanup(move || handle.remove());
}

#[cfg(target_arch = "wasm32")]
fn is_in_another_field(event: &web_sys::KeyboardEvent) -> bool {
    use wasm_bindgen::JsCast;
    let target = event.target();
    let Some(element) = target.and_then(|target| target.dyn_into::<web_sys::Element>().ok()) else {
        return false;
    };
    let is_text = element.matches("input:not([type=checkbox], [type=radio]), textarea, select");
    is_text.unwrap_or(false) && element.id() != super::json_pane::TEXT
}

#[cfg(not(target_arch = "wasm32"))]
fn listen(_editor: Editor) {}

/// Takes a file as the text; one that is too large or no text stays where it is.
#[cfg(target_arch = "wasm32")]
fn read_file(event: &Event, editor: Editor, refused: RwSignal<Option<&'static str>>) {
    use drydock_domain::policy::MAX_SIZE_BYTES;
    use drydock_domain::policy::history::Origin;
    use wasm_bindgen::JsCast;
    let target = event.target();
    let Some(input) = target.and_then(|one| one.dyn_into::<web_sys::HtmlInputElement>().ok())
    else {
        return;
    };
    let Some(file) = input.files().and_then(|files| files.get(0)) else {
        return;
    };
    if file.size() > MAX_SIZE_BYTES as f64 {
        refused.set(Some(
            "The file is larger than the 10 MB that a policy may have.",
        ));
        return;
    }
    leptos::task::spawn_local(async move {
        let bytes = wasm_bindgen_futures::JsFuture::from(file.array_buffer()).await;
        let bytes = bytes.map(|buffer| js_sys::Uint8Array::new(&buffer).to_vec());
        // The same file can be chosen again after a change.
        input.set_value("");
        match bytes.ok().and_then(|bytes| String::from_utf8(bytes).ok()) {
            Some(text) => {
                editor.write(text.replace("\r\n", "\n"), Origin::Whole);
                refused.try_set(None);
            }
            None => {
                refused.try_set(Some("The file could not be read as UTF-8 text."));
            }
        }
    });
}

#[cfg(not(target_arch = "wasm32"))]
fn read_file(_event: &Event, _editor: Editor, _refused: RwSignal<Option<&'static str>>) {}
