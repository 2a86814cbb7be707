use super::plan::{MONTHS, Plan};
use crate::ui::Card;
use chrono::{DateTime, Datelike, Days, Months, NaiveDate, Utc};
use leptos::prelude::*;
use std::collections::BTreeMap;

/// Twelve months, each a table. A run is a disc, one at an odd distance a diamond; both say so in
/// words as well.
#[component]
pub fn Calendar(plan: Plan, now: DateTime<Utc>) -> impl IntoView {
    let marks = Marks {
        runs: plan.days(now),
        odd: plan.odd_days(now),
        today: now.date_naive(),
    };
    let first = marks.today.with_day(1).unwrap_or(marks.today);
    let months = (0..MONTHS).filter_map(|n| first.checked_add_months(Months::new(n)));
    let tables = months.map(|month| table(month, &marks)).collect_view();
    view! {
        <Card title="Twelve months" subtitle="Days in UTC.">
            <ul class="legend" role="list">
                <li><span class="mark-run" data-kind="run"></span> "run"</li>
                <li><span class="mark-run" data-kind="odd"></span> "run at an odd distance from the one before"</li>
                <li><span class="mark-run" data-kind="today"></span> "today"</li>
            </ul>
            <div class="months">{tables}</div>
        </Card>
    }
}

struct Marks {
    runs: BTreeMap<NaiveDate, (u32, DateTime<Utc>)>,
    odd: BTreeMap<NaiveDate, u16>,
    today: NaiveDate,
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

fn table(month: NaiveDate, marks: &Marks) -> impl IntoView + use<> {
    let head = WEEKDAYS.map(|(short, long)| view! { <th scope="col" abbr=long>{short}</th> });
    let rows = weeks(month).into_iter().map(|week| {
        let cells = week.map(|day| match day {
            Some(day) => cell(day, marks).into_any(),
            None => view! { <td></td> }.into_any(),
        });
        view! { <tr>{cells.into_iter().collect_view()}</tr> }
    });
    view! {
        <table class="month">
            <caption>{month.format("%B %Y").to_string()}</caption>
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

fn cell(day: NaiveDate, marks: &Marks) -> impl IntoView + use<> {
    let run = marks.runs.get(&day);
    let odd = run.and(marks.odd.get(&day));
    let kind = run.map(|_| if odd.is_some() { "odd" } else { "run" });
    let words = run.map(|(n, at)| words(*n, *at, odd.copied()));
    let title = words.clone();
    view! {
        <td
            data-kind=kind
            data-past=(day < marks.today).then_some("true")
            aria-current=(day == marks.today).then_some("date")
            title=title
        >
            <span>{day.day()}</span>
            {words.map(|words| view! { <span class="visually-hidden">": " {words}</span> })}
        </td>
    }
}

fn words(n: u32, at: DateTime<Utc>, odd: Option<u16>) -> String {
    let time = at.format("%H:%M UTC");
    let run = match n {
        1 => format!("run at {time}"),
        n => format!("{n} runs, the first at {time}"),
    };
    match odd {
        Some(1) => format!("{run}, 1 day after the one before"),
        Some(days) => format!("{run}, {days} days after the one before"),
        None => run,
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

    #[test]
    fn a_day_says_what_its_mark_means() {
        let at = DateTime::parse_from_rfc3339("2026-12-01T02:30:00Z")
            .expect("it is an instant")
            .to_utc();
        assert_eq!(
            words(1, at, Some(2)),
            "run at 02:30 UTC, 2 days after the one before"
        );
        assert_eq!(words(2, at, None), "2 runs, the first at 02:30 UTC");
    }
}
