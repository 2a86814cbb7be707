//! Five-field cron expressions in UTC, as ACR's timer triggers evaluate them.
//!
//! The rules are NCrontab's, which differ from Unix cron in three ways: an instant must match
//! *both* the day of the month and the day of the week; Sunday is 0 and never 7; and `5/15` is
//! every 15th from 5 on. A field is `*`, a value, a range `1-5`, any of these with a step `/2`,
//! or a list of them with commas. Months and weekdays may be written as words or their
//! beginnings in any case: `Mon`, `sept`. A range written backwards is read forwards.
use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, TimeDelta, Timelike, Utc};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A schedule that no date fulfils, such as 30 February, is given up after this many years:
/// a whole turn of the calendar with every leap year and weekday in it.
const HORIZON_YEARS: i32 = 40;

/// A parsed expression. Equal when written alike.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Cron {
    source: String,
    /// Bit sets of the values that match.
    minutes: u64,
    hours: u64,
    days: u64,
    months: u64,
    weekdays: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseCronError {
    #[error(
        "`{expression}` has {found} fields. A cron expression has five: minute, hour, day of the \
         month, month, day of the week"
    )]
    FieldCount { expression: String, found: usize },
    #[error("`{value}` is not a {field}: {field}s are {range}")]
    Value {
        field: &'static str,
        value: String,
        range: String,
    },
    #[error("`{step}` is not a step for a {field}: it is a number from 1 on")]
    Step { field: &'static str, step: String },
}

struct Field {
    name: &'static str,
    min: u32,
    max: u32,
    words: &'static [&'static str],
}

const FIELDS: [Field; 5] = [
    Field::numeric("minute", 0, 59),
    Field::numeric("hour", 0, 23),
    Field::numeric("day of the month", 1, 31),
    Field {
        name: "month",
        min: 1,
        max: 12,
        words: &[
            "january",
            "february",
            "march",
            "april",
            "may",
            "june",
            "july",
            "august",
            "september",
            "october",
            "november",
            "december",
        ],
    },
    Field {
        name: "day of the week",
        min: 0,
        max: 6,
        words: &[
            "sunday",
            "monday",
            "tuesday",
            "wednesday",
            "thursday",
            "friday",
            "saturday",
        ],
    },
];

impl Cron {
    pub fn parse(expression: &str) -> Result<Self, ParseCronError> {
        let fields: Vec<&str> = expression.split_whitespace().collect();
        let [minutes, hours, days, months, weekdays] = fields[..] else {
            return Err(ParseCronError::FieldCount {
                expression: expression.to_owned(),
                found: fields.len(),
            });
        };
        Ok(Self {
            source: fields.join(" "),
            minutes: FIELDS[0].parse(minutes)?,
            hours: FIELDS[1].parse(hours)?,
            days: FIELDS[2].parse(days)?,
            months: FIELDS[3].parse(months)?,
            weekdays: FIELDS[4].parse(weekdays)?,
        })
    }

    /// The expression with single spaces.
    pub fn as_str(&self) -> &str {
        &self.source
    }

    /// The first occurrence strictly after an instant, at its full minute; `None` where no date
    /// in the next 40 years fulfils the expression, or the calendar ends.
    pub fn next_after(&self, instant: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let minute = instant.with_second(0)?.with_nanosecond(0)?;
        let from = minute
            .checked_add_signed(TimeDelta::minutes(1))?
            .naive_utc();
        let last_year = from.year().checked_add(HORIZON_YEARS)?;
        let mut date = from.date();
        let mut earliest = from.time();
        while date.year() <= last_year {
            if !contains(self.months, date.month()) {
                date = first_of_next_month(date)?;
            } else if let Some(time) = self.time_on(date, earliest) {
                return Some(date.and_time(time).and_utc());
            } else {
                date = date.checked_add_days(Days::new(1))?;
            }
            earliest = NaiveTime::MIN;
        }
        None
    }

