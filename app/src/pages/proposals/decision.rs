use super::Actions;
use crate::ui::{Button, ButtonKind, IconName, Variant};
use crate::widgets::{CommentField, Permitted};
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
            <Answer
                registry
                id
                comment=("approve-comment", "What you looked at")
                operation=Operation::Approve
                label="Approve and carry out"
                look=(Variant::Primary, IconName::CheckCircle)
                busy=action.pending()
            />
        </ActionForm>
    }
}

#[component]
fn No(registry: String, id: String, actions: Actions) -> impl IntoView {
    let action = actions.reject;
    view! {
        <ActionForm action>
            <Answer
                registry
                id
                comment=("reject-comment", "Why not")
                operation=Operation::Reject
                label="Reject"
                look=(Variant::Danger, IconName::CrossCircle)
                busy=action.pending()
            />
        </ActionForm>
    }
}

/// What both forms hold: which proposal, the reason, and the button.
#[component]
fn Answer(
    registry: String,
    id: String,
    /// Name and label of the field for the reason.
    comment: (&'static str, &'static str),
    operation: Operation,
    label: &'static str,
    look: (Variant, IconName),
    #[prop(into)] busy: Signal<bool>,
) -> impl IntoView {
    let ((name, asked), (variant, icon)) = (comment, look);
    let given = use_query_map().read_untracked().get(name);
    let value = RwSignal::new(given.unwrap_or_default());
    view! {
        <div class="apply">
            <input type="hidden" name="registry" value=registry />
            <input type="hidden" name="id" value=id />
            <CommentField name label=asked hint="It stands in the audit trail." value />
            <div class="actions">
                <Permitted operation label>
                    <Button kind=ButtonKind::Submit variant icon busy>{label}</Button>
                </Permitted>
            </div>
        </div>
    }
}
