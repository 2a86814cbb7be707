//! A change of a text in one place.
use serde::{Deserialize, Serialize};

/// Puts `text` where the bytes from `from` to `to` stood.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Splice {
    pub from: usize,
    pub to: usize,
    pub text: String,
}

impl Splice {
    pub fn new(from: usize, to: usize, text: impl Into<String>) -> Self {
        Self {
            from,
            to,
            text: text.into(),
        }
    }

    /// The smallest change that makes one text of another.
    pub fn between(old: &str, new: &str) -> Self {
        let mut from = common(old.bytes(), new.bytes());
        while !(old.is_char_boundary(from) && new.is_char_boundary(from)) {
            from -= 1;
        }
        let (rest, fresh) = (&old[from..], &new[from..]);
        let mut tail = common(rest.bytes().rev(), fresh.bytes().rev());
        let is_boundary = |text: &str, tail| text.is_char_boundary(text.len() - tail);
        while !(is_boundary(rest, tail) && is_boundary(fresh, tail)) {
            tail -= 1;
        }
        Self::new(from, old.len() - tail, &fresh[..fresh.len() - tail])
    }

    /// The text with the change made; `None` where it does not fit, as in a text that has changed
    /// since.
    pub fn apply(&self, text: &str) -> Option<String> {
        let (before, after) = (text.get(..self.from)?, text.get(self.to..)?);
        if self.from > self.to {
            return None;
        }
        let mut whole = String::with_capacity(before.len() + self.text.len() + after.len());
        whole.push_str(before);
        whole.push_str(&self.text);
        whole.push_str(after);
        Some(whole)
    }

    /// The change that undoes this one in the text that it makes of `text`.
    pub fn inverse(&self, text: &str) -> Option<Self> {
        let removed = text.get(self.from..self.to)?;
        Some(Self::new(self.from, self.from + self.text.len(), removed))
    }
}

fn common(a: impl Iterator<Item = u8>, b: impl Iterator<Item = u8>) -> usize {
    a.zip(b).take_while(|(a, b)| a == b).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_as_small_as_it_can_be_and_can_be_undone() {
        for (old, new, from, to, text) in [
            ("", "", 0, 0, ""),
            ("abc", "abc", 3, 3, ""),
            ("abc", "axc", 1, 2, "x"),
            ("aa", "aaa", 2, 2, "a"),
            ("aaa", "aa", 2, 3, ""),
            ("é", "è", 0, 2, "è"),
            ("a\u{301}", "a\u{300}", 1, 3, "\u{300}"),
            ("xé", "yé", 0, 1, "y"),
        ] {
            let splice = Splice::between(old, new);
            assert_eq!(splice, Splice::new(from, to, text), "{old} {new}");
            assert_eq!(splice.apply(old).as_deref(), Some(new));
            let inverse = splice.inverse(old).expect("it fits");
            assert_eq!(inverse.apply(new).as_deref(), Some(old));
        }
    }

    #[test]
    fn a_change_that_does_not_fit_is_refused() {
        assert_eq!(Splice::new(2, 3, "x").apply("a"), None);
        assert_eq!(Splice::new(1, 2, "x").apply("é"), None);
        assert_eq!(Splice::new(2, 1, "x").apply("abc"), None);
    }
}
