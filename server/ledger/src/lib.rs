//! What has to outlive the process: the audit trail, sessions, one-time sign-in links and leases, in
//! one SQLite file or in PostgreSQL.
//!
//! The trail is a chain (see [`drydock_domain::audit`]) that one task per process appends to, and one
//! transaction at a time over all processes.
mod audit;
mod backup;
mod chain;
mod clock;
mod compliance;
mod draft;
mod embed;
mod embed_session;
mod error;
mod export;
mod feed;
mod freeze;
mod import;
mod lease;
mod link;
mod list;
mod location;
mod mention;
mod notice;
mod people;
mod person_mark;
mod proposal;
mod prune;
mod published;
mod schema;
mod session;
mod signer;
mod store;
mod token;
mod vouch;
mod writer;

pub use audit::{Entry, Happening};
pub use clock::Clock;
pub use draft::Client;
pub use embed::{NewKey, VouchingKey};
pub use embed_session::{EmbedSession, NewEmbedSession};
pub use error::LedgerError;
pub use export::{ExportOptions, TrailReader};
pub use lease::Lease;
pub use link::Link;
pub use list::EntryFilter;
pub use location::Location;
pub use person_mark::PersonMark;
pub use proposal::NewProposal;
pub use schema::require_own_schema;
pub use session::{NewSession, Session, SessionLimits};
pub use token::Token;
pub use vouch::{Contradiction, Standing, Voucher};

pub(crate) use signer::Signer;

use drydock_domain::audit::PublicKey;
use published::Published;
use std::path::Path;
use std::sync::Arc;
use store::Store;
use tokio::sync::mpsc;
use writer::{Request, Writer};

/// The database. Cheap to clone; to be opened inside a Tokio runtime, and used in that one.
#[derive(Clone)]
pub struct Ledger {
    store: Store,
    clock: Clock,
    writer: Arc<Writer>,
    requests: mpsc::Sender<Request>,
}

impl Ledger {
    /// Opens or creates an SQLite file and brings its tables up to date. The key that signs the
    /// trail, `audit.key`, lies beside it.
    pub async fn open(path: &Path) -> Result<Self, LedgerError> {
        Self::open_with(path, Clock::system()).await
    }

    /// The same on another clock.
    pub async fn open_with(path: &Path, clock: Clock) -> Result<Self, LedgerError> {
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        Self::connect(&Location::from(path), folder, clock).await
    }

    /// Opens a ledger wherever it is; the key is in `key_folder`, and made there at the first start.
    pub async fn connect(
        location: &Location,
        key_folder: &Path,
        clock: Clock,
    ) -> Result<Self, LedgerError> {
        let store = Store::open(location).await?;
        let signer = Signer::open(key_folder)?;
        let published = Published::open(key_folder)?;
        let writer = Arc::new(Writer {
            store: store.clone(),
            clock: clock.clone(),
            signer,
            published,
            owner: random_id(),
        });
        import::import(&writer).await?;
        writer.say_alive().await?;
        let (requests, waiting) = mpsc::channel(1024);
        tokio::spawn(Arc::clone(&writer).run(waiting));
        Ok(Self {
            store,
            clock,
            writer,
            requests,
        })
    }

    /// Whoever keeps this where the ledger's writer cannot reach it can tell a forged trail.
    pub fn public_key(&self) -> PublicKey {
        self.writer.signer.public_key()
    }
}

/// 128 bits by chance, in hexadecimal.
fn random_id() -> String {
    hex::encode(rand::random::<[u8; 16]>())
}
