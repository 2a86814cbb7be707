use super::line::LogLine;
use super::model::LogModel;
use super::plain::PlainLog;
use super::search_box::SearchBox;
use super::text::LogText;
use crate::format;
use crate::state::events::{Connection, Topic, subscribe};
use crate::ui::{Icon, IconName};
use crate::widgets::LiveMark;
use drydock_domain::console::{LogChunk, LogHead};
use drydock_domain::log_text::visible;
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use std::ops::ControlFlow;
use std::time::Duration;

/// A listener hears of new lines no more often than this.
const ANNOUNCEMENT_PAUSE: Duration = Duration::from_secs(5);

/// A run's log, also while it is written. It follows its end until the reader scrolls up.
#[component]
pub fn LogViewer(registry: String, id: String, head: LogHead) -> impl IntoView {
    let alive = RwSignal::new(false);
    Effect::new(move |_| alive.set(true));
    move || {
        let (registry, id, head) = (registry.clone(), id.clone(), head.clone());
        match alive.get() {
            true => view! { <LiveLog registry id head /> }.into_any(),
            false => {
                view! { <div class="log-frame"><PlainLog registry id head /></div> }.into_any()
            }
        }
    }
}

#[component]
fn LiveLog(registry: String, id: String, head: LogHead) -> impl IntoView {
    let connection = RwSignal::new(match head.chunk.complete {
        true => Connection::Complete,
        false => Connection::Pending,
    });
    let mut text = LogText::default();
    text.push(&head.chunk);
    let model = LogModel::new(text, !head.ended);
    let unseen = RwSignal::new(0);
    let heard = RwSignal::new(String::new());
    if !head.chunk.complete {
        let receive = receiver(model, head.ended, unseen, heard);
        let topic = Topic::Log {
            registry,
            run: id,
            offset: model.received(),
        };
        Effect::new(move |_| subscribe(topic.clone(), connection, receive.clone()));
    }
    go_to_marked(model);
    let on_scroll = move |_| {
        model.look();
        let at_end = model.is_at_end();
        model.following.set(at_end && !head.ended);
        if at_end {
            unseen.set(0);
        }
    };
    let jump = move |_| {
        model.following.set(true);
        unseen.set(0);
        model.show_end();
    };
    let jump_label = move || format::count(unseen.get(), "new line", "new lines");
    view! {
        <div class="log-frame">
            <Toolbar model connection ended=head.ended n_lines_left=head.n_lines_left />
            <Lines model connection on_scroll />
            <Show when=move || { unseen.get() > 0 }>
                <button class="log-jump" type="button" on:click=jump>
                    <Icon name=IconName::Chevron />
                    {jump_label}
                </button>
            </Show>
            <p class="visually-hidden" role="log" aria-label="New lines of the log">{heard}</p>
        </div>
    }
}

/// How far the log has come, and what can be done to its lines.
#[component]
fn Toolbar(
    model: LogModel,
    connection: RwSignal<Connection>,
    ended: bool,
    /// Lines that are still to come of a log that has ended.
    n_lines_left: u32,
) -> impl IntoView {
    let total = model.n_lines.get_untracked() as u64 + u64::from(n_lines_left);
    let count = move || {
        let n_lines = model.n_lines.get() as u64;
        match ended && n_lines < total {
            true => format!(
                "{} of {}",
                format::thousands(n_lines),
                format::count(total, "line", "lines")
            ),
            false => format::count(n_lines, "line", "lines"),
        }
    };
    let folding = move || {
        if model.any_folded() {
            "Unfold steps"
        } else {
            "Fold steps"
        }
    };
    let wraps = move || {
        if model.columns.get().is_some() {
            "true"
        } else {
            "false"
        }
    };
    let stamps = move || if model.stamps.get() { "true" } else { "false" };
    view! {
        <div class="log-toolbar">
            <p class="log-status">
                <span class="numbers">{count}</span>
                <Show when=move || !ended || matches!(connection.get(), Connection::Lost | Connection::Dropped)>
                    <LiveMark connection />
                </Show>
            </p>
            <SearchBox model />
            <Show when=move || { model.n_steps() > 0 }>
                <button class="button" type="button" data-variant="quiet" on:click=move |_| model.toggle_all()>
                    {folding}
                </button>
            </Show>
            <button
                class="button"
                type="button"
                data-variant="quiet"
                aria-pressed=stamps
                on:click=move |_| model.stamps.update(|shown| *shown = !*shown)
            >
                "Time stamps"
            </button>
            <button
                class="button"
                type="button"
                data-variant="quiet"
                aria-pressed=wraps
                on:click=move |_| model.toggle_wrap()
            >
                "Wrap lines"
            </button>
        </div>
    }
}

