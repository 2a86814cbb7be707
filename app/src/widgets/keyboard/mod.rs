//! The console by keys alone: a map of single keys, and a palette that finds any page. Who never
//! presses one never loads what answers them: only the listening is in the first bundle.
mod command;
mod map;
mod palette;
mod rows;

use crate::state::look::{Shortcuts, use_shortcuts};
use crate::ui::{Icon, IconName, open_dialog};
use command::Command;
use drydock_domain::console::Registry;
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate};
use map::KeyMap;
use palette::{PALETTE, Palette};

/// What was pressed and not yet answered, in order.
type Presses = RwSignal<Vec<Press>>;

#[derive(Clone, Debug, PartialEq, Eq)]
enum Press {
    Palette,
    /// By the name that the browser gives the key.
    Key(String),
}

/// For the [`PaletteOpener`] and the [`Keyboard`] below.
pub fn provide() {
    provide_context(Presses::new(Vec::new()));
}

/// Opens the palette by pointer, and tells of its key.
#[component]
pub fn PaletteOpener() -> impl IntoView {
    let presses: Presses = expect_context();
    let alive = RwSignal::new(false);
    Effect::new(move |_| alive.set(true));
    view! {
        <button
            class="palette-opener"
            type="button"
            aria-haspopup="dialog"
            aria-keyshortcuts="Control+K"
            hidden=move || !alive.get()
            on:click=move |_| presses.write().push(Press::Palette)
        >
            <Icon name=IconName::Search />
            <span class="menu-label">"Go to…"</span>
            <kbd aria-hidden="true">"Ctrl K"</kbd>
        </button>
    }
}

/// Listens to the whole page. `registry` is the one that pages are of.
#[component]
pub fn Keyboard(
    #[prop(into)] registry: Signal<Option<String>>,
    registries: Vec<Registry>,
) -> impl IntoView {
    let presses: Presses = expect_context();
    let shortcuts = use_shortcuts();
    // Once asked for, the answering part stays.
    let is_wanted = Memo::new(move |before: Option<&bool>| {
        before.is_some_and(|before| *before) || !presses.read().is_empty()
    });
    let listen = move |event: KeyboardEvent| {
        let key = event.key();
        let is_palette = (event.ctrl_key() || event.meta_key()) && key == "k";
        let is_single = !untrack(|| shortcuts.are_off()) && !rows::is_taken(&event);
        // Browsers search by these themselves.
        if is_palette || (is_single && key == "/") {
            event.prevent_default();
        }
        if is_palette {
            presses.write().push(Press::Palette);
        } else if is_single && (is_wanted.get_untracked() || command::read(&key, false).is_some()) {
            presses.write().push(Press::Key(key));
        }
    };
    Effect::new(move |_| {
        let handle = window_event_listener(leptos::ev::keydown, listen);
        on_cleanup(move || handle.remove());
    });
    move || {
        let registries = registries.clone();
        let answering = || Suspend::new(answer(registry, registries, presses, shortcuts));
        is_wanted.get().then(answering)
    }
}

/// Answers what was pressed, from the first on.
#[lazy]
fn answer(
    registry: Signal<Option<String>>,
    registries: Vec<Registry>,
    presses: Presses,
    shortcuts: Shortcuts,
) -> AnyView {
    let path = use_location().pathname;
    let navigate = use_navigate();
    let go = move |href: String| navigate(&href, NavigateOptions::default());
    let text = RwSignal::new(String::new());
    // `g` was pressed: the next key says where to.
    let going = StoredValue::new(false);
    let obey = move |key: &str| {
        let found = command::read(key, going.get_value());
        going.set_value(found == Some(Command::Going));
        match found {
            None | Some(Command::Going) => {}
            Some(Command::Map) => open_dialog(map::KEY_MAP),
            Some(Command::Search) => {
                if !rows::focus_search() {
                    open_dialog(PALETTE);
                }
            }
            Some(Command::Go(place)) => {
                if let Some(href) = place.href(registry.get_untracked().as_deref()) {
                    go(href);
                }
            }
            Some(Command::Row(step)) => rows::step(step),
            Some(Command::Above) => {
                if let Some(above) = crate::paths::above(&path.get_untracked()) {
                    go(above.to_owned());
                }
            }
        }
    };
    Effect::new(move |_| {
        presses.track();
        let mut is_typing = false;
        for press in std::mem::take(&mut *presses.write_untracked()) {
            match press {
                Press::Palette => {
                    text.set(String::new());
                    open_dialog(PALETTE);
                    is_typing = true;
                }
                // Typed while the palette was on its way.
                Press::Key(key) if is_typing && key.chars().count() == 1 => {
                    text.write().push_str(&key);
                }
                Press::Key(key) if !is_typing => obey(&key),
                Press::Key(_) => {}
            }
        }
    });
    let view = view! {
        <Palette registry registries text />
        <KeyMap shortcuts />
    };
    view.into_any()
}
