use super::{Answer, answer, message};
use crate::console::Console;
use crate::failure::Failure;
use axum::Extension;
use axum::extract::{Path, State};
use drydock_workflow::Caller;
use futures::stream;

/// All cycles of a registry, newest first: now, and whenever one of them changes.
pub async fn follow(
    State(console): State<Console>,
    Extension(caller): Extension<Caller>,
    Path(registry): Path<String>,
) -> Result<Answer, Failure> {
    let mut runs = console.workflow.watch_runs(&caller, &registry).await?;
    runs.mark_changed();
    let events = stream::unfold(runs, |mut runs| async move {
        runs.changed().await.ok()?;
        let event = message(&*runs.borrow_and_update());
        Some((event, runs))
    });
    Ok(answer(events, console.leaving))
}
