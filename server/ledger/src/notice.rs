//! What somebody should hear of, and whether it was delivered.
use crate::draft::clean;
use crate::error::unavailable;
use crate::list::instant;
use crate::{Ledger, LedgerError};
use chrono::{DateTime, Utc};
use drydock_domain::notice::{KeptNotice, Notice, NoticeKind};
use sqlx::Row;
use sqlx::any::AnyRow;

const COLUMNS: &str =
    "id, kind, registry, text, path, at, failures, next_at, delivered_at, failure";

impl Ledger {
    /// Keeps a notice, to be sent from its instant on where it is to be `sent`. `false` for one that
    /// was kept before: it stays as it is.
    pub async fn add_notice(&self, notice: &Notice, sent: bool) -> Result<bool, LedgerError> {
        let insert = "INSERT INTO notice (id, kind, registry, text, path, at, next_at)
                      VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO NOTHING";
        let at = notice.at.timestamp_micros();
        let done = sqlx::query(insert)
            .bind(clean(&notice.id))
            .bind(notice.kind.as_str())
            .bind(clean(&notice.registry))
            .bind(clean(&notice.text))
            .bind(clean(&notice.path))
            .bind(at)
            .bind(sent.then_some(at))
            .execute(&self.store.pool)
            .await
            .map_err(unavailable("keep a notice"))?;
        Ok(done.rows_affected() == 1)
    }

    /// It is no news any more: nobody is told of it from now on.
    pub async fn remove_notice(&self, id: &str) -> Result<(), LedgerError> {
        sqlx::query("DELETE FROM notice WHERE id = $1")
            .bind(clean(id))
            .execute(&self.store.pool)
            .await
            .map_err(unavailable("remove a notice"))?;
        Ok(())
    }

    /// Those that are to be sent by now, the oldest first.
    pub async fn due_notices(&self, limit: u32) -> Result<Vec<KeptNotice>, LedgerError> {
        let select = format!(
            "SELECT {COLUMNS} FROM notice WHERE next_at <= $1 ORDER BY next_at LIMIT {limit}"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(select))
            .bind(self.clock.now().timestamp_micros())
            .fetch_all(&self.store.pool)
            .await
            .map_err(unavailable("list what is to be sent"))?;
        rows.iter().map(kept).collect()
    }

    /// The newest first.
    pub async fn list_notices(&self, limit: u32) -> Result<Vec<KeptNotice>, LedgerError> {
        let select = format!("SELECT {COLUMNS} FROM notice ORDER BY at DESC, id LIMIT {limit}");
        let rows = sqlx::query(sqlx::AssertSqlSafe(select))
            .fetch_all(&self.store.pool)
            .await
            .map_err(unavailable("list notices"))?;
        rows.iter().map(kept).collect()
    }

    /// It has arrived.
    pub async fn note_delivery(&self, id: &str) -> Result<(), LedgerError> {
        let update =
            "UPDATE notice SET delivered_at = $1, next_at = NULL, failure = NULL WHERE id = $2";
        sqlx::query(update)
            .bind(self.clock.now().timestamp_micros())
            .bind(id)
            .execute(&self.store.pool)
            .await
            .map_err(unavailable("note a delivery"))?;
        Ok(())
    }

    /// It has not arrived, and why; `next` is when it is sent again.
    pub async fn note_failure(
        &self,
        id: &str,
        why: &str,
        next: Option<DateTime<Utc>>,
    ) -> Result<(), LedgerError> {
        let update =
            "UPDATE notice SET failures = failures + 1, failure = $1, next_at = $2 WHERE id = $3";
        sqlx::query(update)
            .bind(clean(why))
            .bind(next.map(|next| next.timestamp_micros()))
            .bind(id)
            .execute(&self.store.pool)
            .await
            .map_err(unavailable("note a delivery that failed"))?;
        Ok(())
    }
}

fn kept(row: &AnyRow) -> Result<KeptNotice, LedgerError> {
    let read = unavailable("read a notice");
    let text = |name: &str| row.try_get::<String, _>(name).map_err(&read);
    let moment = |name: &str| {
        let micros: Option<i64> = row.try_get(name).map_err(&read)?;
        micros.map(instant).transpose()
    };
    let kind = text("kind")?;
    let n_failures: i64 = row.try_get("failures").map_err(&read)?;
    Ok(KeptNotice {
        notice: Notice {
            id: text("id")?,
            kind: NoticeKind::find(&kind).ok_or_else(|| LedgerError::Internal {
                what: format!("there is no kind of notice `{kind}`"),
            })?,
            registry: text("registry")?,
            text: text("text")?,
            path: text("path")?,
            at: instant(row.try_get("at").map_err(&read)?)?,
        },
        n_failures: u32::try_from(n_failures).unwrap_or(u32::MAX),
        next_at: moment("next_at")?,
        delivered_at: moment("delivered_at")?,
        failure: row.try_get("failure").map_err(&read)?,
    })
}
