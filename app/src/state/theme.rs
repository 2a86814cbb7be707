//! Light, dark, or as the system says.
use super::preference::Preference;
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    #[default]
    System,
    Light,
    Dark,
}

const PREFERENCE: Preference = Preference {
    cookie: "drydock_theme",
    attribute: "data-theme",
};

impl Theme {
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::System => "System",
            Self::Light => "Light",
            Self::Dark => "Dark",
        }
    }

    /// The value of `data-theme`; the system's own theme needs none.
    pub fn attribute(self) -> Option<&'static str> {
        match self {
            Self::System => None,
            Self::Light | Self::Dark => Some(self.as_str()),
        }
    }
}

/// The theme that the request's cookie asks for; the system's for a word that is none.
#[cfg(not(target_arch = "wasm32"))]
pub fn requested() -> Theme {
    let asked = PREFERENCE.chosen();
    let mut all = Theme::ALL.into_iter();
    all.find(|theme| asked.as_deref() == Some(theme.as_str()))
        .unwrap_or_default()
}

#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn remember(theme: Theme) {
    PREFERENCE.remember(theme.attribute());
}

pub fn show(theme: Theme) {
    PREFERENCE.show(theme.attribute());
}
