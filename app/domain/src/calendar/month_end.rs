//! What the turn of a month does to `Nd`, said once for all months alike.
use crate::schedule::Schedule;
use chrono::{DateTime, Datelike, Utc};
use std::collections::BTreeMap;
use std::fmt;

/// All gaps of a window between the same two days of a month that are not what `Nd` promises.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MonthEnd {
    /// Days of the month: `29` and `1`.
    pub from_day: u32,
    pub to_day: u32,
    /// Whole days between the two runs: February makes the least.
    pub least: u16,
    pub most: u16,
    pub promised: u8,
    /// How often it is so in the window.
    pub times: usize,
}

impl MonthEnd {
    /// Two runs on consecutive days, where more days were promised.
    pub fn is_double_run(&self) -> bool {
        self.least == 1 && self.promised > 1
    }
}

/// The odd gaps whose first run is in the window, the shortest first.
pub fn month_ends(schedule: Schedule, from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<MonthEnd> {
    let mut ends: BTreeMap<(u32, u32), MonthEnd> = BTreeMap::new();
    for gap in schedule.odd_gaps(from, to) {
        let (from_day, to_day) = (gap.from.day(), gap.to.day());
        let end = ends.entry((from_day, to_day)).or_insert(MonthEnd {
            from_day,
            to_day,
            least: gap.days,
            most: gap.days,
            promised: gap.promised,
            times: 0,
        });
        end.least = end.least.min(gap.days);
        end.most = end.most.max(gap.days);
        end.times += 1;
    }
    let mut ends: Vec<MonthEnd> = ends.into_values().collect();
    ends.sort_by_key(|end| (end.least, end.from_day));
    ends
}

/// `from the 29th to the 1st: 2 to 3 days instead of 7, 11 times`.
impl fmt::Display for MonthEnd {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (from, to) = (Ordinal(self.from_day), Ordinal(self.to_day));
        write!(out, "from the {from} to the {to}: ")?;
        match (self.least, self.most) {
            (1, 1) => out.write_str("1 day")?,
            (least, most) if least == most => write!(out, "{least} days")?,
            (least, most) => write!(out, "{least} to {most} days")?,
        }
        write!(out, " instead of {}", self.promised)?;
        match self.times {
            1 => out.write_str(", once"),
            times => write!(out, ", {times} times"),
        }
    }
}

struct Ordinal(u32);

impl fmt::Display for Ordinal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ending = match self.0 {
            1 | 21 | 31 => "st",
            2 | 22 => "nd",
            3 | 23 => "rd",
            _ => "th",
        };
        write!(out, "{}{ending}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(days: u8, expected: &[&str], double_runs: usize) {
        let schedule = Schedule::new(days, 2, 30).unwrap();
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let (from, to) = (at("2026-01-01T00:00:00Z"), at("2027-01-01T00:00:00Z"));
        let ends = month_ends(schedule, from, to);
        let said: Vec<String> = ends.iter().map(MonthEnd::to_string).collect();
        assert_eq!(said, expected, "{days}d");
        let found = ends.iter().filter(|end| end.is_double_run()).count();
        assert_eq!(found, double_runs, "{days}d");
    }

    #[test]
    fn a_year_of_month_ends_is_named() {
        check(1, &[], 0);
        check(
            7,
            &["from the 29th to the 1st: 2 to 3 days instead of 7, 11 times"],
            0,
        );
        check(
            10,
            &[
                "from the 31st to the 1st: 1 day instead of 10, 7 times",
                "from the 21st to the 1st: 8 days instead of 10, once",
            ],
            1,
        );
        check(
            20,
            &["from the 21st to the 1st: 8 to 11 days instead of 20, 12 times"],
            0,
        );
        check(
            30,
            &[
                "from the 31st to the 1st: 1 day instead of 30, 7 times",
                "from the 1st to the 1st: 28 days instead of 30, once",
            ],
            1,
        );
    }
}
