//! Links that a calendar program reads a registry's planned runs by: it has no session.
use crate::error::unavailable;
use crate::list::instant;
use crate::{Entry, Ledger, LedgerError, Token};
use drydock_domain::calendar::FeedLink;
use sqlx::Row;
use sqlx::any::AnyRow;

impl Ledger {
    /// Oldest first; of the tokens themselves only hashes are kept.
    pub async fn list_feeds(&self, registry: &str) -> Result<Vec<FeedLink>, LedgerError> {
        let select = "SELECT id, created_at FROM feed WHERE registry = $1 ORDER BY created_at, id";
        let rows = sqlx::query(select)
            .bind(registry)
            .fetch_all(&self.store.pool)
            .await
            .map_err(unavailable("list calendar links"))?;
        rows.iter().map(link).collect()
    }

    /// The token of a new link, which is never told again.
    pub async fn create_feed(&self, _entry: &Entry, registry: &str) -> Result<Token, LedgerError> {
        let token = Token::random();
        let insert = "INSERT INTO feed (id, registry, token_sha256, created_at)
                      VALUES ($1, $2, $3, $4)";
        sqlx::query(insert)
            .bind(crate::random_id())
            .bind(registry)
            .bind(token.sha256())
            .bind(self.clock.now().timestamp_micros())
            .execute(&self.store.pool)
            .await
            .map_err(unavailable("keep a calendar link"))?;
        Ok(token)
    }

    /// The registry that a link's token is for; `None` for one that is unknown or revoked.
    pub async fn find_feed(&self, token: &Token) -> Result<Option<String>, LedgerError> {
        let read = unavailable("find a calendar link");
        let row = sqlx::query("SELECT registry FROM feed WHERE token_sha256 = $1")
            .bind(token.sha256())
            .fetch_optional(&self.store.pool)
            .await
            .map_err(&read)?;
        row.map(|row| row.try_get("registry"))
            .transpose()
            .map_err(read)
    }

    /// `false` where the registry has no such link.
    pub async fn delete_feed(
        &self,
        _entry: &Entry,
        registry: &str,
        id: &str,
    ) -> Result<bool, LedgerError> {
        let done = sqlx::query("DELETE FROM feed WHERE registry = $1 AND id = $2")
            .bind(registry)
            .bind(id)
            .execute(&self.store.pool)
            .await
            .map_err(unavailable("revoke a calendar link"))?;
        Ok(done.rows_affected() == 1)
    }
}

fn link(row: &AnyRow) -> Result<FeedLink, LedgerError> {
    let read = unavailable("read a calendar link");
    Ok(FeedLink {
        id: row.try_get("id").map_err(&read)?,
        created_at: instant(row.try_get("created_at").map_err(&read)?)?,
    })
}
