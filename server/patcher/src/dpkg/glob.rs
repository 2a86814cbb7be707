//! Shell patterns as `fnmatch(3)` reads them without flags: `*` crosses slashes.

/// Does the whole text match?
pub fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), text.chars().collect());
    let (mut at, mut pos) = (0, 0);
    // Where to go on after the last star, should what follows it not fit.
    let mut retry: Option<(usize, usize)> = None;
    loop {
        if at < pattern.len() && pattern[at] == '*' {
            retry = Some((at + 1, pos));
            at += 1;
            continue;
        }
        if pos < text.len() {
            if let Some(next) = match_one(&pattern, at, text[pos]) {
                at = next;
                pos += 1;
                continue;
            }
        } else if at == pattern.len() {
            return true;
        }
        match retry {
            Some((after_star, from)) if from < text.len() => {
                retry = Some((after_star, from + 1));
                at = after_star;
                pos = from + 1;
            }
            _ => return false,
        }
    }
}

/// The place after the part of the pattern that one character matches.
fn match_one(pattern: &[char], at: usize, character: char) -> Option<usize> {
    match *pattern.get(at)? {
        '?' => Some(at + 1),
        '\\' if at + 1 < pattern.len() => (pattern[at + 1] == character).then_some(at + 2),
        '[' => match match_set(pattern, at + 1, character) {
            Some((matched, next)) => matched.then_some(next),
            None => (character == '[').then_some(at + 1),
        },
        literal => (literal == character).then_some(at + 1),
    }
}

/// Whether the set that begins here holds the character, and the place after it; `None` where
/// no bracket closes it.
fn match_set(pattern: &[char], start: usize, character: char) -> Option<(bool, usize)> {
    let negated = matches!(pattern.get(start), Some('!' | '^'));
    let first = start + usize::from(negated);
    let mut at = first;
    let mut found = false;
    while *pattern.get(at)? != ']' || at == first {
        let low = pattern[at];
        let high = match (pattern.get(at + 1), pattern.get(at + 2)) {
            (Some('-'), Some(high)) if *high != ']' => {
                at += 2;
                *high
            }
            _ => low,
        };
        found |= (low..=high).contains(&character);
        at += 1;
    }
    Some((found != negated, at + 1))
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn patterns_match_as_fnmatch_does() {
        assert!(matches("/usr/share/doc/*", "/usr/share/doc/a/b"));
        assert!(!matches("/usr/share/doc/*", "/usr/share/doc"));
        assert!(matches(
            "/usr/share/doc/*/copyright",
            "/usr/share/doc/a/copyright"
        ));
        assert!(!matches(
            "/usr/share/doc/*/copyright",
            "/usr/share/doc/a/copyright2"
        ));
        assert!(matches("lib?[a-c]*", "libxbz"));
        assert!(!matches("lib?[!a-c]*", "libxbz"));
        assert!(matches("a\\*", "a*"));
        assert!(!matches("a\\*", "ab"));
        assert!(matches("a[", "a["));
        assert!(matches("**x**", "x"));
        assert!(!matches("", "x"));
    }
}
