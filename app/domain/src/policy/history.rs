//! Undo and redo across the form and the text: both change one text, and one history holds what
//! they did to it.
use crate::splice::Splice;
use std::collections::VecDeque;

/// What made a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Keys pressed one after the other in the text: undone together, up to a word's end.
    Typing,
    /// A click or a finished field of the form, a fix, an import: undone by itself.
    Whole,
}

/// A text with its past and its future. Steps are kept as differences, so that a large document
/// is not kept once for each of them.
#[derive(Clone, Debug)]
pub struct History {
    text: String,
    /// What undoes each step, the last one at the end.
    past: VecDeque<Step>,
    /// What makes undone steps anew, the next one at the end.
    future: Vec<Step>,
    size_bytes: usize,
}

#[derive(Clone, Debug)]
struct Step {
    splice: Splice,
    origin: Origin,
}

impl History {
    /// Older steps are forgotten beyond this number …
    pub const MAX_STEPS: usize = 500;
    /// … or when the past holds more text than this.
    pub const MAX_SIZE_BYTES: usize = 16 * 1024 * 1024;

    pub fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            past: VecDeque::new(),
            future: Vec::new(),
            size_bytes: 0,
        }
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    pub fn can_undo(&self) -> bool {
        !self.past.is_empty()
    }

    pub fn can_redo(&self) -> bool {
        !self.future.is_empty()
    }

    /// Takes a new text. What was undone before can no longer be redone; the same text again
    /// changes nothing.
    pub fn record(&mut self, text: &str, origin: Origin) {
        if text == self.text {
            return;
        }
        let splice = Splice::between(&self.text, text);
        let Some(back) = splice.inverse(&self.text) else {
            return;
        };
        self.future.clear();
        let joined = match self.past.back_mut() {
            Some(last) if origin == Origin::Typing && last.origin == origin => {
                join(&mut last.splice, &splice, &back)
            }
            _ => false,
        };
        if !joined {
            self.push(Step {
                splice: back,
                origin,
            });
        }
        text.clone_into(&mut self.text);
    }

    /// Takes the last step back; false where there is none.
    pub fn undo(&mut self) -> bool {
        let Some(step) = self.past.pop_back() else {
            return false;
        };
        self.size_bytes -= step.splice.text.len();
        match self.make(&step) {
            Some(forth) => self.future.push(forth),
            None => return false,
        }
        true
    }

    /// Makes the step anew that was taken back last; false where there is none.
    pub fn redo(&mut self) -> bool {
        let made = self.future.pop().and_then(|step| self.make(&step));
        match made {
            Some(back) => self.push(back),
            None => return false,
        }
        true
    }

    /// Makes a step and gives the one that undoes it.
    fn make(&mut self, step: &Step) -> Option<Step> {
        let splice = step.splice.inverse(&self.text)?;
        self.text = step.splice.apply(&self.text)?;
        let origin = step.origin;
        Some(Step { splice, origin })
    }

    fn push(&mut self, step: Step) {
        self.size_bytes += step.splice.text.len();
        self.past.push_back(step);
        while self.past.len() > Self::MAX_STEPS || self.size_bytes > Self::MAX_SIZE_BYTES {
            let Some(forgotten) = self.past.pop_front() else {
                return;
            };
            self.size_bytes -= forgotten.splice.text.len();
        }
    }
}

/// Lets the last step's undoing undo what was typed directly behind it as well. A blank ends a
/// step, so that words go one by one.
fn join(last: &mut Splice, typed: &Splice, back: &Splice) -> bool {
    let is_behind = typed.from == last.to && back.text.is_empty();
    let is_one_word = !typed
        .text
        .contains(|letter: char| letter.is_ascii_whitespace());
    let joins = is_behind && is_one_word && last.text.is_empty();
    if joins {
        last.to += typed.text.len();
    }
    joins
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(words: &str) -> History {
        let mut history = History::new("");
        for (end, letter) in words.char_indices() {
            history.record(&words[..end + letter.len_utf8()], Origin::Typing);
        }
        history
    }

    #[test]
    fn typing_is_undone_word_by_word_and_redone() {
        let mut history = typed("one twö");
        let mut seen = vec![history.text().to_owned()];
        while history.undo() {
            seen.push(history.text().to_owned());
        }
        assert_eq!(seen, ["one twö", "one", ""]);
        assert!(history.redo() && history.redo() && !history.redo());
        assert_eq!(history.text(), "one twö");
    }

    #[test]
    fn a_change_of_the_form_is_a_step_of_its_own() {
        let mut history = typed("a");
        history.record("ab", Origin::Whole);
        history.record("abc", Origin::Whole);
        history.record("abcd", Origin::Typing);
        history.record("abd", Origin::Typing);
        for expected in ["abcd", "abc", "ab", "a", ""] {
            assert!(history.undo());
            assert_eq!(history.text(), expected);
        }
        assert!(!history.can_undo() && history.can_redo());
    }

    #[test]
    fn a_new_change_ends_what_could_be_redone() {
        let mut history = typed("a b");
        assert!(history.undo());
        history.record("a", Origin::Whole);
        assert!(history.can_redo(), "the same text is no change");
        history.record("a c", Origin::Whole);
        assert!(!history.can_redo());
        assert!(history.undo());
        assert_eq!(history.text(), "a");
    }

    #[test]
    fn the_past_is_bounded() {
        let mut history = History::new("");
        for step in 0..History::MAX_STEPS + 10 {
            history.record(&step.to_string(), Origin::Whole);
        }
        let n_undone = std::iter::from_fn(|| history.undo().then_some(())).count();
        assert_eq!(n_undone, History::MAX_STEPS);
        assert_eq!(history.text(), "9");
        let large = "x".repeat(History::MAX_SIZE_BYTES / 2 + 1);
        let mut history = History::new(large.clone());
        history.record("", Origin::Whole);
        history.record(&large, Origin::Whole);
        history.record("", Origin::Whole);
        assert!(history.undo() && history.undo() && !history.undo());
        assert_eq!(history.text(), "");
    }
}
