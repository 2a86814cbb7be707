use super::model::freeze_of;
use super::room::Room;
use super::words;
use crate::format;
use crate::state::zone::ZoneName;
use crate::ui::{Badge, Card, Cell, IconName, Table, Tone};
use chrono::{DateTime, Utc};
use leptos::prelude::*;

const N_SHOWN: usize = 12;
const ALONE: &[&str] = &["UTC", "After the one before", "Note"];
const BESIDE: &[&str] = &["UTC", "Local", "After the one before", "Note"];

/// The twelve next runs, in UTC and beside it in another zone.
#[component]
pub fn Coming(room: Room) -> impl IntoView {
    move || {
        let plan = room.chosen.get()?;
        let beside = room.beside.get();
        let now = room.now();
        let runs = plan.next(now, N_SHOWN);
        let subtitle = match &beside {
            Some(zone) => format!("In UTC, and in {}.", zone.as_str()),
            None => "In UTC.".to_owned(),
        };
        let before = std::iter::once(None).chain(runs.iter().copied().map(Some));
        let rows: Vec<_> = runs
            .iter()
            .zip(before)
            .map(|(at, before)| row(room, *at, before, beside.as_ref()).into_any())
            .collect();
        let empty = rows.is_empty().then(|| {
            view! { <p class="muted">"No date fulfils this timer: it never runs."</p> }
        });
        let columns = if beside.is_some() { BESIDE } else { ALONE };
        Some(view! {
            <Card title=format!("Next runs of {plan}") subtitle>
                {empty}
                <div class="coming">
                <Table caption="The next runs" columns>{rows}</Table>
                </div>
            </Card>
        })
    }
}

fn row(
    room: Room,
    at: DateTime<Utc>,
    before: Option<DateTime<Utc>>,
    beside: Option<&ZoneName>,
) -> impl IntoView + use<> {
    let utc = format!("{}, {}", format::day(at), format::clock(at));
    let local = beside.map(|zone| {
        let text = zone.read(at).day_and_clock();
        view! { <Cell column="Local"><time datetime=format::machine(at)>{text}</time></Cell> }
    });
    let gap = before.map(|before| words::length(at - before));
    let odd = room
        .chosen
        .read()
        .as_ref()
        .and_then(|plan| plan.schedule())
        .zip(before);
    let odd = odd
        .is_some_and(|(schedule, before)| (at - before).num_days() != i64::from(schedule.days()));
    let freeze = freeze_of(&room.facts.read(), at).map(|name| {
        view! { <Badge tone=Tone::Info icon=IconName::Ban label=format!("In the freeze “{name}”") /> }
    });
    let odd = odd.then(|| {
        view! { <Badge tone=Tone::Warning icon=IconName::Warning label="Odd distance" /> }
    });
    let shift = beside.zip(before).and_then(|(zone, before)| {
        let (was, is) = (zone.read(before), zone.read(at));
        let by = zone.offset_at(at) - zone.offset_at(before);
        (by != 0).then(|| {
            let text = format!("{}, no longer {}", is.clock(), was.clock());
            view! { <Badge tone=Tone::Info icon=IconName::Clock label=text /> }
        })
    });
    view! {
        <tr role="row">
            <Cell column="UTC"><time datetime=format::machine(at)>{utc}</time></Cell>
            {local}
            <Cell column="After the one before">{gap.unwrap_or_else(|| "–".to_owned())}</Cell>
            <Cell column="Note"><span class="notes">{odd} {freeze} {shift}</span></Cell>
        </tr>
    }
}
