//! Two timers over the same time.
use super::Plan;
use chrono::{DateTime, TimeDelta, Utc};

/// How a timer does over some time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rhythm {
    pub occurrences: usize,
    /// Between two occurrences that follow each other; `None` with fewer than two.
    pub shortest: Option<TimeDelta>,
    /// The longest time that a fix can wait for a run, the ends of the window included.
    pub max_exposure: TimeDelta,
    /// The longest gap's beginning: an occurrence, or the window's.
    pub longest_from: DateTime<Utc>,
}

/// Two rhythms over one window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    pub before: Rhythm,
    pub after: Rhythm,
    /// Occurrences that both have, those of the first alone, and of the second alone.
    pub common: usize,
    pub dropped: Vec<DateTime<Utc>>,
    pub added: Vec<DateTime<Utc>>,
}

/// Measures a timer with `from <= occurrence < to`.
pub fn rhythm(plan: &Plan, from: DateTime<Utc>, to: DateTime<Utc>) -> Rhythm {
    measure(&plan.occurrences(from, to).collect::<Vec<_>>(), from, to)
}

fn measure(occurrences: &[DateTime<Utc>], from: DateTime<Utc>, to: DateTime<Utc>) -> Rhythm {
    let mut rhythm = Rhythm {
        occurrences: occurrences.len(),
        shortest: None,
        max_exposure: TimeDelta::zero(),
        longest_from: from,
    };
    let mut last = from;
    for (index, occurrence) in occurrences.iter().chain([&to]).enumerate() {
        let gap = *occurrence - last;
        if gap > rhythm.max_exposure {
            (rhythm.max_exposure, rhythm.longest_from) = (gap, last);
        }
        // The first gap begins with the window, and the last one ends with it.
        if index > 0 && index < occurrences.len() {
            rhythm.shortest = Some(rhythm.shortest.map_or(gap, |shortest| shortest.min(gap)));
        }
        last = *occurrence;
    }
    rhythm
}

/// Compares two timers with `from <= occurrence < to`.
pub fn compare(before: &Plan, after: &Plan, from: DateTime<Utc>, to: DateTime<Utc>) -> Comparison {
    let old: Vec<DateTime<Utc>> = before.occurrences(from, to).collect();
    let new: Vec<DateTime<Utc>> = after.occurrences(from, to).collect();
    let without = |all: &[DateTime<Utc>], others: &[DateTime<Utc>]| -> Vec<DateTime<Utc>> {
        let is_alone = |at: &&DateTime<Utc>| others.binary_search(at).is_err();
        all.iter().filter(is_alone).copied().collect()
    };
    let dropped = without(&old, &new);
    Comparison {
        before: measure(&old, from, to),
        after: measure(&new, from, to),
        common: old.len() - dropped.len(),
        added: without(&new, &old),
        dropped,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_gaps_and_the_longest_wait_are_compared() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let plan = |cron| Plan::read(cron).unwrap();
        let (from, to) = (at("2026-01-01T00:00:00Z"), at("2026-03-01T00:00:00Z"));
        let found = compare(&plan("0 2 */10 * *"), &plan("0 2 */30 * *"), from, to);
        let days = |delta: TimeDelta| delta.num_days();
        // 1, 11, 21, 31 January; 1, 11, 21 February.
        assert_eq!((found.before.occurrences, found.after.occurrences), (7, 3));
        assert_eq!(found.before.shortest.map(days), Some(1));
        assert_eq!(days(found.before.max_exposure), 10);
        assert_eq!(found.before.longest_from, at("2026-01-01T02:00:00Z"));
        assert_eq!(found.after.shortest.map(days), Some(1));
        assert_eq!(days(found.after.max_exposure), 30);
        assert_eq!(
            (found.common, found.dropped.len(), found.added.len()),
            (3, 4, 0)
        );
        assert_eq!(found.dropped[0], at("2026-01-11T02:00:00Z"));
    }

    #[test]
    fn a_timer_that_never_comes_waits_for_ever() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let never = Plan::read("0 0 30 2 *").unwrap();
        let found = rhythm(
            &never,
            at("2026-01-01T00:00:00Z"),
            at("2026-01-03T00:00:00Z"),
        );
        assert_eq!((found.occurrences, found.shortest), (0, None));
        assert_eq!(found.max_exposure, TimeDelta::days(2));
    }
}
