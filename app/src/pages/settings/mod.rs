mod delete;
mod parts;
mod repair;

use crate::api::workflow::{DeleteWorkflow, get_workflow};
use crate::paths;
use crate::state::permission::denial;
use crate::ui::{ButtonLink, Card, EmptyState, IconName, PageHeader, Variant};
use crate::widgets::{AsOf, FROM_AZURE, Loaded, Waiting, use_param};
use delete::{Delete, Deleted};
use drydock_domain::access::Operation;
use drydock_domain::console::WorkflowState;
use leptos::prelude::*;
use parts::Parts;
use repair::Repair;

/// What continuous patching of this registry is made of, and the way to remove it.
#[component]
pub fn SettingsPage() -> impl IntoView {
    let registry = use_param("registry");
    let delete = ServerAction::<DeleteWorkflow>::new();
    // What is there now is read anew after each attempt, whatever became of it.
    let state = Resource::new(
        move || (registry.get(), delete.version().get()),
        |(registry, _)| get_workflow(registry),
    );
    view! {
        <PageHeader
            title="Settings"
            subtitle="What continuous patching of this registry is made of, and the way to remove it."
        />
        <Waiting registry sent=delete.version() />
        <Deleted value=delete.value() />
        <Loaded resource=state label="Loading the workflow" let:state>
            {body(state, delete).into_any()}
        </Loaded>
        <WholeConsole />
    }
}

/// The ways to what is of the whole console, for whoever may read it.
#[component]
fn WholeConsole() -> impl IntoView {
    let people = denial(Operation::ReadAudit).is_none().then(|| {
        view! {
            <ButtonLink href=paths::SESSIONS icon=IconName::Person>
                "Who is signed in"
            </ButtonLink>
            <ButtonLink href=paths::EMBEDS>"Embedded views"</ButtonLink>
        }
    });
    view! {
        <Card title="The whole console" subtitle="Not of this registry alone.">
            <div class="actions">
                <ButtonLink href=paths::NOTIFICATIONS>"Notifications"</ButtonLink>
                {people}
            </div>
        </Card>
    }
}

fn body(state: WorkflowState, delete: ServerAction<DeleteWorkflow>) -> impl IntoView {
    let as_of = state.as_of;
    let preflight = paths::preflight(&state.registry.name);
    if !state.is_configured() && !state.is_partial() {
        let policy = paths::policy(&state.registry.name);
        return view! {
            <EmptyState icon=IconName::Settings title="Continuous patching is not set up">
                <p>"There is nothing to set here yet. It begins with a policy."</p>
                <ButtonLink href=policy variant=Variant::Primary icon=IconName::Policy>
                    "Start with the policy"
                </ButtonLink>
                <ButtonLink href=preflight variant=Variant::Secondary icon=IconName::CheckCircle>
                    "Look the registry over"
                </ButtonLink>
            </EmptyState>
        }
        .into_any();
    }
    view! {
        <Repair state=state.clone() />
        <div class="actions">
            <ButtonLink href=preflight variant=Variant::Secondary icon=IconName::CheckCircle>
                "Look the registry over"
            </ButtonLink>
        </div>
        <Parts state=state.clone() />
        <Delete state action=delete />
        <AsOf at=as_of source=FROM_AZURE />
    }
    .into_any()
}
