//! `7d` and its cron: when continuous patching runs.
//!
//! `Nd` is not every N days. It becomes `M H */N * *` in UTC, which means the days 1, 1+N, 1+2N …
//! of each month and begins again on the 1st; the gap around the turn of a month is what is left.
use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, Utc};
use serde::{Deserialize, Serialize};
use std::fmt;

mod gap;

pub use gap::{Gap, MONTH_NAMES};

/// A schedule that the az extension can write and read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Fields", into = "Fields")]
pub struct Schedule {
    days: u8,
    hour: u8,
    minute: u8,
}

#[derive(Serialize, Deserialize)]
struct Fields {
    days: u8,
    hour: u8,
    minute: u8,
}

/// The extension's rule about `--schedule`, and what to write.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSchedule {
    #[error(
        "`{0}` is not a schedule: write a number of days from 1 to 30 and a small d, such as 7d"
    )]
    Days(String),
    /// The same rule about a number alone, as a form has it.
    #[error("{0} days is no schedule: choose from 1 to 30 days")]
    NumberOfDays(u8),
    #[error("{hour}:{minute:02} is not a time of day: write 00:00 to 23:59")]
    Time { hour: u8, minute: u8 },
}

/// Why a cron is not a [`Schedule`]. It may still be a good one that another hand wrote.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the cron `{cron}` is not one that `Nd` stands for: {reason}")]
pub struct ForeignCron {
    pub cron: String,
    /// A clause, such as: its day field is `1,15`, not `*/N`.
    pub reason: String,
}

impl Schedule {
    pub const MAX_DAYS: u8 = 30;

    /// Days from 1 to 30, and a time of day in UTC.
    pub fn new(days: u8, hour: u8, minute: u8) -> Result<Self, InvalidSchedule> {
        if !(1..=Self::MAX_DAYS).contains(&days) {
            return Err(InvalidSchedule::NumberOfDays(days));
        }
        if hour > 23 || minute > 59 {
            return Err(InvalidSchedule::Time { hour, minute });
        }
        Ok(Self { days, hour, minute })
    }

    pub fn days(self) -> u8 {
        self.days
    }

    pub fn hour(self) -> u8 {
        self.hour
    }

    pub fn minute(self) -> u8 {
        self.minute
    }

    /// Reads the cron of a timer trigger. The extension reads the day field alone; here the
    /// others must be what it writes, so that [`Self::to_cron`] gives the same instants back.
    pub fn from_cron(cron: &str) -> Result<Self, ForeignCron> {
        let foreign = |reason: String| ForeignCron {
            cron: cron.to_owned(),
            reason,
        };
        let fields: Vec<&str> = cron.split_whitespace().collect();
        let [minute, hour, days, month, weekday] = fields[..] else {
            return Err(foreign(format!("it has {} fields, not 5", fields.len())));
        };
        let number = |field: &str, name: &str, max: u8| {
            parse_number(field)
                .filter(|number| *number <= max)
                .ok_or_else(|| foreign(format!("its {name} field is `{field}`, not one number")))
        };
        let minute = number(minute, "minute", 59)?;
        let hour = number(hour, "hour", 23)?;
        let days = days
            .strip_prefix("*/")
            .and_then(parse_number)
            .filter(|number| (1..=Self::MAX_DAYS).contains(number))
            .ok_or_else(|| foreign(format!("its day field is `{days}`, not `*/1` to `*/30`")))?;
        if month != "*" || weekday != "*" {
            return Err(foreign("it picks months or weekdays".to_owned()));
        }
        Ok(Self { days, hour, minute })
    }

    /// `54 21 */7 * *`, without leading zeros.
    pub fn to_cron(self) -> String {
        format!("{} {} */{} * *", self.minute, self.hour, self.days)
    }

