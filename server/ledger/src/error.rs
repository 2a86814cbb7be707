/// What the database answered when it did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    #[error("{what} was not found")]
    NotFound { what: &'static str },
    #[error(
        "the ledger at {path} cannot be opened; check that the folder is writable and the disk has room"
    )]
    Open {
        path: String,
        #[source]
        source: sqlx::Error,
    },
    #[error("the ledger could not {what}")]
    Unavailable {
        what: &'static str,
        #[source]
        source: sqlx::Error,
    },
    #[error("a row of the ledger is not in the shape it was written in: {what}")]
    Internal { what: String },
}
