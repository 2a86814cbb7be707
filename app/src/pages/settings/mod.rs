use crate::api::workflow::get_workflow;
use crate::ui::PageHeader;
use crate::widgets::{Loaded, use_param};
use drydock_domain::console::WorkflowState;
use leptos::prelude::*;

#[component]
pub fn SettingsPage() -> impl IntoView {
    let registry = use_param("registry");
    let state = Resource::new(move || registry.get(), get_workflow);
    view! {
        <PageHeader title="Settings" subtitle="The parts of continuous patching in this registry." />
        <Loaded resource=state label="Loading the workflow" let:state>
            {body(state)}
        </Loaded>
    }
}

fn body(state: WorkflowState) -> AnyView {
    let rows = state.tasks.into_iter().map(|task| {
        let word = if task.exists {
            "exists"
        } else {
            "does not exist"
        };
        view! { <li><code>{task.name.as_str()}</code> " " {word}</li> }
    });
    view! { <ul>{rows.collect_view()}</ul> }.into_any()
}
