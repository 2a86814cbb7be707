//! The matching of a tag that the policy names.
use crate::hash::{HashMap, HashSet};
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
            || strip_suffix(tag, self.convention)
                .is_some_and(|stem| self.matches_without_suffix(stem))
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

/// The tags of a row as one pattern: matching a tag costs a look-up for each shape of wanted tag
/// that is as long, not a comparison with each of them.
pub(super) struct Wanted<'p> {
    convention: TagConvention,
    /// By length: wanted tags of one length that have their dots in the same places.
    shapes: HashMap<usize, Vec<Shape<'p>>>,
}

struct Shape<'p> {
    dots: Vec<usize>,
    tags: HashSet<&'p [u8]>,
}

impl<'p> Wanted<'p> {
    pub fn new(convention: TagConvention) -> Self {
        Self {
            convention,
            shapes: HashMap::default(),
        }
    }

    pub fn insert(&mut self, tag: &'p str) {
        let dots: Vec<usize> = tag.match_indices('.').map(|(place, _)| place).collect();
        let shapes = self.shapes.entry(tag.len()).or_default();
        match shapes.iter_mut().find(|shape| shape.dots == dots) {
            Some(shape) => {
                shape.tags.insert(tag.as_bytes());
            }
            None => shapes.push(Shape {
                dots,
                tags: HashSet::from_iter([tag.as_bytes()]),
            }),
        }
    }

    /// Whether any of them matches a tag as [`TagPattern::matches`] does.
    pub fn matches(&self, tag: &str) -> bool {
        self.matches_without_suffix(tag)
            || strip_suffix(tag, self.convention)
                .is_some_and(|stem| self.matches_without_suffix(stem))
    }

    fn matches_without_suffix(&self, stem: &str) -> bool {
        let Some(shapes) = self.shapes.get(&stem.len()) else {
            return false;
        };
        let mut masked = Vec::new();
        shapes.iter().any(|shape| {
            masked.clear();
            masked.extend_from_slice(stem.as_bytes());
            for dot in &shape.dots {
                masked[*dot] = b'.';
            }
            shape.tags.contains(masked.as_slice())
        })
    }
}

fn strip_suffix(tag: &str, convention: TagConvention) -> Option<&str> {
    match convention {
        TagConvention::Incremental => strip_number(tag),
        TagConvention::Floating => strip_patched(tag),
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
        let check = |wanted: &str, convention, tag: &str, matches: bool| {
            let pattern = TagPattern::new(wanted, convention);
            assert_eq!(pattern.matches(tag), matches, "{wanted} {tag}");
            let mut one_of_many = Wanted::new(convention);
            for wanted in ["z", wanted, "9.9", "zzz"] {
                one_of_many.insert(wanted);
            }
            assert_eq!(one_of_many.matches(tag), matches, "{wanted} {tag}");
        };
        use TagConvention::{Floating, Incremental};
        check("1.0", Incremental, "1.0", true);
        check("1.0", Incremental, "1.0-12", true);
        check("1.0", Incremental, "1.0-012", false);
        check("1.0", Incremental, "1.0-1000", false);
        check("1.0", Incremental, "1.0-patched", false);
        check("1.0", Incremental, "100", true);
        check("1.0", Incremental, "1-0", true);
        check("1.0", Incremental, "1x0-7", true);
        check("1.0", Incremental, "21.0", false);
        check("1.0", Incremental, "1.00", false);
        check("1.0", Floating, "1.0-patched", true);
        check("1.0", Floating, "1.0-patched2", true);
        check("1.0", Floating, "1.0-1", false);
        check("1.0", Floating, "1x0-patched", true);
    }
}
