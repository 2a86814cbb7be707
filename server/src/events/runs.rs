use super::{failure, message};
use crate::console::Console;
use axum::response::sse::Event;
use drydock_workflow::{Caller, WorkflowError};
use futures::{Stream, StreamExt as _, stream};

/// All cycles of a registry, newest first: now, and whenever one of them changes.
pub(crate) fn follow(
    console: Console,
    caller: Caller,
    registry: String,
) -> impl Stream<Item = Event> + use<> {
    let watching = async move {
        let runs = console.workflow.watch_runs(&caller, &registry).await?;
        Ok::<_, WorkflowError>((caller, registry, runs))
    };
    stream::once(watching).flat_map(|watched| match watched {
        Ok((caller, registry, mut runs)) => {
            runs.mark_changed();
            let events = stream::unfold(runs, move |mut runs| {
                let (caller, registry) = (caller.clone(), registry.clone());
                async move {
                    runs.changed().await.ok()?;
                    let trees = caller.reached_runs(&registry, &runs.borrow_and_update());
                    Some((message("runs", &trees), runs))
                }
            });
            events.left_stream()
        }
        Err(error) => stream::iter([failure("runs", &error)]).right_stream(),
    })
}
