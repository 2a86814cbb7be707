//! Where the focus is, and where it goes.
use leptos::ev::KeyboardEvent;

/// Rows of tables and lists; a day of a calendar is none.
#[cfg(target_arch = "wasm32")]
const ROWS: &str = "main tbody:not(.month *) > tr, main ul.lines > li, main details > summary";
#[cfg(target_arch = "wasm32")]
const FOCUSABLE: &str = "a[href], summary, button:not([disabled])";

/// The key belongs to something else: a field, an open dialog or menu, the log, or a chord.
pub fn is_taken(event: &KeyboardEvent) -> bool {
    #[cfg(target_arch = "wasm32")]
    {
        use wasm_bindgen::JsCast;
        let is_open = |selector| {
            let found = leptos::prelude::document().query_selector(selector);
            found.is_ok_and(|found| found.is_some())
        };
        let target = event
            .target()
            .and_then(|target| target.dyn_into::<web_sys::Element>().ok());
        let is_in = |selector| {
            let found = target.as_ref().map(|target| target.closest(selector));
            matches!(found, Some(Ok(Some(_))))
        };
        event.default_prevented()
            || event.ctrl_key()
            || event.meta_key()
            || event.alt_key()
            || is_in("input, textarea, select, [contenteditable], [role=log]")
            || is_open("dialog[open], details.menu[open]")
    }
    #[cfg(not(target_arch = "wasm32"))]
    {
        let _ = event;
        true
    }
}

/// Puts the focus into the page's own search; `false` where it has none.
pub fn focus_search() -> bool {
    #[cfg(target_arch = "wasm32")]
    {
        let found = leptos::prelude::document().query_selector("main input[type=search]");
        found.ok().flatten().is_some_and(|field| focus(&field))
    }
    #[cfg(not(target_arch = "wasm32"))]
    false
}

/// Moves the focus to the next row, or the one before; at the end of them it stays.
pub fn step(step: i32) {
    #[cfg(target_arch = "wasm32")]
    {
        let rows = rows();
        let active = leptos::prelude::document().active_element();
        let is_here = |(row, _): &(web_sys::Element, _)| row.contains(active.as_deref());
        let here = rows.iter().rposition(is_here);
        let next = match here {
            Some(here) => here.checked_add_signed(step as isize),
            None if step > 0 => Some(0),
            None => None,
        };
        if let Some((_, target)) = next.and_then(|next| rows.get(next)) {
            focus(target);
        }
    }
    #[cfg(not(target_arch = "wasm32"))]
    let _ = step;
}

/// The rows that can be seen, each with what takes its focus.
#[cfg(target_arch = "wasm32")]
fn rows() -> Vec<(web_sys::Element, web_sys::Element)> {
    use wasm_bindgen::JsCast;
    let Ok(found) = leptos::prelude::document().query_selector_all(ROWS) else {
        return Vec::new();
    };
    let rows = (0..found.length()).filter_map(|index| found.get(index));
    let rows = rows.filter_map(|row| row.dyn_into::<web_sys::Element>().ok());
    let with_target = rows.filter_map(|row| {
        let is_seen = row.get_client_rects().length() > 0;
        let target = match row.matches(FOCUSABLE) {
            Ok(true) => Some(row.clone()),
            _ => row.query_selector(FOCUSABLE).ok().flatten(),
        };
        Some((row, target?)).filter(|_| is_seen)
    });
    with_target.collect()
}

#[cfg(target_arch = "wasm32")]
fn focus(element: &web_sys::Element) -> bool {
    use wasm_bindgen::JsCast;
    let element = element.dyn_ref::<web_sys::HtmlElement>();
    element.is_some_and(|element| element.focus().is_ok())
}
