//! Sends files: streamed from the disk, whole or a range of them.
use axum::body::Body;
use bytes::Bytes;
use futures::{Stream, stream};
use std::{
    fs::File,
    io::{self, Read},
    ops::Range,
};
use tokio::task::JoinHandle;

/// Bytes read at a time: large, because each read crosses to another thread and back.
const CHUNK_BYTES: usize = 512 * 1024;

/// What a `Range` header asks of a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Asked {
    Whole,
    Part(Range<u64>),
    /// Nothing of it is in the file.
    OutOfFile,
}

/// Reads `bytes=a-b`, `bytes=a-` and `bytes=-n`. Anything else, several ranges too, counts as no
/// header at all, as RFC 9110 §14.2 has it.
pub(super) fn parse_range(header: Option<&str>, size: u64) -> Asked {
    let spec = header.and_then(|header| header.strip_prefix("bytes="));
    let Some((first, last)) = spec.and_then(|spec| spec.split_once('-')) else {
        return Asked::Whole;
    };
    let range = match (first.trim().parse::<u64>(), last.trim().parse::<u64>()) {
        (Ok(first), Ok(last)) if first <= last => first..last.saturating_add(1).min(size),
        (Ok(first), Err(_)) if last.trim().is_empty() => first..size,
        (Err(_), Ok(suffix)) if first.trim().is_empty() => size.saturating_sub(suffix)..size,
        _ => return Asked::Whole,
    };
    if range.is_empty() {
        return Asked::OutOfFile;
    }
    Asked::Part(range)
}

/// The file's bytes from where it stands, `length` of them. The next chunk is read while one is
/// sent, so at most two are in memory.
pub(super) fn body(file: File, length: u64) -> Body {
    Body::from_stream(chunks(file, length))
}

fn chunks(file: File, length: u64) -> impl Stream<Item = io::Result<Bytes>> {
    let first = spawn_read(file, length);
    stream::try_unfold(Some(first), async |reading| {
        let Some(reading) = reading else {
            return Ok(None);
        };
        let (file, chunk, left) = reading.await.map_err(io::Error::other)??;
        if chunk.is_empty() {
            return Ok(None);
        }
        let next = (left > 0).then(|| spawn_read(file, left));
        Ok(Some((chunk, next)))
    })
}

type Reading = JoinHandle<io::Result<(File, Bytes, u64)>>;

fn spawn_read(mut file: File, left: u64) -> Reading {
    tokio::task::spawn_blocking(move || {
        let length = left.min(CHUNK_BYTES as u64);
        let mut chunk = Vec::with_capacity(length as usize);
        (&mut file).take(length).read_to_end(&mut chunk)?;
        if (chunk.len() as u64) < length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok((file, chunk.into(), left - length))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_header_is_read_as_the_rfc_says() {
        let check = |header: &str, expected| {
            assert_eq!(parse_range(Some(header), 10), expected, "{header}");
        };
        assert_eq!(parse_range(None, 10), Asked::Whole);
        check("bytes=0-0", Asked::Part(0..1));
        check("bytes=2-5", Asked::Part(2..6));
        check("bytes=2-", Asked::Part(2..10));
        check("bytes=2-99", Asked::Part(2..10));
        check("bytes=-3", Asked::Part(7..10));
        check("bytes=-99", Asked::Part(0..10));
        check("bytes=10-", Asked::OutOfFile);
        check("bytes=-0", Asked::OutOfFile);
        for ignored in [
            "bytes=5-2",
            "bytes=a-b",
            "bytes=0-1,3-4",
            "bits=0-1",
            "bytes=-",
        ] {
            check(ignored, Asked::Whole);
        }
    }

    #[test]
    fn an_empty_file_has_no_part() {
        assert_eq!(parse_range(Some("bytes=0-"), 0), Asked::OutOfFile);
    }
}
