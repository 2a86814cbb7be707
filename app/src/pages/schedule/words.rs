//! Marks and gaps as sentences.
use super::model::{Day, Kind, Mark};
use crate::format;
use crate::state::zone::ZoneName;
use chrono::TimeDelta;
use drydock_domain::calendar::{Tick, TickOutcome};

/// `planned at 02:30 UTC, 2 days after the one before; missed at 05:00 UTC`.
pub fn day(day: &Day, zone: &ZoneName) -> String {
    let marks = day.marks.iter().map(|mark| mark_words(mark, zone));
    let freeze = day.freeze.iter().map(|name| format!("freeze “{name}”"));
    marks.chain(freeze).collect::<Vec<_>>().join("; ")
}

fn mark_words(mark: &Mark, zone: &ZoneName) -> String {
    let label = match mark.kind {
        Kind::Odd => Kind::Planned.label(),
        kind => kind.label(),
    };
    let said = format!("{label} at {}", zone.read(mark.at).clock());
    match mark.odd_days {
        Some(1) => format!("{said}, 1 day after the one before"),
        Some(days) => format!("{said}, {days} days after the one before"),
        None => said,
    }
}

/// Why an occurrence has no run, or a late one; `None` for one that was in time, or is to come.
pub fn fault(tick: &Tick<'_>) -> Option<String> {
    match tick.outcome {
        TickOutcome::Future | TickOutcome::Due | TickOutcome::Ran { .. } => None,
        TickOutcome::Late { by, behind, .. } => {
            let late = format!("Began {} late", length(by));
            Some(match behind {
                Some(run) => format!("{late}: run {} was still under way then.", run.id),
                None => format!("{late}. Azure gives no reason."),
            })
        }
        TickOutcome::Missed { instead } => Some(match instead {
            Some(run) => format!(
                "No run of the timer. Run {} was started within a day of it.",
                run.id
            ),
            None => {
                "No run. Azure gives no reason; start one by hand, and look at the timer's task \
                     in Settings."
                    .to_owned()
            }
        }),
    }
}

/// `7 days`, `6 days 21 h`, `45 min`.
pub fn length(length: TimeDelta) -> String {
    let minutes = length.num_minutes().max(0) as u64;
    let (days, hours) = (minutes / 1440, minutes / 60 % 24);
    match (days, hours) {
        (0, 0) => format!("{minutes} min"),
        (0, hours) => format!("{hours} h {:02} min", minutes % 60),
        (days, 0) => format::count(days, "day", "days"),
        (days, hours) => format!("{} {hours} h", format::count(days, "day", "days")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_keeps_what_matters_of_it() {
        let check = |minutes, expected| assert_eq!(length(TimeDelta::minutes(minutes)), expected);
        check(0, "0 min");
        check(45, "45 min");
        check(61, "1 h 01 min");
        check(1440, "1 day");
        check(7 * 1440, "7 days");
        check(6 * 1440 + 21 * 60, "6 days 21 h");
    }
}
