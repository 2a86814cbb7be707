mod calendar;
mod plan;
mod save;

use crate::api::workflow::get_workflow;
use crate::format;
use crate::paths;
use crate::ui::{Card, LocalTime, Notice, PageHeader, Time, Tone};
use crate::widgets::{Loaded, use_param};
use calendar::Calendar;
use chrono::{DateTime, Utc};
use drydock_domain::console::WorkflowState;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use plan::Plan;
use save::Choose;

/// When the trigger really runs, over a year, for the deployed schedule or for another one before it
/// is saved.
#[component]
pub fn SchedulePage() -> impl IntoView {
    let registry = use_param("registry");
    let state = Resource::new(move || registry.get(), get_workflow);
    let query = use_query_map();
    let given = move || {
        let query = query.read_untracked();
        query.get("days").zip(query.get("at"))
    };
    view! {
        <PageHeader
            title="Schedule"
            subtitle="When the trigger runs. “Every 7 days” begins again on the 1st of each month; the calendar shows what that means."
        />
        <Loaded resource=state label="Loading the schedule" let:state>
            {view! { <ScheduleBody state given=given() /> }.into_any()}
        </Loaded>
    }
}

#[component]
fn ScheduleBody(state: WorkflowState, given: Option<(String, String)>) -> impl IntoView {
    let now = state.as_of;
    let deployed = RwSignal::new(state.cron.as_deref().and_then(|cron| Plan::read(cron).ok()));
    let (days, at) = given.unwrap_or_else(|| plan::fields(deployed.get_untracked().as_ref()));
    let (days, at) = (RwSignal::new(days), RwSignal::new(at));
    let chosen = Memo::new(move |_| {
        let deployed = deployed.get();
        days.with(|days| at.with(|at| plan::chosen(days, at, deployed.as_ref())))
    });
    let shown = Memo::new(move |last: Option<&Option<Plan>>| {
        let kept = last.cloned().flatten();
        chosen.get().or(kept).or_else(|| deployed.get_untracked())
    });
    let is_off = state.cron.is_some() && state.next_run.is_none();
    let foreign = state.cron.clone().filter(|cron| Plan::read(cron).is_err());
    view! {
        {is_off.then(|| view! {
            <Notice tone=Tone::Warning title="No run is scheduled">
                <p>"The timer is switched off, or never comes due. Saving a schedule switches it on."</p>
            </Notice>
        })}
        {foreign.map(|cron| view! {
            <Notice tone=Tone::Warning title="The deployed timer cannot be read">
                <p>"Its cron is " <code>{cron}</code> ". Saving a schedule replaces it."</p>
            </Notice>
        })}
        <div class="schedule-top">
            <div class="stack">
                <Choose state days at deployed chosen />
                {move || shown.get().map(|plan| view! { <Gaps plan now /> })}
            </div>
            {move || shown.get().map(|plan| view! { <Next plan now /> })}
        </div>
        {move || shown.get().map(|plan| view! { <Calendar plan now /> })}
    }
}

/// The twelve next runs, in UTC and on the reader's clock.
#[component]
fn Next(plan: Plan, now: DateTime<Utc>) -> impl IntoView {
    let title = format!("Next runs of {plan}");
    let rows = plan.next(now, 12).into_iter().map(|at| {
        view! {
            <li>
                <time datetime=format::machine(at)>
                    {format::day(at)} ", " {at.format("%H:%M UTC").to_string()}
                </time>
                <span class="muted"><LocalTime at /></span>
            </li>
        }
    });
    view! {
        <Card title>
            <ol class="occurrences">{rows.collect_view()}</ol>
        </Card>
    }
}

#[component]
fn Gaps(plan: Plan, now: DateTime<Utc>) -> impl IntoView {
    let lines = plan.gaps(now);
    (!lines.is_empty()).then(|| {
        let lines = lines.into_iter().map(|line| view! { <li>{line}</li> });
        view! {
            <Card title="Odd gaps" subtitle="Where the distance between two runs is not what the name promises.">
                <ul class="gaps">{lines.collect_view()}</ul>
            </Card>
        }
    })
}

/// The way on where there is nothing to be scheduled yet.
#[component]
fn NotCreated(registry: String) -> impl IntoView {
    view! {
        <p class="muted">
            "Continuous patching is not set up here. The schedule is kept for the draft in this tab; it \
             takes effect when the workflow is created on the "
            <a href=paths::policy(&registry)>"policy page"</a> "."
        </p>
    }
}

/// What is deployed now, as long as it is not changed here.
#[component]
fn Deployed(deployed: RwSignal<Option<Plan>>, now: DateTime<Utc>) -> impl IntoView {
    move || {
        let plan = deployed.get()?;
        let next = plan.next(now, 1).into_iter().map(|at| {
            view! { ", next on " <Time at /> }
        });
        Some(view! {
            <p class="muted">"Deployed: " {plan.to_string()} {next.collect_view()}</p>
        })
    }
}
