//! The five-field cron of a timer trigger, in UTC, as ACR evaluates it: every field must match,
//! days of the month *and* days of the week; names of months and days are allowed; a step
//! restarts with its field, so `*/7` in the day field is 1, 8, 15, 22, 29.
use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, Timelike, Utc};

/// A parsed cron expression. Each field is a set of numbers, one bit each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cron {
    minutes: u64,
    hours: u64,
    days: u64,
    months: u64,
    weekdays: u64,
}

/// Why an expression is not a schedule; a sentence for the person who wrote it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseCronError {
    #[error("a schedule has five fields (minute hour day month weekday), and this one has {0}")]
    FieldCount(usize),
    #[error("'{text}' is not a {field}: {low}-{high}, a list, a range or a step is")]
    Field {
        field: &'static str,
        text: String,
        low: u32,
        high: u32,
    },
    #[error("no day of any year matches this schedule")]
    Never,
}

struct Field {
    name: &'static str,
    low: u32,
    high: u32,
    names: &'static [&'static str],
}

const MINUTE: Field = Field::numbers("minute", 0, 59);
const HOUR: Field = Field::numbers("hour", 0, 23);
const DAY: Field = Field::numbers("day of the month", 1, 31);
const MONTH: Field = Field {
    name: "month",
    low: 1,
    high: 12,
    names: &[
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ],
};
const WEEKDAY: Field = Field {
    name: "day of the week",
    low: 0,
    high: 6,
    names: &["sun", "mon", "tue", "wed", "thu", "fri", "sat"],
};
/// 29 February may be eight years away, across 2100.
const LONGEST_WAIT_DAYS: u64 = 8 * 366 + 1;

impl Cron {
    pub fn parse(text: &str) -> Result<Self, ParseCronError> {
        let fields: Vec<&str> = text.split_whitespace().collect();
        let [minute, hour, day, month, weekday] = fields[..] else {
            return Err(ParseCronError::FieldCount(fields.len()));
        };
        let cron = Self {
            minutes: MINUTE.parse(minute)?,
            hours: HOUR.parse(hour)?,
            days: DAY.parse(day)?,
            months: MONTH.parse(month)?,
            weekdays: WEEKDAY.parse(weekday)?,
        };
        match cron.next_after(DateTime::UNIX_EPOCH) {
            Some(_) => Ok(cron),
            None => Err(ParseCronError::Never),
        }
    }

    /// The first whole minute strictly after `instant` that matches.
    pub fn next_after(&self, instant: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let today = instant.date_naive();
        let from = (instant.time().hour(), instant.time().minute() + 1);
        if let Some(found) = self.first_on(today, from) {
            return Some(found);
        }
        (1..=LONGEST_WAIT_DAYS)
            .map_while(|days| today.checked_add_days(Days::new(days)))
            .find_map(|day| self.first_on(day, (0, 0)))
    }

    fn first_on(&self, day: NaiveDate, from: (u32, u32)) -> Option<DateTime<Utc>> {
        let matches = has(self.months, day.month())
            && has(self.days, day.day())
            && has(self.weekdays, day.weekday().num_days_from_sunday());
        if !matches {
            return None;
        }
        let mut instants = (from.0..24)
            .filter(|hour| has(self.hours, *hour))
            .flat_map(|hour| {
                let first = if hour == from.0 { from.1 } else { 0 };
                (first..60).map(move |minute| (hour, minute))
            });
        let (hour, minute) = instants.find(|(_, minute)| has(self.minutes, *minute))?;
        Some(day.and_time(NaiveTime::from_hms_opt(hour, minute, 0)?).and_utc())
    }
}

fn has(set: u64, number: u32) -> bool {
    set & (1 << number) != 0
}

impl Field {
    const fn numbers(name: &'static str, low: u32, high: u32) -> Self {
        Self {
            name,
            low,
            high,
            names: &[],
        }
    }

