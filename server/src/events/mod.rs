//! Server-sent events: what changes while a page is open, all of it in one stream for a tab. The
//! name of an event is its topic, its data JSON; a stream that has said everything says `event: end`
//! before it closes.
mod log;
mod runs;
mod samples;

pub(crate) use log::follow as follow_log;
pub(crate) use runs::follow as follow_runs;

use crate::console::Console;
use axum::extract::{Query, State};
use axum::response::sse::{Event, KeepAlive, KeepAliveStream, Sse};
use axum::routing::get;
use axum::{Extension, Router};
use drydock_app::paths;
use drydock_workflow::Caller;
use futures::StreamExt as _;
use futures::stream::{self, BoxStream};
use http::HeaderMap;
use serde::{Deserialize, Serialize};
use std::convert::Infallible;

pub fn routes() -> Router<Console> {
    Router::new().route(paths::EVENTS, get(follow))
}

/// What a tab follows. `app`'s `state::events::address` writes it.
#[derive(Deserialize)]
struct Wanted {
    #[serde(default)]
    samples: bool,
    /// The registry whose cycles are told of.
    runs: Option<String>,
    /// The registry and the run of a log, and the bytes of it that the page has already.
    logs_of: Option<String>,
    log: Option<String>,
    #[serde(default)]
    offset: u64,
}

type Answer = Sse<KeepAliveStream<BoxStream<'static, Result<Event, Infallible>>>>;

/// Sends what is wanted until all of it has been said or the process ends. A comment every few
/// seconds keeps proxies from closing a quiet stream, and finds out that the browser has gone. What
/// cannot be told says so by an `event: failure` with the topic's name, and the rest goes on.
async fn follow(
    State(console): State<Console>,
    Extension(caller): Extension<Caller>,
    Query(wanted): Query<Wanted>,
    headers: HeaderMap,
) -> Answer {
    let mut topics: Vec<BoxStream<'static, Event>> = Vec::new();
    if wanted.samples {
        let registries = console.workflow.list_registries(&caller).await;
        let registries = registries.unwrap_or_default();
        topics.push(samples::follow(&console, caller.clone(), registries).boxed());
    }
    if let Some(registry) = wanted.runs {
        topics.push(runs::follow(console.clone(), caller.clone(), registry).boxed());
    }
    if let (Some(registry), Some(run)) = (wanted.logs_of, wanted.log) {
        let offset = last_event_id(&headers).unwrap_or(wanted.offset);
        topics.push(log::follow(&console, &caller, &registry, &run, offset).boxed());
    }
    let end = stream::once(async { Event::default().event("end").data("") });
    let events = stream::select_all(topics).chain(end).map(Ok);
    let until = console.leaving.clone().cancelled_owned();
    Sse::new(events.take_until(until).boxed()).keep_alive(KeepAlive::default())
}

/// Where the log was when the connection dropped: only its events have an id.
fn last_event_id(headers: &HeaderMap) -> Option<u64> {
    headers.get("last-event-id")?.to_str().ok()?.parse().ok()
}

fn message(topic: &str, value: &impl Serialize) -> Event {
    Event::default()
        .event(topic)
        .json_data(value)
        .expect("our own nouns serialise: no map has a key but text")
}

fn failure(topic: &str, error: &drydock_workflow::WorkflowError) -> Event {
    tracing::warn!(topic, %error, "a page is not told any more");
    Event::default().event("failure").data(topic)
}
