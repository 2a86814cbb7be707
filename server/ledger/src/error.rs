use std::sync::Arc;

/// What the database answered when it did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    #[error("{what} was not found")]
    NotFound { what: &'static str },
    #[error(
        "the ledger at {place} cannot be opened; check that the folder is writable and the disk \
         has room, or that the database server answers and knows the user"
    )]
    Open {
        /// A path, or the host and name of a database: never a URL, which may hold a password.
        place: String,
        #[source]
        source: sqlx::Error,
    },
    #[error("the key that signs the audit trail, {path}, cannot be used")]
    Key {
        path: String,
        #[source]
        source: std::io::Error,
    },
    #[error("the ledger could not {what}")]
    Unavailable {
        what: &'static str,
        /// Shared by all whose entries were written together.
        #[source]
        source: Arc<sqlx::Error>,
    },
    #[error(
        "the audit trail ends with entry {last}, and a checkpoint saw it reach {sequence}: entries \
         were removed; export the trail and verify it"
    )]
    Truncated { sequence: i64, last: i64 },
    #[error("a row of the ledger is not in the shape it was written in: {what}")]
    Internal { what: String },
}

pub(crate) fn unavailable(what: &'static str) -> impl Fn(sqlx::Error) -> LedgerError {
    move |source| LedgerError::Unavailable {
        what,
        source: Arc::new(source),
    }
}
