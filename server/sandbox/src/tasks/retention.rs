//! Runs are kept for thirty days after they have ended, and for ever when somebody archived them.
use super::run::Run;
use crate::State;
use chrono::{DateTime, TimeDelta, Utc};
use std::sync::Arc;

/// How long a run and its log are kept.
const RETENTION: TimeDelta = TimeDelta::days(30);
/// A run that is no longer archived may be due at once: it goes within this time.
const LONGEST_WAIT: TimeDelta = TimeDelta::days(1);

/// Runs until the sandbox shuts down.
pub async fn watch(state: Arc<State>) {
    loop {
        let now = state.clock.now();
        let sweeper = state.clone();
        let swept =
            tokio::task::spawn_blocking(move || sweeper.desk.remove_runs(|run| is_due(run, now)));
        match swept.await {
            Ok(Ok(0)) => {}
            Ok(Ok(count)) => tracing::info!(count, "runs have ended thirty days ago and are gone"),
            Ok(Err(error)) => tracing::error!(%error, "old runs could not be removed"),
            Err(panic) => tracing::error!(%panic, "the removal of old runs broke off"),
        }
        let next = state
            .desk
            .list_runs(None, usize::MAX, |run| !run.is_archive_enabled);
        let next = next.iter().filter_map(due_at).filter(|at| *at > now).min();
        let latest = now + LONGEST_WAIT;
        tokio::select! {
            () = state.shutdown.cancelled() => return,
            () = state.clock.sleep_until(next.map_or(latest, |next| next.min(latest))) => {}
        }
    }
}

fn due_at(run: &Run) -> Option<DateTime<Utc>> {
    run.finished_at.map(|finished_at| finished_at + RETENTION)
}

fn is_due(run: &Run, now: DateTime<Utc>) -> bool {
    !run.is_archive_enabled && due_at(run).is_some_and(|due_at| due_at <= now)
}