    /// The first time of a day that matches, at `earliest` or later.
    fn time_on(&self, date: NaiveDate, earliest: NaiveTime) -> Option<NaiveTime> {
        let weekday = date.weekday().num_days_from_sunday();
        if !(contains(self.days, date.day()) && contains(self.weekdays, weekday)) {
            return None;
        }
        let hour = next_bit(self.hours, earliest.hour())?;
        if hour == earliest.hour()
            && let Some(minute) = next_bit(self.minutes, earliest.minute())
        {
            return NaiveTime::from_hms_opt(hour, minute, 0);
        }
        let hour = match hour == earliest.hour() {
            true => next_bit(self.hours, hour + 1)?,
            false => hour,
        };
        NaiveTime::from_hms_opt(hour, next_bit(self.minutes, 0)?, 0)
    }
}

fn contains(set: u64, value: u32) -> bool {
    set >> value & 1 == 1
}

/// The lowest value of a set that is at least `from`.
fn next_bit(set: u64, from: u32) -> Option<u32> {
    let rest = set.checked_shr(from)?;
    (rest != 0).then(|| from + rest.trailing_zeros())
}

fn first_of_next_month(date: NaiveDate) -> Option<NaiveDate> {
    match date.month() {
        12 => NaiveDate::from_ymd_opt(date.year().checked_add(1)?, 1, 1),
        month => NaiveDate::from_ymd_opt(date.year(), month + 1, 1),
    }
}

impl Field {
    const fn numeric(name: &'static str, min: u32, max: u32) -> Self {
        Self {
            name,
            min,
            max,
            words: &[],
        }
    }

    fn parse(&self, text: &str) -> Result<u64, ParseCronError> {
        text.split(',')
            .try_fold(0, |set, item| Ok(set | self.parse_item(item)?))
    }

    fn parse_item(&self, item: &str) -> Result<u64, ParseCronError> {
        let (values, step) = match item.split_once('/') {
            None => (item, None),
            Some((values, step)) => (values, Some(self.parse_step(step)?)),
        };
        let (first, last) = if values == "*" {
            (self.min, self.max)
        } else if let Some((first, last)) = values.split_once('-') {
            let (first, last) = (self.parse_value(first)?, self.parse_value(last)?);
            (first.min(last), first.max(last))
        } else {
            let value = self.parse_value(values)?;
            (value, if step.is_some() { self.max } else { value })
        };
        let step = usize::try_from(step.unwrap_or(1)).unwrap_or(usize::MAX);
        Ok((first..=last)
            .step_by(step)
            .fold(0, |set, value| set | 1 << value))
    }

    fn parse_step(&self, step: &str) -> Result<u32, ParseCronError> {
        parse_digits(step)
            .filter(|step| *step > 0)
            .ok_or_else(|| ParseCronError::Step {
                field: self.name,
                step: step.to_owned(),
            })
    }

    fn parse_value(&self, value: &str) -> Result<u32, ParseCronError> {
        let word = value.to_ascii_lowercase();
        let named = self
            .words
            .iter()
            .position(|name| !word.is_empty() && name.starts_with(&word))
            .and_then(|index| u32::try_from(index).ok())
            .map(|index| index + self.min);
        named
            .or_else(|| parse_digits(value))
            .filter(|number| (self.min..=self.max).contains(number))
            .ok_or_else(|| self.invalid(value))
    }

    fn invalid(&self, value: &str) -> ParseCronError {
        let words = match self.words {
            [] => String::new(),
            [first, .., last] => format!(", or {first} to {last}"),
            [only] => format!(", or {only}"),
        };
        ParseCronError::Value {
            field: self.name,
            value: value.to_owned(),
            range: format!("{} to {}{words}", self.min, self.max),
        }
    }
}

/// Digits alone: no sign, which `parse` would take.
fn parse_digits(text: &str) -> Option<u32> {
    text.bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| text.parse().ok())
        .flatten()
}

impl fmt::Display for Cron {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.source)
    }
}

impl FromStr for Cron {
    type Err = ParseCronError;

