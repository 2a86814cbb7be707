use crate::ui::{Badge, CodeBlock, Time, Tone};
use drydock_domain::proposal::{Decision, Proposal, ProposalState};
use leptos::prelude::*;

/// What became of earlier proposals.
#[component]
pub fn Decided(proposals: Vec<Proposal>) -> impl IntoView {
    let rows = proposals.into_iter().map(row);
    view! { <ol class="versions" role="list">{rows.collect_view()}</ol> }
}

fn row(proposal: Proposal) -> impl IntoView {
    let tone = match proposal.state {
        ProposalState::Approved => Tone::Success,
        ProposalState::Failed => Tone::Danger,
        ProposalState::Rejected | ProposalState::Stale => Tone::Warning,
        ProposalState::Waiting => Tone::Accent,
        ProposalState::Withdrawn => Tone::Neutral,
    };
    let outcome = match (proposal.state, proposal.outcome) {
        (ProposalState::Approved, None) => Some(
            "Whether it was carried out is not known: the console stopped in between. The audit trail \
             says what was begun; look at what is deployed."
                .to_owned(),
        ),
        (_, outcome) => outcome,
    };
    let text = proposal.change.policy().map(str::to_owned).map(|text| {
        view! {
            <details class="more">
                <summary>"Its policy"</summary>
                <CodeBlock label="proposed policy" text />
            </details>
        }
    });
    let schedule = proposal.change.schedule();
    let schedule =
        schedule.map(|schedule| view! { <span class="muted">{schedule.to_string()}</span> });
    let decision = proposal.decision.map(decided);
    view! {
        <li>
            <div class="version-facts">
                <span class="version-head">
                    <Badge tone label=proposal.state.as_str() />
                    <strong>{proposal.change.to_string()}</strong>
                    {schedule}
                </span>
                <span class="muted">
                    {proposal.proposer} ", " <Time at=proposal.at /> ", entry " {proposal.entry}
                </span>
                <span class="version-comment break">{proposal.comment}</span>
                {decision}
                {outcome.map(|outcome| view! { <span class="muted break">{outcome}</span> })}
                {text}
            </div>
        </li>
    }
}

fn decided(decision: Decision) -> impl IntoView {
    let said = (!decision.comment.is_empty()).then(|| format!(": {}", decision.comment));
    view! {
        <span class="break">
            "Decided by " {decision.by} ", " <Time at=decision.at /> {said}
        </span>
    }
}
