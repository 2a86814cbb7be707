//! How the console looks and listens at this browser: choices among a few words, without a session's
//! or an account's memory.
use super::preference::Preference;
use leptos::prelude::*;

/// One such choice.
#[derive(Debug)]
pub struct Look {
    pub name: &'static str,
    pub legend: &'static str,
    /// Each word with its label. The first is the default one.
    pub words: &'static [(&'static str, &'static str)],
    preference: Preference,
}

pub static THEME: Look = Look {
    name: "theme",
    legend: "Theme",
    words: &[("system", "System"), ("light", "Light"), ("dark", "Dark")],
    preference: Preference {
        cookie: "drydock_theme",
        attribute: "data-theme",
    },
};

pub static DENSITY: Look = Look {
    name: "density",
    legend: "Density",
    words: &[("comfortable", "Comfortable"), ("compact", "Compact")],
    preference: Preference {
        cookie: "drydock_density",
        attribute: "data-density",
    },
};

/// Who dictates, or leans on keys, turns single keys off.
pub static SHORTCUTS: Look = Look {
    name: "shortcuts",
    legend: "Single-key shortcuts",
    words: &[("on", "On"), ("off", "Off")],
    preference: Preference {
        cookie: "drydock_shortcuts",
        attribute: "data-shortcuts",
    },
};

impl Look {
    /// The choice of that name.
    #[cfg(not(target_arch = "wasm32"))]
    pub(crate) fn find(name: &str) -> Option<&'static Self> {
        let mut all = [&THEME, &DENSITY, &SHORTCUTS].into_iter();
        all.find(|look| look.name == name)
    }

    /// One of its words; `None` for a word that is none.
    pub fn word(&self, text: &str) -> Option<&'static str> {
        let mut words = self.words.iter().map(|(word, _)| *word);
        words.find(|word| *word == text)
    }

    /// The word that was chosen, or the default one.
    pub fn chosen(&self) -> &'static str {
        let kept = self.preference.chosen();
        let word = kept.as_deref().and_then(|text| self.word(text));
        word.unwrap_or(self.words[0].0)
    }

    /// The attribute's value in the document that answers a request.
    #[cfg(not(target_arch = "wasm32"))]
    pub(crate) fn requested(&self) -> Option<&'static str> {
        self.kept(self.chosen())
    }

    #[cfg(not(target_arch = "wasm32"))]
    pub(crate) fn remember(&self, word: &'static str) {
        self.preference.remember(self.kept(word));
    }

    pub fn show(&self, word: &'static str) {
        self.preference.show(self.kept(word));
    }

    /// The default one needs neither cookie nor attribute.
    fn kept(&self, word: &'static str) -> Option<&'static str> {
        (word != self.words[0].0).then_some(word)
    }
}

/// The word of [`SHORTCUTS`].
#[derive(Clone, Copy, Debug)]
pub struct Shortcuts(pub RwSignal<&'static str>);

impl Shortcuts {
    pub fn are_off(self) -> bool {
        self.0.get() == "off"
    }
}

/// For whoever asks with [`use_shortcuts`].
pub fn provide() {
    provide_context(Shortcuts(RwSignal::new(SHORTCUTS.chosen())));
}

/// # Panics
/// Outside of the application, which provides it first of all.
pub fn use_shortcuts() -> Shortcuts {
    expect_context()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_word_is_not_kept_and_an_unknown_one_is_none() {
        for look in [&THEME, &DENSITY, &SHORTCUTS] {
            assert_eq!(look.chosen(), look.words[0].0);
            assert_eq!(look.kept(look.words[0].0), None);
            assert_eq!(look.kept(look.words[1].0), Some(look.words[1].0));
            assert_eq!(look.word("no such word"), None);
            assert!(std::ptr::eq(Look::find(look.name).unwrap(), look));
        }
    }
}
