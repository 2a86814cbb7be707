//! What the calendar shows: a schedule that the console can write, or a cron of another hand.
use crate::widgets::read_schedule;
use chrono::{DateTime, Datelike, Months, NaiveDate, Utc};
use drydock_domain::cron::{Cron, ParseCronError};
use drydock_domain::schedule::{Gap, Schedule};
use std::collections::BTreeMap;
use std::fmt;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Plan {
    Days(Schedule),
    /// A timer that `Nd` does not stand for.
    Cron(Cron),
}

/// Months that the calendar shows, the present one first.
pub const MONTHS: u32 = 12;

impl Plan {
    pub fn read(cron: &str) -> Result<Self, ParseCronError> {
        match Schedule::from_cron(cron) {
            Ok(schedule) => Ok(Self::Days(schedule)),
            Err(_) => Cron::parse(cron).map(Self::Cron),
        }
    }

    pub fn schedule(&self) -> Option<Schedule> {
        match self {
            Self::Days(schedule) => Some(*schedule),
            Self::Cron(_) => None,
        }
    }

    fn next_after(&self, instant: DateTime<Utc>) -> Option<DateTime<Utc>> {
        match self {
            Self::Days(schedule) => Some(schedule.next_after(instant)),
            Self::Cron(cron) => cron.next_after(instant),
        }
    }

    /// The next `n` runs strictly after an instant.
    pub fn next(&self, after: DateTime<Utc>, n: usize) -> Vec<DateTime<Utc>> {
        std::iter::successors(self.next_after(after), |last| self.next_after(*last))
            .take(n)
            .collect()
    }

    /// How many runs each day of the calendar has, and the first one's time.
    pub fn days(&self, now: DateTime<Utc>) -> BTreeMap<NaiveDate, (u32, DateTime<Utc>)> {
        let (from, to) = window(now);
        let before = from - chrono::TimeDelta::seconds(1);
        let runs = std::iter::successors(self.next_after(before), |last| self.next_after(*last))
            .take_while(|at| *at < to);
        let mut days = BTreeMap::new();
        for at in runs {
            days.entry(at.date_naive()).or_insert((0, at)).0 += 1;
        }
        days
    }

    /// The days on which a run comes sooner or later than the name promises, with the distance.
    pub fn odd_days(&self, now: DateTime<Utc>) -> BTreeMap<NaiveDate, u16> {
        let (from, to) = window(now);
        let Some(schedule) = self.schedule() else {
            return BTreeMap::new();
        };
        let odd = schedule.odd_gaps(from, to);
        odd.map(|gap| (gap.to.date_naive(), gap.days)).collect()
    }

    /// The odd gaps of the window in plain words, those after the same day of a month in one line.
    pub fn gaps(&self, now: DateTime<Utc>) -> Vec<String> {
        let (from, to) = window(now);
        let mut by_day: BTreeMap<(u32, u32), Vec<Gap>> = BTreeMap::new();
        for gap in self
            .schedule()
            .into_iter()
            .flat_map(|schedule| schedule.odd_gaps(from, to))
        {
            by_day
                .entry((gap.from.day(), gap.to.day()))
                .or_default()
                .push(gap);
        }
        by_day.values().map(|gaps| sentence(gaps)).collect()
    }
}

/// From the first day of this month on.
fn window(now: DateTime<Utc>) -> (DateTime<Utc>, DateTime<Utc>) {
    let today = now.date_naive();
    let first = today.with_day(1).unwrap_or(today);
    let end = first
        .checked_add_months(Months::new(MONTHS))
        .unwrap_or(first);
    (midnight(first), midnight(end))
}

pub fn midnight(date: NaiveDate) -> DateTime<Utc> {
    date.and_time(chrono::NaiveTime::MIN).and_utc()
}

