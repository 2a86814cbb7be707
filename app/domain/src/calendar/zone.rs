//! Local times in any zone. The caller knows the zones (a browser, or the server's own table);
//! here is only what follows from an offset.
use super::Plan;
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use std::collections::BTreeMap;

/// A zone's one fact: how far its clocks are ahead of UTC at an instant, in seconds; negative
/// west of Greenwich. A closure is one.
pub trait Zone {
    fn offset_at(&self, instant: DateTime<Utc>) -> i32;
}

impl<F: Fn(DateTime<Utc>) -> i32> Zone for F {
    fn offset_at(&self, instant: DateTime<Utc>) -> i32 {
        self(instant)
    }
}

/// What the zone's clocks show.
pub fn local(zone: &dyn Zone, instant: DateTime<Utc>) -> NaiveDateTime {
    let offset = TimeDelta::seconds(zone.offset_at(instant).into());
    let shown = instant.naive_utc().checked_add_signed(offset);
    shown.unwrap_or_else(|| instant.naive_utc())
}

/// The instant at which the zone's clocks show a time: the first of two where clocks are set
/// back, and where they are set forward over it, as if they had not been.
pub fn instant_of(zone: &dyn Zone, shown: NaiveDateTime) -> DateTime<Utc> {
    let guess = shown.and_utc();
    let day = TimeDelta::days(1);
    let offset_at = |instant: Option<DateTime<Utc>>| zone.offset_at(instant.unwrap_or(guess));
    let before = offset_at(guess.checked_sub_signed(day));
    let after = offset_at(guess.checked_add_signed(day));
    let with = |offset: i32| guess.checked_sub_signed(TimeDelta::seconds(offset.into()));
    let is_it = |instant: &DateTime<Utc>| local(zone, *instant) == shown;
    let found = [with(before), with(after)].into_iter().flatten();
    let first = found.filter(is_it).min();
    first.or(with(before)).unwrap_or(guess)
}

/// A plan's occurrences by the zone's days, from the beginning of one day and before that of
/// another.
pub fn days(
    plan: &Plan,
    zone: &dyn Zone,
    first: NaiveDate,
    end: NaiveDate,
) -> BTreeMap<NaiveDate, Vec<DateTime<Utc>>> {
    let midnight = |date: NaiveDate| instant_of(zone, date.and_time(NaiveTime::MIN));
    let mut days: BTreeMap<NaiveDate, Vec<DateTime<Utc>>> = BTreeMap::new();
    for occurrence in plan.occurrences(midnight(first), midnight(end)) {
        let date = local(zone, occurrence).date();
        days.entry(date).or_default().push(occurrence);
    }
    days
}

/// Clocks are set forward or back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OffsetChange {
    /// The first instant of the new offset.
    pub at: DateTime<Utc>,
    pub before: i32,
    pub after: i32,
}

/// The changes after `from`, up to and with `to`. Two that undo each other within a day are not
/// seen.
pub fn offset_changes(
    zone: &dyn Zone,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Vec<OffsetChange> {
    let mut changes = Vec::new();
    let (mut early, mut before) = (from, zone.offset_at(from));
    while early < to {
        let late = early.checked_add_signed(TimeDelta::days(1));
        let late = late.unwrap_or(to).min(to);
        let after = zone.offset_at(late);
        if after != before {
            let at = first_of(zone, early, late, before);
            changes.push(OffsetChange { at, before, after });
        }
        (early, before) = (late, after);
    }
    changes
}

/// Halves the time between two instants down to the second of the change.
fn first_of(
    zone: &dyn Zone,
    early: DateTime<Utc>,
    late: DateTime<Utc>,
    before: i32,
) -> DateTime<Utc> {
    let (mut early, mut late) = (early.timestamp(), late.timestamp());
    let instant = |second| DateTime::from_timestamp(second, 0).unwrap_or_default();
    while late - early > 1 {
        let middle = early + (late - early) / 2;
        match zone.offset_at(instant(middle)) == before {
            true => early = middle,
            false => late = middle,
        }
    }
    instant(late)
}

/// From this occurrence on the run comes at another local time of day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WallShift {
    pub occurrence: DateTime<Utc>,
    /// The local time of day of the occurrence before it, and of this one.
    pub before: NaiveTime,
    pub after: NaiveTime,
}

