use crate::{Ledger, LedgerError};
use chrono::{DateTime, Utc};
use drydock_domain::console::{AuditEntry, AuditOutcome};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

/// The most entries that one page holds.
const PAGE_LIMIT: u32 = 500;

/// An audit entry that has been begun and is on disk. Only [`Ledger::begin`] makes one, so whoever
/// asks for an `&Entry` cannot change anything unrecorded.
pub struct Entry {
    ledger: Ledger,
    sequence: i64,
}

impl Entry {
    pub fn sequence(&self) -> i64 {
        self.sequence
    }

    /// Writes how it ended. An entry that is dropped instead stays open, and is closed as
    /// [`AuditOutcome::Unknown`] at the next start.
    pub async fn complete(self, outcome: &AuditOutcome) -> Result<(), LedgerError> {
        let (word, detail) = match outcome {
            AuditOutcome::Succeeded { detail } => ("succeeded", detail.as_str()),
            AuditOutcome::Failed { detail } => ("failed", detail.as_str()),
            AuditOutcome::Unknown => ("unknown", ""),
        };
        sqlx::query(
            "INSERT INTO outcomes (sequence, completed_at, outcome, detail) VALUES (?, ?, ?, ?)",
        )
        .bind(self.sequence)
        .bind(self.ledger.clock.now().timestamp_micros())
        .bind(word)
        .bind(detail)
        .execute(&self.ledger.pool)
        .await
        .map_err(|source| LedgerError::Unavailable {
            what: "complete an audit entry",
            source,
        })?;
        Ok(())
    }
}

impl Ledger {
    /// Records that `actor` is about to do `operation` (a dotted verb) to `object`.
    pub async fn begin(
        &self,
        actor: &str,
        operation: &str,
        object: &str,
        detail: &str,
    ) -> Result<Entry, LedgerError> {
        let done = sqlx::query(
            "INSERT INTO entries (begun_at, actor, operation, object, detail)
             VALUES (?, ?, ?, ?, ?)",
        )
        .bind(self.clock.now().timestamp_micros())
        .bind(actor)
        .bind(operation)
        .bind(object)
        .bind(detail)
        .execute(&self.pool)
        .await
        .map_err(|source| LedgerError::Unavailable {
            what: "begin an audit entry",
            source,
        })?;
        Ok(Entry {
            ledger: self.clone(),
            sequence: done.last_insert_rowid(),
        })
    }

    /// Closes the entries of a process that died in between; to be called once, at the start,
    /// before anything is begun. Answers with their number.
    pub async fn close_abandoned(&self) -> Result<u64, LedgerError> {
        let done = sqlx::query(
            "INSERT INTO outcomes (sequence, completed_at, outcome, detail)
             SELECT sequence, ?, 'unknown', '' FROM entries
             WHERE sequence NOT IN (SELECT sequence FROM outcomes)",
        )
        .bind(self.clock.now().timestamp_micros())
        .execute(&self.pool)
        .await
        .map_err(|source| LedgerError::Unavailable {
            what: "close abandoned audit entries",
            source,
        })?;
        Ok(done.rows_affected())
    }

    /// Newest first, at most `limit` (and never more than 500), of those before entry `before`.
    pub async fn list_entries(
        &self,
        limit: u32,
        before: Option<i64>,
    ) -> Result<Vec<AuditEntry>, LedgerError> {
        let rows = sqlx::query(
            "SELECT e.sequence, e.begun_at, e.actor, e.operation, e.object, e.detail,
                    o.completed_at, o.outcome, o.detail AS outcome_detail
             FROM entries e LEFT JOIN outcomes o ON o.sequence = e.sequence
             WHERE e.sequence < ? ORDER BY e.sequence DESC LIMIT ?",
        )
        .bind(before.unwrap_or(i64::MAX))
        .bind(limit.min(PAGE_LIMIT))
        .fetch_all(&self.pool)
        .await
        .map_err(|source| LedgerError::Unavailable {
            what: "list audit entries",
            source,
        })?;
        rows.iter().map(entry).collect()
    }
}

fn entry(row: &SqliteRow) -> Result<AuditEntry, LedgerError> {
    let read = |source| LedgerError::Unavailable {
        what: "read an audit entry",
        source,
    };
    let completed_at: Option<i64> = row.try_get("completed_at").map_err(read)?;
    let outcome: Option<String> = row.try_get("outcome").map_err(read)?;
    let detail: Option<String> = row.try_get("outcome_detail").map_err(read)?;
    Ok(AuditEntry {
        sequence: row.try_get("sequence").map_err(read)?,
        actor: row.try_get("actor").map_err(read)?,
        operation: row.try_get("operation").map_err(read)?,
        object: row.try_get("object").map_err(read)?,
        detail: row.try_get("detail").map_err(read)?,
        begun_at: instant(row.try_get("begun_at").map_err(read)?)?,
        completed_at: completed_at.map(instant).transpose()?,
        outcome: outcome
            .map(|word| parse_outcome(&word, detail.unwrap_or_default()))
            .transpose()?,
    })
}

fn parse_outcome(word: &str, detail: String) -> Result<AuditOutcome, LedgerError> {
    match word {
        "succeeded" => Ok(AuditOutcome::Succeeded { detail }),
        "failed" => Ok(AuditOutcome::Failed { detail }),
        "unknown" => Ok(AuditOutcome::Unknown),
        other => Err(LedgerError::Internal {
            what: format!("there is no outcome `{other}`"),
        }),
    }
}

pub(crate) fn instant(micros: i64) -> Result<DateTime<Utc>, LedgerError> {
    DateTime::from_timestamp_micros(micros).ok_or_else(|| LedgerError::Internal {
        what: format!("{micros} is not an instant"),
    })
}
