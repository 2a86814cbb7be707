use crate::api::workflow::get_workflow;
use crate::ui::PageHeader;
use crate::widgets::{Loaded, use_param};
use drydock_domain::console::WorkflowState;
use leptos::prelude::*;

#[component]
pub fn DryRunPage() -> impl IntoView {
    let registry = use_param("registry");
    let state = Resource::new(move || registry.get(), get_workflow);
    view! {
        <PageHeader title="Dry run" subtitle="What the next run will do, tag by tag." />
        <Loaded resource=state label="Loading the workflow" let:state>
            {body(state)}
        </Loaded>
    }
}

fn body(state: WorkflowState) -> AnyView {
    let text = match state.policy {
        Some(_) => "The deployed policy decides what is patched.",
        None => "No policy has been deployed: nothing would be patched.",
    };
    view! { <p>{text}</p> }.into_any()
}
