use crate::state::events::Connection;
use leptos::prelude::*;

/// Says whether the page follows what happens by itself.
#[component]
pub fn LiveMark(#[prop(into)] connection: Signal<Connection>) -> impl IntoView {
    let text = move || match connection.get() {
        Connection::Pending => "",
        Connection::Live => "Live",
        Connection::Dropped => "The connection dropped: what is shown may be old. Trying again.",
        Connection::Complete => "Complete",
        Connection::Lost => "Live updates stopped. Reload the page to go on.",
    };
    let state = move || match connection.get() {
        Connection::Pending => "pending",
        Connection::Live => "live",
        Connection::Dropped => "dropped",
        Connection::Complete => "complete",
        Connection::Lost => "lost",
    };
    view! {
        <span class="live-mark" role="status" data-state=state>
            {text}
        </span>
    }
}
