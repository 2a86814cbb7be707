//! What saving a timer would do to the runs that are planned now.
use super::Plan;
use crate::instant::Minute;
use chrono::{DateTime, TimeDelta, Utc};
use std::fmt;

/// Worth saying before the timer is saved. `Display` is a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SaveWarning {
    /// The time of day becomes another one: `Nd` has one time for all its runs.
    TimeMoves {
        before: (u32, u32),
        after: (u32, u32),
    },
    /// The next run comes at another instant.
    NextMoves {
        before: DateTime<Utc>,
        after: DateTime<Utc>,
    },
    /// Runs that are planned now and come before the new timer's first: nothing runs then.
    Skips { dropped: Vec<DateTime<Utc>> },
    /// The new timer's first run comes on the heels of the last one.
    Doubles {
        last: DateTime<Utc>,
        next: DateTime<Utc>,
    },
    /// The new timer never runs.
    Never,
}

/// More skipped runs than these are not listed.
const MAX_SKIPPED: usize = 100;
/// Two runs within this time do the same work twice.
const DOUBLE: TimeDelta = TimeDelta::hours(24);

/// Compares the deployed timer with the one that would replace it. `last_run` is when the trigger
/// ran last, whoever started it.
pub fn save_warnings(
    deployed: Option<&Plan>,
    new: &Plan,
    last_run: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Vec<SaveWarning> {
    let Some(after) = new.next_after(now) else {
        return vec![SaveWarning::Never];
    };
    let mut warnings = Vec::new();
    if deployed == Some(new) {
        return warnings;
    }
    if let (Some(old), Some(new)) = (deployed.and_then(Plan::schedule), new.schedule()) {
        let time = |it: crate::schedule::Schedule| (u32::from(it.hour()), u32::from(it.minute()));
        if time(old) != time(new) {
            warnings.push(SaveWarning::TimeMoves {
                before: time(old),
                after: time(new),
            });
        }
    }
    if let Some(before) = deployed.and_then(|plan| plan.next_after(now)) {
        if before != after {
            warnings.push(SaveWarning::NextMoves { before, after });
        }
        let dropped = deployed
            .into_iter()
            .flat_map(|plan| plan.occurrences(before, after));
        let dropped: Vec<DateTime<Utc>> = dropped.take(MAX_SKIPPED).collect();
        if !dropped.is_empty() {
            warnings.push(SaveWarning::Skips { dropped });
        }
    }
    // A timer that runs each day is meant to.
    let is_daily = new
        .next_after(after)
        .is_some_and(|second| second - after <= DOUBLE);
    if let Some(last) = last_run.filter(|last| after - *last <= DOUBLE && !is_daily) {
        warnings.push(SaveWarning::Doubles { last, next: after });
    }
    warnings
}

impl fmt::Display for SaveWarning {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TimeMoves { before, after } => write!(
                out,
                "Saving moves the run time from {:02}:{:02} to {:02}:{:02} UTC.",
                before.0, before.1, after.0, after.1
            ),
            Self::NextMoves { before, after } => write!(
                out,
                "The next run moves from {} to {}.",
                Minute(*before),
                Minute(*after)
            ),
            Self::Skips { dropped } => match dropped.as_slice() {
                [only] => write!(
                    out,
                    "The run that is planned for {} is dropped.",
                    Minute(*only)
                ),
                [first, .., last] => write!(
                    out,
                    "{} planned runs are dropped, from {} to {}.",
                    dropped.len(),
                    Minute(*first),
                    Minute(*last)
                ),
                [] => Ok(()),
            },
            Self::Doubles { last, next } => write!(
                out,
                "The first run, {}, comes less than a day after the last one, {}.",
                Minute(*next),
                Minute(*last)
            ),
            Self::Never => out.write_str("No date fulfils this timer: it would never run."),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn check(deployed: Option<&str>, new: &str, last_run: Option<&str>, expected: &[&str]) {
        let plan = |cron: &str| Plan::read(cron).unwrap();
        let warnings = save_warnings(
            deployed.map(plan).as_ref(),
            &plan(new),
            last_run.map(at),
            at("2026-11-21T08:00:00Z"),
        );
        let said: Vec<String> = warnings.iter().map(SaveWarning::to_string).collect();
        assert_eq!(said, expected, "{deployed:?} -> {new}");
    }

    #[test]
    fn what_saving_moves_skips_or_doubles_is_said() {
        let weekly = Some("30 2 */7 * *");
        check(weekly, "30 2 */7 * *", None, &[]);
        check(None, "30 2 */7 * *", None, &[]);
        check(
            weekly,
            "41 5 */7 * *",
            None,
            &[
                "Saving moves the run time from 02:30 to 05:41 UTC.",
                "The next run moves from 2026-11-22 02:30 UTC to 2026-11-22 05:41 UTC.",
                "The run that is planned for 2026-11-22 02:30 UTC is dropped.",
            ],
        );
        check(
            weekly,
            "30 2 */30 * *",
            None,
            &[
                "The next run moves from 2026-11-22 02:30 UTC to 2026-12-01 02:30 UTC.",
                "2 planned runs are dropped, from 2026-11-22 02:30 UTC to 2026-11-29 02:30 UTC.",
            ],
        );
        check(
            Some("30 2 */30 * *"),
            "30 2 */7 * *",
            Some("2026-11-21T07:00:00Z"),
            &[
                "The next run moves from 2026-12-01 02:30 UTC to 2026-11-22 02:30 UTC.",
                "The first run, 2026-11-22 02:30 UTC, comes less than a day after the last one, \
                 2026-11-21 07:00 UTC.",
            ],
        );
        check(None, "30 2 */1 * *", Some("2026-11-21T07:00:00Z"), &[]);
        check(
            weekly,
            "0 0 30 2 *",
            None,
            &["No date fulfils this timer: it would never run."],
        );
    }
}
