//! When continuous patching runs, ran, and did not: a timer's occurrences in any zone, matched
//! to the runs that there were.
use crate::cron::{Cron, ParseCronError};
use crate::schedule::Schedule;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use std::fmt;

mod comparison;
mod facts;
mod freeze;
mod ics;
mod month_end;
mod saving;
mod tick;
mod zone;

pub use comparison::{Comparison, Rhythm, compare, rhythm};
pub use facts::{CalendarFacts, FeedLink, KeptFreeze, past, timer_since};
pub use freeze::{Freeze, InvalidFreeze, find_freeze};
pub use ics::{Feed, to_ics};
pub(crate) use ics::{escape, push_line, stamp};
pub use month_end::{MonthEnd, month_ends};
pub use saving::{SaveWarning, save_warnings};
pub use tick::{TOLERANCE, Tick, TickOutcome, Ticks, match_runs};
pub use zone::{
    OffsetChange, WallShift, Zone, days, instant_of, local, offset_changes, wall_shifts,
};

/// A timer: one that `Nd` stands for, or a cron of another hand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Plan {
    Days(Schedule),
    Cron(Cron),
}

impl Plan {
    /// Reads the cron of a timer trigger.
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

    /// The first occurrence strictly after an instant; `None` for a cron that no date fulfils.
    pub fn next_after(&self, instant: DateTime<Utc>) -> Option<DateTime<Utc>> {
        match self {
            Self::Days(schedule) => Some(schedule.next_after(instant)),
            Self::Cron(cron) => cron.next_after(instant),
        }
    }

    /// The next `n` occurrences strictly after an instant.
    pub fn next(&self, after: DateTime<Utc>, n: usize) -> Vec<DateTime<Utc>> {
        let all = std::iter::successors(self.next_after(after), |last| self.next_after(*last));
        all.take(n).collect()
    }

    /// The occurrences with `from <= occurrence < to`.
    pub fn occurrences(
        &self,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> impl Iterator<Item = DateTime<Utc>> {
        // An occurrence is at a full minute, so that nothing lies between.
        let before = from.checked_sub_signed(TimeDelta::nanoseconds(1));
        let first = self.next_after(before.unwrap_or(from));
        std::iter::successors(first, |last| self.next_after(*last))
            .take_while(move |occurrence| *occurrence < to)
    }
}

/// `7d at 21:54 UTC`, or the cron.
impl fmt::Display for Plan {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Days(schedule) => schedule.fmt(out),
            Self::Cron(cron) => out.write_str(cron.as_str()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_timer_of_another_hand_is_read_too() {
        let days = Plan::read("30 2 */7 * *").unwrap();
        assert_eq!(days.schedule().map(Schedule::days), Some(7));
        assert_eq!(days.to_string(), "7d at 02:30 UTC");
        let foreign = Plan::read("0 6 * * 1").unwrap();
        assert_eq!(foreign.to_string(), "0 6 * * 1");
        let next = foreign.next(at("2026-11-21T08:00:00Z"), 2);
        assert_eq!(
            next,
            [at("2026-11-23T06:00:00Z"), at("2026-11-30T06:00:00Z")]
        );
        assert!(Plan::read("never").is_err());
    }

    #[test]
    fn a_window_has_its_beginning_and_not_its_end() {
        for plan in ["0 6 * * *", "0 6 */1 * *"].map(|cron| Plan::read(cron).unwrap()) {
            let (from, to) = (at("2026-11-21T06:00:00Z"), at("2026-11-23T06:00:00Z"));
            let found: Vec<_> = plan.occurrences(from, to).collect();
            assert_eq!(found, [from, at("2026-11-22T06:00:00Z")]);
        }
        let never = Plan::read("0 0 30 2 *").unwrap();
        assert_eq!(
            never
                .occurrences(at("2026-01-01T00:00:00Z"), at("2030-01-01T00:00:00Z"))
                .count(),
            0
        );
    }

    #[test]
    fn the_true_next_twelve_dates_of_odd_schedules() {
        let dates = |days: u8| -> Vec<String> {
            let plan = Plan::Days(Schedule::new(days, 2, 30).unwrap());
            let next = plan.next(at("2026-01-01T00:00:00Z"), 12);
            next.iter()
                .map(|at| at.format("%m-%d").to_string())
                .collect()
        };
        assert_eq!(
            dates(30),
            [
                "01-01", "01-31", "02-01", "03-01", "03-31", "04-01", "05-01", "05-31", "06-01",
                "07-01", "07-31", "08-01"
            ]
        );
        assert_eq!(
            dates(20),
            [
                "01-01", "01-21", "02-01", "02-21", "03-01", "03-21", "04-01", "04-21", "05-01",
                "05-21", "06-01", "06-21"
            ]
        );
    }
}
