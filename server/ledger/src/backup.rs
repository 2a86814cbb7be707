use crate::error::unavailable;
use crate::{Entry, Ledger, LedgerError};
use std::path::Path;

impl Ledger {
    /// Writes a copy of an SQLite ledger as it is at one instant, while it is written to; PostgreSQL
    /// has tools of its own for that.
    ///
    /// # Errors
    /// The file exists, or the disk has no room.
    pub async fn copy_to(&self, path: &Path) -> Result<(), LedgerError> {
        sqlx::query("VACUUM INTO $1")
            .bind(path.to_string_lossy().into_owned())
            .execute(&self.store.pool)
            .await
            .map_err(unavailable("be copied"))?;
        Ok(())
    }

    /// Ends every session, link and lease: what is true of one moment, and not of a copy of it.
    pub async fn forget_presence(&self, _entry: &Entry) -> Result<(), LedgerError> {
        for delete in [
            "DELETE FROM sessions",
            "DELETE FROM sign_in_links",
            "DELETE FROM embed_session",
            "DELETE FROM lease",
        ] {
            sqlx::query(delete)
                .execute(&self.store.pool)
                .await
                .map_err(unavailable("end the sessions"))?;
        }
        Ok(())
    }

    /// Lets go of the database: every write is in its file then. Whatever else holds this ledger
    /// finds it closed.
    pub async fn close(self) {
        self.store.pool.close().await;
    }
}
