//! What each day of the calendar holds: runs that were, runs that were not, and runs to come.
use crate::state::zone::ZoneName;
use chrono::{DateTime, Months, NaiveDate, NaiveTime, TimeDelta, Utc};
use drydock_domain::calendar::{CalendarFacts, Plan, TickOutcome, find_freeze, instant_of, local};
use drydock_domain::run::{Run, RunCause, RunStatus};
use std::collections::BTreeMap;

/// Months that the calendar shows.
pub const MONTHS: u32 = 12;

/// The shape of a day's mark; of several the one that says the most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Planned,
    /// Sooner or later after the one before than the plan's name promises.
    Odd,
    ByHand,
    Succeeded,
    Running,
    Late,
    Failed,
    Missed,
}

impl Kind {
    /// In the order of the legend.
    pub const ALL: [Self; 8] = [
        Self::Planned,
        Self::Odd,
        Self::Succeeded,
        Self::Failed,
        Self::Running,
        Self::Late,
        Self::Missed,
        Self::ByHand,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Odd => "odd",
            Self::ByHand => "by-hand",
            Self::Succeeded => "succeeded",
            Self::Running => "running",
            Self::Late => "late",
            Self::Failed => "failed",
            Self::Missed => "missed",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Odd => "planned at an odd distance",
            Self::ByHand => "started by hand",
            Self::Succeeded => "succeeded",
            Self::Running => "under way",
            Self::Late => "late",
            Self::Failed => "failed",
            Self::Missed => "missed",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    pub kind: Kind,
    pub at: DateTime<Utc>,
    /// The trigger's run, where there is one.
    pub run: Option<String>,
    /// Whole days after the occurrence before, where that is odd.
    pub odd_days: Option<u16>,
}

/// One day of the chosen zone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Day {
    /// In the order of their instants.
    pub marks: Vec<Mark>,
    /// The name of a freeze that a part of the day lies in.
    pub freeze: Option<String>,
}

impl Day {
    pub fn kind(&self) -> Option<Kind> {
        self.marks.iter().map(|mark| mark.kind).max()
    }
}

/// The months that are shown, from the first of one on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    pub first: NaiveDate,
}

impl Window {
    /// `2026-10`, else the month before the present one: what has just happened is what people ask for.
    pub fn read(text: Option<&str>, today: NaiveDate) -> Self {
        let asked = text.and_then(|text| {
            let (year, month) = text.split_once('-')?;
            let year = year
                .parse()
                .ok()
                .filter(|year| (1970..3000).contains(year))?;
            NaiveDate::from_ymd_opt(year, month.parse().ok()?, 1)
        });
        let this = first_of(today);
        Self {
            first: asked.unwrap_or(this.checked_sub_months(Months::new(1)).unwrap_or(this)),
        }
    }

    pub fn months(self) -> impl Iterator<Item = NaiveDate> {
        (0..MONTHS).filter_map(move |n| self.first.checked_add_months(Months::new(n)))
    }

    pub fn end(self) -> NaiveDate {
        let end = self.first.checked_add_months(Months::new(MONTHS));
        end.unwrap_or(self.first)
    }

    pub fn instants(self, zone: &ZoneName) -> (DateTime<Utc>, DateTime<Utc>) {
        let midnight = |day: NaiveDate| instant_of(zone, day.and_time(NaiveTime::MIN));
        (midnight(self.first), midnight(self.end()))
    }

    /// The value of `from` some months earlier or later.
    pub fn moved(self, months: i32) -> Option<String> {
        let by = Months::new(months.unsigned_abs());
        let first = match months < 0 {
            true => self.first.checked_sub_months(by),
            false => self.first.checked_add_months(by),
        };
        first.map(|first| crate::format::date(first)[..7].to_owned())
    }
}

pub fn first_of(day: NaiveDate) -> NaiveDate {
    use chrono::Datelike;
    day.with_day(1).unwrap_or(day)
}

