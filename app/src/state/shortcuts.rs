//! Whether single keys do something: who dictates, or leans on keys, turns them off.
use super::preference::Preference;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Shortcuts {
    #[default]
    On,
    Off,
}

const PREFERENCE: Preference = Preference {
    cookie: "drydock_shortcuts",
    attribute: "data-shortcuts",
};

impl Shortcuts {
    pub const ALL: [Self; 2] = [Self::On, Self::Off];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::On => "on",
            Self::Off => "off",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::On => "On",
            Self::Off => "Off",
        }
    }

    /// The value of `data-shortcuts`.
    pub fn attribute(self) -> Option<&'static str> {
        match self {
            Self::On => None,
            Self::Off => Some(self.as_str()),
        }
    }
}

/// For whoever asks with [`use_shortcuts`].
pub fn provide() {
    let chosen = match PREFERENCE.chosen().as_deref() == Shortcuts::Off.attribute() {
        true => Shortcuts::Off,
        false => Shortcuts::On,
    };
    provide_context(RwSignal::new(chosen));
}

/// # Panics
/// Outside of the application, which provides it first of all.
pub fn use_shortcuts() -> RwSignal<Shortcuts> {
    expect_context()
}

/// The value of `data-shortcuts` in the document that answers a request.
#[cfg(not(target_arch = "wasm32"))]
pub fn requested() -> Option<&'static str> {
    let off = Shortcuts::Off.attribute();
    off.filter(|off| PREFERENCE.chosen().as_deref() == Some(*off))
}

#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn remember(shortcuts: Shortcuts) {
    PREFERENCE.remember(shortcuts.attribute());
}

pub fn show(chosen: RwSignal<Shortcuts>, shortcuts: Shortcuts) {
    PREFERENCE.show(shortcuts.attribute());
    chosen.set(shortcuts);
}
