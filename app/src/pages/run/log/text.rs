//! A whole log as one string, and the places where its lines begin: tens of thousands of lines cost
//! no more than their bytes.
use drydock_domain::console::LogChunk;
use drydock_domain::log_text::{LogStep, StepFolder};

/// What has arrived of a log. Lines are counted from 0.
#[derive(Clone, Debug, Default)]
pub struct LogText {
    text: String,
    /// Where each whole line ends.
    ends: Vec<usize>,
    steps: StepFolder,
}

impl LogText {
    /// Bytes of the log so far: where to go on from. The text has as many as the log.
    pub fn received(&self) -> u64 {
        self.text.len() as u64
    }

    pub fn n_lines(&self) -> usize {
        self.ends.len()
    }

    /// Without its end.
    pub fn line(&self, index: usize) -> &str {
        let start = index.checked_sub(1).map_or(0, |before| self.ends[before]);
        let line = &self.text[start..self.ends[index]];
        let line = line.strip_suffix('\n').unwrap_or(line);
        line.strip_suffix('\r').unwrap_or(line)
    }

    pub fn lines(&self) -> impl Iterator<Item = &str> {
        (0..self.n_lines()).map(|index| self.line(index))
    }

    pub fn steps(&self) -> &[LogStep] {
        self.steps.steps()
    }

    /// Takes a chunk, and says how many lines it completes. A chunk that was seen before, as after a
    /// reconnection, adds nothing twice.
    pub fn push(&mut self, chunk: &LogChunk) -> usize {
        let before = self.n_lines();
        let seen = self.received().saturating_sub(chunk.offset);
        let seen = usize::try_from(seen).unwrap_or(usize::MAX);
        // A cut inside a character cannot be an earlier end: then the text is taken whole.
        let fresh = match chunk.text.len() <= seen {
            true => "",
            false => chunk.text.get(seen..).unwrap_or(&chunk.text),
        };
        let from = self.text.len();
        self.text.push_str(fresh);
        for (at, _) in fresh.match_indices('\n') {
            self.end_line(from + at + 1);
        }
        if chunk.complete && self.ends.last().copied().unwrap_or(0) < self.text.len() {
            self.end_line(self.text.len());
        }
        self.n_lines() - before
    }

    fn end_line(&mut self, end: usize) {
        self.ends.push(end);
        let mut steps = std::mem::take(&mut self.steps);
        steps.push(self.line(self.n_lines() - 1));
        self.steps = steps;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunk(offset: u64, text: &str, complete: bool) -> LogChunk {
        LogChunk {
            offset,
            text: text.to_owned(),
            complete,
        }
    }

    fn lines(log: &LogText) -> Vec<&str> {
        log.lines().collect()
    }

    #[test]
    fn a_line_counts_once_it_is_whole() {
        let mut log = LogText::default();
        assert_eq!(log.push(&chunk(0, "one\ntw", false)), 1);
        assert_eq!(log.push(&chunk(6, "", false)), 0);
        assert_eq!(log.push(&chunk(6, "o\nthree", false)), 1);
        assert_eq!(log.push(&chunk(13, "", true)), 1);
        assert_eq!(lines(&log), ["one", "two", "three"]);
        assert_eq!(log.received(), 13);
    }

    #[test]
    fn a_chunk_that_comes_again_adds_nothing_twice() {
        let mut log = LogText::default();
        log.push(&chunk(0, "one\n", false));
        assert_eq!(log.push(&chunk(0, "one\n", false)), 0);
        assert_eq!(log.push(&chunk(0, "one\ntwo\n", true)), 1);
        assert_eq!(lines(&log), ["one", "two"]);
    }

    #[test]
    fn blank_lines_count() {
        let mut log = LogText::default();
        log.push(&chunk(0, "a\r\n\nb\n", false));
        assert_eq!(lines(&log), ["a", "", "b"]);
    }

    #[test]
    fn an_empty_log_that_is_complete_has_no_line() {
        assert_eq!(LogText::default().push(&chunk(0, "", true)), 0);
    }
}