/// The days of a window: what the deployed timer led to, and what the chosen plan holds.
pub fn days(
    facts: &CalendarFacts,
    chosen: Option<&Plan>,
    window: Window,
    zone: &ZoneName,
) -> BTreeMap<NaiveDate, Day> {
    let (from, to) = window.instants(zone);
    let mut days: BTreeMap<NaiveDate, Day> = BTreeMap::new();
    let past = facts.past();
    let happened = past
        .ticks
        .iter()
        .filter_map(|tick| mark(tick.planned, &tick.outcome));
    let others = past.unplanned.iter().map(|run| {
        // A timer that was another one then is no hand.
        let fine = match run.cause {
            RunCause::Timer { .. } => Kind::Succeeded,
            RunCause::Manual | RunCause::ImageUpdate | RunCause::Source => Kind::ByHand,
        };
        Mark {
            kind: of_run(run, fine),
            ..ran(run.created_at, run)
        }
    });
    let planned = planned(chosen, facts.workflow.as_of, to);
    for mark in happened.chain(others).chain(planned) {
        if (from..to).contains(&mark.at) {
            let date = local(zone, mark.at).date();
            days.entry(date).or_default().marks.push(mark);
        }
    }
    for day in days.values_mut() {
        day.marks.sort_by_key(|mark| mark.at);
    }
    mark_freezes(&mut days, facts, window, zone);
    days
}

fn mark(planned: DateTime<Utc>, outcome: &TickOutcome<'_>) -> Option<Mark> {
    match outcome {
        // What is to come is the chosen plan's.
        TickOutcome::Future => None,
        TickOutcome::Due => Some(Mark {
            kind: Kind::Running,
            at: planned,
            run: None,
            odd_days: None,
        }),
        TickOutcome::Ran { run } => Some(Mark {
            kind: of_run(run, Kind::Succeeded),
            ..ran(planned, run)
        }),
        TickOutcome::Late { run, .. } => Some(Mark {
            kind: of_run(run, Kind::Late),
            ..ran(planned, run)
        }),
        TickOutcome::Missed { .. } => Some(Mark {
            kind: Kind::Missed,
            at: planned,
            run: None,
            odd_days: None,
        }),
    }
}

fn ran(at: DateTime<Utc>, run: &Run) -> Mark {
    Mark {
        kind: Kind::Succeeded,
        at,
        run: Some(run.id.clone()),
        odd_days: None,
    }
}

/// `fine` where the run ended well.
fn of_run(run: &Run, fine: Kind) -> Kind {
    match run.status {
        RunStatus::Succeeded => fine,
        RunStatus::Queued | RunStatus::Started | RunStatus::Running | RunStatus::Unknown => {
            Kind::Running
        }
        RunStatus::Failed | RunStatus::Canceled | RunStatus::Error | RunStatus::Timeout => {
            Kind::Failed
        }
    }
}

fn planned(plan: Option<&Plan>, now: DateTime<Utc>, to: DateTime<Utc>) -> Vec<Mark> {
    let Some(plan) = plan else {
        return Vec::new();
    };
    // The gap before the first run to come began with the one before it.
    let before = now - TimeDelta::days(62);
    let gaps = plan.schedule().into_iter();
    let odd: BTreeMap<DateTime<Utc>, u16> = gaps
        .flat_map(|schedule| schedule.odd_gaps(before, to))
        .map(|gap| (gap.to, gap.days))
        .collect();
    let coming = plan.occurrences(now, to).filter(|at| *at > now);
    let marks = coming.map(|at| {
        let odd_days = odd.get(&at).copied();
        let kind = odd_days.map_or(Kind::Planned, |_| Kind::Odd);
        Mark {
            kind,
            at,
            run: None,
            odd_days,
        }
    });
    marks.collect()
}

fn mark_freezes(
    days: &mut BTreeMap<NaiveDate, Day>,
    facts: &CalendarFacts,
    window: Window,
    zone: &ZoneName,
) {
    for kept in &facts.freezes {
        let freeze = &kept.freeze;
        let last = local(zone, freeze.to() - TimeDelta::seconds(1)).date();
        let first = local(zone, freeze.from()).date().max(window.first);
        let frozen = first.iter_days();
        for date in frozen.take_while(|date| *date <= last && *date < window.end()) {
            let day = days.entry(date).or_default();
            day.freeze.get_or_insert_with(|| freeze.name().to_owned());
        }
    }
}

/// The freeze that a run to come falls into.
pub fn freeze_of(facts: &CalendarFacts, at: DateTime<Utc>) -> Option<String> {
    let kept = facts.freezes.iter().map(|kept| kept.freeze.clone());
    let freezes: Vec<_> = kept.collect();
    find_freeze(&freezes, at).map(|freeze| freeze.name().to_owned())
}

#[cfg(test)]
mod tests;
