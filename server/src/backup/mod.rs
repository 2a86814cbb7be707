//! A backup: one tar file with the ledger as it was at an instant, the key that signs its trail, and
//! the archive of evidence. What the sandbox holds is not in it: that is an Azure, with copies of its
//! own.
mod pack;
mod unpack;

pub use pack::pack;
pub use unpack::unpack;

use chrono::{DateTime, Utc};
use drydock_domain::audit::{Bytes, Hash, PublicKey, SignedStatement};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::io::{self, Read};

const FORMAT: &str = "drydock-backup/1";
/// The last file of a backup: one that was cut off has none.
const LIST: &str = "backup.json";
pub const LEDGER: &str = "ledger.sqlite";
const KEYS: [&str; 2] = ["audit.key", "audit.pub"];
const EVIDENCE: &str = "evidence";

/// What a backup holds.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BackupList {
    format: String,
    pub made_at: DateTime<Utc>,
    pub generator: String,
    /// The trail in it reaches this, at least.
    pub head: SignedStatement,
    pub key: PublicKey,
    pub files: Vec<BackupFile>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BackupFile {
    pub path: String,
    pub size_bytes: u64,
    pub sha256: Hash,
}

impl BackupList {
    pub fn new(head: SignedStatement, made_at: DateTime<Utc>) -> Self {
        Self {
            format: FORMAT.to_owned(),
            generator: concat!("drydock ", env!("CARGO_PKG_VERSION")).to_owned(),
            key: head.key,
            made_at,
            head,
            files: Vec::new(),
        }
    }

    /// Without one the ledger is in PostgreSQL, and restored with its own tools.
    pub fn has_ledger(&self) -> bool {
        self.files.iter().any(|file| file.path == LEDGER)
    }
}

/// Reads on, and knows the length and the digest of what went by.
struct Hashing<R> {
    inner: R,
    sha256: Sha256,
    size_bytes: u64,
}

impl<R> Hashing<R> {
    fn new(inner: R) -> Self {
        Self {
            inner,
            sha256: Sha256::new(),
            size_bytes: 0,
        }
    }

    fn into_file(self, path: &str) -> BackupFile {
        BackupFile {
            path: path.to_owned(),
            size_bytes: self.size_bytes,
            sha256: Bytes(self.sha256.finalize().into()),
        }
    }
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.inner.read(buffer)?;
        self.sha256.update(&buffer[..length]);
        self.size_bytes += length as u64;
        Ok(length)
    }
}
