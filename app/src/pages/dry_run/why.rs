use super::DryRun;
use super::filters::Carried;
use super::model;
use super::table::VerdictBadge;
use crate::paths::query_value;
use crate::ui::{Button, ButtonKind, Card, Icon, IconName, QueryForm, Tone};
use crate::widgets::{MarkedText, TagName};
use drydock_domain::verdict::{StepOutcome, Trace};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

/// Any reference, and why it gets what it gets.
#[component]
pub fn WhyNot(dry_run: DryRun) -> impl IntoView {
    let query = use_query_map();
    let asked = Memo::new(move |_| {
        let asked = query.read().get("why").unwrap_or_default();
        asked.trim().to_owned()
    });
    let answer = move || {
        let asked = asked.get();
        (!asked.is_empty()).then(|| {
            let host = dry_run
                .state
                .with_value(|state| state.registry.login_server.clone());
            let inspection = dry_run.inspection.get();
            let why = dry_run.known.with_value(|known| {
                let (inventory, inspection) = (&known.inventory, inspection.as_ref());
                dry_run
                    .text
                    .with(|text| model::why(text, inventory, inspection, &host, &asked))
            });
            match why {
                Ok(trace) => traced(dry_run, trace).into_any(),
                Err(refusal) => view! { <p class="break">{refusal}</p> }.into_any(),
            }
        })
    };
    view! {
        <Card title="Why not?" subtitle="Any image of the registry, and what decides about it.">
            <QueryForm action=dry_run.path()>
                <div class="why">
                    <Carried dry_run />
                    <input
                        name="why"
                        aria-label="Image, as repository:tag"
                        placeholder="repository:tag"
                        autocomplete="off"
                        spellcheck="false"
                        value=asked.get_untracked()
                        prop:value=move || asked.get()
                    />
                    <Button kind=ButtonKind::Submit>"Explain"</Button>
                </div>
            </QueryForm>
            <div role="status">{answer}</div>
        </Card>
    }
}

fn traced(dry_run: DryRun, trace: Trace) -> impl IntoView {
    let meant = trace.meant.map(|meant| {
        let policy = dry_run.filter.read_untracked().policy.clone();
        let policy = policy.map(|text| format!("&policy={}", query_value(&text)));
        let href = format!(
            "{}?why={}{}",
            dry_run.path(),
            query_value(&meant),
            policy.unwrap_or_default()
        );
        view! { <p>"Did you mean " <a href=href>{meant}</a> "?"</p> }
    });
    let steps = trace.steps.into_iter().map(|step| {
        let (tone, icon, word) = match step.outcome {
            StepOutcome::Passes => (Tone::Success, IconName::Check, "passes"),
            StepOutcome::Stops => (Tone::Neutral, IconName::Stop, "stops here"),
            StepOutcome::Fails => (Tone::Danger, IconName::Cross, "fails"),
        };
        view! {
            <li data-tone=tone.as_str()>
                <Icon name=icon />
                <div>
                    <p>
                        <strong>{step.rule.question()}</strong>
                        <span class="visually-hidden">" " {word}</span>
                    </p>
                    <p><MarkedText text=step.saw /></p>
                </div>
            </li>
        }
    });
    view! {
        <div class="why-answer">
            <p><TagName repository=trace.repository tag=trace.tag /></p>
            <VerdictBadge verdict=trace.verdict />
            <p><MarkedText text=trace.reason /></p>
            {meant}
            <details>
                <summary>"Rule by rule"</summary>
                <ol class="trace" role="list">{steps.collect_view()}</ol>
            </details>
        </div>
    }
}
