//! Server-sent events: what changes while a page is open. Each message is JSON; a stream that has
//! said everything says `event: end` before it closes.
mod log;
mod runs;
mod samples;

use crate::console::Console;
use axum::Router;
use axum::response::sse::{Event, KeepAlive, KeepAliveStream, Sse};
use axum::routing::get;
use futures::{Stream, StreamExt as _};
use serde::Serialize;
use std::convert::Infallible;
use std::pin::Pin;
use tokio_util::sync::CancellationToken;

pub fn routes() -> Router<Console> {
    Router::new()
        .route(
            "/events/registries/{registry}/runs/{id}/log",
            get(log::follow),
        )
        .route("/events/registries/{registry}/runs", get(runs::follow))
        .route("/events/samples", get(samples::follow))
}

type Events = Pin<Box<dyn Stream<Item = Result<Event, Infallible>> + Send>>;
type Answer = Sse<KeepAliveStream<Events>>;

/// Sends `events` until they end or the process does. A comment every few seconds keeps proxies from
/// closing a quiet stream, and finds out that the browser has gone.
fn answer(
    events: impl Stream<Item = Event> + Send + 'static,
    leaving: CancellationToken,
) -> Answer {
    let until = leaving.cancelled_owned();
    let events: Events = Box::pin(events.map(Ok).take_until(until));
    Sse::new(events).keep_alive(KeepAlive::default())
}

fn message(value: &impl Serialize) -> Event {
    Event::default()
        .json_data(value)
        .expect("our own nouns serialise: no map has a key but text")
}

/// Says that nothing more will come: without it a browser connects again.
fn end() -> Event {
    Event::default().event("end").data("")
}
