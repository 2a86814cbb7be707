//! What has to outlive the process: the audit trail, sessions and one-time sign-in links, in one
//! SQLite file.
mod audit;
mod clock;
mod error;
mod session;
mod token;

pub use audit::Entry;
pub use clock::Clock;
pub use error::LedgerError;
pub use session::Session;
pub use token::Token;

use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use std::path::Path;
use std::time::Duration;

/// The database. Cheap to clone.
#[derive(Clone)]
pub struct Ledger {
    pool: SqlitePool,
    clock: Clock,
}

impl Ledger {
    /// Opens or creates the file and brings its tables up to date.
    pub async fn open(path: &Path) -> Result<Self, LedgerError> {
        Self::open_with(path, Clock::system()).await
    }

    /// The same on another clock.
    pub async fn open_with(path: &Path, clock: Clock) -> Result<Self, LedgerError> {
        let failed = |source| LedgerError::Open {
            path: path.display().to_string(),
            source,
        };
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // An entry that was begun must be there after a power cut.
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(10));
        let pool = SqlitePoolOptions::new()
            .max_connections(4)
            .connect_with(options)
            .await
            .map_err(failed)?;
        sqlx::migrate!()
            .run(&pool)
            .await
            .map_err(|error| failed(error.into()))?;
        Ok(Self { pool, clock })
    }
}
