//! The real distance between two runs.
use super::Schedule;
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use std::fmt;

/// Two occurrences that follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    pub from: DateTime<Utc>,
    pub to: DateTime<Utc>,
    /// Whole days between them: at least 1.
    pub days: u16,
    /// The days that the schedule's name promises.
    pub promised: u8,
}

impl Gap {
    /// It is not what the schedule's name promises.
    pub fn is_odd(&self) -> bool {
        self.days != u16::from(self.promised)
    }
}

impl Schedule {
    /// Each occurrence with `from <= occurrence < to` and the one that follows it, odd or not.
    pub fn gaps(self, from: DateTime<Utc>, to: DateTime<Utc>) -> impl Iterator<Item = Gap> {
        self.occurrences(from, to).map(move |occurrence| {
            let next = self.next_after(occurrence);
            Gap {
                from: occurrence,
                to: next,
                days: u16::try_from((next - occurrence).num_days()).unwrap_or(u16::MAX),
                promised: self.days,
            }
        })
    }

    /// The gaps of the window that are not what the name promises.
    pub fn odd_gaps(self, from: DateTime<Utc>, to: DateTime<Utc>) -> impl Iterator<Item = Gap> {
        self.gaps(from, to).filter(Gap::is_odd)
    }
}

/// `1 day between 31 January and 1 February`; with the years where they differ.
impl fmt::Display for Gap {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (from, to) = (self.from.date_naive(), self.to.date_naive());
        let days = if self.days == 1 { "day" } else { "days" };
        write!(
            formatter,
            "{} {days} between {}",
            self.days,
            day_and_month(from)
        )?;
        if from.year() != to.year() {
            write!(formatter, " {}", from.year())?;
        }
        write!(formatter, " and {}", day_and_month(to))?;
        if from.year() != to.year() {
            write!(formatter, " {}", to.year())?;
        }
        Ok(())
    }
}

/// From January on.
pub const MONTH_NAMES: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

fn day_and_month(date: NaiveDate) -> String {
    let month = usize::try_from(date.month0()).map_or("", |month| MONTH_NAMES[month]);
    format!("{} {month}", date.day())
}
