use crate::api::workflow::get_workflow;
use crate::ui::PageHeader;
use crate::widgets::{Loaded, use_param};
use drydock_domain::console::WorkflowState;
use leptos::prelude::*;

#[component]
pub fn SchedulePage() -> impl IntoView {
    let registry = use_param("registry");
    let state = Resource::new(move || registry.get(), get_workflow);
    view! {
        <PageHeader title="Schedule" subtitle="When the trigger runs." />
        <Loaded resource=state label="Loading the workflow" let:state>
            {body(state)}
        </Loaded>
    }
}

fn body(state: WorkflowState) -> AnyView {
    let next = state
        .next_run
        .map(|at| view! { <p>"Next run: " <crate::ui::Time at /></p> });
    let cron = state.cron.unwrap_or_else(|| "none".to_owned());
    view! { <p>"Timer: " <code>{cron}</code></p> {next} }.into_any()
}
