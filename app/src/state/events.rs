//! Server-sent events, read in the browser: one stream for a tab, whatever its page follows. The
//! browser itself connects again after a drop, and says with `Last-Event-ID` how far the log came.
use crate::paths::{EVENTS, query_value};
use leptos::prelude::*;
use std::ops::ControlFlow;

/// Whether a stream of events is at work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Connection {
    /// Rendered by the server, or the page is not alive yet.
    #[default]
    Pending,
    Live,
    /// It dropped, and the browser tries again: what is shown may be old.
    Dropped,
    /// All has been received; there is nothing more to come.
    Complete,
    /// The browser gave up: the session has ended, or the server has no such thing.
    Lost,
}

/// What can be followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Topic {
    /// How far the sandbox is with its sample images.
    Samples,
    /// All cycles of a registry, whenever one of them changes.
    Runs { registry: String },
    /// A run's log from a byte offset on.
    Log {
        registry: String,
        run: String,
        offset: u64,
    },
}

impl Topic {
    /// The name of its events.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Samples => "samples",
            Self::Runs { .. } => "runs",
            Self::Log { .. } => "log",
        }
    }
}

/// The address of the one stream that tells of all these. Of two registries, or two logs, the last
/// one counts: a page shows one.
pub fn address(topics: &[Topic]) -> String {
    let mut samples = false;
    let mut runs = None;
    let mut log = None;
    for topic in topics {
        match topic {
            Topic::Samples => samples = true,
            Topic::Runs { registry } => runs = Some(registry),
            Topic::Log {
                registry,
                run,
                offset,
            } => log = Some((registry, run, offset)),
        }
    }
    let mut fields = Vec::new();
    if samples {
        fields.push("samples=true".to_owned());
    }
    if let Some(registry) = runs {
        fields.push(format!("runs={}", query_value(registry)));
    }
    if let Some((registry, run, offset)) = log {
        let (registry, run) = (query_value(registry), query_value(run));
        fields.push(format!("logs_of={registry}&log={run}&offset={offset}"));
    }
    format!("{EVENTS}?{}", fields.join("&"))
}

/// Hands the data of every event of a topic to `receive` until it breaks or the owner is disposed
/// of. To be called from an effect: there are no events on the server.
pub fn subscribe(
    topic: Topic,
    connection: RwSignal<Connection>,
    receive: impl FnMut(String) -> ControlFlow<()> + 'static,
) {
    #[cfg(target_arch = "wasm32")]
    super::event_tab::subscribe(topic, connection, receive);
    #[cfg(not(target_arch = "wasm32"))]
    let _ = (topic, connection, receive);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_tells_of_all_topics() {
        let runs = Topic::Runs {
            registry: "dock".to_owned(),
        };
        let log = Topic::Log {
            registry: "dock".to_owned(),
            run: "ca1".to_owned(),
            offset: 7,
        };
        let check = |topics: &[Topic], expected: &str| assert_eq!(address(topics), expected);
        check(&[Topic::Samples], "/events?samples=true");
        check(
            &[log, Topic::Samples, runs],
            "/events?samples=true&runs=dock&logs_of=dock&log=ca1&offset=7",
        );
    }
}
