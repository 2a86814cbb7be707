//! How much room things have.
use super::preference::Preference;
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Density {
    #[default]
    Comfortable,
    Compact,
}

const PREFERENCE: Preference = Preference {
    cookie: "drydock_density",
    attribute: "data-density",
};

impl Density {
    pub const ALL: [Self; 2] = [Self::Comfortable, Self::Compact];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Comfortable => "comfortable",
            Self::Compact => "compact",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::Comfortable => "Comfortable",
            Self::Compact => "Compact",
        }
    }

    /// The value of `data-density`.
    pub fn attribute(self) -> Option<&'static str> {
        match self {
            Self::Comfortable => None,
            Self::Compact => Some(self.as_str()),
        }
    }
}

/// The density that was chosen.
pub fn chosen() -> Density {
    match PREFERENCE.chosen().as_deref() == Density::Compact.attribute() {
        true => Density::Compact,
        false => Density::Comfortable,
    }
}

#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn remember(density: Density) {
    PREFERENCE.remember(density.attribute());
}

pub fn show(density: Density) {
    PREFERENCE.show(density.attribute());
}
