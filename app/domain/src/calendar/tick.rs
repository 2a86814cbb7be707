//! Planned occurrences and the runs that they led to, or did not.
use crate::run::{Run, RunCause, TaskName};
use chrono::{DateTime, TimeDelta, Utc};

/// Azure's timers come a few minutes late by themselves.
pub const TOLERANCE: TimeDelta = TimeDelta::minutes(10);

/// One planned occurrence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tick<'a> {
    pub planned: DateTime<Utc>,
    pub outcome: TickOutcome<'a>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TickOutcome<'a> {
    /// It is still to come.
    Future,
    /// It is past, and a run may still appear.
    Due,
    /// It led to a run in time.
    Ran { run: &'a Run },
    /// It led to a run, and later than the tolerance.
    Late {
        run: &'a Run,
        by: TimeDelta,
        /// The run before it, where that was still under way at the planned instant.
        behind: Option<&'a Run>,
    },
    /// No run of the timer belongs to it.
    Missed {
        /// A run of the trigger without an occurrence of its own, within a day of the planned
        /// instant: somebody started one, or the timer was another one then. Else Azure gives no
        /// reason.
        instead: Option<&'a Run>,
    },
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ticks<'a> {
    /// In the order of the planned occurrences.
    pub ticks: Vec<Tick<'a>>,
    /// Runs of the trigger that no occurrence stands for: started by a person, or by a timer that
    /// was another one then. Oldest first.
    pub unplanned: Vec<&'a Run>,
}

/// Matches planned occurrences, in ascending order, with the trigger's runs. Each run of the timer
/// belongs to the occurrence that it names, or else to the last one at or before its creation;
/// only the first run of an occurrence counts for it. Within `tolerance` a run is in time, and a
/// missing one is not yet missed.
pub fn match_runs<'a>(
    planned: &[DateTime<Utc>],
    runs: &'a [Run],
    tolerance: TimeDelta,
    now: DateTime<Utc>,
) -> Ticks<'a> {
    let is_trigger = |run: &&Run| run.task == Some(TaskName::Trigger);
    let mut runs: Vec<&Run> = runs.iter().filter(is_trigger).collect();
    runs.sort_by_key(|run| run.created_at);
    let mut first: Vec<Option<&Run>> = vec![None; planned.len()];
    let mut unplanned = Vec::new();
    for run in &runs {
        match tick_of(run, planned, tolerance).and_then(|index| first.get_mut(index)) {
            Some(place @ None) => *place = Some(*run),
            Some(Some(_)) | None => unplanned.push(*run),
        }
    }
    let ticks = planned.iter().zip(first).map(|(planned, run)| Tick {
        planned: *planned,
        outcome: match run {
            Some(run) => ran(*planned, run, &runs, tolerance),
            None if now < *planned => TickOutcome::Future,
            None if now <= *planned + tolerance => TickOutcome::Due,
            None => TickOutcome::Missed {
                instead: nearest_within_a_day(*planned, &unplanned),
            },
        },
    });
    Ticks {
        ticks: ticks.collect(),
        unplanned,
    }
}

fn tick_of(run: &Run, planned: &[DateTime<Utc>], tolerance: TimeDelta) -> Option<usize> {
    let RunCause::Timer { occurrence, .. } = &run.cause else {
        return None;
    };
    if let Some(occurrence) = occurrence {
        return planned.binary_search(occurrence).ok();
    }
    // Clocks of two machines may differ: a run a moment before its occurrence is the run of it.
    let latest = run.created_at + tolerance.min(TimeDelta::minutes(1));
    planned.partition_point(|at| *at <= latest).checked_sub(1)
}

fn ran<'a>(
    planned: DateTime<Utc>,
    run: &'a Run,
    runs: &[&'a Run],
    tolerance: TimeDelta,
) -> TickOutcome<'a> {
    let by = run.created_at - planned;
    if by <= tolerance {
        return TickOutcome::Ran { run };
    }
    let is_under_way = |other: &&&Run| {
        other.created_at < planned && other.finished_at.is_none_or(|finished| finished > planned)
    };
    let behind = runs.iter().rfind(is_under_way).copied();
    TickOutcome::Late { run, by, behind }
}

