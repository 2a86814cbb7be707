use super::{failure, message};
use crate::console::Console;
use axum::response::sse::Event;
use drydock_workflow::Caller;
use futures::{Stream, StreamExt as _, stream};

/// All cycles of a registry, newest first: now, and whenever one of them changes.
pub(super) fn follow(
    console: Console,
    caller: Caller,
    registry: String,
) -> impl Stream<Item = Event> + use<> {
    let watching = async move { console.workflow.watch_runs(&caller, &registry).await };
    stream::once(watching).flat_map(|watched| match watched {
        Ok(mut runs) => {
            runs.mark_changed();
            let events = stream::unfold(runs, |mut runs| async move {
                runs.changed().await.ok()?;
                let event = message("runs", &*runs.borrow_and_update());
                Some((event, runs))
            });
            events.left_stream()
        }
        Err(error) => stream::iter([failure("runs", &error)]).right_stream(),
    })
}
