use super::{Answer, answer, end, message};
use crate::console::Console;
use crate::failure::Failure;
use axum::Extension;
use axum::extract::{Path, Query, State};
use axum::response::sse::Event;
use drydock_app::ApiError;
use drydock_domain::console::LogChunk;
use drydock_workflow::{Caller, WorkflowError};
use futures::{StreamExt as _, stream};
use http::HeaderMap;
use serde::Deserialize;

#[derive(Deserialize)]
pub struct Position {
    /// Bytes of the log that the page has already.
    #[serde(default)]
    offset: u64,
}

/// A run's log while it is written. An event's id is the byte offset after it, which a browser sends
/// back as `Last-Event-ID` when it connects again: nothing is sent twice, and nothing is lost.
pub async fn follow(
    State(console): State<Console>,
    Extension(caller): Extension<Caller>,
    Path((registry, id)): Path<(String, String)>,
    Query(position): Query<Position>,
    headers: HeaderMap,
) -> Result<Answer, Failure> {
    let offset = last_event_id(&headers).unwrap_or(position.offset);
    // A run that does not exist is 404, and not a stream that fails.
    console.workflow.get_run(&caller, &registry, &id).await?;
    let chunks = console.workflow.follow_log(&caller, &registry, &id, offset);
    let events = chunks.map(event).chain(stream::once(async { end() }));
    Ok(answer(events, console.leaving))
}

fn last_event_id(headers: &HeaderMap) -> Option<u64> {
    headers.get("last-event-id")?.to_str().ok()?.parse().ok()
}

fn event(chunk: Result<LogChunk, WorkflowError>) -> Event {
    match chunk {
        Ok(chunk) => {
            let after = chunk.offset + chunk.text.len() as u64;
            message(&chunk).id(after.to_string())
        }
        Err(error) => message(&ApiError::from(error)).event("failure"),
    }
}
