//! A line cut into pieces that look alike.
use drydock_domain::log_text::{AnsiReader, Search, Style, ranges, visible};

/// A part of a line in one style, inside or outside of what is searched for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    pub style: Style,
    pub found: bool,
    pub text: String,
}

/// Each line begins in the plain style: it may stand on the screen without the ones before it.
pub fn pieces(line: &str, search: Option<&Search>) -> Vec<Piece> {
    let hits = search.map_or_else(Vec::new, |search| ranges(search, &visible(line)));
    let mut pieces = Vec::new();
    let mut start = 0;
    for span in AnsiReader::default().read(line) {
        let end = start + span.text.len();
        let mut at = start;
        while at < end {
            let (found, until) = match hits.iter().find(|hit| hit.end > at) {
                Some(hit) if hit.start <= at => (true, hit.end),
                Some(hit) => (false, hit.start),
                None => (false, end),
            };
            let until = until.min(end);
            pieces.push(Piece {
                style: span.style,
                found,
                text: span.text[at - start..until - start].to_owned(),
            });
            at = until;
        }
        start = end;
    }
    pieces
}

/// The bytes of the runner's time stamp at a line's beginning, `2025/04/22 21:54:17 `; 0 where there
/// is none.
pub fn stamp_length(line: &str) -> usize {
    const SHAPE: &[u8; 20] = b"0000/00/00 00:00:00 ";
    let fits = |(byte, shape): (&u8, &u8)| match shape {
        b'0' => byte.is_ascii_digit(),
        _ => byte == shape,
    };
    let stamp = line.as_bytes().get(..SHAPE.len());
    match stamp {
        Some(stamp) if stamp.iter().zip(SHAPE).all(fits) => SHAPE.len(),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Marks in brackets, pieces apart by bars.
    fn check(line: &str, needle: &str, expected: &str) {
        let pieces = pieces(line, Search::new(needle).as_ref());
        let texts = pieces.iter().map(|piece| match piece.found {
            true => format!("[{}]", piece.text),
            false => piece.text.clone(),
        });
        assert_eq!(texts.collect::<Vec<_>>().join("|"), expected);
    }

    #[test]
    fn what_was_found_is_cut_out_of_its_spans() {
        check("one two One", "one", "[one]| two |[One]");
        check("a\u{1b}[31mbc\u{1b}[0md", "bcd", "a|[bc]|[d]");
        check("aaa", "aa", "[aa]|a");
        check("plain", "", "plain");
        check("", "x", "");
    }

    #[test]
    fn only_the_runner_s_own_stamp_is_a_stamp() {
        assert_eq!(stamp_length("2025/04/22 21:54:17 Downloading"), 20);
        assert_eq!(stamp_length("2025/04/22 21:54:17"), 0);
        assert_eq!(stamp_length("2025-04-22 21:54:17 x"), 0);
        assert_eq!(stamp_length(""), 0);
    }
}
