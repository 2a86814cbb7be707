//! What changes while a frame is open: a run's log, or that the list of runs is another one.
use super::api::{allowed_route, caller};
use super::refusal::Refusal;
use crate::console::Console;
use crate::events;
use axum::Extension;
use axum::extract::{Query, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use drydock_app::RequestId;
use drydock_domain::embed::{EmbedRoute, EmbedView};
use drydock_ledger::{EmbedSession, Token};
use drydock_workflow::Caller;
use futures::stream::{self, BoxStream, StreamExt as _};
use http::HeaderMap;
use serde::Deserialize;
use std::convert::Infallible;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How long a revoked visitor may go on reading what is written just now.
const LOOK_AGAIN: Duration = Duration::from_secs(10);

#[derive(Deserialize)]
pub struct Followed {
    route: String,
    /// Bytes of the log that the frame has already.
    #[serde(default)]
    offset: u64,
}

/// Server-sent events, read by `fetch` so that the session travels in a header. Ends with the
/// session, with the process, or by `event: end` when everything has been said.
pub async fn follow(
    State(console): State<Console>,
    Extension(request): Extension<RequestId>,
    headers: HeaderMap,
    Query(followed): Query<Followed>,
) -> Response {
    let opened = async {
        let (token, session) = console.embeds.find_session(&headers).await?;
        let route = allowed_route(&session, &followed.route)?;
        let caller = caller(&session)?;
        Ok::<_, Refusal>((token, session, caller, route))
    };
    let (token, session, caller, route) = match opened.await {
        Ok(opened) => opened,
        Err(refusal) => return refusal.answer(&request),
    };
    let events = topic(&console, &session, caller, route, followed.offset);
    let end = stream::once(async { Event::default().event("end").data("") });
    let leaving = console.leaving.clone();
    let until = over(console, token, session, leaving);
    let events = events.chain(end).map(Ok::<_, Infallible>).take_until(until);
    Sse::new(events)
        .keep_alive(KeepAlive::default())
        .into_response()
}

fn topic(
    console: &Console,
    session: &EmbedSession,
    caller: Caller,
    route: EmbedRoute,
    offset: u64,
) -> BoxStream<'static, Event> {
    let registry = session.scope.registry.clone();
    match route {
        EmbedRoute::Run(id) => events::follow_log(console, &caller, &registry, &id, offset).boxed(),
        EmbedRoute::Start if session.scope.view != EmbedView::Lineage => {
            let changes = events::follow_runs(console.clone(), caller, registry);
            // The list itself would be told a thousand times; the frame asks for what it shows.
            changes
                .skip(1)
                .map(|_| Event::default().event("changed").data(""))
                .boxed()
        }
        EmbedRoute::Start | EmbedRoute::Repository(_) => stream::empty().boxed(),
    }
}

/// Waits for the end of the session or of the process.
async fn over(console: Console, token: Token, session: EmbedSession, leaving: CancellationToken) {
    let left = session.expires_at - chrono::Utc::now();
    let expiry = tokio::time::sleep(left.to_std().unwrap_or_default());
    let revoked = async {
        loop {
            tokio::time::sleep(LOOK_AGAIN).await;
            if console.embeds.is_over(&token).await {
                return;
            }
        }
    };
    tokio::select! {
        () = expiry => {}
        () = revoked => {}
        () = leaving.cancelled() => {}
    }
}
