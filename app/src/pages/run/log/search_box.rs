use super::model::LogModel;
use crate::format;
use drydock_domain::log_text::Search;
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use std::time::Duration;

/// A log of fifty thousand lines is read through while somebody types.
const PAUSE: Duration = Duration::from_millis(120);

/// Searches all lines, shown or not. Enter goes on to the next, Shift and Enter to the one before.
#[component]
pub fn SearchBox(model: LogModel) -> impl IntoView {
    let look_for = move |text: String| {
        let search = Search::new(text.trim_end());
        if *model.search.read_untracked() != search {
            model.search.set(search);
            model.step_hit(true);
        }
    };
    let mut later = debounce(PAUSE, look_for);
    let on_key = move |event: KeyboardEvent| match event.key().as_str() {
        "Enter" => {
            event.prevent_default();
            let before = model.search.get_untracked();
            look_for(event_target_value(&event));
            if *model.search.read_untracked() == before {
                model.step_hit(!event.shift_key());
            }
        }
        "Escape" => {
            event.prevent_default();
            if let Some(field) = model.search_box.get_untracked() {
                field.set_value("");
            }
            model.search.set(None);
            model.focus();
        }
        _ => {}
    };
    let result = move || {
        let hits = model.hits.read();
        if model.search.read().is_none() {
            return String::new();
        }
        let n_hits = hits.len() as u64;
        let place = model
            .marked
            .get()
            .and_then(|line| hits.iter().position(|hit| *hit == line));
        match (n_hits, place) {
            (0, _) => "Not in this log".to_owned(),
            (_, Some(place)) => format!(
                "{} of {}",
                format::thousands(place as u64 + 1),
                format::count(n_hits, "line", "lines")
            ),
            (_, None) => format::count(n_hits, "line", "lines"),
        }
    };
    let none = move || model.hits.read().is_empty();
    view! {
        <div class="log-search" role="search" aria-label="This log">
            <input
                type="search"
                aria-label="Search the log"
                placeholder="Search the log"
                node_ref=model.search_box
                on:input=move |event| later(event_target_value(&event))
                on:keydown=on_key
            />
            <button class="button" type="button" data-variant="quiet" disabled=none on:click=move |_| model.step_hit(false)>
                "Previous"
            </button>
            <button class="button" type="button" data-variant="quiet" disabled=none on:click=move |_| model.step_hit(true)>
                "Next"
            </button>
            <span class="numbers" role="status">{result}</span>
        </div>
    }
}
