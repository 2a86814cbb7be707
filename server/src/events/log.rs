use super::{failure, message};
use crate::console::Console;
use axum::response::sse::Event;
use drydock_workflow::Caller;
use futures::{Stream, StreamExt as _};

/// A run's log while it is written. An event's id is the byte offset after it, which a browser sends
/// back as `Last-Event-ID` when it connects again: nothing is sent twice, and nothing is lost.
pub(crate) fn follow(
    console: &Console,
    caller: &Caller,
    registry: &str,
    run: &str,
    offset: u64,
) -> impl Stream<Item = Event> + use<> {
    let chunks = console.workflow.follow_log(caller, registry, run, offset);
    chunks.map(|chunk| match chunk {
        Ok(chunk) => {
            let after = chunk.offset + chunk.text.len() as u64;
            message("log", &chunk).id(after.to_string())
        }
        Err(error) => failure("log", &error),
    })
}
