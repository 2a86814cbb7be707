mod address;
mod clocks;
mod coming;
mod compare;
mod feed;
mod fields;
mod freezes;
mod model;
mod months;
mod punctuality;
mod room;
mod roving;
mod save;
mod words;

use crate::api::calendar::get_calendar;
use crate::state::zone::use_zone;
use crate::ui::{Card, Notice, PageHeader, Tone};
use crate::widgets::{AsOf, FROM_AZURE, Loaded, StartRunForm, ZonePicker, use_param};
use clocks::Irregular;
use coming::Coming;
use compare::Compare;
use drydock_domain::calendar::{CalendarFacts, Plan};
use feed::Feed;
use freezes::Freezes;
use leptos::prelude::*;
use months::Months;
use punctuality::Punctuality;
use room::Room;
use save::Choose;

/// When the trigger ran, did not, and will: for the deployed schedule, and for another one before it
/// is saved.
#[component]
pub fn SchedulePage() -> impl IntoView {
    let registry = use_param("registry");
    let facts = Resource::new(move || registry.get(), get_calendar);
    view! {
        <PageHeader
            title="Schedule"
            subtitle="When the trigger runs. “Every 7 days” begins again on the 1st of each month; the calendar shows what that means."
        />
        <Loaded resource=facts label="Loading the schedule" let:facts>
            {view! { <ScheduleBody facts /> }.into_any()}
        </Loaded>
    }
}

#[component]
fn ScheduleBody(facts: CalendarFacts) -> impl IntoView {
    let state = facts.workflow.clone();
    let is_off = state.cron.is_some() && state.next_run.is_none();
    let foreign = state.cron.clone().filter(|cron| Plan::read(cron).is_err());
    let as_of = state.as_of;
    let room = Room::new(facts);
    address::keep(room);
    view! {
        <section class="times" id="times" aria-label="Zone">
            <ZonePicker />
        </section>
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
            <Choose room />
            <div class="stack">
                <RunNow room />
                <Irregular room />
            </div>
        </div>
        <Coming room />
        <Punctuality room />
        <Months room />
        <Compare room />
        <div class="schedule-top">
            <Freezes room />
            <Feed room />
        </div>
        <AsOf at=as_of source=FROM_AZURE />
    }
}

/// Starts a cycle, and says that the timer does not notice.
#[component]
fn RunNow(room: Room) -> impl IntoView {
    let zone = use_zone();
    let state = room.facts.with_untracked(|facts| facts.workflow.clone());
    let configured = state.is_configured();
    let sentence = move || {
        let next = room.facts.read().workflow.next_run?;
        let next = zone.read().read(next).day_and_clock();
        Some(format!(
            "Starts a cycle at once. The next regular run stays as it is: {next}."
        ))
    };
    view! {
        <Card title="Run now" subtitle="Without waiting for the timer.">
            {move || sentence().map(|text| view! { <p class="muted">{text}</p> })}
            <StartRunForm registry=state.registry.name.clone() configured />
        </Card>
    }
}