    /// The first occurrence strictly after an instant; the last instant that there is where the
    /// calendar ends.
    pub fn next_after(self, instant: DateTime<Utc>) -> DateTime<Utc> {
        let today = instant.date_naive();
        let candidate = self.date_from(today).map(|date| self.at(date));
        match candidate {
            Some(candidate) if candidate > instant => candidate,
            _ => today
                .checked_add_days(Days::new(1))
                .and_then(|tomorrow| self.date_from(tomorrow))
                .map_or(DateTime::<Utc>::MAX_UTC, |date| self.at(date)),
        }
    }

    /// The occurrences from an instant on and before another: `from <= occurrence < to`.
    pub fn occurrences(self, from: DateTime<Utc>, to: DateTime<Utc>) -> Occurrences {
        let first = self.date_from(from.date_naive());
        let today = first.filter(|date| self.at(*date) >= from);
        let next = today.map_or_else(|| self.next_after(from), |date| self.at(date));
        Occurrences {
            schedule: self,
            next,
            to,
        }
    }

    /// The first date of the schedule that is at `date` or later.
    fn date_from(self, date: NaiveDate) -> Option<NaiveDate> {
        let step = u32::from(self.days);
        let day = (date.day0().div_ceil(step)) * step + 1;
        date.with_day(day).or_else(|| match date.month() {
            12 => NaiveDate::from_ymd_opt(date.year().checked_add(1)?, 1, 1),
            month => NaiveDate::from_ymd_opt(date.year(), month + 1, 1),
        })
    }

    fn at(self, date: NaiveDate) -> DateTime<Utc> {
        let time = NaiveTime::from_hms_opt(self.hour.into(), self.minute.into(), 0)
            .expect("a schedule holds a valid time of day");
        date.and_time(time).and_utc()
    }
}

/// Reads `7d`. Leading zeros and one last line break are accepted, as the extension does.
pub fn parse_days(text: &str) -> Result<u8, InvalidSchedule> {
    let invalid = || InvalidSchedule::Days(text.trim().to_owned());
    let line = text.strip_suffix('\n').unwrap_or(text);
    let digits = line.strip_suffix('d').ok_or_else(invalid)?;
    let significant = digits.trim_start_matches('0');
    let days = parse_number(significant).ok_or_else(invalid)?;
    Ok(Schedule::new(days, 0, 0).map_err(|_| invalid())?.days)
}

/// Reads a time of day, `HH:MM` and nothing else; hour and minute.
pub fn parse_time(text: &str) -> Option<(u8, u8)> {
    let (hour, minute) = text.split_once(':')?;
    let number = |digits: &str, limit: u8| {
        let number = parse_number(digits).filter(|number| *number < limit);
        number.filter(|_| digits.len() == 2)
    };
    Some((number(hour, 24)?, number(minute, 60)?))
}

/// ASCII digits alone, below 256.
fn parse_number(text: &str) -> Option<u8> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok()).flatten()
}

/// See [`Schedule::occurrences`].
#[derive(Clone, Debug)]
pub struct Occurrences {
    schedule: Schedule,
    next: DateTime<Utc>,
    to: DateTime<Utc>,
}

impl Iterator for Occurrences {
    type Item = DateTime<Utc>;

    fn next(&mut self) -> Option<DateTime<Utc>> {
        if self.next >= self.to {
            return None;
        }
        let occurrence = self.next;
        self.next = self.schedule.next_after(occurrence);
        Some(occurrence)
    }
}

/// `7d at 21:54 UTC`.
impl fmt::Display for Schedule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{}d at {:02}:{:02} UTC",
            self.days, self.hour, self.minute
        )
    }
}

impl TryFrom<Fields> for Schedule {
    type Error = InvalidSchedule;

    fn try_from(fields: Fields) -> Result<Self, InvalidSchedule> {
        Self::new(fields.days, fields.hour, fields.minute)
    }
}

impl From<Schedule> for Fields {
    fn from(schedule: Schedule) -> Self {
        Self {
            days: schedule.days,
            hour: schedule.hour,
            minute: schedule.minute,
        }
    }
}

#[cfg(test)]
mod tests;