fn nearest_within_a_day<'a>(planned: DateTime<Utc>, runs: &[&'a Run]) -> Option<&'a Run> {
    let distance = |run: &Run| (run.created_at - planned).abs();
    let near = runs
        .iter()
        .filter(|run| distance(run) <= TimeDelta::days(1));
    near.min_by_key(|run| distance(run)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::RunStatus;

    fn at(day: i64, minute: i64) -> DateTime<Utc> {
        let start: DateTime<Utc> = "2026-11-01T02:30:00Z".parse().unwrap();
        start + TimeDelta::days(day) + TimeDelta::minutes(minute)
    }

    fn run(id: &str, created_at: DateTime<Utc>, cause: RunCause) -> Run {
        Run {
            id: id.to_owned(),
            task: Some(TaskName::Trigger),
            status: RunStatus::Succeeded,
            cause,
            created_at,
            started_at: None,
            finished_at: None,
            error: None,
        }
    }

    fn timer(occurrence: Option<DateTime<Utc>>) -> RunCause {
        RunCause::Timer {
            name: "azcli_defined_schedule".to_owned(),
            occurrence,
        }
    }

    #[test]
    fn each_occurrence_has_its_run_or_none() {
        let planned: Vec<_> = (0..6).map(|day| at(day, 0)).collect();
        let mut scan = run("scan", at(2, 0), timer(None));
        scan.task = Some(TaskName::Scan);
        let runs = [
            run("again", at(0, 9), timer(None)),
            run("soon", at(0, 1), timer(None)),
            run("manual", at(2, 5), RunCause::Manual),
            scan,
            run("late", at(3, 61), timer(None)),
            run("named", at(5, 90), timer(Some(at(1, 0)))),
        ];
        let found = match_runs(&planned, &runs, TimeDelta::minutes(10), at(4, 5));
        let words: Vec<String> = found
            .ticks
            .iter()
            .map(|tick| match tick.outcome {
                TickOutcome::Future => "future".to_owned(),
                TickOutcome::Due => "due".to_owned(),
                TickOutcome::Ran { run } => format!("ran {}", run.id),
                TickOutcome::Late { run, by, .. } => {
                    format!("{} by {}", run.id, by.num_minutes())
                }
                TickOutcome::Missed { .. } => "missed".to_owned(),
            })
            .collect();
        let four_days = 4 * 24 * 60 + 90;
        let named = format!("named by {four_days}");
        let expected = ["ran soon", &named, "missed", "late by 61", "due", "future"];
        assert_eq!(words, expected);
        let unplanned: Vec<&str> = found.unplanned.iter().map(|run| run.id.as_str()).collect();
        assert_eq!(unplanned, ["again", "manual"]);
    }

    #[test]
    fn a_run_a_moment_early_belongs_to_its_occurrence() {
        let planned = [at(0, 0), at(1, 0)];
        let runs = [run("early", at(1, 0) - TimeDelta::seconds(30), timer(None))];
        let found = match_runs(&planned, &runs, TimeDelta::minutes(5), at(2, 0));
        let missed = TickOutcome::Missed { instead: None };
        assert_eq!(found.ticks[0].outcome, missed);
        assert_eq!(found.ticks[1].outcome, TickOutcome::Ran { run: &runs[0] });
    }

    #[test]
    fn a_run_of_a_timer_that_was_another_one_is_unplanned() {
        let runs = [
            run("before", at(-1, 0), timer(None)),
            run("other", at(0, 30), timer(Some(at(0, 30)))),
        ];
        let found = match_runs(&[at(0, 0)], &runs, TimeDelta::minutes(5), at(1, 0));
        let instead = Some(&runs[1]);
        assert_eq!(found.ticks[0].outcome, TickOutcome::Missed { instead });
        assert_eq!(found.unplanned.len(), 2);
    }

    #[test]
    fn a_late_run_names_the_one_that_was_in_its_way() {
        let mut long = run("long", at(0, 1), timer(None));
        let late = run("late", at(1, 45), timer(None));
        let behind = |runs: &[Run]| {
            let planned = [at(0, 0), at(1, 0)];
            let found = match_runs(&planned, runs, TimeDelta::minutes(5), at(2, 0));
            match found.ticks[1].outcome {
                TickOutcome::Late { behind, .. } => behind.map(|run| run.id.clone()),
                other => panic!("{other:?}"),
            }
        };
        long.finished_at = Some(at(1, 40));
        let found = behind(&[long.clone(), late.clone()]);
        assert_eq!(found.as_deref(), Some("long"));
        long.finished_at = Some(at(0, 40));
        assert_eq!(behind(&[long, late]), None);
    }
}
