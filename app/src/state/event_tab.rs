//! The tab's one `EventSource`, and who listens to it.
use super::events::{Connection, Topic, address};
use futures::StreamExt;
use futures::future::{AbortHandle, abortable};
use gloo_net::eventsource::futures::{EventSource, EventSourceSubscription};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::cell::RefCell;
use std::ops::ControlFlow;
use std::rc::Rc;
use web_sys::MessageEvent;

type Receive = Rc<RefCell<dyn FnMut(String) -> ControlFlow<()>>>;

struct Listener {
    id: u32,
    topic: Topic,
    connection: RwSignal<Connection>,
    receive: Receive,
}

/// A connection; dropped, it closes.
struct Stream {
    _source: EventSource,
    /// What it tells of, in the order of the listeners.
    topics: Vec<Topic>,
    readers: Vec<AbortHandle>,
}

#[derive(Default)]
struct Tab {
    listeners: Vec<Listener>,
    last_id: u32,
    stream: Option<Stream>,
    will_settle: bool,
}

thread_local! {
    static TAB: RefCell<Tab> = RefCell::default();
}

pub(super) fn subscribe(
    topic: Topic,
    connection: RwSignal<Connection>,
    receive: impl FnMut(String) -> ControlFlow<()> + 'static,
) {
    let id = TAB.with_borrow_mut(|tab| {
        tab.last_id += 1;
        tab.listeners.push(Listener {
            id: tab.last_id,
            topic,
            connection,
            receive: Rc::new(RefCell::new(receive)),
        });
        tab.last_id
    });
    on_cleanup(move || remove(id));
    settle_soon();
}

fn remove(id: u32) {
    TAB.with_borrow_mut(|tab| tab.listeners.retain(|listener| listener.id != id));
    settle_soon();
}

/// Once for all that a page begins and ends to follow in one go.
fn settle_soon() {
    let is_first = TAB.with_borrow_mut(|tab| !std::mem::replace(&mut tab.will_settle, true));
    if is_first {
        queue_microtask(settle);
    }
}

/// Opens the stream anew where other things are followed than before. It begins where the last
/// one came to.
fn settle() {
    let refused = TAB.with_borrow_mut(|tab| {
        tab.will_settle = false;
        let topics: Vec<Topic> = tab.listeners.iter().map(|it| it.topic.clone()).collect();
        if tab
            .stream
            .as_ref()
            .is_some_and(|open| open.topics == topics)
        {
            return false;
        }
        tab.stream = match topics.is_empty() {
            true => None,
            false => Stream::open(topics),
        };
        tab.stream.is_none()
    });
    if refused {
        tell_all(Connection::Lost);
    }
}

impl Stream {
    fn open(topics: Vec<Topic>) -> Option<Self> {
        let mut source = EventSource::new(&address(&topics)).ok()?;
        // `error` comes last: of its two messages, a drop and the end, the end is the one that stays.
        let names = ["samples", "runs", "log", "failure", "open", "error"];
        let readers = names.map(|name| {
            let (reading, handle) = abortable(read(source.subscribe(name).ok()?));
            spawn_local(async move {
                // Aborted with the stream.
                let _ = reading.await;
            });
            Some(handle)
        });
        Some(Self {
            _source: source,
            topics,
            readers: readers.into_iter().collect::<Option<_>>()?,
        })
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.readers.iter().for_each(AbortHandle::abort);
    }
}

async fn read(mut events: EventSourceSubscription) {
    while let Some(event) = events.next().await {
        match event {
            Ok((name, message)) => heard(&name, &message),
            // The browser does not connect again.
            Err(_) => tell_all(Connection::Lost),
        }
    }
}

fn heard(name: &str, message: &MessageEvent) {
    match name {
        "open" => tell_all(Connection::Live),
        "error" => tell_all(Connection::Dropped),
        name => {
            let text = message.data().as_string().unwrap_or_default();
            match name {
                // Its data is the name of what cannot be told.
                "failure" => end(&text, Connection::Lost),
                _ => deliver(name, &text, message.last_event_id().parse().ok()),
            }
        }
    }
}

fn tell_all(state: Connection) {
    let connections: Vec<_> =
        TAB.with_borrow(|tab| tab.listeners.iter().map(|it| it.connection).collect());
    for connection in connections {
        connection.try_set(state);
    }
}

/// The listeners are called with the tab free: they may follow other things.
fn deliver(name: &str, text: &str, place: Option<u64>) {
    let listeners: Vec<_> = TAB.with_borrow_mut(|tab| {
        tab.listeners
            .iter()
            .filter(|listener| listener.topic.name() == name)
            .map(|listener| (listener.id, listener.connection, listener.receive.clone()))
            .collect()
    });
    for (id, connection, receive) in listeners {
        let goes_on = receive.borrow_mut()(text.to_owned());
        if goes_on.is_break() {
            remove(id);
            connection.try_set(Connection::Complete);
        }
    }
    if let Some(place) = place {
        TAB.with_borrow_mut(|tab| tab.came_to(place));
    }
}

fn end(name: &str, state: Connection) {
    let ended: Vec<_> = TAB.with_borrow(|tab| {
        let listeners = tab.listeners.iter();
        let ended = listeners.filter(|listener| listener.topic.name() == name);
        ended.map(|it| (it.id, it.connection)).collect()
    });
    for (id, connection) in ended {
        remove(id);
        connection.try_set(state);
    }
}

impl Tab {
    /// A stream that is opened anew begins there. The one that is open keeps the same in its head.
    fn came_to(&mut self, place: u64) {
        let followed = self
            .listeners
            .iter_mut()
            .map(|listener| &mut listener.topic);
        let open = self.stream.iter_mut().flat_map(|stream| &mut stream.topics);
        for topic in followed.chain(open) {
            if let Topic::Log { offset, .. } = topic {
                *offset = place;
            }
        }
    }
}
