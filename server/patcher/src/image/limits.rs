//! Bounds that guard against hostile images.

/// How much of an image is taken before it is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Entries of all layers together.
    pub entries: usize,
    /// Bytes of all layers together, uncompressed.
    pub unpacked_bytes: u64,
    /// Bytes of a manifest or configuration.
    pub document_bytes: u64,
    pub layers: usize,
    /// Unpacked to compressed, per layer, once a layer is past 64 MiB.
    pub expansion: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            entries: 2_000_000,
            unpacked_bytes: 64 << 30,
            document_bytes: 4 << 20,
            layers: 512,
            expansion: 200,
        }
    }
}
