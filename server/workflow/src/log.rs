use crate::runs::no_run;
use crate::{Answer, Caller, Workflow, WorkflowError};
use drydock_azure::{AzureError, LogTail};
use drydock_domain::access::Operation;
use drydock_domain::console::LogChunk;
use futures::stream::{self, BoxStream, StreamExt};

/// A line longer than this is handed out in parts.
const LINE_LIMIT: usize = 64 << 10;

impl Workflow {
    /// A run's log from byte `offset` on, piece by piece while it is written; it ends with the
    /// piece whose `complete` is true, or with an error. Pieces end at the ends of lines, and
    /// `offset` plus the text's length is the next piece's `offset`.
    pub fn follow_log(
        &self,
        caller: &Caller,
        registry: &str,
        run_id: &str,
        offset: u64,
    ) -> BoxStream<'static, Answer<LogChunk>> {
        let opening = self.clone().open_log(
            caller.clone(),
            registry.to_owned(),
            run_id.to_owned(),
            offset,
        );
        let chunks = stream::once(opening).flat_map(|opened| match opened {
            Ok(reader) => stream::unfold(Some(reader), next_chunk).left_stream(),
            Err(error) => stream::once(async { Err(error) }).right_stream(),
        });
        chunks.boxed()
    }

    /// A run's log as far as it is written.
    pub async fn read_log(
        &self,
        caller: &Caller,
        registry: &str,
        run_id: &str,
    ) -> Answer<LogChunk> {
        let (caller, registry) = (caller.clone(), registry.to_owned());
        let opened = self
            .clone()
            .open_log(caller, registry, run_id.to_owned(), 0);
        let piece = opened.await?.tail.read_now().await.map_err(told)?;
        Ok(LogChunk {
            offset: piece.offset,
            text: to_text(&piece.bytes),
            complete: piece.complete,
        })
    }

    async fn open_log(
        self,
        caller: Caller,
        registry: String,
        run_id: String,
        offset: u64,
    ) -> Answer<LineReader> {
        caller.authorise(Operation::Read)?;
        let room = self.room(&registry).await?;
        let run = self.inner.azure.arm().find_run(&room.id, &run_id).await?;
        let run = run.ok_or_else(|| no_run(&run_id))?;
        Ok(LineReader {
            tail: self.inner.azure.log(&room.id, &run.id, offset),
            offset,
            kept: Vec::new(),
        })
    }
}

struct LineReader {
    tail: LogTail,
    /// Of the first kept byte.
    offset: u64,
    /// The beginning of a line whose end has not been read.
    kept: Vec<u8>,
}

async fn next_chunk(reader: Option<LineReader>) -> Option<(Answer<LogChunk>, Option<LineReader>)> {
    let mut reader = reader?;
    loop {
        match reader.tail.next().await {
            Ok(Some(piece)) => {
                reader.kept.extend_from_slice(&piece.bytes);
                if let Some(chunk) = reader.take(piece.complete) {
                    let rest = (!chunk.complete).then_some(reader);
                    return Some((Ok(chunk), rest));
                }
            }
            Ok(None) => return None,
            Err(error) => return Some((Err(told(error)), None)),
        }
    }
}

impl LineReader {
    /// The whole lines that are kept, or everything at the end.
    fn take(&mut self, complete: bool) -> Option<LogChunk> {
        let last_end = self.kept.iter().rposition(|byte| *byte == b'\n');
        let length = match last_end {
            _ if complete => self.kept.len(),
            Some(end) => end + 1,
            None if self.kept.len() > LINE_LIMIT => character_end(&self.kept),
            None => return None,
        };
        let rest = self.kept.split_off(length);
        let bytes = std::mem::replace(&mut self.kept, rest);
        let offset = self.offset;
        self.offset += bytes.len() as u64;
        Some(LogChunk {
            offset,
            text: to_text(&bytes),
            complete,
        })
    }
}

/// The length without a character that has only begun.
fn character_end(bytes: &[u8]) -> usize {
    match std::str::from_utf8(bytes) {
        Err(error) if error.error_len().is_none() && error.valid_up_to() > 0 => error.valid_up_to(),
        _ => bytes.len(),
    }
}

/// The bytes as text of the same length, which makes offsets of bytes good for text: what is not
/// UTF-8 becomes one question mark a byte.
fn to_text(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(std::iter::repeat_n('?', chunk.invalid().len()));
    }
    text
}

fn told(error: AzureError) -> WorkflowError {
    error.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_has_as_many_bytes_as_the_log() {
        for bytes in [&b"plain\r\n"[..], "grün".as_bytes(), b"a\xff\xfeb\xe2\x82"] {
            assert_eq!(to_text(bytes).len(), bytes.len());
        }
        assert_eq!(to_text(b"a\xffb"), "a?b");
    }

    #[test]
    fn a_long_line_is_not_cut_inside_a_character() {
        assert_eq!(character_end("ab\u{20ac}".as_bytes()), 5);
        assert_eq!(character_end(b"ab\xe2\x82"), 2);
        assert_eq!(character_end(b"\xff\xff"), 2);
    }
}
