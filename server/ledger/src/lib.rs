//! What has to outlive the process: the audit trail, sessions and one-time sign-in links.
mod error;

pub use error::LedgerError;
