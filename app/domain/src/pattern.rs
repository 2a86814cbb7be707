//! Patterns over names, of registries and of repositories.

/// Whether the whole text fits a pattern in which `*` is any number of characters, slashes too.
pub fn fits(pattern: &str, text: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(text) = text.strip_prefix(start) else {
        return false;
    };
    let (middle, end) = rest.rsplit_once('*').unwrap_or(("", rest));
    let Some(mut text) = text.strip_suffix(end) else {
        return false;
    };
    // The leftmost place of each part leaves the most room for the next.
    middle.split('*').all(|part| match text.find(part) {
        Some(place) => {
            text = &text[place + part.len()..];
            true
        }
        None => false,
    })
}
