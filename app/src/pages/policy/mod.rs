use crate::api::workflow::get_workflow;
use crate::ui::PageHeader;
use crate::widgets::{Loaded, use_param};
use drydock_domain::console::WorkflowState;
use leptos::prelude::*;

#[component]
pub fn PolicyPage() -> impl IntoView {
    let registry = use_param("registry");
    let state = Resource::new(move || registry.get(), get_workflow);
    view! {
        <PageHeader title="Policy" subtitle="The deployed policy, as it is in the registry." />
        <Loaded resource=state label="Loading the workflow" let:state>
            {body(state)}
        </Loaded>
    }
}

fn body(state: WorkflowState) -> AnyView {
    match state.policy {
        Some(policy) => {
            view! { <crate::ui::CodeBlock label="policy" text=policy.text /> }.into_any()
        }
        None => view! { <p class="muted">"No policy has been deployed."</p> }.into_any(),
    }
}
