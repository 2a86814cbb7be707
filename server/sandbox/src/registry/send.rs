//! Sends files: streamed from the disk, whole or a range of them.
use axum::body::Body;
use bytes::Bytes;
use futures::{Stream, stream};
use std::{fs::File, io, ops::Range, os::unix::fs::FileExt, sync::Arc};

/// Bytes read at a time from memory: they stay in the processor's cache until they are sent.
const CACHED_CHUNK_BYTES: usize = 64 * 1024;
/// Bytes read at a time from the disk: many, because each read crosses to another thread and back.
const DISK_CHUNK_BYTES: usize = 512 * 1024;

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

/// A part of a file. A read that the kernel answers from memory is done at once, as handing it to
/// another thread costs more than the read; one that waits for the disk goes to a thread that may.
pub(super) fn body(file: File, part: Range<u64>) -> Body {
    Body::from_stream(chunks(Arc::new(file), part))
}

fn chunks(file: Arc<File>, part: Range<u64>) -> impl Stream<Item = io::Result<Bytes>> {
    stream::try_unfold((file, part), async |(file, left)| {
        if left.is_empty() {
            return Ok(None);
        }
        let chunk = match read_cached(&file, &left) {
            Some(chunk) => chunk,
            None => {
                let (file, left) = (file.clone(), left.clone());
                let reading = tokio::task::spawn_blocking(move || read_from_disk(&file, &left));
                reading.await.map_err(io::Error::other)??
            }
        };
        let next = left.start + chunk.len() as u64..left.end;
        Ok(Some((chunk, (file, next))))
    })
}

/// The beginning of a part, as far as it is in memory; `None` where nothing of it is, or where
/// this cannot be asked.
#[cfg(target_os = "linux")]
fn read_cached(file: &File, part: &Range<u64>) -> Option<Bytes> {
    use rustix::io::{ReadWriteFlags, preadv2};
    let mut chunk = vec![0; length(part, CACHED_CHUNK_BYTES)];
    let mut buffers = [io::IoSliceMut::new(&mut chunk)];
    let read = preadv2(file, &mut buffers, part.start, ReadWriteFlags::NOWAIT).ok()?;
    chunk.truncate(read);
    (read > 0).then(|| chunk.into())
}

#[cfg(not(target_os = "linux"))]
fn read_cached(_file: &File, _part: &Range<u64>) -> Option<Bytes> {
    None
}

fn read_from_disk(file: &File, part: &Range<u64>) -> io::Result<Bytes> {
    let mut chunk = vec![0; length(part, DISK_CHUNK_BYTES)];
    match file.read_at(&mut chunk, part.start)? {
        0 => Err(io::ErrorKind::UnexpectedEof.into()),
        read => {
            chunk.truncate(read);
            Ok(chunk.into())
        }
    }
}

fn length(part: &Range<u64>, most: usize) -> usize {
    let length = part.end - part.start;
    usize::try_from(length).unwrap_or(usize::MAX).min(most)
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

    #[tokio::test]
    async fn a_part_comes_whole_from_memory_and_from_the_disk_and_a_file_that_shrank_is_an_error() {
        use std::io::Write;
        let content: Vec<u8> = (0..1_000_003_u32).map(|n| (n % 251) as u8).collect();
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&content).unwrap();
        let part = 5..content.len() as u64 - 7;
        let mut from_disk = Vec::new();
        while from_disk.len() < content.len() - 12 {
            let left = 5 + from_disk.len() as u64..part.end;
            from_disk.extend_from_slice(&read_from_disk(&file, &left).unwrap());
        }
        let sent = body(file.try_clone().unwrap(), part.clone());
        let sent = axum::body::to_bytes(sent, usize::MAX).await.unwrap();
        let expected = &content[5..content.len() - 7];
        assert!(sent == expected && from_disk == expected);
        file.set_len(10).unwrap();
        let sent = body(file, part);
        assert!(axum::body::to_bytes(sent, usize::MAX).await.is_err());
    }
}
