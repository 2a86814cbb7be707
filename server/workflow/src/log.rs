use crate::log_hub::{Follower, LogHub};
use crate::runs::no_run;
use crate::{Answer, Caller, Workflow};
use drydock_domain::access::Operation;
use drydock_domain::console::LogChunk;
use futures::FutureExt;
use futures::stream::{self, BoxStream, StreamExt};

/// A line longer than this is handed out in parts.
const LINE_LIMIT: usize = 64 << 10;

impl Workflow {
    /// A run's log from byte `offset` on, piece by piece while it is written, read once for all who
    /// follow it; it ends with the piece whose `complete` is true, or with an error. Pieces end at the ends of lines, and
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
            Ok(Opened::Live(reader)) => stream::unfold(Some(reader), next_chunk).left_stream(),
            Ok(Opened::Whole(rest)) => stream::once(async { Ok(rest) }.boxed()).right_stream(),
            Err(error) => stream::once(async { Err(error) }.boxed()).right_stream(),
        });
        chunks.boxed()
    }

    /// A run's log as far as it is written; from the archive where Azure has let go of it.
    pub async fn read_log(
        &self,
        caller: &Caller,
        registry: &str,
        run_id: &str,
    ) -> Answer<LogChunk> {
        caller.authorise(Operation::Read)?;
        let room = self.room(caller, registry).await?;
        self.require_log(caller, &room, run_id).await?;
        let Some(run) = self.inner.azure.arm().find_run(&room.id, run_id).await? else {
            let archived = self.archived_log(&room, run_id).await?;
            return archived.ok_or_else(|| no_run(run_id));
        };
        let mut tail = self.inner.azure.log(&room.id, &run.id, 0);
        let piece = tail.read_now().await?;
        let is_gone = piece.bytes.is_empty() && !piece.complete && run.status.is_finished();
        if is_gone && let Some(archived) = self.archived_log(&room, run_id).await? {
            return Ok(archived);
        }
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
    ) -> Answer<Opened> {
        caller.authorise(Operation::Read)?;
        let room = self.room(&caller, &registry).await?;
        self.require_log(&caller, &room, &run_id).await?;
        let Some(run) = self.inner.azure.arm().find_run(&room.id, &run_id).await? else {
            let archived = self.archived_log(&room, &run_id).await?;
            let log = archived.ok_or_else(|| no_run(&run_id))?;
            return Ok(Opened::Whole(from_offset(log, offset)));
        };
        if run.status.is_finished() {
            let mut tail = self.inner.azure.log(&room.id, &run.id, offset);
            let rest = tail.read_now().await?;
            if rest.complete {
                return Ok(Opened::Whole(LogChunk {
                    offset,
                    text: to_text(&rest.bytes),
                    complete: true,
                }));
            }
            let is_gone = rest.bytes.is_empty();
            if is_gone && let Some(log) = self.archived_log(&room, &run_id).await? {
                return Ok(Opened::Whole(from_offset(log, offset)));
            }
        }
        let open = || self.inner.azure.log(&room.id, &run.id, 0);
        Ok(Opened::Live(LineReader {
            follower: LogHub::follow(&room, &run.id, offset, open),
            offset,
            kept: Vec::new(),
        }))
    }
}

enum Opened {
    Live(LineReader),
    /// The rest of it, at once.
    Whole(LogChunk),
}

/// Everything after a place that was the end of a piece.
fn from_offset(log: LogChunk, offset: u64) -> LogChunk {
    let place = usize::try_from(offset).unwrap_or(usize::MAX);
    let text = log.text.get(place..).unwrap_or_default().to_owned();
    LogChunk {
        offset,
        text,
        ..log
    }
}

struct LineReader {
    follower: Follower,
    /// Of the first kept byte.
    offset: u64,
    /// The beginning of a line whose end has not been read.
    kept: Vec<u8>,
}

async fn next_chunk(reader: Option<LineReader>) -> Option<(Answer<LogChunk>, Option<LineReader>)> {
    let mut reader = reader?;
    loop {
        match reader.follower.next().await {
            Ok(Some(piece)) => {
                reader.kept.extend_from_slice(&piece.bytes);
                if let Some(chunk) = reader.take(piece.complete) {
                    let rest = (!chunk.complete).then_some(reader);
                    return Some((Ok(chunk), rest));
                }
            }
            Ok(None) => return None,
            Err(error) => return Some((Err(error), None)),
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
pub(crate) fn to_text(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(std::iter::repeat_n('?', chunk.invalid().len()));
    }
    text
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
