use crate::api::workflow::DeleteWorkflow;
use crate::error::ApiError;
use crate::ui::{Button, ButtonKind, Card, Dialog, DialogOpener, Field, Notice, Tone, Variant};
use crate::widgets::{ErrorNotice, PartOutcomes, Permitted, Proposed, Reason, verb};
use drydock_domain::access::Operation;
use drydock_domain::console::{PartOutcome, WorkflowState};
use drydock_domain::proposal::Submission;
use drydock_domain::run::TaskName;
use leptos::form::ActionForm;
use leptos::html;
use leptos::prelude::*;

const DIALOG: &str = "delete-workflow";

/// Removes continuous patching after the registry's name was typed; says before what goes and what
/// stays.
#[component]
pub fn Delete(state: WorkflowState, action: ServerAction<DeleteWorkflow>) -> impl IntoView {
    let name = StoredValue::new(state.registry.name.clone());
    let typed = RwSignal::new(String::new());
    let alive = RwSignal::new(false);
    Effect::new(move |_| alive.set(true));
    let matches = move || name.with_value(|name| typed.read().trim() == name);
    let goes = vanishing(&state)
        .into_iter()
        .map(|part| view! { <li>{part}</li> });
    let hint = format!("Type {} to confirm.", state.registry.name);
    let answered = Signal::derive(move || action.value().read().is_some());
    view! {
        <Card title="Delete continuous patching">
            <p>"This vanishes:"</p>
            <ul class="gaps">{goes.collect_view()}</ul>
            <p class="muted">
                "Every image stays, patched ones included, and so do finished runs with their logs and \
                 the audit entries. Running tasks are canceled."
            </p>
            <Permitted operation=Operation::DeleteWorkflow label="Delete continuous patching">
                <DialogOpener target=DIALOG variant=Variant::Danger>
                    "Delete continuous patching"
                </DialogOpener>
            </Permitted>
        </Card>
        <Dialog name=DIALOG title="Delete continuous patching?" close_when=answered>
            <ActionForm action>
                <div class="apply">
                    <input type="hidden" name="registry" value=name.get_value() />
                    <Field name="confirmation" label="Name of the registry" hint>
                        <input
                            id="confirmation"
                            name="confirmation"
                            autocomplete="off"
                            spellcheck="false"
                            required=true
                            aria-describedby="confirmation-hint confirmation-error"
                            on:input=move |event| typed.set(event_target_value(&event))
                        />
                    </Field>
                    <Reason name="delete-comment" />
                    <Button
                        kind=ButtonKind::Submit
                        variant=Variant::Danger
                        busy=action.pending()
                        disabled=Signal::derive(move || alive.get() && !matches())
                    >
                        {verb("Delete it", "Propose to delete it")}
                    </Button>
                </div>
            </ActionForm>
        </Dialog>
    }
}

fn vanishing(state: &WorkflowState) -> Vec<String> {
    let mut parts = Vec::new();
    if let Some(policy) = &state.policy {
        parts.push(format!(
            "the policy csscpolicies/patchpolicy:v1 ({})",
            policy.digest
        ));
    }
    if let Some(cron) = &state.cron {
        parts.push(format!("the timer {cron}: no further run is scheduled"));
    }
    let tasks = state.tasks.iter().filter(|task| task.exists);
    parts.extend(tasks.map(|task| {
        match task.name {
            // Its work needs no role: it only pushes, with the task's own registry login.
            TaskName::Patch => format!("the task {}", task.name.as_str()),
            TaskName::Trigger | TaskName::Scan => {
                format!("the task {} and its identity's role", task.name.as_str())
            }
        }
    }));
    parts
}

/// What became of each part; the focus comes here.
#[component]
pub fn Deleted(
    #[prop(into)] value: Signal<Option<Result<Submission<Vec<PartOutcome>>, ApiError>>>,
) -> impl IntoView {
    let node = NodeRef::<html::Div>::new();
    Effect::new(move |_| {
        if value.read().is_some()
            && let Some(place) = node.get()
        {
            // Refused only where the place has left the document.
            let _ = place.focus();
        }
    });
    let body = move || {
        let view = match value.get()? {
            Ok(Submission::Done(outcomes)) => outcome(outcomes).into_any(),
            Ok(Submission::Proposed(proposal)) => {
                view! { <Proposed proposal=*proposal /> }.into_any()
            }
            Err(error) => view! { <ErrorNotice error /> }.into_any(),
        };
        Some(view)
    };
    view! { <div class="outcome" tabindex="-1" node_ref=node>{body}</div> }
}

fn outcome(outcomes: Vec<PartOutcome>) -> impl IntoView {
    let (tone, title) = match outcomes.iter().all(|part| part.done) {
        true => (Tone::Success, "Continuous patching is deleted"),
        false => (Tone::Warning, "Some parts could not be deleted"),
    };
    view! { <Notice tone title><PartOutcomes outcomes /></Notice> }
}
