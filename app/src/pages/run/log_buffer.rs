//! A log's text cut into lines as it arrives, in blocks that never change once they are shown.
use drydock_domain::console::LogChunk;

/// Lines that arrived together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Number of the first line, from 1.
    pub first: usize,
    pub lines: Vec<String>,
}

#[derive(Clone, Debug, Default)]
pub struct LogBuffer {
    /// The beginning of a line whose end has not arrived.
    partial: String,
    /// Bytes of the log received so far: where to go on from.
    received: u64,
    n_lines: usize,
}

impl LogBuffer {
    pub fn received(&self) -> u64 {
        self.received
    }

    pub fn n_lines(&self) -> usize {
        self.n_lines
    }

    /// Takes a chunk and gives the lines that it completes. A chunk that was seen before, as
    /// after a reconnection, adds nothing twice.
    pub fn push(&mut self, chunk: &LogChunk) -> Option<Block> {
        let seen = self.received.saturating_sub(chunk.offset);
        let seen = usize::try_from(seen).unwrap_or(usize::MAX);
        // A cut inside a character cannot be an earlier end: then the text is taken whole.
        let fresh = match chunk.text.len() <= seen {
            true => "",
            false => chunk.text.get(seen..).unwrap_or(&chunk.text),
        };
        self.received = self.received.max(chunk.offset + chunk.text.len() as u64);
        self.partial.push_str(fresh);
        let complete = match self.partial.rfind('\n') {
            _ if chunk.complete => std::mem::take(&mut self.partial),
            Some(end) => {
                let rest = self.partial.split_off(end + 1);
                std::mem::replace(&mut self.partial, rest)
            }
            None => return None,
        };
        let lines: Vec<_> = complete.lines().map(str::to_owned).collect();
        if lines.is_empty() {
            return None;
        }
        let first = self.n_lines + 1;
        self.n_lines += lines.len();
        Some(Block { first, lines })
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

    fn block(first: usize, lines: &[&str]) -> Option<Block> {
        let lines = lines.iter().map(|line| (*line).to_owned()).collect();
        Some(Block { first, lines })
    }

    #[test]
    fn a_line_is_given_once_it_is_whole() {
        let mut log = LogBuffer::default();
        assert_eq!(log.push(&chunk(0, "one\ntw", false)), block(1, &["one"]));
        assert_eq!(log.push(&chunk(6, "", false)), None);
        assert_eq!(log.push(&chunk(6, "o\nthree", false)), block(2, &["two"]));
        assert_eq!(log.push(&chunk(13, "", true)), block(3, &["three"]));
        assert_eq!((log.received(), log.n_lines()), (13, 3));
    }

    #[test]
    fn a_chunk_that_comes_again_adds_nothing_twice() {
        let mut log = LogBuffer::default();
        log.push(&chunk(0, "one\n", false));
        assert_eq!(log.push(&chunk(0, "one\n", false)), None);
        assert_eq!(log.push(&chunk(0, "one\ntwo\n", false)), block(2, &["two"]));
    }

    #[test]
    fn blank_lines_count() {
        let mut log = LogBuffer::default();
        assert_eq!(
            log.push(&chunk(0, "a\r\n\nb\n", false)),
            block(1, &["a", "", "b"])
        );
    }

    #[test]
    fn an_empty_log_that_is_complete_has_no_line() {
        assert_eq!(LogBuffer::default().push(&chunk(0, "", true)), None);
    }
}
