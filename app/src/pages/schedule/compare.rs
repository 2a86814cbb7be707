use super::address::with_field;
use super::room::Room;
use super::words;
use crate::format;
use crate::paths;
use crate::ui::{Button, ButtonKind, Card, Cell, QueryForm, Table};
use drydock_domain::calendar::{Plan, Rhythm, compare};
use drydock_domain::schedule::Schedule;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

/// Two schedules over the months that are shown: the one in the form, and the deployed one or any other.
#[component]
pub fn Compare(room: Room) -> impl IntoView {
    let query = use_query_map();
    let asked = Memo::new(move |_| query.read().get("compare"));
    let other = move || match asked.get() {
        Some(days) => other_days(&days, room.chosen.get()),
        None => room
            .deployed
            .get()
            .filter(|plan| room.chosen.read().as_ref() != Some(plan)),
    };
    let table = move || {
        let (chosen, other) = (room.chosen.get()?, other()?);
        Some(view! { <Rhythms room other chosen /> })
    };
    let hidden = move |name: &'static str| {
        move || {
            query
                .read()
                .get(name)
                .map(|value| view! { <input type="hidden" name=name value=value /> })
        }
    };
    view! {
        <Card title="Compare" subtitle="The schedule above with another one, over the months that are shown.">
            <QueryForm action=paths::schedule(&room.registry())>
                {hidden("days")}
                {hidden("at")}
                {hidden("from")}
                <div class="compare-form">
                    <label for="compare">"Compare with every"</label>
                    <span class="with-unit">
                        <input
                            id="compare"
                            name="compare"
                            type="number"
                            min="1"
                            max=Schedule::MAX_DAYS
                            required=true
                            value=asked.get_untracked()
                            prop:value=move || asked.get().unwrap_or_default()
                        />
                        "days"
                    </span>
                    <Button kind=ButtonKind::Submit>"Compare"</Button>
                    {move || asked.read().is_some().then(|| {
                        view! { <a href=with_field(room, "compare", None)>"With the deployed one"</a> }
                    })}
                </div>
            </QueryForm>
            {table}
        </Card>
    }
}

/// Another number of days at the same time of day.
fn other_days(days: &str, chosen: Option<Plan>) -> Option<Plan> {
    let days = days.trim().parse().ok()?;
    let chosen = chosen.and_then(|plan| plan.schedule());
    let (hour, minute) = chosen.map_or((2, 30), |schedule| (schedule.hour(), schedule.minute()));
    Schedule::new(days, hour, minute).ok().map(Plan::Days)
}

#[component]
fn Rhythms(room: Room, other: Plan, chosen: Plan) -> impl IntoView {
    let (from, to) = room
        .window
        .get_untracked()
        .instants(&room.zone.read_untracked());
    let from = from.max(room.now());
    let found = compare(&other, &chosen, from, to);
    let row = |plan: &Plan, what: &'static str, rhythm: &Rhythm, alone: usize| {
        let shortest = rhythm
            .shortest
            .map_or_else(|| "–".to_owned(), words::length);
        let longest = format!(
            "{} from {}",
            words::length(rhythm.max_exposure),
            format::day(rhythm.longest_from)
        );
        let (plan, runs) = (
            plan.to_string(),
            format::thousands(rhythm.occurrences as u64),
        );
        view! {
            <tr role="row">
                <Cell column="Schedule"><strong>{plan}</strong> " " <span class="muted">{what}</span></Cell>
                <Cell column="Runs" numeric=true>{runs}</Cell>
                <Cell column="Of its own" numeric=true>{format::thousands(alone as u64)}</Cell>
                <Cell column="Shortest distance">{shortest}</Cell>
                <Cell column="Longest wait for a fix">{longest}</Cell>
            </tr>
        }
    };
    let is_deployed = room.deployed.read_untracked().as_ref() == Some(&other);
    let what = if is_deployed {
        "deployed"
    } else {
        "to compare"
    };
    let common = format::count(found.common as u64, "run is", "runs are");
    view! {
        <Table
            caption="Two schedules"
            columns=&["Schedule", "Runs", "Of its own", "Shortest distance", "Longest wait for a fix"]
        >
            {row(&other, what, &found.before, found.dropped.len())}
            {row(&chosen, "above", &found.after, found.added.len())}
        </Table>
        <p class="muted">{common} " the same in both, to the minute."</p>
    }
}
