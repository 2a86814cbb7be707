//! File contents kept in an unnamed temporary file rather than in memory; the system removes
//! it even when the process is killed.
use crate::PatchError;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::Mutex;

#[derive(Debug)]
pub struct Spill {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    file: File,
    length: u64,
}

/// Where a content is in its spill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub offset: u64,
    pub length: u64,
}

impl Spill {
    pub fn create(directory: &Path) -> Result<Self, PatchError> {
        let file = tempfile::tempfile_in(directory).map_err(PatchError::io(format!(
            "making a temporary file in {}",
            directory.display()
        )))?;
        Ok(Self {
            state: Mutex::new(State { file, length: 0 }),
        })
    }

    /// Adds one content; several threads may do so in turns.
    pub fn append(&self, content: &[u8]) -> io::Result<Span> {
        let mut state = self
            .state
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        let offset = state.length;
        state.file.seek(SeekFrom::Start(offset))?;
        state.file.write_all(content)?;
        state.length = offset + content.len() as u64;
        Ok(Span {
            offset,
            length: content.len() as u64,
        })
    }

    /// Adds a content of any size, some of it at a time. Only for a spill that has one writer.
    pub fn append_stream(&self, content: &mut dyn Read) -> io::Result<Span> {
        let mut buffer = vec![0; 128 << 10];
        let mut whole: Option<Span> = None;
        loop {
            let length = content.read(&mut buffer)?;
            if length == 0 {
                return Ok(whole.unwrap_or(Span {
                    offset: 0,
                    length: 0,
                }));
            }
            let part = self.append(&buffer[..length])?;
            let start = whole.map_or(part.offset, |span| span.offset);
            whole = Some(Span {
                offset: start,
                length: part.offset + part.length - start,
            });
        }
    }

    pub fn read(&self, span: Span) -> io::Result<Vec<u8>> {
        let mut content = vec![0; usize::try_from(span.length).map_err(io::Error::other)?];
        self.read_at(span.offset, &mut content)?;
        Ok(content)
    }

    pub fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let mut state = self
            .state
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        state.file.seek(SeekFrom::Start(offset))?;
        state.file.read_exact(buffer)
    }

    pub fn reader(&self, span: Span) -> SpanReader<'_> {
        SpanReader { spill: self, span }
    }
}

/// Reads one content, from its start to its end.
pub struct SpanReader<'a> {
    spill: &'a Spill,
    span: Span,
}

impl Read for SpanReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = usize::try_from(self.span.length)
            .unwrap_or(usize::MAX)
            .min(buffer.len());
        self.spill
            .read_at(self.span.offset, &mut buffer[..length])?;
        self.span.offset += length as u64;
        self.span.length -= length as u64;
        Ok(length)
    }
}
