use super::command::Place;
use crate::state::look::Shortcuts;
use crate::ui::{Dialog, Notice, Tone};
use leptos::prelude::*;

pub const KEY_MAP: &str = "key-map";

/// What the keys do.
#[component]
pub fn KeyMap(shortcuts: Shortcuts) -> impl IntoView {
    let row = |keys: &[&'static str], what: &'static str| {
        let keys = keys
            .iter()
            .map(|key| view! { <kbd>{*key}</kbd> })
            .collect_view();
        view! { <div><dt>{keys}</dt><dd>{what}</dd></div> }
    };
    let places = Place::ALL.map(|place| row(&["g", place.key()], place.label()));
    let off = move || {
        shortcuts.are_off().then(|| {
            view! {
                <Notice tone=Tone::Info>
                    <p>"Single keys are turned off in the menu with your name."</p>
                </Notice>
            }
        })
    };
    view! {
        <Dialog name=KEY_MAP title="Keyboard">
            {off}
            <dl class="key-map">
                {row(&["Ctrl K"], "Find a page, a registry, a repository")}
                {row(&["?"], "This map")}
                {row(&["/"], "Search on this page")}
                {row(&["j"], "Next row")}
                {row(&["k"], "Row before")}
                {row(&["Enter"], "Open the row")}
                {row(&["Esc"], "Close, or go to the page above")}
                {places.into_iter().collect_view()}
            </dl>
        </Dialog>
    }
}
