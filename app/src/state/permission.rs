//! What this session may do. The server decides, with the function that it refuses by, and says it in
//! the document's head: the browser carries no rule of its own.
use crate::error::{ApiError, ErrorCode};
use crate::widgets::use_param;
use drydock_domain::access::Operation;
#[cfg(target_arch = "wasm32")]
use drydock_domain::access::Scope;
use leptos::prelude::*;

/// Why the caller may not do it here, in a sentence; `None` where they may, or nobody is signed in.
/// What is about all of a registry is asked for the one whose page this is.
pub fn denial(operation: Operation) -> Option<String> {
    let role = role_denial(operation);
    if role.is_some() || operation == Operation::Read || operation.is_of_the_console() {
        return role;
    }
    #[cfg(not(target_arch = "wasm32"))]
    if let Some(OfRegistry(registry)) = use_context() {
        return short_of_registry(&registry);
    }
    short_of_registry(&use_param("registry").get_untracked())
}

/// The registry of what the server writes for a page that is there already, where no route names it.
#[cfg(not(target_arch = "wasm32"))]
#[derive(Clone, Debug)]
pub(crate) struct OfRegistry(pub String);

/// Why the caller is shown nothing that is about all of a registry's repositories at once; `None` where
/// they reach all of them.
pub fn short_of_registry(registry: &str) -> Option<String> {
    #[cfg(target_arch = "wasm32")]
    {
        let found = document().query_selector("meta[name='scope']");
        let scope = found.ok().flatten()?.get_attribute("content")?;
        scope.parse::<Scope>().ok()?.why_short_of(registry)
    }
    #[cfg(not(target_arch = "wasm32"))]
    {
        let caller = use_context::<drydock_workflow::Caller>()?;
        caller.scope.why_short_of(registry)
    }
}

/// # Errors
/// `Forbidden`, in the words of the server, which would refuse what is about all of the registry.
pub fn require_whole(registry: &str) -> Result<(), ApiError> {
    match short_of_registry(registry) {
        Some(why) => Err(ApiError::new(ErrorCode::Forbidden, why)),
        None => Ok(()),
    }
}

fn role_denial(operation: Operation) -> Option<String> {
    #[cfg(target_arch = "wasm32")]
    {
        let place = format!("meta[data-denied='{}']", operation.as_str());
        let found = document().query_selector(&place);
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
        let found = document().query_selector("meta[name='approval']");
        found.ok().flatten().is_some()
    }
    #[cfg(not(target_arch = "wasm32"))]
    {
        let workflow = use_context::<drydock_workflow::Workflow>();
        workflow.is_some_and(|workflow| workflow.requires_approval())
    }
}

/// For the document's head: one line for each operation that is denied, one for a reach that ends
/// somewhere, and one where changes need approval.
#[cfg(not(target_arch = "wasm32"))]
#[component]
pub(crate) fn Denials() -> impl IntoView {
    let denials = Operation::ALL.into_iter().filter_map(|operation| {
        let why = role_denial(operation)?;
        Some(view! { <meta name="denied" data-denied=operation.as_str() content=why /> })
    });
    let approval = needs_approval().then(|| view! { <meta name="approval" content="required" /> });
    let caller = use_context::<drydock_workflow::Caller>();
    let scope = caller.filter(|caller| !caller.scope.is_everything());
    let scope = scope.map(|caller| {
        view! { <meta name="scope" content=caller.scope.to_string() /> }
    });
    view! { {denials.collect_view()} {scope} {approval} }
}
