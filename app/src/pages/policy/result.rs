use super::conflict::ConflictHelp;
use super::editor::Editor;
use crate::error::{ApiError, ErrorCode};
use crate::paths;
use crate::ui::{ButtonLink, IconName, Notice, OtherTime, Time, Tone};
use crate::widgets::{ErrorNotice, PartOutcomes, Proposed};
use drydock_domain::console::AppliedChange;
use drydock_domain::proposal::Submission;
use leptos::html;
use leptos::prelude::*;

/// What became of a change, each step of it; the focus comes here when it arrives. The text stays in
/// the editor whatever happened.
#[component]
pub fn Outcome(
    #[prop(into)] value: Signal<Option<Result<Submission<AppliedChange>, ApiError>>>,
    title: &'static str,
    editor: Editor,
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
            Ok(Submission::Proposed(proposal)) => {
                view! { <Proposed proposal=*proposal /> }.into_any()
            }
            Ok(Submission::Done(applied)) => {
                view! { <Applied applied title registry=editor.registry() /> }.into_any()
            }
            Err(error) => {
                let is_conflict = error.code == ErrorCode::Conflict;
                view! {
                    <ErrorNotice error />
                    {is_conflict.then(|| view! { <ConflictHelp editor /> })}
                }
                .into_any()
            }
        };
        Some(view)
    };
    view! { <div class="outcome" tabindex="-1" node_ref=node>{body}</div> }
}

/// The steps of a change that went through, and what comes next.
#[component]
pub fn Applied(applied: AppliedChange, title: &'static str, registry: String) -> impl IntoView {
    let is_whole = applied.steps.iter().all(|step| step.done);
    let tone = if is_whole {
        Tone::Success
    } else {
        Tone::Warning
    };
    let next = applied.next_run.map(|at| {
        view! { <p>"Next run: " <Time at /> " " <span class="muted"><OtherTime at /></span></p> }
    });
    let run = applied.run_id.map(|id| {
        let href = paths::run(&registry, &id);
        view! { <ButtonLink href=href icon=IconName::Runs>"Watch run " {id}</ButtonLink> }
    });
    view! {
        <Notice tone title>
            <PartOutcomes outcomes=applied.steps />
            {next}
            <div class="actions">{run}</div>
        </Notice>
    }
}
