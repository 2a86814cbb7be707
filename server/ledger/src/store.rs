//! The database itself: SQLite or PostgreSQL. Both take `$1`, upserts, row values and `RETURNING`,
//! so that every statement outside this file is one text for both.
use crate::error::unavailable;
use crate::{LedgerError, Location};
use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Any, AnyPool, ConnectOptions as _, Executor as _, Transaction};
use std::str::FromStr as _;

/// Under this lock PostgreSQL's transactions append to the chain, one after the other.
const CHAIN_LOCK: i64 = 0x6472_7964_6f63_6b01;

/// What every connection to SQLite begins with. An entry that was begun must be there after a power
/// cut (`synchronous`), and what was erased must not be left in free pages (`secure_delete`).
const PRAGMAS: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
    PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 10000; PRAGMA secure_delete = ON";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    Sqlite,
    Postgres,
}

#[derive(Clone)]
pub(crate) struct Store {
    pub pool: AnyPool,
    pub dialect: Dialect,
}

impl Store {
    /// Connects, and brings the tables up to date.
    pub async fn open(location: &Location) -> Result<Self, LedgerError> {
        sqlx::any::install_default_drivers();
        let failed = |source| LedgerError::Open {
            place: location.to_string(),
            source,
        };
        let store = Self::connect(location).await.map_err(failed)?;
        let migrated = match store.dialect {
            Dialect::Sqlite => sqlx::migrate!("migrations/sqlite").run(&store.pool).await,
            Dialect::Postgres => sqlx::migrate!("migrations/postgres").run(&store.pool).await,
        };
        migrated.map_err(|error| failed(error.into()))?;
        Ok(store)
    }

    async fn connect(location: &Location) -> Result<Self, sqlx::Error> {
        let options = AnyPoolOptions::new();
        match location {
            Location::Sqlite(path) => {
                let file = SqliteConnectOptions::new()
                    .filename(path)
                    .create_if_missing(true);
                let pool = options
                    .max_connections(4)
                    .after_connect(|connection, _| {
                        Box::pin(async move { connection.execute(PRAGMAS).await.map(drop) })
                    })
                    .connect_with(AnyConnectOptions::from_url(&file.to_url_lossy())?);
                Ok(Self {
                    pool: pool.await?,
                    dialect: Dialect::Sqlite,
                })
            }
            Location::Postgres(url) => Ok(Self {
                pool: options
                    .max_connections(8)
                    .connect_with(AnyConnectOptions::from_str(url.as_str())?)
                    .await?,
                dialect: Dialect::Postgres,
            }),
        }
    }

    /// A transaction that is alone in writing to the chain, over all processes.
    pub async fn write(&self, what: &'static str) -> Result<Transaction<'_, Any>, LedgerError> {
        match self.dialect {
            Dialect::Sqlite => self.pool.begin_with("BEGIN IMMEDIATE").await,
            Dialect::Postgres => self.lock_chain().await,
        }
        .map_err(unavailable(what))
    }

    async fn lock_chain(&self) -> Result<Transaction<'_, Any>, sqlx::Error> {
        let mut transaction = self.pool.begin().await?;
        sqlx::query("SELECT pg_advisory_xact_lock($1)")
            .bind(CHAIN_LOCK)
            .execute(&mut *transaction)
            .await?;
        Ok(transaction)
    }
}
