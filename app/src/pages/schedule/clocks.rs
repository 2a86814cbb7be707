use super::room::Room;
use crate::format;
use crate::state::zone::ZoneName;
use crate::ui::Card;
use chrono::{DateTime, Utc};
use drydock_domain::calendar::{Plan, month_ends, offset_changes, wall_shifts};
use leptos::prelude::*;

/// Where the plan does not do what its name promises: at the turn of a month, and where clocks change.
#[component]
pub fn Irregular(room: Room) -> impl IntoView {
    move || {
        let plan = room.chosen.get()?;
        let (from, to) = room.window.read().instants(&room.zone.read());
        let from = from.max(room.now());
        let ends = ends(&plan, from, to);
        let beside = room.beside.get();
        let shifts = beside.map_or_else(Vec::new, |zone| shifts(&plan, &zone, from, to));
        let card = |title: &'static str, subtitle: &'static str, lines: Vec<String>| {
            let is_empty = lines.is_empty();
            let lines = lines.into_iter().map(|line| view! { <li>{line}</li> });
            (!is_empty).then(|| {
                view! {
                    <Card title subtitle>
                        <ul class="gaps">{lines.collect_view()}</ul>
                    </Card>
                }
            })
        };
        let months = card(
            "At the turn of a month",
            "Where the distance between two runs is not what the name promises.",
            ends,
        );
        let clocks = card("When clocks change", "The timer knows UTC alone.", shifts);
        Some(view! { {months} {clocks} })
    }
}

fn ends(plan: &Plan, from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<String> {
    let schedule = plan.schedule().into_iter();
    let ends = schedule.flat_map(|schedule| month_ends(schedule, from, to));
    let sentence = |end: drydock_domain::calendar::MonthEnd| {
        let kind = if end.is_double_run() {
            "A double run"
        } else {
            "A gap"
        };
        format!("{kind} {end}.")
    };
    ends.map(sentence).collect()
}

fn shifts(plan: &Plan, zone: &ZoneName, from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<String> {
    let changes = offset_changes(zone, from, to);
    let shifts = wall_shifts(plan, zone, from, to).into_iter();
    // A plan with several times of day shifts by itself, which is no news.
    let by_clock = shifts.filter(|shift| {
        let before = changes.iter().rfind(|change| change.at <= shift.occurrence);
        before.is_some_and(|change| {
            let earlier = plan.occurrences(change.at, shift.occurrence).next();
            earlier.is_none()
        })
    });
    let sentence = |shift: drydock_domain::calendar::WallShift| {
        format!(
            "From {} on, runs come at {} in {}, and no longer at {}.",
            zone.read(shift.occurrence).day(),
            format::time(shift.after),
            zone.as_str(),
            format::time(shift.before),
        )
    };
    by_clock.map(sentence).collect()
}
