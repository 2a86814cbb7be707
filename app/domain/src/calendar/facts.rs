//! What a registry's calendar is made of.
use super::{Freeze, Plan, SaveWarning, TOLERANCE, Ticks, match_runs, save_warnings};
use crate::console::WorkflowState;
use crate::run::{Run, RunCause};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CalendarFacts {
    pub workflow: WorkflowState,
    /// Runs of the trigger that Azure still lists, newest first.
    pub runs: Vec<Run>,
    /// Occurrences of the deployed timer from here on have their run in `runs`, or none. `None`
    /// where there is no timer, or it is switched off.
    pub timer_since: Option<DateTime<Utc>>,
    /// In the order in which they begin.
    pub freezes: Vec<KeptFreeze>,
    /// Oldest first.
    pub feeds: Vec<FeedLink>,
}

impl CalendarFacts {
    /// What is deployed; `None` for no timer, and for one that cannot be read.
    pub fn deployed(&self) -> Option<Plan> {
        Plan::read(self.workflow.cron.as_deref()?).ok()
    }

    /// What saving another timer would do to the runs that are planned; nothing where none is.
    pub fn save_warnings(&self, new: &Plan) -> Vec<SaveWarning> {
        let Some(deployed) = self.deployed() else {
            return Vec::new();
        };
        let last = self.runs.first().map(|run| run.created_at);
        save_warnings(Some(&deployed), new, last, self.workflow.as_of)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptFreeze {
    pub id: String,
    pub freeze: Freeze,
}

/// A link that a calendar program reads the planned runs by. Its token is told once, at its making.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedLink {
    pub id: String,
    pub created_at: DateTime<Utc>,
}

impl CalendarFacts {
    /// The deployed timer's past, occurrence by occurrence.
    pub fn past(&self) -> Ticks<'_> {
        past(&self.workflow, self.timer_since, &self.runs)
    }
}

/// What became of the occurrences of the deployed timer since `timer_since`, which is as in
/// [`CalendarFacts`].
pub fn past<'a>(
    workflow: &WorkflowState,
    timer_since: Option<DateTime<Utc>>,
    runs: &'a [Run],
) -> Ticks<'a> {
    let now = workflow.as_of;
    let plan = workflow.cron.as_deref().map(Plan::read);
    let planned: Vec<_> = match (plan, timer_since) {
        (Some(Ok(plan)), Some(since)) => plan.occurrences(since, now).collect(),
        _ => Vec::new(),
    };
    match_runs(&planned, runs, TOLERANCE, now)
}

/// From when on a timer is known to have been as it is: `known`, the last change that was told, or
/// later, after a run whose occurrence is none of this timer's: another hand changed it after that.
pub fn timer_since(plan: &Plan, runs: &[Run], known: DateTime<Utc>) -> DateTime<Utc> {
    let foreign = runs.iter().filter_map(|run| match &run.cause {
        RunCause::Timer {
            occurrence: Some(at),
            ..
        } if plan
            .occurrences(*at, *at + chrono::TimeDelta::minutes(1))
            .next()
            != Some(*at) =>
        {
            Some(*at)
        }
        _ => None,
    });
    foreign.fold(known, DateTime::max)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::{RunStatus, TaskName};

    #[test]
    fn a_run_of_another_timer_tells_that_it_was_changed_after_it() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let run = |occurrence: Option<&str>| Run {
            id: "ca1".to_owned(),
            task: Some(TaskName::Trigger),
            status: RunStatus::Succeeded,
            cause: RunCause::Timer {
                name: "azcli_defined_schedule".to_owned(),
                occurrence: occurrence.map(at),
            },
            created_at: at("2026-11-20T00:00:00Z"),
            started_at: None,
            finished_at: None,
            error: None,
        };
        let plan = Plan::read("30 2 */7 * *").unwrap();
        let known = at("2026-11-01T00:00:00Z");
        let since = |runs: &[Run]| timer_since(&plan, runs, known);
        assert_eq!(since(&[]), known);
        let own = run(Some("2026-11-15T02:30:00Z"));
        assert_eq!(since(&[own.clone(), run(None)]), known);
        let foreign = run(Some("2026-11-09T05:41:00Z"));
        assert_eq!(since(&[own, foreign]), at("2026-11-09T05:41:00Z"));
        let before = run(Some("2026-10-09T05:41:00Z"));
        assert_eq!(since(&[before]), known);
    }
}
