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

/// Whether what this console deploys is proposed by one person and approved by another. The server
/// says it in the document's head as well.
pub fn needs_approval() -> bool {
    #[cfg(target_arch = "wasm32")]
    {
        let found = leptos::prelude::document().query_selector("meta[name='approval']");
        found.ok().flatten().is_some()
    }
    #[cfg(not(target_arch = "wasm32"))]
    {
        let workflow = use_context::<drydock_workflow::Workflow>();
        workflow.is_some_and(|workflow| workflow.requires_approval())
    }
}

/// For the document's head: one line for each operation that is denied, and one where changes need
/// approval.
#[cfg(not(target_arch = "wasm32"))]
#[component]
pub(crate) fn Denials() -> impl IntoView {
    let denials = Operation::ALL.into_iter().filter_map(|operation| {
        let why = denial(operation)?;
        Some(view! { <meta name="denied" data-denied=operation.as_str() content=why /> })
    });
    let approval = needs_approval().then(|| view! { <meta name="approval" content="required" /> });
    view! { {denials.collect_view()} {approval} }
}
