/// Moves the focus to the element of that name once the page shows what was changed just now.
pub fn focus_next(name: String) {
    #[cfg(target_arch = "wasm32")]
    leptos::prelude::request_animation_frame(move || {
        use wasm_bindgen::JsCast;
        let found = leptos::prelude::document().get_element_by_id(&name);
        if let Some(element) = found.and_then(|one| one.dyn_into::<web_sys::HtmlElement>().ok()) {
            // Refused only by an element that has left the document.
            let _ = element.focus();
        }
    });
    #[cfg(not(target_arch = "wasm32"))]
    let _ = name;
}
