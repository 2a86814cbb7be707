//! What somebody probably meant to write.

/// The candidate with the fewest edits from `word`, where they are few enough to be a slip: at
/// most one for each three characters, or `word` is the beginning of the candidate.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_ascii_lowercase().into_bytes();
    let allowed = word.len().div_ceil(3);
    let mut best: Option<(usize, &str)> = None;
    let mut row = Vec::new();
    let mut letters = Vec::new();
    for candidate in candidates {
        letters.clear();
        letters.extend(candidate.bytes().map(|byte| byte.to_ascii_lowercase()));
        let limit = best.map_or(allowed, |(least, _)| allowed.min(least));
        let distance = if word.len() >= 2 && letters.starts_with(&word) {
            Some(letters.len() - word.len())
        } else {
            distance_within(&word, &letters, limit, &mut row)
        };
        if let Some(distance) = distance
            && best.is_none_or(|(least, _)| distance < least)
        {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// Levenshtein's distance in bytes, where it is at most `limit`: a registry's every tag is compared at
/// each keystroke, and nearly all of them differ within a few letters.
fn distance_within(a: &[u8], b: &[u8], limit: usize, row: &mut Vec<usize>) -> Option<usize> {
    if a.len().abs_diff(b.len()) > limit {
        return None;
    }
    row.clear();
    row.extend(0..=b.len());
    for (line, from) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = line + 1;
        let mut least = row[0];
        for (column, to) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(from != to);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(row[column] + 1).min(diagonal + 1);
            least = least.min(row[column + 1]);
        }
        if least > limit {
            return None;
        }
    }
    (row[b.len()] <= limit).then_some(row[b.len()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_its_word_and_a_stranger_none() {
        let tags = ["jammy", "jammy-20240111", "noble"];
        assert_eq!(nearest("jamy", tags), Some("jammy"));
        assert_eq!(nearest("JAMMY", tags), Some("jammy"));
        assert_eq!(nearest("jammy-2024", tags), Some("jammy-20240111"));
        assert_eq!(nearest("bookworm", tags), None);
        assert_eq!(nearest("tag", ["repository", "tags"]), Some("tags"));
        assert_eq!(nearest("x", []), None);
    }
}
