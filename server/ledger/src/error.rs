use crate::Contradiction;
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
    #[error("the head that was last published, as {path} remembers it, cannot be used")]
    PublishedHead {
        path: String,
        #[source]
        source: std::io::Error,
    },
    #[error(
        "{0}. Nothing is signed over that. Keep the database and what was published as they are, and \
         export the trail, which is not signed at its end then: `drydock audit verify --witness` \
         shows where it departs. After an older backup was restored, this is as it should be: once that is \
         known, delete drydock/audit-witness in the registry, and audit.head in the data directory"
    )]
    Contradicted(Contradiction),
    #[error(
        "the last checkpoint of the audit trail, of entry {sequence}, does not fit its signature: it \
         was changed in the database, and nothing is signed after it. Export the trail and verify it"
    )]
    Forged { sequence: i64 },
    #[error(
        "{what}: a backup is data, and this can change what the console does. Take another backup of \
         the console that it came from, once it is known who made that change"
    )]
    ForeignSchema {
        /// A clause.
        what: String,
    },
    #[error("a row of the ledger is not in the shape it was written in: {what}")]
    Internal { what: String },
}

pub(crate) fn unavailable(what: &'static str) -> impl Fn(sqlx::Error) -> LedgerError {
    move |source| LedgerError::Unavailable {
        what,
        source: Arc::new(source),
    }
}
