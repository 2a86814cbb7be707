//! Takes in request bodies: streamed to the disk, or whole where they are small.
use super::error::RegistryError;
use crate::store::StoreError;
use axum::body::{Body, BodyDataStream};
use bytes::Bytes;
use futures::StreamExt;
use http::StatusCode;
use std::{
    io::{self, Write},
    time::Duration,
};
use tokio::task::JoinHandle;

/// A client that sends nothing for this long is given up.
const IDLE_TIMEOUT: Duration = Duration::from_secs(60);
const DISCARD_TIMEOUT: Duration = Duration::from_secs(5);
/// Bytes that are gathered before they are hashed and written in one go: enough that handing
/// them to another thread costs nothing beside the work.
const BATCH_BYTES: usize = 1024 * 1024;

/// Writes a body to `writer` and gives that back with the number of bytes. One batch is written
/// while the next arrives, so at most two are in memory.
///
/// # Errors
/// The client broke off or fell silent, or the disk is full or failed. The writer is then
/// dropped, after the last write.
pub(super) async fn stream<W: Write + Send + 'static>(
    body: Body,
    writer: W,
) -> Result<(W, u64), RegistryError> {
    let mut frames = body.into_data_stream();
    let mut received = 0;
    let mut writing = spawn_write(writer, Vec::new());
    loop {
        let batch = next_batch(&mut frames).await;
        let writer = match finish_write(writing).await {
            Ok(writer) => writer,
            Err(error) => {
                discard(frames).await;
                return Err(error);
            }
        };
        let batch = batch?;
        if batch.is_empty() {
            return Ok((writer, received));
        }
        received += batch.iter().map(|bytes| bytes.len() as u64).sum::<u64>();
        writing = spawn_write(writer, batch);
    }
}

/// A body of at most `limit` bytes.
///
/// # Errors
/// It is longer, or the client broke off or fell silent.
pub(crate) async fn whole(body: Body, limit: usize) -> Result<Bytes, RegistryError> {
    let mut frames = body.into_data_stream();
    let mut content = Vec::new();
    while let Some(frame) = next_frame(&mut frames).await? {
        if content.len() + frame.len() > limit {
            discard(frames).await;
            return Err(RegistryError::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "SIZE_INVALID",
                format!("the request's body is longer than {limit} bytes"),
            ));
        }
        content.extend_from_slice(&frame);
    }
    Ok(content.into())
}

fn spawn_write<W: Write + Send + 'static>(
    mut writer: W,
    batch: Vec<Bytes>,
) -> JoinHandle<io::Result<W>> {
    tokio::task::spawn_blocking(move || {
        for bytes in batch {
            writer.write_all(&bytes)?;
        }
        Ok(writer)
    })
}

async fn finish_write<W>(writing: JoinHandle<io::Result<W>>) -> Result<W, RegistryError> {
    let written = writing
        .await
        .unwrap_or_else(|error| Err(io::Error::other(error)));
    Ok(written.map_err(StoreError::from)?)
}

/// Reads on for a moment what is not wanted any more: closing on a client that still sends would
/// reset the connection, and the client would not get to read why.
async fn discard(mut frames: BodyDataStream) {
    let rest = async { while let Some(Ok(_)) = frames.next().await {} };
    // Whoever sends longer than this meets the reset.
    let _ = tokio::time::timeout(DISCARD_TIMEOUT, rest).await;
}

/// Empty at the end of the body.
async fn next_batch(frames: &mut BodyDataStream) -> Result<Vec<Bytes>, RegistryError> {
    let mut batch = Vec::new();
    let mut size = 0;
    while size < BATCH_BYTES {
        let Some(frame) = next_frame(frames).await? else {
            break;
        };
        size += frame.len();
        if !frame.is_empty() {
            batch.push(frame);
        }
    }
    Ok(batch)
}

async fn next_frame(frames: &mut BodyDataStream) -> Result<Option<Bytes>, RegistryError> {
    match tokio::time::timeout(IDLE_TIMEOUT, frames.next()).await {
        Ok(None) => Ok(None),
        Ok(Some(Ok(frame))) => Ok(Some(frame)),
        Ok(Some(Err(error))) => Err(RegistryError::new(
            StatusCode::BAD_REQUEST,
            "BLOB_UPLOAD_INVALID",
            format!("the request's body broke off: {error}"),
        )),
        Err(_) => Err(RegistryError::new(
            StatusCode::REQUEST_TIMEOUT,
            "BLOB_UPLOAD_INVALID",
            format!(
                "nothing arrived for {} seconds; go on from where the upload is",
                IDLE_TIMEOUT.as_secs()
            ),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A disk with room for `left` bytes.
    struct Disk {
        left: usize,
    }

    impl Write for Disk {
        fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
            if self.left == 0 {
                return Err(io::ErrorKind::StorageFull.into());
            }
            let written = buffer.len().min(self.left);
            self.left -= written;
            Ok(written)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[tokio::test]
    async fn a_body_is_written_whole_and_counted() {
        let body = Body::from(vec![1; 3 * BATCH_BYTES + 5]);
        let (disk, received) = stream(body, Disk { left: usize::MAX }).await.unwrap();
        assert_eq!(received, 3 * BATCH_BYTES as u64 + 5);
        assert_eq!(usize::MAX - disk.left, 3 * BATCH_BYTES + 5);
    }

    #[tokio::test]
    async fn a_full_disk_is_said_to_be_one() {
        let body = Body::from(vec![1; 1000]);
        let refusal = stream(body, Disk { left: 10 }).await.err().unwrap();
        assert_eq!(refusal.code(), "UNAVAILABLE");
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_falls_silent_is_given_up() {
        let silent = Body::from_stream(futures::stream::pending::<io::Result<Bytes>>());
        let refusal = stream(silent, Disk { left: 10 }).await.err().unwrap();
        assert_eq!(refusal.code(), "BLOB_UPLOAD_INVALID");
    }
}
