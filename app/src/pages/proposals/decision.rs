use super::Actions;
use crate::ui::{Button, ButtonKind, Field, IconName, Variant};
use crate::widgets::Permitted;
use drydock_domain::access::Operation;
use drydock_domain::proposal::Proposal;
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

/// The buttons: for whoever proposed it the way back, for everybody else yes and no.
#[component]
pub fn Decide(
    proposal: Proposal,
    is_own: bool,
    /// An approval would be refused.
    is_stale: bool,
    actions: Actions,
) -> impl IntoView {
    let Proposal { registry, id, .. } = proposal;
    match is_own {
        true => view! { <Own registry id actions /> }.into_any(),
        false => view! {
            <div class="stack">
                {(!is_stale).then(|| view! { <Yes registry=registry.clone() id=id.clone() actions /> })}
                <No registry id actions />
            </div>
        }
        .into_any(),
    }
}

#[component]
fn Own(registry: String, id: String, actions: Actions) -> impl IntoView {
    let action = actions.withdraw;
    view! {
        <p class="muted">
            "You proposed this yourself, so somebody else has to decide it: an approver or an administrator."
        </p>
        <ActionForm action>
            <input type="hidden" name="registry" value=registry />
            <input type="hidden" name="id" value=id />
            <Permitted operation=Operation::Withdraw label="Withdraw it">
                <Button kind=ButtonKind::Submit busy=action.pending()>
                    "Withdraw it"
                </Button>
            </Permitted>
        </ActionForm>
    }
}

#[component]
fn Yes(registry: String, id: String, actions: Actions) -> impl IntoView {
    let action = actions.approve;
    view! {
        <ActionForm action>
            <div class="apply">
                <input type="hidden" name="registry" value=registry />
                <input type="hidden" name="id" value=id />
                <Comment name="approve-comment" label="What you looked at" />
                <div class="actions">
                    <Permitted operation=Operation::Approve label="Approve and carry out">
                        <Button
                            kind=ButtonKind::Submit
                            variant=Variant::Primary
                            icon=IconName::CheckCircle
                            busy=action.pending()
                        >
                            "Approve and carry out"
                        </Button>
                    </Permitted>
                </div>
            </div>
        </ActionForm>
    }
}

#[component]
fn No(registry: String, id: String, actions: Actions) -> impl IntoView {
    let action = actions.reject;
    view! {
        <ActionForm action>
            <div class="apply">
                <input type="hidden" name="registry" value=registry />
                <input type="hidden" name="id" value=id />
                <Comment name="reject-comment" label="Why not" />
                <div class="actions">
                    <Permitted operation=Operation::Reject label="Reject">
                        <Button
                            kind=ButtonKind::Submit
                            variant=Variant::Danger
                            icon=IconName::CrossCircle
                            busy=action.pending()
                        >
                            "Reject"
                        </Button>
                    </Permitted>
                </div>
            </div>
        </ActionForm>
    }
}

#[component]
fn Comment(name: &'static str, label: &'static str) -> impl IntoView {
    let value = use_query_map().read_untracked().get(name);
    view! {
        <Field name label hint="It stands in the audit trail.">
            <input
                id=name
                name="comment"
                maxlength="500"
                required
                autocomplete="off"
                aria-describedby=format!("{name}-hint {name}-error")
                value=value
            />
        </Field>
    }
}
