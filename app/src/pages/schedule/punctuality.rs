use super::room::Room;
use super::words;
use crate::paths;
use crate::ui::{Badge, Card, Cell, IconName, LongTime, Table, Time, Tone};
use chrono::{DateTime, Utc};
use drydock_domain::calendar::{Tick, TickOutcome};
use leptos::prelude::*;

/// Occurrences that led to no run, or to a late one, and why.
#[component]
pub fn Punctuality(room: Room) -> impl IntoView {
    move || {
        let facts = room.facts.read();
        let since = facts.timer_since?;
        let past = facts.past();
        let registry = &facts.workflow.registry.name;
        let faults: Vec<_> = past
            .ticks
            .iter()
            .rev()
            .filter_map(|tick| row(registry, tick))
            .collect();
        let n_past = past.ticks.len() as u64;
        let body = match faults.is_empty() {
            true => view! { <Punctual n_past since /> }.into_any(),
            false => view! {
                <Table caption="Missed and late runs" columns=&["Planned", "What", "Why", "Run"]>
                    {faults}
                </Table>
            }
            .into_any(),
        };
        Some(view! { <Card title="Missed and late runs">{body}</Card> })
    }
}

#[component]
fn Punctual(n_past: u64, since: DateTime<Utc>) -> impl IntoView {
    let said = match n_past {
        0 => "No run of this timer was due yet".to_owned(),
        1 => "The one run that was due came in time".to_owned(),
        n => format!("All {n} runs that were due came in time"),
    };
    view! {
        <p class="muted">
            {said} ", counted from " <Time at=since /> " on: before that the timer was another one, or \
             Azure lists its runs no longer."
        </p>
    }
}

fn row(registry: &str, tick: &Tick<'_>) -> Option<AnyView> {
    let why = words::fault(tick)?;
    let (run, badge) = match tick.outcome {
        TickOutcome::Late { run, .. } => {
            let badge = view! { <Badge tone=Tone::Warning icon=IconName::Clock label="Late" /> };
            (Some(run), badge.into_any())
        }
        TickOutcome::Missed { instead } => {
            let badge =
                view! { <Badge tone=Tone::Danger icon=IconName::CrossCircle label="Missed" /> };
            (instead, badge.into_any())
        }
        TickOutcome::Future | TickOutcome::Due | TickOutcome::Ran { .. } => return None,
    };
    let link = run.map(|run| {
        let (href, id) = (paths::run(registry, &run.id), run.id.clone());
        view! { <a href=href>{id}</a> }
    });
    let planned = tick.planned;
    let row = view! {
        <tr role="row">
            <Cell column="Planned"><LongTime at=planned /></Cell>
            <Cell column="What">{badge}</Cell>
            <Cell column="Why">{why}</Cell>
            <Cell column="Run">{link}</Cell>
        </tr>
    };
    Some(row.into_any())
}