    fn from_str(expression: &str) -> Result<Self, ParseCronError> {
        Self::parse(expression)
    }
}

impl TryFrom<String> for Cron {
    type Error = ParseCronError;

    fn try_from(expression: String) -> Result<Self, ParseCronError> {
        Self::parse(&expression)
    }
}

impl From<Cron> for String {
    fn from(cron: Cron) -> Self {
        cron.source
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(expression: &str, after: &str, expected: &[&str]) {
        let cron = Cron::parse(expression).unwrap();
        let mut instant: DateTime<Utc> = after.parse().unwrap();
        for expected in expected {
            instant = cron.next_after(instant).unwrap();
            assert_eq!(
                instant,
                expected.parse::<DateTime<Utc>>().unwrap(),
                "{expression}"
            );
        }
    }

    #[test]
    fn occurrences_follow_the_five_fields() {
        check(
            "* * * * *",
            "2026-01-01T00:00:59Z",
            &["2026-01-01T00:01:00Z"],
        );
        check(
            "0 0 * * *",
            "2026-01-01T00:00:00Z",
            &["2026-01-02T00:00:00Z"],
        );
        check(
            "30 9-10 * * Mon-Fri",
            "2026-11-20T09:30:00Z",
            &[
                "2026-11-20T10:30:00Z",
                "2026-11-23T09:30:00Z",
                "2026-11-23T10:30:00Z",
            ],
        );
        check(
            "5/20 0 1 jan,JULY *",
            "2026-02-01T00:00:00Z",
            &[
                "2026-07-01T00:05:00Z",
                "2026-07-01T00:25:00Z",
                "2026-07-01T00:45:00Z",
                "2027-01-01T00:05:00Z",
            ],
        );
        check(
            "0 0 29 2 *",
            "2026-01-01T00:00:00Z",
            &["2028-02-29T00:00:00Z"],
        );
        check(
            "0 0 * * 5-1",
            "2026-11-21T12:00:00Z",
            &["2026-11-23T00:00:00Z"],
        );
    }

    #[test]
    fn both_the_day_of_the_month_and_of_the_week_must_match() {
        check(
            "0 12 13 * Fri",
            "2026-01-01T00:00:00Z",
            &["2026-02-13T12:00:00Z"],
        );
    }

    #[test]
    fn what_never_happens_is_none() {
        let cron = Cron::parse("0 0 30 2 *").unwrap();
        assert_eq!(
            cron.next_after("2026-01-01T00:00:00Z".parse().unwrap()),
            None
        );
        let daily = Cron::parse("0 0 * * *").unwrap();
        assert_eq!(daily.next_after(DateTime::<Utc>::MAX_UTC), None);
    }

    #[test]
    fn an_error_names_the_field_and_its_values() {
        let check = |expression: &str, expected: &str| {
            let error = Cron::parse(expression).unwrap_err().to_string();
            assert!(error.contains(expected), "{expression}: {error}");
        };
        check("0 0 * *", "has 4 fields");
        check("@daily", "has 1 fields");
        check("60 0 * * *", "`60` is not a minute: minutes are 0 to 59");
        check("0 24 * * *", "hours are 0 to 23");
        check("0 0 0 * *", "1 to 31");
        check("0 0 * 13 *", "january to december");
        check("0 0 * * 7", "`7` is not a day of the week");
        check("0 0 * * Funday", "sunday to saturday");
        check("*/0 0 * * *", "`0` is not a step");
        check("*/ 0 * * *", "is not a step");
        check("1, 0 * * *", "`` is not a minute");
        check("+1 0 * * *", "`+1`");
        check("99999999999 0 * * *", "99999999999");
    }

    #[test]
    fn text_and_json_keep_the_expression() {
        let cron: Cron = " 54  21 */7 * * ".parse().unwrap();
        assert_eq!(cron.to_string(), "54 21 */7 * *");
        let json = serde_json::to_string(&cron).unwrap();
        assert_eq!(serde_json::from_str::<Cron>(&json).unwrap(), cron);
    }
}
