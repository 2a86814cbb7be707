use super::Actions;
use super::decision::Decide;
use crate::api::workflow::TagList;
use crate::ui::{Badge, Card, CodeBlock, Notice, Time, Tone};
use crate::widgets::PolicyChanges;
use drydock_domain::console::WorkflowState;
use drydock_domain::policy::parse;
use drydock_domain::proposal::{Proposal, ProposedChange, ProposerStanding, WaitingProposal};
use drydock_domain::schedule::Schedule;
use leptos::prelude::*;

/// The change that waits: what it does to what is deployed now, and the buttons.
#[component]
pub fn WaitingCard(
    waiting: WaitingProposal,
    context: (WorkflowState, TagList),
    actions: Actions,
) -> impl IntoView {
    let WaitingProposal {
        proposal,
        is_own,
        stale,
        proposer_standing,
    } = waiting;
    let is_stale = stale.is_some();
    let stale = stale.map(|why| {
        view! {
            <Notice tone=Tone::Warning title="This is stale">
                <p class="break">"An approval would be refused: " {why} "."</p>
                <p>"Another change that is proposed takes its place."</p>
            </Notice>
        }
    });
    let standing = (proposer_standing == ProposerStanding::Lost).then(|| {
        view! {
            <Notice tone=Tone::Warning title="Its proposer may not make it any more">
                <p>
                    "An approval would be refused: they are signed in with another role or reach now. \
                     Whoever may make the change can propose it again, once this one is rejected."
                </p>
            </Notice>
        }
    });
    let (state, tags) = context;
    let runs_now = proposal
        .change
        .runs_now()
        .then(|| view! { <p>"A run is started at once."</p> });
    let title = proposal.change.to_string();
    let facts = proposal.clone();
    view! {
        <Card title>
            {stale}
            {standing}
            <Facts proposal=facts standing=proposer_standing />
            <PolicyPart change=proposal.change.clone() state=state.clone() tags />
            <SchedulePart change=proposal.change.clone() state />
            <DeletePart change=proposal.change.clone() />
            {runs_now}
            <Decide proposal is_own is_stale actions />
        </Card>
    }
}

#[component]
fn Facts(proposal: Proposal, standing: ProposerStanding) -> impl IntoView {
    let at = proposal.at;
    let standing = match standing {
        ProposerStanding::Allowed => "allowed, by a session that goes on".into_any(),
        ProposerStanding::AsOfProposal => {
            view! { "allowed as of " <Time at /> "; they are not signed in now" }.into_any()
        }
        ProposerStanding::Lost => "not allowed any more".into_any(),
    };
    view! {
        <dl class="facts">
            <div>
                <dt>"State"</dt>
                <dd><Badge tone=Tone::Accent label="waiting" /></dd>
            </div>
            <div><dt>"Proposed by"</dt><dd>{proposal.proposer}</dd></div>
            <div><dt>"Their right to it"</dt><dd>{standing}</dd></div>
            <div><dt>"When"</dt><dd><Time at=proposal.at /></dd></div>
            <div><dt>"Why"</dt><dd class="break">{proposal.comment}</dd></div>
            <div><dt>"Audit entry"</dt><dd>{proposal.entry}</dd></div>
        </dl>
    }
}

#[component]
fn PolicyPart(change: ProposedChange, state: WorkflowState, tags: TagList) -> impl IntoView {
    change.policy().map(str::to_owned).map(|text| {
        let deployed = state.policy.as_ref();
        let before = deployed.and_then(|policy| parse(&policy.text).ok());
        let inventory = tags.into_inventory();
        let changes = match parse(&text) {
            Ok(after) => {
                let (before, after, inventory) = (before.as_ref(), &after, &inventory);
                view! { <PolicyChanges before after inventory /> }.into_any()
            }
            Err(error) => view! { <p class="muted">{error.to_string()}</p> }.into_any(),
        };
        view! {
            <h3>"Against what is deployed"</h3>
            {changes}
            <details class="more">
                <summary>"The whole text"</summary>
                <CodeBlock label="proposed policy" text />
            </details>
        }
    })
}

#[component]
fn SchedulePart(change: ProposedChange, state: WorkflowState) -> impl IntoView {
    change.schedule().map(|schedule| {
        let before = state.cron.map_or_else(
            || "no schedule".to_owned(),
            |cron| Schedule::from_cron(&cron).map_or(cron, |schedule| schedule.to_string()),
        );
        view! {
            <h3>"Schedule"</h3>
            <p>{before} " → " <strong>{schedule.to_string()}</strong></p>
        }
    })
}

#[component]
fn DeletePart(change: ProposedChange) -> impl IntoView {
    matches!(change, ProposedChange::Delete { .. }).then(|| {
        view! {
            <p>
                "The policy, the timer, the three tasks and their roles go, and running tasks are \
                 canceled. Images, finished runs, their logs and the audit entries stay."
            </p>
        }
    })
}
