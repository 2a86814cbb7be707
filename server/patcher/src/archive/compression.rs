//! The compressions that archives and packages use, all in Rust, all bounded.
use flate2::read::MultiGzDecoder;
use lzma_rust2::XzReader;
use ruzstd::decoding::StreamingDecoder;
use std::io::{self, Read};

/// `xz -9` needs 65 MB for its dictionary; more than twice that is no honest file.
const XZ_MEMORY_KIB: u32 = 160 * 1024;
const ZSTD_WINDOW_BYTES: u64 = 128 * 1024 * 1024;

/// Decodes by the name's ending (`.xz`, `.gz`, `.zst`, or plain), and fails with
/// `InvalidData` after `limit_bytes`.
pub(super) fn decode<'a>(
    name: &str,
    content: impl Read + 'a,
    limit_bytes: u64,
) -> io::Result<Box<dyn Read + 'a>> {
    let decoded: Box<dyn Read + 'a> = match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("xz") => Box::new(XzReader::new_mem_limit(content, true, XZ_MEMORY_KIB)),
        Some("gz") => Box::new(MultiGzDecoder::new(content)),
        Some("zst") => Box::new(
            StreamingDecoder::new_with_max_window_size(content, ZSTD_WINDOW_BYTES)
                .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error.to_string()))?,
        ),
        _ => Box::new(content),
    };
    Ok(Box::new(Bounded {
        content: decoded,
        left: limit_bytes,
        limit_bytes,
    }))
}

/// Ends in an error, not silently, so that a cut is never taken for the end.
struct Bounded<R> {
    content: R,
    left: u64,
    limit_bytes: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.content.read(buffer)?;
        self.left = self.left.checked_sub(length as u64).ok_or_else(|| {
            let why = format!("it unpacks to more than {} bytes", self.limit_bytes);
            io::Error::new(io::ErrorKind::InvalidData, why)
        })?;
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn gzip(content: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    }

    fn check(name: &str, packed: &[u8], limit_bytes: u64) -> io::Result<Vec<u8>> {
        let mut content = Vec::new();
        decode(name, packed, limit_bytes)?.read_to_end(&mut content)?;
        Ok(content)
    }

    #[test]
    fn the_ending_names_the_compression() {
        let mut xz =
            lzma_rust2::XzWriter::new(Vec::new(), lzma_rust2::XzOptions::with_preset(1)).unwrap();
        xz.write_all(b"text").unwrap();
        let xz = xz.finish().unwrap();
        let zst = ruzstd::encoding::compress_to_vec(
            &b"text"[..],
            ruzstd::encoding::CompressionLevel::Fastest,
        );
        assert_eq!(check("a.xz", &xz, 4).unwrap(), b"text");
        assert_eq!(check("a.zst", &zst, 4).unwrap(), b"text");
        assert_eq!(check("a.gz", &gzip(b"text"), 4).unwrap(), b"text");
        assert_eq!(check("a", b"text", 4).unwrap(), b"text");
    }

    #[test]
    fn a_bomb_is_an_error_and_so_is_a_cut_file() {
        let packed = gzip(&[0; 100_000]);
        assert_eq!(
            check("a.gz", &packed, 99_999).unwrap_err().kind(),
            io::ErrorKind::InvalidData
        );
        assert!(check("a.gz", &packed[..packed.len() - 9], 100_000).is_err());
    }
}