/// The pane that scrolls. What is above and below the elements is room of the same height.
#[component]
fn Lines(
    model: LogModel,
    connection: RwSignal<Connection>,
    on_scroll: impl Fn(leptos::ev::Event) + 'static,
) -> impl IntoView {
    let around = Memo::new(move |_| model.rows_around());
    let above = move || around.get().0.to_string();
    let below = move || around.get().1.to_string();
    let columns = move || model.columns.get().map(|columns| columns.to_string());
    // Set by script, which the content security policy allows: there is no style in the HTML.
    view! {
        <div
            class="log"
            role="region"
            aria-label="Log"
            tabindex="0"
            data-wrap=move || model.columns.get().map(|_| "true")
            style:--columns=columns
            data-stamps=move || if model.stamps.get() { "shown" } else { "hidden" }
            node_ref=model.scroller
            on:scroll=on_scroll
            on:keydown=move |event| on_key(model, &event)
        >
            <span class="log-ruler" aria-hidden="true" node_ref=model.ruler>{"0".repeat(100)}</span>
            <div class="log-space" style:--rows=above></div>
            <ol class="log-lines" role="list">
                <For each=move || model.lines_in_window() key=|line| *line let:line>
                    <LogLine model line />
                </For>
            </ol>
            <div class="log-space" style:--rows=below></div>
            {move || (model.n_lines.get() == 0).then(|| waiting(connection.get()))}
        </div>
    }
}

/// Keys of the pane alone. The arrows, Page Up and Down, Home and End scroll by themselves.
fn on_key(model: LogModel, event: &KeyboardEvent) {
    let command = event.ctrl_key() || event.meta_key();
    match (command, event.key().as_str()) {
        (true, "f") | (false, "/") => {
            if let Some(field) = model.search_box.get_untracked() {
                // Refused only by an element that has left the document.
                let _ = field.focus();
                field.select();
            }
        }
        (false, "n") => model.step_hit(true),
        (false, "N") => model.step_hit(false),
        _ => return,
    }
    event.prevent_default();
}

/// What becomes of a chunk.
fn receiver(
    model: LogModel,
    ended: bool,
    unseen: RwSignal<u64>,
    heard: RwSignal<String>,
) -> impl FnMut(String) -> ControlFlow<()> + Clone + 'static {
    let untold = StoredValue::new(0);
    move |message| {
        let Ok(chunk) = serde_json::from_str::<LogChunk>(&message) else {
            return ControlFlow::Continue(());
        };
        let Some(fresh) = model.push(&chunk) else {
            return ControlFlow::Break(());
        };
        if model.following.get_untracked() {
            model.show_end();
            announce(model, fresh, untold, heard);
        } else if !ended {
            unseen.update(|unseen| *unseen += fresh as u64);
        }
        match chunk.complete {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    }
}

/// Says how many lines there are more, and the last of them, once for all that come in a while.
fn announce(model: LogModel, fresh: usize, untold: StoredValue<u64>, heard: RwSignal<String>) {
    let waiting = untold.get_value();
    untold.set_value(waiting + fresh as u64);
    if waiting > 0 || fresh == 0 {
        return;
    }
    let tell = move || {
        let n_lines = model.n_lines.try_get_untracked().unwrap_or_default();
        if let (Some(n_fresh), Some(last)) = (untold.try_get_value(), n_lines.checked_sub(1)) {
            untold.set_value(0);
            let line = model.line(last);
            let count = format::count(n_fresh, "new line", "new lines");
            heard.set(format!("{count}. {}", visible(&line)));
        }
    };
    set_timeout(tell, ANNOUNCEMENT_PAUSE);
}

/// Brings the line that the address names into view, once it has arrived and whenever another one
/// is named.
fn go_to_marked(model: LogModel) {
    let arrived = StoredValue::new(None::<usize>);
    Effect::new(move |_| {
        let Some(line) = model.marked.get() else {
            return;
        };
        if model.n_lines.get() <= line || arrived.get_value() == Some(line) {
            return;
        }
        let is_first = arrived.get_value().is_none();
        arrived.set_value(Some(line));
        if !model.is_in_view(line) {
            model.show(line);
        }
        if is_first && let Some(pane) = model.scroller.get_untracked() {
            pane.scroll_into_view_with_bool(false);
        }
    });
}

fn waiting(connection: Connection) -> impl IntoView {
    let text = match connection {
        Connection::Pending | Connection::Live | Connection::Dropped => {
            "Nothing has been written yet."
        }
        Connection::Complete => "This run ended without a log.",
        Connection::Lost => "Nothing has been received.",
    };
    view! { <p class="muted">{text}</p> }
}
