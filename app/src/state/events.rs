//! Server-sent events, read in the browser. The browser itself reconnects after a drop and says
//! with `Last-Event-ID` where it was; this only adds what happens when it gives up.
use leptos::prelude::*;
use std::ops::ControlFlow;

/// Whether a stream of events is at work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Connection {
    /// Rendered by the server, or the page is not alive yet.
    #[default]
    Pending,
    Live,
    /// All has been received; there is nothing more to come.
    Complete,
    /// The browser gave up: the session has ended, or the server has no such stream.
    Lost,
}

/// Hands the data of every event at `url` to `receive` until it breaks or the owner is disposed
/// of. To be called from an effect: there are no events on the server.
pub fn subscribe(
    url: &str,
    connection: RwSignal<Connection>,
    receive: impl FnMut(String) -> ControlFlow<()> + 'static,
) {
    #[cfg(target_arch = "wasm32")]
    browser::subscribe(url, connection, receive);
    #[cfg(not(target_arch = "wasm32"))]
    let _ = (url, connection, receive);
}

#[cfg(target_arch = "wasm32")]
mod browser {
    use super::*;
    use futures::StreamExt;
    use gloo_net::eventsource::futures::EventSource;
    use leptos::task::spawn_local;

    pub(super) fn subscribe(
        url: &str,
        connection: RwSignal<Connection>,
        mut receive: impl FnMut(String) -> ControlFlow<()> + 'static,
    ) {
        let Ok(mut source) = EventSource::new(url) else {
            connection.set(Connection::Lost);
            return;
        };
        let Ok(mut messages) = source.subscribe("message") else {
            connection.set(Connection::Lost);
            return;
        };
        connection.set(Connection::Live);
        let reading = async move {
            let end = loop {
                // gloo-net reports only the errors after which the browser does not reconnect.
                let Some(Ok((_, message))) = messages.next().await else {
                    break Connection::Lost;
                };
                if let Some(text) = message.data().as_string()
                    && receive(text).is_break()
                {
                    break Connection::Complete;
                }
            };
            // Both close the source on drop, the subscription first: closing fires an error event.
            drop(messages);
            drop(source);
            connection.try_set(end);
        };
        let (reading, handle) = futures::future::abortable(reading);
        on_cleanup(move || handle.abort());
        spawn_local(async move {
            let _ = reading.await;
        });
    }
}