/// `After the 29th the next run comes on the 1st, 2 to 3 days later and not 7: 11 times a year.`
fn sentence(gaps: &[Gap]) -> String {
    let days = gaps.iter().map(|gap| gap.days);
    let (least, most) = (days.clone().min().unwrap_or(0), days.max().unwrap_or(0));
    let Some(first) = gaps.first() else {
        return String::new();
    };
    let distance = match (least, most) {
        (1, 1) => "1 day".to_owned(),
        (least, most) if least == most => format!("{least} days"),
        (least, most) => format!("{least} to {most} days"),
    };
    let times = match gaps {
        [gap] => format!(
            "once, from {} to {}",
            gap.from.format("%-d %B %Y"),
            gap.to.format("%-d %B %Y")
        ),
        _ => format!("{} times in these {MONTHS} months", gaps.len()),
    };
    format!(
        "From the {} to the {}: {distance} instead of {} ({times}).",
        ordinal(first.from.day()),
        ordinal(first.to.day()),
        first.promised,
    )
}

fn ordinal(day: u32) -> String {
    let ending = match day {
        1 | 21 | 31 => "st",
        2 | 22 => "nd",
        3 | 23 => "rd",
        _ => "th",
    };
    format!("{day}{ending}")
}

/// The form's fields for a plan; for none, or for a foreign one, those that a new workflow begins with.
pub fn fields(plan: Option<&Plan>) -> (String, String) {
    match plan.and_then(Plan::schedule) {
        Some(schedule) => (
            schedule.days().to_string(),
            format!("{:02}:{:02}", schedule.hour(), schedule.minute()),
        ),
        None => ("7".to_owned(), "02:30".to_owned()),
    }
}

/// What the fields say. A foreign timer stays as it is until the fields are touched.
pub fn chosen(days: &str, at: &str, deployed: Option<&Plan>) -> Option<Plan> {
    let untouched = fields(deployed);
    match deployed {
        Some(foreign @ Plan::Cron(_)) if (days, at) == (&untouched.0, &untouched.1) => {
            Some(foreign.clone())
        }
        _ => read_schedule(days, at).ok().map(Plan::Days),
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Days(schedule) => schedule.fmt(formatter),
            Self::Cron(cron) => formatter.write_str(cron.as_str()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(days: u8) -> Plan {
        Plan::Days(Schedule::new(days, 2, 30).expect("it is a schedule"))
    }

    fn now() -> DateTime<Utc> {
        DateTime::parse_from_rfc3339("2026-11-21T08:00:00Z")
            .expect("it is an instant")
            .to_utc()
    }

    #[test]
    fn the_turn_of_the_month_is_named_once() {
        assert_eq!(
            plan(7).gaps(now()),
            ["From the 29th to the 1st: 2 to 3 days instead of 7 (11 times in these 12 months)."]
        );
        assert!(plan(1).gaps(now()).is_empty());
        let thirty = plan(30).gaps(now());
        assert!(
            thirty
                .iter()
                .any(|line| line.contains("31st to the 1st: 1 day instead of 30")),
            "{thirty:?}"
        );
    }

    #[test]
    fn the_calendar_begins_with_the_first_of_the_month() {
        let days = plan(10).days(now());
        let november: Vec<_> = days
            .keys()
            .take_while(|day| day.month() == 11)
            .map(|day| day.day())
            .collect();
        assert_eq!(november, [1, 11, 21]);
        assert!(
            days.keys()
                .all(|day| *day < NaiveDate::from_ymd_opt(2027, 11, 1).expect("a date"))
        );
    }

    #[test]
    fn a_foreign_timer_is_shown_until_the_fields_are_touched() {
        let foreign = Plan::read("0 6 * * 1").expect("it is a cron");
        assert_eq!(foreign.schedule(), None);
        let (days, at) = fields(Some(&foreign));
        assert_eq!(chosen(&days, &at, Some(&foreign)), Some(foreign.clone()));
        assert_eq!(chosen("3", &at, Some(&foreign)), Some(plan(3)));
        assert_eq!(
            foreign.next(now(), 1)[0].to_rfc3339(),
            "2026-11-23T06:00:00+00:00"
        );
    }

    #[test]
    fn several_runs_of_a_day_are_one_mark() {
        let twice = Plan::read("0 6,18 * * *").expect("it is a cron");
        let days = twice.days(now());
        assert!(days.values().all(|(n, _)| *n == 2));
    }
}
