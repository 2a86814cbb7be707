//! The console by keys alone: a map of single keys, and a palette that finds any page.
mod command;
mod map;
mod palette;
mod rows;

use crate::state::shortcuts::{Shortcuts, use_shortcuts};
use crate::ui::open_dialog;
use command::Command;
use drydock_domain::console::Registry;
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate};
use map::KeyMap;
pub use palette::PaletteOpener;
use palette::{PALETTE, Palette};

/// Listens to the whole page. `registry` is the one that pages are of.
#[component]
pub fn Keyboard(
    #[prop(into)] registry: Signal<Option<String>>,
    registries: Vec<Registry>,
) -> impl IntoView {
    let shortcuts = use_shortcuts();
    let path = use_location().pathname;
    let navigate = use_navigate();
    // `g` was pressed: the next key says where to.
    let going = StoredValue::new(false);
    let go = move |href: String| navigate(&href, NavigateOptions::default());
    let listen = move |event: KeyboardEvent| {
        let is_palette = (event.ctrl_key() || event.meta_key()) && event.key() == "k";
        if is_palette {
            event.prevent_default();
            open_dialog(PALETTE);
            return;
        }
        if shortcuts.get_untracked() == Shortcuts::Off || rows::is_taken(&event) {
            going.set_value(false);
            return;
        }
        let found = command::read(&event.key(), going.get_value());
        going.set_value(found == Some(Command::Going));
        let Some(command) = found else { return };
        let is_done = match command {
            Command::Going => true,
            Command::Map => {
                open_dialog(map::KEY_MAP);
                true
            }
            Command::Search => {
                if !rows::focus_search() {
                    open_dialog(PALETTE);
                }
                true
            }
            Command::Go(place) => place
                .href(registry.get_untracked().as_deref())
                .map(&go)
                .is_some(),
            Command::Row(step) => rows::step(step),
            Command::Above => crate::paths::above(&path.get_untracked())
                .map(|above| go(above.to_owned()))
                .is_some(),
        };
        if is_done {
            event.prevent_default();
        }
    };
    Effect::new(move |_| {
        let handle = window_event_listener(leptos::ev::keydown, listen.clone());
        on_cleanup(move || handle.remove());
    });
    view! {
        <Palette registry registries />
        <KeyMap shortcuts />
    }
}
