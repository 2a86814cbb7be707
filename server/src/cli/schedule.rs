//! `drydock schedule`: when a schedule runs, computed as Azure's timers compute it.
use super::Exit;
use anyhow::{Context, Result};
use chrono::{DateTime, SecondsFormat, Utc};
use clap::Args;
use drydock_domain::schedule::{self, Schedule};
use std::io::{self, Write};

#[derive(Args, Debug)]
pub struct ScheduleArguments {
    /// Every so many days of the month, 1d to 30d
    #[arg(value_name = "DAYS")]
    days: String,
    /// Time of day in UTC
    #[arg(long, value_name = "HH:MM")]
    at: String,
    /// Instants after this one [default: now]
    #[arg(long, value_name = "RFC3339")]
    from: Option<DateTime<Utc>>,
    /// How many instants
    #[arg(long, value_name = "N", default_value_t = 10)]
    count: usize,
}

pub fn run(arguments: &ScheduleArguments) -> Result<Exit> {
    let (hour, minute) = parse_time(&arguments.at).with_context(|| {
        format!(
            "--at {}: write a time of day from 00:00 to 23:59",
            arguments.at
        )
    })?;
    let days = schedule::parse_days(&arguments.days)?;
    let schedule = Schedule::new(days, hour, minute)?;
    let mut output = io::stdout().lock();
    let mut instant = arguments.from.unwrap_or_else(Utc::now);
    for _ in 0..arguments.count {
        instant = schedule.next_after(instant);
        writeln!(
            output,
            "{}",
            instant.to_rfc3339_opts(SecondsFormat::Secs, true)
        )?;
    }
    Ok(Exit::Success)
}

fn parse_time(text: &str) -> Option<(u8, u8)> {
    let (hour, minute) = text.split_once(':')?;
    let number = |digits: &str, limit: u8| {
        let fits = digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
        fits.then(|| digits.parse().ok())
            .flatten()
            .filter(|number| *number < limit)
    };
    Some((number(hour, 24)?, number(minute, 60)?))
}

#[cfg(test)]
mod tests {
    use super::parse_time;

    #[test]
    fn a_time_of_day_has_two_digits_on_each_side() {
        let check = |text, expected| assert_eq!(parse_time(text), expected, "{text}");
        check("00:00", Some((0, 0)));
        check("23:59", Some((23, 59)));
        check("24:00", None);
        check("12:60", None);
        check("9:30", None);
        check("+9:30", None);
        check("0930", None);
        check("", None);
    }
}
