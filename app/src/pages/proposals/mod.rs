mod decided;
mod decision;
mod waiting;

use crate::api::proposals::{ApproveProposal, RejectProposal, WithdrawProposal, list_proposals};
use crate::api::workflow::{TagList, get_workflow, list_tags};
use crate::error::ApiError;
use crate::paths;
use crate::ui::{ButtonLink, Card, EmptyState, IconName, Notice, PageHeader, Tone};
use crate::widgets::{ActionError, Loaded, use_param};
use decided::Decided;
use drydock_domain::console::WorkflowState;
use drydock_domain::proposal::{Proposal, ProposalBoard};
use leptos::prelude::*;
use waiting::WaitingCard;

/// What a reader of the waiting change compares it with; nothing where none waits.
type Context = Option<(WorkflowState, TagList)>;

/// What the page can do.
#[derive(Clone, Copy)]
struct Actions {
    approve: ServerAction<ApproveProposal>,
    reject: ServerAction<RejectProposal>,
    withdraw: ServerAction<WithdrawProposal>,
}

/// Changes that one person asks for and another one approves.
#[component]
pub fn ProposalsPage() -> impl IntoView {
    let registry = use_param("registry");
    let actions = Actions {
        approve: ServerAction::new(),
        reject: ServerAction::new(),
        withdraw: ServerAction::new(),
    };
    let decisions = move || {
        actions.approve.version().get()
            + actions.reject.version().get()
            + actions.withdraw.version().get()
    };
    // Who comes second is told, and sees what the first one did.
    let board = Resource::new(
        move || (registry.get(), decisions()),
        |(registry, _)| load(registry),
    );
    let policy = move || {
        view! {
            <ButtonLink href=paths::policy(&registry.get()) icon=IconName::Policy>
                "Policy"
            </ButtonLink>
        }
    };
    view! {
        <PageHeader
            title="Proposals"
            subtitle="Changes that one person asks for and another one approves."
            actions=policy
        />
        <Outcomes actions />
        <Loaded resource=board label="Loading the proposals" let:found>
            {
                let (board, context) = found;
                view! { <Board board context actions /> }.into_any()
            }
        </Loaded>
    }
}

async fn load(registry: String) -> Result<(ProposalBoard, Context), ApiError> {
    let board = list_proposals(registry.clone()).await?;
    if board.waiting.is_none() {
        return Ok((board, None));
    }
    let context = futures::future::try_join(get_workflow(registry.clone()), list_tags(registry));
    Ok((board, Some(context.await?)))
}

/// What became of a press of a button, for as long as the page stays.
#[component]
fn Outcomes(actions: Actions) -> impl IntoView {
    let told = |value: Option<Result<Proposal, ApiError>>, title: &'static str| {
        let proposal = value?.ok()?;
        let outcome = proposal.outcome.unwrap_or_default();
        Some(view! {
            <Notice tone=Tone::Success title>
                <p>{proposal.change.to_string()} ". " <span class="break">{outcome}</span></p>
            </Notice>
        })
    };
    view! {
        {move || told(actions.approve.value().get(), "Approved and carried out")}
        {move || told(actions.reject.value().get(), "Rejected")}
        {move || told(actions.withdraw.value().get(), "Withdrawn")}
        <ActionError value=actions.approve.value() />
        <ActionError value=actions.reject.value() />
        <ActionError value=actions.withdraw.value() />
    }
}

#[component]
fn Board(board: ProposalBoard, context: Context, actions: Actions) -> impl IntoView {
    let off = (!board.is_required).then(|| {
        view! {
            <Notice tone=Tone::Info title="Nothing has to be approved here">
                <p>
                    "Whoever may edit deploys at once. To have every change approved by a second person, \
                     start Drydock with " <code>"--require-approval"</code> "."
                </p>
            </Notice>
        }
    });
    let is_empty = board.waiting.is_none() && board.is_required;
    let waiting = board.waiting.zip(context).map(|(waiting, context)| {
        view! { <WaitingCard waiting context actions /> }
    });
    let empty = is_empty.then(|| {
        view! {
            <EmptyState icon=IconName::CheckCircle title="No change waits">
                <p>"A change of the policy or the schedule is proposed on its page, and waits here."</p>
            </EmptyState>
        }
    });
    let decided = board.decided;
    let decided = (!decided.is_empty()).then(|| {
        view! {
            <Card title="Decided" subtitle="The newest first.">
                <Decided proposals=decided />
            </Card>
        }
    });
    view! { {off} {waiting} {empty} {decided} }
}
