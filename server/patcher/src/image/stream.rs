//! The bytes of a layer: verified as they are read, decompressed, and bounded.
use crate::image::{Descriptor, Limits};
use sha2::{Digest, Sha256};
use std::io::{self, BufRead, BufReader, Read};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Passes bytes on and fails at their end unless size and digest are as described.
pub struct VerifyingReader<R> {
    inner: R,
    hash: Sha256,
    read_bytes: u64,
    expected: Descriptor,
    verified: bool,
}

impl<R: Read> VerifyingReader<R> {
    pub fn new(inner: R, expected: &Descriptor) -> Self {
        Self {
            inner,
            hash: Sha256::new(),
            read_bytes: 0,
            expected: expected.clone(),
            verified: false,
        }
    }

    fn verify(&mut self) -> io::Result<()> {
        if self.verified {
            return Ok(());
        }
        let digest = format!("sha256:{}", hex::encode(self.hash.clone().finalize()));
        if digest != self.expected.digest {
            return Err(refused(format!(
                "its bytes have the digest {digest}: push the image again"
            )));
        }
        self.verified = true;
        Ok(())
    }
}

impl<R: Read> Read for VerifyingReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.inner.read(buffer)?;
        self.hash.update(&buffer[..length]);
        self.read_bytes += length as u64;
        let size = self.expected.size_bytes;
        if self.read_bytes > size || (length == 0 && !buffer.is_empty() && self.read_bytes < size) {
            let why = format!(
                "it has {} bytes where its descriptor says {size}",
                self.read_bytes
            );
            return Err(refused(why));
        }
        if length == 0 && !buffer.is_empty() {
            self.verify()?;
        }
        Ok(length)
    }
}

/// Tar bytes from a layer that is gzip, zstd or neither; told by its first bytes, because media
/// types are often wrong.
pub fn decompress<'a>(blob: impl Read + Send + 'a) -> io::Result<Box<dyn Read + Send + 'a>> {
    let mut blob = BufReader::with_capacity(256 << 10, blob);
    let start = blob.fill_buf()?;
    Ok(if start.starts_with(&[0x1f, 0x8b]) {
        Box::new(flate2::bufread::MultiGzDecoder::new(blob))
    } else if start.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
        let decoder = ruzstd::decoding::StreamingDecoder::new(blob)
            .map_err(|error| refused(format!("it is not zstd: {error}")))?;
        Box::new(ZstdFrames {
            decoder: Some(decoder),
        })
    } else {
        Box::new(blob)
    })
}

/// All frames of a zstd stream: parallel compressors write several, and skippable ones.
struct ZstdFrames<R: BufRead> {
    decoder: Option<ruzstd::decoding::StreamingDecoder<R, ruzstd::decoding::FrameDecoder>>,
}

impl<R: BufRead> Read for ZstdFrames<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let Some(decoder) = self.decoder.as_mut() else {
                return Ok(0);
            };
            let length = decoder.read(buffer)?;
            if length > 0 || buffer.is_empty() {
                return Ok(length);
            }
            let mut rest = self.decoder.take().expect("checked above").into_inner();
            if rest.fill_buf()?.is_empty() || !skip_skippable_frames(&mut rest)? {
                // What follows the last frame still has to be read for the blob's digest.
                io::copy(&mut rest, &mut io::sink())?;
                return Ok(0);
            }
            let next = ruzstd::decoding::StreamingDecoder::new(rest)
                .map_err(|error| refused(format!("a zstd frame is broken: {error}")))?;
            self.decoder = Some(next);
        }
    }
}

/// Moves past frames with the magic number `184D2A5?`; false where nothing follows.
fn skip_skippable_frames(rest: &mut impl BufRead) -> io::Result<bool> {
    loop {
        let start = rest.fill_buf()?;
        if start.is_empty() {
            return Ok(false);
        }
        if start.len() < 8 || start[1..4] != [0x2a, 0x4d, 0x18] || start[0] & 0xf0 != 0x50 {
            return Ok(true);
        }
        let size = u32::from_le_bytes([start[4], start[5], start[6], start[7]]);
        rest.consume(8);
        io::copy(&mut rest.by_ref().take(u64::from(size)), &mut io::sink())?;
    }
}

/// Hashes what passes and stops at the limits.
pub struct BoundedReader<'a, R> {
    inner: R,
    hash: Sha256,
    layer_bytes: u64,
    /// Of all layers of the image.
    image_bytes: &'a AtomicU64,
    compressed_bytes: u64,
    limits: Limits,
    failed: &'a AtomicBool,
}

/// Below this, no ratio is a bomb.
const SMALL_LAYER_BYTES: u64 = 256 << 20;

impl<'a, R: Read> BoundedReader<'a, R> {
    /// Sets `failed` with its first error: any other that the reader of a tar gives is about
    /// the tar.
    pub fn new(
        inner: R,
        compressed_bytes: u64,
        image_bytes: &'a AtomicU64,
        limits: Limits,
        failed: &'a AtomicBool,
    ) -> Self {
        let hash = Sha256::new();
        Self {
            inner,
            hash,
            layer_bytes: 0,
            image_bytes,
            compressed_bytes,
            limits,
            failed,
        }
    }

    /// `sha256:…` of everything that was read, and how much it was.
    pub fn finish(self) -> (String, u64) {
        (
            format!("sha256:{}", hex::encode(self.hash.finalize())),
            self.layer_bytes,
        )
    }
}

impl<R: Read> Read for BoundedReader<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let result = self.read_within(buffer);
        let failed = result
            .as_ref()
            .is_err_and(|error| error.kind() != io::ErrorKind::Interrupted);
        if failed {
            self.failed.store(true, Ordering::Relaxed);
        }
        result
    }
}

impl<R: Read> BoundedReader<'_, R> {
    fn read_within(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.inner.read(buffer)?;
        self.hash.update(&buffer[..length]);
        self.layer_bytes += length as u64;
        let image_bytes =
            self.image_bytes.fetch_add(length as u64, Ordering::Relaxed) + length as u64;
        if image_bytes > self.limits.unpacked_bytes {
            let limit = self.limits.unpacked_bytes;
            return Err(refused(format!(
                "the image unpacks to more than the limit of {limit} bytes"
            )));
        }
        let allowed = self.compressed_bytes.saturating_mul(self.limits.expansion);
        if self.layer_bytes > SMALL_LAYER_BYTES.max(allowed) {
            let times = self.limits.expansion;
            return Err(refused(format!(
                "it unpacks to more than {times} times its size: a zip bomb"
            )));
        }
        Ok(length)
    }
}

pub fn refused(why: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}
