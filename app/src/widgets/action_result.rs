use super::ErrorNotice;
use crate::error::ApiError;
use crate::ui::{Icon, IconName};
use drydock_domain::console::PartOutcome;
use leptos::prelude::*;

/// Why an action did not happen; empty while it has not been tried or has succeeded.
#[component]
pub fn ActionError<T: Clone + Send + Sync + 'static>(
    #[prop(into)] value: Signal<Option<Result<T, ApiError>>>,
) -> impl IntoView {
    move || {
        let error = value.with(|value| {
            value
                .as_ref()
                .and_then(|result| result.as_ref().err().cloned())
        });
        error.map(|error| view! { <ErrorNotice error /> })
    }
}

/// What happened to each part of a change that has several.
#[component]
pub fn PartOutcomes(outcomes: Vec<PartOutcome>) -> impl IntoView {
    let rows = outcomes.into_iter().map(|outcome| {
        let (icon, state) = if outcome.done {
            (IconName::CheckCircle, "done")
        } else {
            (IconName::CrossCircle, "not done")
        };
        view! {
            <li data-tone=if outcome.done { "success" } else { "danger" }>
                <Icon name=icon />
                <span>
                    <strong>{outcome.part}</strong>
                    <span class="visually-hidden">" " {state}</span>
                    <span class="muted">" " {outcome.detail}</span>
                </span>
            </li>
        }
    });
    view! { <ul class="outcomes" role="list">{rows.collect_view()}</ul> }
}
