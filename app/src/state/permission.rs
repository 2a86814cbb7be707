//! What this session may do. The server decides, with the function that it refuses by, and says it in
//! the document's head: the browser carries no rule of its own.
use drydock_domain::access::Operation;
#[cfg(not(target_arch = "wasm32"))]
use leptos::prelude::*;

/// Why the caller may not do it, in a sentence; `None` where they may, or nobody is signed in.
pub fn denial(operation: Operation) -> Option<String> {
    #[cfg(target_arch = "wasm32")]
    {
        let place = format!("meta[data-denied='{}']", operation.as_str());
        let found = leptos::prelude::document().query_selector(&place);
        found.ok().flatten()?.get_attribute("content")
    }
    #[cfg(not(target_arch = "wasm32"))]
    {
        let caller = use_context::<drydock_workflow::Caller>()?;
        caller.why_not(operation)
    }
}

/// For the document's head: one line for each operation that is denied.
#[cfg(not(target_arch = "wasm32"))]
#[component]
pub(crate) fn Denials() -> impl IntoView {
    let denials = Operation::ALL.into_iter().filter_map(|operation| {
        let why = denial(operation)?;
        Some(view! { <meta name="denied" data-denied=operation.as_str() content=why /> })
    });
    denials.collect_view()
}
