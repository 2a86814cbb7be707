use super::log_buffer::{Block, LogBuffer};
use crate::paths;
use crate::state::events::{Connection, subscribe};
use crate::ui::{Icon, IconName};
use crate::widgets::LiveMark;
use drydock_domain::console::LogChunk;
use leptos::html;
use leptos::prelude::*;
use std::ops::ControlFlow;

/// How near to its end, in CSS pixels, a log counts as scrolled to the end.
const END_SLACK_PIXELS: i32 = 32;

/// A log, line by line as it is written. It follows its end until the reader scrolls up.
#[component]
pub fn LogViewer(registry: String, id: String, chunk: LogChunk) -> impl IntoView {
    let mut buffer = LogBuffer::default();
    let blocks = RwSignal::new(buffer.push(&chunk).into_iter().collect::<Vec<_>>());
    let shown = RwSignal::new(buffer.n_lines());
    let connection = RwSignal::new(match chunk.complete {
        true => Connection::Complete,
        false => Connection::Pending,
    });
    let following = RwSignal::new(true);
    let unseen = RwSignal::new(0usize);
    let scroller = NodeRef::<html::Div>::new();
    if !chunk.complete {
        let buffer = StoredValue::new(buffer);
        Effect::new(move |_| {
            let url = paths::log_events(&registry, &id, buffer.with_value(LogBuffer::received));
            subscribe(&url, connection, move |text| {
                let Ok(chunk) = serde_json::from_str::<LogChunk>(&text) else {
                    return ControlFlow::Continue(());
                };
                let fresh = buffer
                    .try_update_value(|buffer| buffer.push(&chunk))
                    .flatten();
                if let Some(block) = fresh {
                    shown.update(|n| *n += block.lines.len());
                    if !following.get_untracked() {
                        unseen.update(|n| *n += block.lines.len());
                    }
                    blocks.write().push(block);
                }
                match chunk.complete {
                    true => ControlFlow::Break(()),
                    false => ControlFlow::Continue(()),
                }
            });
        });
        Effect::new(move |_| {
            shown.track();
            if following.get_untracked() {
                request_animation_frame(move || scroll_to_end(scroller));
            }
        });
    }
    let on_scroll = move |_| {
        let at_end = is_at_end(scroller);
        following.set(at_end);
        if at_end {
            unseen.set(0);
        }
    };
    let jump = move |_| {
        following.set(true);
        unseen.set(0);
        scroll_to_end(scroller);
    };
    view! {
        <div class="log-frame">
            <p class="log-status">
                <span class="numbers">{shown} {move || if shown.get() == 1 { " line" } else { " lines" }}</span>
                <LiveMark connection />
            </p>
            <div
                class="log"
                role="region"
                aria-label="Log"
                tabindex="0"
                node_ref=scroller
                on:scroll=on_scroll
            >
                <For each=move || blocks.get() key=|block| block.first let:block>
                    {block_view(block)}
                </For>
                {move || (shown.get() == 0).then(|| waiting(connection.get()))}
            </div>
            <Show when=move || { unseen.get() > 0 }>
                <button class="log-jump" type="button" on:click=jump>
                    <Icon name=IconName::Chevron />
                    {move || match unseen.get() {
                        1 => "1 new line".to_owned(),
                        n => format!("{n} new lines"),
                    }}
                </button>
            </Show>
        </div>
    }
}

fn block_view(block: Block) -> impl IntoView {
    let lines = block
        .lines
        .into_iter()
        .zip(block.first..)
        .map(|(text, number)| {
            view! { <li data-line=number>{text}</li> }
        });
    view! { <ol class="log-lines" role="list">{lines.collect_view()}</ol> }
}

fn waiting(connection: Connection) -> impl IntoView {
    let text = match connection {
        Connection::Pending | Connection::Live => "Nothing has been written yet.",
        Connection::Complete => "This run ended without a log.",
        Connection::Lost => "Nothing has been received.",
    };
    view! { <p class="muted">{text}</p> }
}

fn is_at_end(scroller: NodeRef<html::Div>) -> bool {
    scroller.get_untracked().is_none_or(|element| {
        let below = element.scroll_height() - element.scroll_top() - element.client_height();
        below <= END_SLACK_PIXELS
    })
}

fn scroll_to_end(scroller: NodeRef<html::Div>) {
    if let Some(element) = scroller.get_untracked() {
        element.set_scroll_top(element.scroll_height());
    }
}
