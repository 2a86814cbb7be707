//! What the calendar of a registry shows: the timer, the runs that it led to, and what people added.
pub(crate) mod feed;
pub(crate) mod freeze;

use crate::registry_room::RegistryRoom;
use crate::runs::runs_of;
use crate::{Answer, Caller, Workflow};
use chrono::{DateTime, TimeDelta, Utc};
use drydock_azure::RunFilter;
use drydock_domain::access::Operation;
use drydock_domain::calendar::{CalendarFacts, Plan, Tick, TickOutcome, past, timer_since};
use drydock_domain::console::{AuditOutcome, WorkflowState};
use drydock_domain::run::{Run, RunTree, TaskName};
use drydock_ledger::EntryFilter;

/// Azure lists runs for thirty days: with one a day, and some by hand, all of them are read.
const RUN_LIMIT: u32 = 200;
const LISTED: TimeDelta = TimeDelta::days(30);

impl Workflow {
    pub async fn get_calendar(&self, caller: &Caller, registry: &str) -> Answer<CalendarFacts> {
        caller.authorise(Operation::Read)?;
        let room = self.room(caller, registry).await?;
        let filter = RunFilter {
            tasks: vec![TaskName::Trigger],
            ..RunFilter::default()
        };
        let runs = async {
            let arm = self.inner.azure.arm();
            Ok(arm.list_runs(&room.id, &filter, RUN_LIMIT).await?)
        };
        let (workflow, mut runs) = tokio::try_join!(self.state(&room), runs)?;
        let is_cut = runs.len() as u64 >= u64::from(RUN_LIMIT);
        let timer_since = self.timer_since(&room, &workflow, &runs, is_cut).await?;
        let ledger = &self.inner.ledger;
        let name = &room.registry.name;
        if caller.require_whole(name).is_err() {
            // What Azure says of a whole cycle may name any image of it.
            runs.iter_mut().for_each(|run| run.error = None);
        }
        Ok(CalendarFacts {
            timer_since,
            freezes: ledger.list_freezes(name).await?,
            feeds: ledger.list_feeds(name).await?,
            workflow: caller.reached_state(workflow),
            runs,
        })
    }

    /// Occurrences of the deployed timer without a run, newest first, by the cycles that were just
    /// read.
    pub(crate) async fn missed(
        &self,
        room: &RegistryRoom,
        workflow: &WorkflowState,
        cycles: &[RunTree],
    ) -> Answer<Vec<DateTime<Utc>>> {
        let n_read: usize = cycles.iter().map(|cycle| runs_of(cycle).count()).sum();
        let is_cut = n_read as u64 >= u64::from(crate::runs::RUN_LIMIT);
        let runs: Vec<Run> = cycles.iter().map(|cycle| cycle.trigger.clone()).collect();
        let since = self.timer_since(room, workflow, &runs, is_cut).await?;
        let past = past(workflow, since, &runs);
        let is_missed = |tick: &&Tick<'_>| matches!(tick.outcome, TickOutcome::Missed { .. });
        let missed = past.ticks.iter().rev().filter(is_missed);
        Ok(missed.map(|tick| tick.planned).collect())
    }

    /// Neither before the last change of the timer, nor before what Azure still lists.
    async fn timer_since(
        &self,
        room: &RegistryRoom,
        workflow: &WorkflowState,
        runs: &[Run],
        is_cut: bool,
    ) -> Answer<Option<DateTime<Utc>>> {
        let plan = workflow.cron.as_deref().map(Plan::read);
        let (Some(Ok(plan)), true) = (plan, workflow.next_run.is_some()) else {
            return Ok(None);
        };
        let trigger = workflow.tasks.iter();
        let created = trigger
            .filter(|task| task.name == TaskName::Trigger)
            .find_map(|task| task.created_at);
        let oldest = match is_cut {
            true => runs.last().map(|run| run.created_at),
            false => None,
        };
        let listed = workflow.as_of - LISTED;
        let changed = self.last_schedule_change(room).await?;
        let known = [created, oldest, changed].into_iter().flatten();
        let known = known.fold(listed, DateTime::max);
        Ok(Some(timer_since(&plan, runs, known)))
    }

    /// When this console set the timer last.
    async fn last_schedule_change(&self, room: &RegistryRoom) -> Answer<Option<DateTime<Utc>>> {
        let mut newest = None;
        for operation in [Operation::CreateWorkflow, Operation::UpdateWorkflow] {
            let filter = EntryFilter {
                operation: Some(operation.as_str().to_owned()),
                object: Some(room.registry.name.clone()),
                limit: 50,
                ..EntryFilter::default()
            };
            let entries = self.inner.ledger.list_entries(&filter).await?;
            let set = entries.into_iter().find(|entry| {
                let is_done = matches!(entry.outcome, Some(AuditOutcome::Succeeded { .. }));
                is_done && entry.detail.contains("schedule ")
            });
            newest = newest.max(set.and_then(|entry| entry.completed_at));
        }
        Ok(newest)
    }
}
