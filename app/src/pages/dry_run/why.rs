use super::DryRun;
use super::model::{self, Line, Why};
use super::table::VerdictBadge;
use crate::ui::{Button, ButtonKind, Card};
use crate::widgets::{MarkedText, TagName};
use leptos::prelude::*;
use leptos_router::components::Form;
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
            let why = dry_run.inventory.with_value(|inventory| {
                dry_run
                    .text
                    .with(|text| model::why(text, inventory, &host, &asked))
            });
            match why {
                Why::Judged(line) => judged(*line).into_any(),
                Why::Missing { what, meant } => missing(dry_run, what, meant).into_any(),
            }
        })
    };
    let policy = move || dry_run.filter.read().policy.clone();
    view! {
        <Card title="Why not?" subtitle="Any image of the registry, and what decides about it.">
            <Form method="GET" action=dry_run.path()>
                <div class="why">
                    {move || policy().map(|text| view! { <input type="hidden" name="policy" value=text /> })}
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
            </Form>
            <div role="status">{answer}</div>
        </Card>
    }
}

fn judged(line: Line) -> impl IntoView {
    let Line { verdict, .. } = line;
    let notes = verdict
        .notes
        .into_iter()
        .map(|note| view! { <p class="muted"><MarkedText text=note /></p> });
    let next = verdict
        .next
        .map(|tag| view! { <p>"Its next patch would be " <TagName tag /> "."</p> });
    view! {
        <div class="why-answer">
            <p><TagName repository=verdict.repository tag=verdict.tag /></p>
            <VerdictBadge verdict=verdict.verdict />
            <p><MarkedText text=verdict.reason /></p>
            {next}
            {notes.collect_view()}
        </div>
    }
}

fn missing(dry_run: DryRun, what: String, meant: Option<String>) -> impl IntoView {
    let path = dry_run.path();
    let meant = meant.map(|meant| {
        let href = format!("{path}?why={}", crate::paths::query_value(&meant));
        view! { <p>"Did you mean " <a href=href>{meant}</a> "?"</p> }
    });
    view! {
        <div class="why-answer">
            <p><code>{what}</code> " is not in this registry, so no run does anything with it."</p>
            {meant}
        </div>
    }
}