/// Where the timer, which knows only UTC, comes at another local time than the time before:
/// because the clocks changed, or because the plan itself has several times of day.
pub fn wall_shifts(
    plan: &Plan,
    zone: &dyn Zone,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Vec<WallShift> {
    let mut shifts = Vec::new();
    let mut last: Option<NaiveTime> = None;
    for occurrence in plan.occurrences(from, to) {
        let after = local(zone, occurrence).time();
        if let Some(before) = last.filter(|before| *before != after) {
            shifts.push(WallShift {
                occurrence,
                before,
                after,
            });
        }
        last = Some(after);
    }
    shifts
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::Datelike;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn time(text: &str) -> NaiveDateTime {
        text.parse().unwrap()
    }

    /// The last Sunday of a month at 01:00 UTC.
    fn last_sunday(year: i32, month: u32) -> DateTime<Utc> {
        let last = NaiveDate::from_ymd_opt(year, month, 31).unwrap();
        let back = last.weekday().num_days_from_sunday();
        let day = last - TimeDelta::days(back.into());
        day.and_hms_opt(1, 0, 0).unwrap().and_utc()
    }

    fn berlin(instant: DateTime<Utc>) -> i32 {
        let year = instant.year();
        let summer = last_sunday(year, 3)..last_sunday(year, 10);
        if summer.contains(&instant) {
            7200
        } else {
            3600
        }
    }

    #[test]
    fn a_run_comes_at_another_local_time_after_the_clocks_change() {
        let plan = Plan::read("30 2 */7 * *").unwrap();
        let (from, to) = (at("2026-03-01T00:00:00Z"), at("2026-11-30T00:00:00Z"));
        let changes = offset_changes(&berlin, from, to);
        let instants: Vec<_> = changes.iter().map(|change| change.at).collect();
        assert_eq!(
            instants,
            [at("2026-03-29T01:00:00Z"), at("2026-10-25T01:00:00Z")]
        );
        let shifts = wall_shifts(&plan, &berlin, from, to);
        let brief: Vec<_> = shifts
            .iter()
            .map(|shift| {
                (
                    shift.occurrence,
                    shift.before.to_string(),
                    shift.after.to_string(),
                )
            })
            .collect();
        let (early, late) = ("03:30:00".to_owned(), "04:30:00".to_owned());
        assert_eq!(
            brief,
            [
                (at("2026-03-29T02:30:00Z"), early.clone(), late.clone()),
                (at("2026-10-29T02:30:00Z"), late, early),
            ]
        );
        let steady = |_: DateTime<Utc>| 20_700;
        assert!(offset_changes(&steady, from, to).is_empty());
        assert!(wall_shifts(&plan, &steady, from, to).is_empty());
    }

    #[test]
    fn a_shown_time_is_an_instant_even_where_clocks_change() {
        let check = |shown: &str, instant: &str| {
            assert_eq!(instant_of(&berlin, time(shown)), at(instant), "{shown}");
        };
        check("2026-01-15T00:00:00", "2026-01-14T23:00:00Z");
        check("2026-07-15T00:00:00", "2026-07-14T22:00:00Z");
        // 02:30 is not shown in spring, and twice in autumn.
        check("2026-03-29T02:30:00", "2026-03-29T01:30:00Z");
        check("2026-10-25T02:30:00", "2026-10-25T00:30:00Z");
        check("2026-10-25T03:00:00", "2026-10-25T02:00:00Z");
    }

    #[test]
    fn a_day_is_the_zone_s_day() {
        let plan = Plan::read("30 23 1 * *").unwrap();
        let date = |day| NaiveDate::from_ymd_opt(2026, 11, day).unwrap();
        let found = days(&plan, &berlin, date(1), date(4));
        assert_eq!(found.keys().collect::<Vec<_>>(), [&date(2)]);
        let west = |_: DateTime<Utc>| -36_000;
        let found = days(&plan, &west, date(1), date(4));
        assert_eq!(found.keys().collect::<Vec<_>>(), [&date(1)]);
    }
}