    /// `*`, `5`, `1-5`, `*/7`, `10-30/5`, and lists of these with commas.
    fn parse(&self, text: &str) -> Result<u64, ParseCronError> {
        let mut set = 0;
        for item in text.split(',') {
            let (first, last, step) = self.item(item).ok_or_else(|| ParseCronError::Field {
                field: self.name,
                text: text.to_owned(),
                low: self.low,
                high: self.high,
            })?;
            for number in (first..=last).step_by(step) {
                set |= 1 << (if self.high == 6 { number % 7 } else { number });
            }
        }
        Ok(set)
    }

    fn item(&self, item: &str) -> Option<(u32, u32, usize)> {
        let (range, step) = match item.split_once('/') {
            Some((range, step)) => (range, Some(step.parse().ok().filter(|step| *step > 0)?)),
            None => (item, None),
        };
        let (first, last) = match (range, range.split_once('-')) {
            ("*", _) => (self.low, self.high),
            (_, Some((first, last))) => (self.number(first)?, self.number(last)?),
            // `5/10` runs from 5 to the end of the field.
            (_, None) if step.is_some() => (self.number(range)?, self.high),
            (_, None) => (self.number(range)?, self.number(range)?),
        };
        (first <= last).then_some((first, last, step.unwrap_or(1)))
    }

    fn number(&self, text: &str) -> Option<u32> {
        let lower = text.to_ascii_lowercase();
        let named = self.names.iter().position(|name| lower == *name);
        if let Some(place) = named {
            return Some(self.low + u32::try_from(place).ok()?);
        }
        // Sunday is 0 and 7.
        let high = if self.high == 6 { 7 } else { self.high };
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let number = text.parse().ok().filter(|_| digits)?;
        (self.low..=high).contains(&number).then_some(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cron: &str, after: &str, expected: &[&str]) {
        let cron = Cron::parse(cron).unwrap();
        let mut instant: DateTime<Utc> = after.parse().unwrap();
        for expected in expected {
            instant = cron.next_after(instant).unwrap();
            assert_eq!(instant, expected.parse::<DateTime<Utc>>().unwrap());
        }
    }

    #[test]
    fn a_step_of_days_restarts_with_the_month() {
        check(
            "54 21 */7 * *",
            "2025-04-22T21:54:00Z",
            &["2025-04-29T21:54:00Z", "2025-05-01T21:54:00Z", "2025-05-08T21:54:00Z"],
        );
        check("0 0 */30 * *", "2025-01-01T00:00:00Z", &["2025-01-31T00:00:00Z", "2025-02-01T00:00:00Z"]);
    }

    #[test]
    fn names_lists_ranges_and_both_sundays_are_understood() {
        check("0 12 * * Mon-Fri", "2026-11-20T12:00:00Z", &["2026-11-23T12:00:00Z"]);
        check("0,30 8-9 * jan *", "2026-01-01T08:10:00Z", &["2026-01-01T08:30:00Z", "2026-01-01T09:00:00Z"]);
        check("0 0 * * 7", "2026-11-21T00:00:00Z", &["2026-11-22T00:00:00Z"]);
        check("5/20 1 * * *", "2026-11-21T01:06:59Z", &["2026-11-21T01:25:00Z", "2026-11-21T01:45:00Z"]);
    }

    #[test]
    fn days_of_the_month_and_of_the_week_must_both_match() {
        check("0 0 13 * fri", "2026-11-21T00:00:00Z", &["2027-08-13T00:00:00Z"]);
    }

    #[test]
    fn a_leap_day_is_found_across_a_century() {
        check("0 0 29 2 *", "2096-03-01T00:00:00Z", &["2104-02-29T00:00:00Z"]);
    }

    #[test]
    fn what_is_no_schedule_is_refused_with_its_field() {
        for (text, part) in [
            ("* * * *", "five fields"),
            ("60 * * * *", "'60' is not a minute"),
            ("0 24 * * *", "hour"),
            ("0 0 0 * *", "day of the month"),
            ("0 0 */0 * *", "day of the month"),
            ("0 0 * 13 *", "month"),
            ("0 0 * * 8", "day of the week"),
            ("+5 0 * * *", "minute"),
            ("0 0 31 2 *", "no day of any year"),
        ] {
            let message = Cron::parse(text).unwrap_err().to_string();
            assert!(message.contains(part), "{text}: {message}");
        }
    }
}
