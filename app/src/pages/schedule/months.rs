use super::address::with_field;
use super::model::{Day, Kind, Window, days};
use super::room::Room;
use super::roving::Roving;
use super::words;
use crate::format;
use crate::paths;
use crate::state::zone::ZoneName;
use crate::ui::Card;
use chrono::{Datelike, Days, NaiveDate};
use drydock_domain::calendar::local;
use leptos::prelude::*;
use std::collections::BTreeMap;

/// Months that one step earlier or later goes.
const STEP: i32 = 6;

/// Twelve months: as a strip that fits a glance, and as tables. A mark is a shape, and its words.
#[component]
pub fn Months(room: Room) -> impl IntoView {
    let grid = Memo::new(move |_| {
        let (facts, chosen) = (room.facts.read(), room.chosen.read());
        let zone = room.zone.get();
        Grid {
            days: days(&facts, chosen.as_ref(), room.window.get(), &zone),
            today: local(&zone, facts.workflow.as_of).date(),
            registry: facts.workflow.registry.name.clone(),
            window: room.window.get(),
            zone,
        }
    });
    let actions = move || {
        let window = room.window.get();
        let link = |label: &'static str, from: Option<String>| {
            view! { <a class="button" data-variant="quiet" href=with_field(room, "from", from)>{label}</a> }
        };
        view! {
            {link("Earlier", window.moved(-STEP))}
            {link("Today", None)}
            {link("Later", window.moved(STEP))}
        }
    };
    let subtitle =
        "What the timer led to, and what is planned. The days are those of the zone above.";
    let roving = Roving::new();
    move || {
        room.chosen.read().as_ref()?;
        let grid = grid.get();
        let strip = grid
            .window
            .months()
            .map(|month| strip(&grid, month))
            .collect_view();
        let tables = grid
            .window
            .months()
            .map(|month| table(&grid, month, roving))
            .collect_view();
        Some(view! {
            <Card title="Twelve months" subtitle actions>
                <Legend />
                <ol class="year" role="list" aria-label="Months">{strip}</ol>
                <div
                    class="months"
                    on:keydown=move |event| roving.on_key(&event, room.window.get_untracked())
                    on:focusin=move |event| roving.on_focus(&event)
                >
                    {tables}
                </div>
            </Card>
        })
    }
}

#[derive(Clone, PartialEq)]
struct Grid {
    days: BTreeMap<NaiveDate, Day>,
    today: NaiveDate,
    registry: String,
    window: Window,
    zone: ZoneName,
}

#[component]
fn Legend() -> impl IntoView {
    let kinds = Kind::ALL.map(|kind| {
        view! { <li><i class="mark" data-kind=kind.as_str()></i> {kind.label()}</li> }
    });
    view! {
        <ul class="legend" role="list">
            {kinds.into_iter().collect_view()}
            <li><i class="mark" data-kind="frozen"></i> "freeze"</li>
            <li><i class="mark" data-kind="today"></i> "today"</li>
        </ul>
    }
}

/// A month in one line of small marks, which leads to its table.
fn strip(grid: &Grid, month: NaiveDate) -> impl IntoView + use<> {
    let all: Vec<NaiveDate> = month
        .iter_days()
        .take_while(|day| day.month() == month.month())
        .collect();
    let kinds = all.iter().map(|day| grid.days.get(day).and_then(Day::kind));
    let marks = kinds.map(|kind| view! { <i class="mark" data-kind=kind.map(Kind::as_str)></i> });
    let count = |wanted: fn(Kind) -> bool| {
        let marks = all
            .iter()
            .filter_map(|day| grid.days.get(day))
            .flat_map(|day| &day.marks);
        marks.filter(|mark| wanted(mark.kind)).count() as u64
    };
    let runs = format::count(count(|kind| kind != Kind::Missed), "run", "runs");
    let missed = count(|kind| kind == Kind::Missed);
    let said = match missed {
        0 => runs,
        missed => format!("{runs}, {missed} missed"),
    };
    view! {
        <li>
            <a href=format!("#{}", anchor(month)) rel="external">
                <span>{format::month(month)}</span>
                <span class="year-marks" aria-hidden="true">{marks.collect_view()}</span>
                <span class="muted">{said}</span>
            </a>
        </li>
    }
}

