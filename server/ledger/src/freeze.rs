//! Times in which nothing should change, by registry.
use crate::error::unavailable;
use crate::list::instant;
use crate::{Entry, Ledger, LedgerError};
use drydock_domain::calendar::{Freeze, KeptFreeze};
use sqlx::Row;
use sqlx::any::AnyRow;

impl Ledger {
    /// In the order in which they begin.
    pub async fn list_freezes(&self, registry: &str) -> Result<Vec<KeptFreeze>, LedgerError> {
        let select = "SELECT id, name, from_at, to_at FROM \"freeze\"
                      WHERE registry = $1 ORDER BY from_at, id";
        let rows = sqlx::query(select)
            .bind(registry)
            .fetch_all(&self.store.pool)
            .await
            .map_err(unavailable("list freezes"))?;
        rows.iter().map(kept).collect()
    }

    /// Keeps a freeze; the entry says who declared it.
    pub async fn create_freeze(
        &self,
        _entry: &Entry,
        registry: &str,
        freeze: &Freeze,
    ) -> Result<KeptFreeze, LedgerError> {
        let id = crate::random_id();
        let insert = "INSERT INTO \"freeze\" (id, registry, name, from_at, to_at)
                      VALUES ($1, $2, $3, $4, $5)";
        sqlx::query(insert)
            .bind(&id)
            .bind(registry)
            .bind(crate::draft::clean(freeze.name()))
            .bind(freeze.from().timestamp_micros())
            .bind(freeze.to().timestamp_micros())
            .execute(&self.store.pool)
            .await
            .map_err(unavailable("keep a freeze"))?;
        let freeze = freeze.clone();
        Ok(KeptFreeze { id, freeze })
    }

    /// `false` where the registry has no such freeze.
    pub async fn delete_freeze(
        &self,
        _entry: &Entry,
        registry: &str,
        id: &str,
    ) -> Result<bool, LedgerError> {
        let done = sqlx::query("DELETE FROM \"freeze\" WHERE registry = $1 AND id = $2")
            .bind(registry)
            .bind(id)
            .execute(&self.store.pool)
            .await
            .map_err(unavailable("delete a freeze"))?;
        Ok(done.rows_affected() == 1)
    }
}

fn kept(row: &AnyRow) -> Result<KeptFreeze, LedgerError> {
    let read = unavailable("read a freeze");
    let name: String = row.try_get("name").map_err(&read)?;
    let from = instant(row.try_get("from_at").map_err(&read)?)?;
    let to = instant(row.try_get("to_at").map_err(&read)?)?;
    let freeze = Freeze::new(name, from, to).map_err(|error| LedgerError::Internal {
        what: error.to_string(),
    })?;
    Ok(KeptFreeze {
        id: row.try_get("id").map_err(&read)?,
        freeze,
    })
}
