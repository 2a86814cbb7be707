//! The matching of a tag that the policy names.
use crate::policy::TagConvention;

/// Azure puts a tag into a regular expression without escaping it. Of all the characters that a
/// tag may hold only `.` means something there, and it matches any one character; so `1.0` also
/// selects `100`, `1x0` and `1-0`.
#[derive(Clone, Copy, Debug)]
pub struct TagPattern<'p> {
    wanted: &'p str,
    convention: TagConvention,
}

impl<'p> TagPattern<'p> {
    pub fn new(wanted: &'p str, convention: TagConvention) -> Self {
        Self { wanted, convention }
    }

    /// `^wanted(-[1-9]\d{0,2})?$`, or `^wanted(-patched\d*)?$` under the floating convention.
    pub fn matches(&self, tag: &str) -> bool {
        self.matches_without_suffix(tag)
            || match self.convention {
                TagConvention::Incremental => strip_number(tag),
                TagConvention::Floating => strip_patched(tag),
            }
            .is_some_and(|stem| self.matches_without_suffix(stem))
    }

    /// It matches only because a dot stands for any character.
    pub fn leaks(&self, tag: &str) -> bool {
        self.matches(tag) && !tag.starts_with(self.wanted)
    }

    fn matches_without_suffix(&self, tag: &str) -> bool {
        let (wanted, tag) = (self.wanted.as_bytes(), tag.as_bytes());
        wanted.len() == tag.len()
            && wanted
                .iter()
                .zip(tag)
                .all(|(wanted, byte)| wanted == byte || *wanted == b'.')
    }
}

/// The part before `-1` … `-999`, which may be empty.
fn strip_number(tag: &str) -> Option<&str> {
    let (stem, number) = tag.rsplit_once('-')?;
    let is_number = (1..=3).contains(&number.len())
        && !number.starts_with('0')
        && number.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then_some(stem)
}

/// The part before `-patched` and any digits.
fn strip_patched(tag: &str) -> Option<&str> {
    tag.trim_end_matches(|character: char| character.is_ascii_digit())
        .strip_suffix("-patched")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dot_matches_any_character() {
        let check = |wanted: &str, convention, tag: &str, matches: bool, leaks: bool| {
            let pattern = TagPattern::new(wanted, convention);
            assert_eq!(pattern.matches(tag), matches, "{wanted} {tag}");
            assert_eq!(pattern.leaks(tag), leaks, "{wanted} {tag}");
        };
        use TagConvention::{Floating, Incremental};
        check("1.0", Incremental, "1.0", true, false);
        check("1.0", Incremental, "1.0-12", true, false);
        check("1.0", Incremental, "1.0-012", false, false);
        check("1.0", Incremental, "1.0-1000", false, false);
        check("1.0", Incremental, "1.0-patched", false, false);
        check("1.0", Incremental, "100", true, true);
        check("1.0", Incremental, "1-0", true, true);
        check("1.0", Incremental, "1x0-7", true, true);
        check("1.0", Incremental, "21.0", false, false);
        check("1.0", Incremental, "1.00", false, false);
        check("1.0", Floating, "1.0-patched", true, false);
        check("1.0", Floating, "1.0-patched2", true, false);
        check("1.0", Floating, "1.0-1", false, false);
        check("1.0", Floating, "1x0-patched", true, true);
    }
}
