//! The calendar is plain cron arithmetic, in any zone.
use chrono::{DateTime, Datelike, Days, NaiveDate, TimeDelta, Utc};
use drydock_domain::calendar::{Plan, Zone, days, instant_of, local, offset_changes, wall_shifts};
use drydock_domain::cron::Cron;
use drydock_domain::schedule::Schedule;
use proptest::prelude::*;
use std::collections::BTreeMap;

/// Zones by rule, made by hand: enough to have every kind of change.
#[derive(Clone, Copy, Debug)]
enum Rule {
    Fixed(i32),
    /// Last Sundays of March and October, at 01:00 UTC everywhere.
    Europe(i32),
    /// Second Sunday of March and first of November, at 02:00 of the clocks before the change.
    America(i32),
    /// Lord Howe: by half an hour, in the southern summer, on first Sundays of October and April.
    HalfAnHour,
}

fn sunday(year: i32, month: u32, from_day: u32) -> NaiveDate {
    let first = NaiveDate::from_ymd_opt(year, month, from_day).expect("it is a date");
    let ahead = (7 - first.weekday().num_days_from_sunday()) % 7;
    first + Days::new(ahead.into())
}

/// An instant by the clocks of a standard offset.
fn by_clock(date: NaiveDate, hour: u32, offset: i32) -> DateTime<Utc> {
    let shown = date
        .and_hms_opt(hour, 0, 0)
        .expect("it is a time")
        .and_utc();
    shown - TimeDelta::seconds(offset.into())
}

impl Zone for Rule {
    fn offset_at(&self, instant: DateTime<Utc>) -> i32 {
        let year = instant.year();
        let summer = |standard: i32, from, to| {
            standard
                + if (from..to).contains(&instant) {
                    3600
                } else {
                    0
                }
        };
        match *self {
            Self::Fixed(offset) => offset,
            Self::Europe(standard) => {
                let (from, to) = (sunday(year, 3, 25), sunday(year, 10, 25));
                summer(standard, by_clock(from, 1, 0), by_clock(to, 1, 0))
            }
            Self::America(standard) => {
                let from = by_clock(sunday(year, 3, 8), 2, standard);
                summer(
                    standard,
                    from,
                    by_clock(sunday(year, 11, 1), 2, standard + 3600),
                )
            }
            Self::HalfAnHour => {
                let (winter, summer) = (37_800, 39_600);
                let from = by_clock(sunday(year, 4, 1), 2, summer);
                let to = by_clock(sunday(year, 10, 1), 2, winter);
                if (from..to).contains(&instant) {
                    winter
                } else {
                    summer
                }
            }
        }
    }
}

fn zone() -> impl Strategy<Value = Rule> {
    prop_oneof![
        prop::sample::select(vec![0, 20_700, -34_200, 50_400, -43_200]).prop_map(Rule::Fixed),
        prop::sample::select(vec![0, 3600, 7200]).prop_map(Rule::Europe),
        prop::sample::select(vec![-18_000, -28_800]).prop_map(Rule::America),
        Just(Rule::HalfAnHour),
    ]
}

fn date() -> impl Strategy<Value = NaiveDate> {
    // 2020 to 2051.
    (0_u64..11_688).prop_map(|day| {
        let first = NaiveDate::from_ymd_opt(2020, 1, 1).expect("it is a date");
        first + Days::new(day)
    })
}

/// `M H */N * *`, minute by minute's day: nothing of the product's own arithmetic.
fn plain_cron(
    n: u8,
    hour: u8,
    minute: u8,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Vec<DateTime<Utc>> {
    let first = from
        .date_naive()
        .pred_opt()
        .expect("far from the calendar's ends");
    let n_days = u64::try_from((to - from).num_days() + 4).expect("the window is not negative");
    (0..n_days)
        .map(|day| first + Days::new(day))
        .filter(|date| (date.day() - 1) % u32::from(n) == 0)
        .filter_map(|date| date.and_hms_opt(hour.into(), minute.into(), 0))
        .map(|time| time.and_utc())
        .filter(|at| (from..to).contains(at))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_calendar_s_days_hold_exactly_the_instants_of_cron(
        n in 1_u8..=30, hour in 0_u8..24, minute in 0_u8..60,
        zone in zone(), first in date(), length in 0_u64..120,
    ) {
        let end = first + Days::new(length);
        let schedule = Schedule::new(n, hour, minute).expect("it is a schedule");
        let plan = Plan::Days(schedule);
        let midnight = |date: NaiveDate| instant_of(&zone, date.and_time(chrono::NaiveTime::MIN));
        let expected = plain_cron(n, hour, minute, midnight(first), midnight(end));
        let mut by_day: BTreeMap<NaiveDate, Vec<DateTime<Utc>>> = BTreeMap::new();
        for at in &expected {
            let shown = at.naive_utc() + TimeDelta::seconds(zone.offset_at(*at).into());
            by_day.entry(shown.date()).or_default().push(*at);
        }
        let found = days(&plan, &zone, first, end);
        prop_assert!(found.keys().all(|date| (first..end).contains(date)), "{:?}", found);
        prop_assert_eq!(&found, &by_day);
        let cron = Cron::parse(&schedule.to_cron()).expect("a schedule's cron is one");
        prop_assert_eq!(days(&Plan::Cron(cron), &zone, first, end), by_day);
    }

    #[test]
    fn every_instant_comes_back_from_what_the_clocks_show(
        zone in zone(), date in date(), second in 0_i64..86_400,
    ) {
        let midnight = date.and_time(chrono::NaiveTime::MIN).and_utc();
        let instant = midnight + TimeDelta::seconds(second);
        let shown = local(&zone, instant);
        let back = instant_of(&zone, shown);
        prop_assert_eq!(local(&zone, back), shown);
        prop_assert!(back <= instant && instant - back <= TimeDelta::hours(1));
    }

    #[test]
    fn the_changes_of_a_window_are_all_that_happens_to_the_clocks(
        zone in zone(), first in date(), length in 0_u64..800, second in 0_i64..69_120_000,
    ) {
        let from = first.and_time(chrono::NaiveTime::MIN).and_utc();
        let to = from + Days::new(length);
        let changes = offset_changes(&zone, from, to);
        let probe = (from + TimeDelta::seconds(second)).min(to);
        let offset = changes.iter().rev().find(|change| change.at <= probe);
        let offset = offset.map_or(zone.offset_at(from), |change| change.after);
        prop_assert_eq!(zone.offset_at(probe), offset, "{:?} {:?}", probe, changes);
    }

    #[test]
    fn a_daily_run_moves_on_the_wall_exactly_when_the_clocks_change(
        hour in 0_u8..24, minute in 0_u8..60, zone in zone(), first in date(),
    ) {
        let plan = Plan::Days(Schedule::new(1, hour, minute).expect("it is a schedule"));
        let from = first.and_time(chrono::NaiveTime::MIN).and_utc();
        let to = from + Days::new(400);
        let occurrences: Vec<_> = plan.occurrences(from, to).collect();
        let moved = occurrences.windows(2).filter(|pair| {
            zone.offset_at(pair[0]) != zone.offset_at(pair[1])
        });
        let expected: Vec<_> = moved.map(|pair| pair[1]).collect();
        let shifts = wall_shifts(&plan, &zone, from, to);
        prop_assert_eq!(shifts.iter().map(|shift| shift.occurrence).collect::<Vec<_>>(), expected);
    }
}