fn anchor(month: NaiveDate) -> String {
    format!("month-{}", &format::date(month)[..7])
}

const WEEKDAYS: [(&str, &str); 7] = [
    ("Mo", "Monday"),
    ("Tu", "Tuesday"),
    ("We", "Wednesday"),
    ("Th", "Thursday"),
    ("Fr", "Friday"),
    ("Sa", "Saturday"),
    ("Su", "Sunday"),
];

fn table(grid: &Grid, month: NaiveDate, roving: Roving) -> impl IntoView + use<> {
    let head = WEEKDAYS.map(|(short, long)| view! { <th scope="col" abbr=long>{short}</th> });
    let rows = weeks(month).into_iter().map(|week| {
        let cells = week.map(|day| match day {
            Some(day) => cell(grid, day, roving).into_any(),
            None => view! { <td></td> }.into_any(),
        });
        view! { <tr>{cells.into_iter().collect_view()}</tr> }
    });
    view! {
        <table class="month" id=anchor(month) role=move || roving.role()>
            <caption>{format::month(month)}</caption>
            <thead><tr>{head.into_iter().collect_view()}</tr></thead>
            <tbody>{rows.collect_view()}</tbody>
        </table>
    }
}

/// The weeks of a month, Monday first, with nothing where another month's days would stand.
fn weeks(first: NaiveDate) -> Vec<[Option<NaiveDate>; 7]> {
    let mut weeks = Vec::new();
    let mut week = [None; 7];
    let mut day = first;
    while day.month() == first.month() {
        let place = day.weekday().num_days_from_monday() as usize;
        week[place] = Some(day);
        if place == 6 {
            weeks.push(std::mem::take(&mut week));
        }
        match day.checked_add_days(Days::new(1)) {
            Some(next) => day = next,
            None => break,
        }
    }
    if week.iter().any(Option::is_some) {
        weeks.push(week);
    }
    weeks
}

fn cell(grid: &Grid, date: NaiveDate, roving: Roving) -> impl IntoView + use<> {
    let (window, today) = (grid.window, grid.today);
    let day = grid.days.get(&date).cloned().unwrap_or_default();
    let kind = day.kind();
    let words = words::day(&day, &grid.zone);
    let words = (!words.is_empty()).then_some(words);
    // The run behind the mark, which leads to it.
    let run = day.marks.iter().rfind(|mark| Some(mark.kind) == kind);
    let href = run
        .and_then(|mark| mark.run.as_ref())
        .map(|id| paths::run(&grid.registry, id));
    let title = words.clone();
    let said = words.map(|words| view! { <span class="visually-hidden">": " {words}</span> });
    let number = match href {
        Some(href) => view! { <a href=href tabindex=move || roving.link()><span>{date.day()}</span> {said}</a> }.into_any(),
        None => view! { <span>{date.day()}</span> {said} }.into_any(),
    };
    view! {
        <td
            data-kind=kind.map(Kind::as_str)
            data-frozen=day.freeze.is_some().then_some("true")
            data-past=(date < grid.today).then_some("true")
            aria-current=(date == grid.today).then_some("date")
            title=title
            data-date=format::date(date)
            tabindex=move || roving.cell(date, window, today)
        >
            {number}
        </td>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_cut_into_weeks() {
        let first = NaiveDate::from_ymd_opt(2026, 11, 1).expect("it is a date");
        let weeks = weeks(first);
        assert_eq!(weeks.len(), 6);
        assert_eq!(weeks[0][6], Some(first));
        assert_eq!(weeks.iter().flatten().flatten().count(), 30);
    }
}
