//! `drydock schedule`: when a schedule runs, computed as Azure's timers compute it.
use super::Exit;
use anyhow::{Result, ensure};
use chrono::{DateTime, Datelike, SecondsFormat, Utc};
use clap::Args;
use drydock_domain::schedule::{self, Schedule};
use std::io::{self, Write};

/// RFC 3339 writes a year with four digits.
const LAST_YEAR: i32 = 9999;

#[derive(Args, Debug)]
pub struct ScheduleArguments {
    /// Every so many days of the month, 1d to 30d
    #[arg(value_name = "DAYS", value_parser = schedule::parse_days)]
    days: u8,
    /// Time of day in UTC
    #[arg(long, value_name = "HH:MM", value_parser = parse_time)]
    at: (u8, u8),
    /// Instants after this one [default: now]
    #[arg(long, value_name = "RFC3339", value_parser = parse_instant)]
    from: Option<DateTime<Utc>>,
    /// How many instants, at most 100000
    #[arg(long, value_name = "N", default_value_t = 10,
        value_parser = clap::value_parser!(u32).range(1..=100_000))]
    count: u32,
}

pub fn run(arguments: &ScheduleArguments) -> Result<Exit> {
    let (hour, minute) = arguments.at;
    let schedule = Schedule::new(arguments.days, hour, minute)?;
    let mut output = io::stdout().lock();
    let mut instant = arguments.from.unwrap_or_else(Utc::now);
    for _ in 0..arguments.count {
        instant = schedule.next_after(instant);
        ensure!(
            instant.year() <= LAST_YEAR,
            "the next instant is after the year {LAST_YEAR}, and RFC 3339 has no way to write it: \
             ask for fewer with --count, or begin earlier with --from"
        );
        writeln!(
            output,
            "{}",
            instant.to_rfc3339_opts(SecondsFormat::Secs, true)
        )?;
    }
    Ok(Exit::Success)
}

fn parse_instant(text: &str) -> Result<DateTime<Utc>, &'static str> {
    let instant = DateTime::parse_from_rfc3339(text);
    let instant = instant.map_err(|_| "write an instant as 2026-11-21T00:00:00Z")?;
    Ok(instant.to_utc())
}

fn parse_time(text: &str) -> Result<(u8, u8), &'static str> {
    schedule::parse_time(text).ok_or("write a time of day from 00:00 to 23:59")
}
