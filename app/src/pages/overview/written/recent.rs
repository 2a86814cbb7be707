use crate::pages::runs::ended_at;
use crate::paths;
use crate::ui::{Card, Elapsed, Time};
use crate::widgets::{MarkedText, RunStatusBadge, run_cause};
use chrono::{DateTime, Utc};
use drydock_domain::run::RunTree;
use leptos::prelude::*;

/// The last cycles, a line each.
#[component]
pub fn RecentCycles(
    registry: String,
    cycles: Vec<RunTree>,
    /// What goes on is counted up to here.
    as_of: DateTime<Utc>,
) -> impl IntoView {
    let runs = paths::runs(&registry);
    let body = if cycles.is_empty() {
        view! {
            <p class="muted">
                "No cycle has run yet. The first begins once a policy and a schedule are saved."
            </p>
        }
        .into_any()
    } else {
        let rows = cycles.into_iter().map(|cycle| {
            let href = paths::run(&registry, &cycle.trigger.id);
            let ended_at = ended_at(&cycle);
            view! {
                <li class="cycle-line">
                    <RunStatusBadge status=cycle.status />
                    <span class="cycle-title">
                        <a href=href><MarkedText text=cycle.summary /></a>
                        <span class="muted">{run_cause(&cycle.trigger, true)}</span>
                    </span>
                    <span class="cycle-time">
                        <Time at=cycle.trigger.created_at />
                        <Elapsed from=Some(cycle.trigger.created_at) to=Some(ended_at.unwrap_or(as_of)) />
                    </span>
                </li>
            }
        });
        view! { <ul class="lines" role="list">{rows.collect_view()}</ul> }.into_any()
    };
    view! {
        <Card title="Recent cycles" actions=move || view! { <a href=runs.clone()>"All runs"</a> }>
            {body}
        </Card>
    }
}
