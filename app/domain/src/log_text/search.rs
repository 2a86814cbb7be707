//! Search over every line of a log, shown or not.
use super::ansi::visible;
use std::ops::Range;

/// What is looked for: text as it is, ASCII letters in any case. Blanks count; nothing is a
/// pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Search {
    query: String,
}

impl Search {
    /// `None` for an empty query, which would be found everywhere.
    pub fn new(query: &str) -> Option<Self> {
        (!query.is_empty()).then(|| Self {
            query: query.to_owned(),
        })
    }

    /// The numbers of the lines that have it, from 1, in order; `first` is the number of the first
    /// of these lines, so that lines which arrive later are searched alone.
    pub fn lines<'t>(
        &self,
        lines: impl IntoIterator<Item = &'t str>,
        first: usize,
    ) -> impl Iterator<Item = usize> {
        let numbered = lines.into_iter().enumerate();
        numbered
            .filter(|(_, line)| self.is_in(line))
            .map(move |(index, _)| first + index)
    }

    /// Whether a line has it, its escape sequences aside.
    pub fn is_in(&self, line: &str) -> bool {
        find(&visible(line), &self.query, 0).is_some()
    }
}

/// The places of a search in a line's visible text, none over another: for marking them.
pub fn ranges(search: &Search, visible: &str) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    let mut from = 0;
    while let Some(range) = find(visible, &search.query, from) {
        from = range.end;
        ranges.push(range);
    }
    ranges
}

/// Bytes are compared: a character's first byte is never another one's later byte, so that what
/// is found begins and ends between characters.
fn find(text: &str, query: &str, from: usize) -> Option<Range<usize>> {
    let (bytes, query) = (text.as_bytes(), query.as_bytes());
    let mut windows = bytes.get(from..)?.windows(query.len());
    let start = from + windows.position(|window| window.eq_ignore_ascii_case(query))?;
    Some(start..start + query.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn search(query: &str) -> Search {
        Search::new(query).expect("it is not empty")
    }

    #[test]
    fn lines_are_found_by_number_in_any_case() {
        let lines = [
            "Error: no",
            "fine",
            "an ERROR",
            "\u{1b}[31mErr\u{1b}[0mor",
            "é",
        ];
        let found = |query: &str, first| search(query).lines(lines, first).collect::<Vec<_>>();
        assert_eq!(found("error", 1), [1, 3, 4]);
        assert_eq!(found("error", 101), [101, 103, 104]);
        assert_eq!(found("é", 1), [5]);
        assert_eq!(found("[31m", 1), [0; 0], "an escape sequence is no text");
        assert_eq!(found(".", 1), [0; 0], "nothing is a pattern");
        assert_eq!(Search::new(""), None);
    }

    #[test]
    fn every_place_in_a_line_is_marked_once() {
        let check = |query: &str, text: &str, expected: &[&str]| {
            let found: Vec<&str> = ranges(&search(query), text)
                .into_iter()
                .map(|it| &text[it])
                .collect();
            assert_eq!(found, expected, "{query} {text}");
        };
        check("aa", "aaAa a", &["aa", "Aa"]);
        check("straße", "Strasse Straße STRAßE", &["Straße", "STRAßE"]);
        check("ß", "ßß", &["ß", "ß"]);
        check("x", "ééx", &["x"]);
        check("longer than the text", "text", &[]);
    }
}
