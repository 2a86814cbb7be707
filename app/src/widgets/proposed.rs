use crate::api::proposals::find_waiting_proposal;
use crate::paths;
use crate::state::permission::needs_approval;
use crate::ui::{ButtonLink, IconName, Notice, Time, Tone};
use crate::widgets::CommentField;
use drydock_domain::proposal::Proposal;
use leptos::prelude::*;

/// What a button says: whether the change is made, or has to be proposed.
pub fn verb(make: &'static str, propose: &'static str) -> &'static str {
    match needs_approval() {
        true => propose,
        false => make,
    }
}

/// The field for why, in forms that need none where nobody has to approve the change.
#[component]
pub fn Reason(
    /// Of the field in the page.
    name: &'static str,
    #[prop(optional)] value: Option<RwSignal<String>>,
) -> impl IntoView {
    let value = value.unwrap_or_default();
    let hint = "For whoever approves it, and for the audit trail.";
    needs_approval().then(|| view! { <CommentField name label="Why" hint value /> })
}

/// What became of a change that was not made, but proposed.
#[component]
pub fn Proposed(proposal: Proposal) -> impl IntoView {
    view! {
        <Notice tone=Tone::Accent title="Proposed; nothing is changed yet">
            <p>{proposal.change.to_string()} " waits for a second person, who may approve or reject it."</p>
            <Look registry=proposal.registry />
        </Notice>
    }
}

/// The change that waits, on the pages where another one could be made.
#[component]
pub fn Waiting(
    #[prop(into)] registry: Signal<String>,
    /// Counts the changes that were sent from this page: after each it is looked for again.
    #[prop(into)]
    sent: Signal<usize>,
) -> impl IntoView {
    needs_approval().then(|| {
        let waiting = Resource::new(
            move || (registry.get(), sent.get()),
            |(registry, _)| find_waiting_proposal(registry),
        );
        view! {
            <Transition>
                {move || Suspend::new(async move {
                    // What the page is about is there without it.
                    let found = waiting.await.ok().flatten();
                    found.map(|proposal| view! { <Waits proposal /> })
                })}
            </Transition>
        }
    })
}

#[component]
fn Waits(proposal: Proposal) -> impl IntoView {
    view! {
        <Notice tone=Tone::Info title="A change waits for approval">
            <p>
                <strong>{proposal.change.to_string()}</strong> ", proposed by " {proposal.proposer} ", "
                <Time at=proposal.at /> ": " <span class="break">{proposal.comment}</span>
            </p>
            <p class="muted">"Another one can be proposed when this one is decided or withdrawn."</p>
            <Look registry=proposal.registry />
        </Notice>
    }
}

#[component]
fn Look(registry: String) -> impl IntoView {
    view! {
        <div class="actions">
            <ButtonLink href=paths::proposals(&registry) icon=IconName::Person>
                "See the proposals"
            </ButtonLink>
        </div>
    }
}
