use crate::chain::{bytes, find_tombstone, store_statement};
use crate::draft::{Draft, clean};
use crate::error::unavailable;
use crate::vouch::require_agreement;
use crate::{Ledger, LedgerError};
use chrono::{DateTime, Utc};
use drydock_domain::audit::{Hash, Kind, Outcome, SignedStatement, Statement};
use sqlx::{AnyConnection, Row};

const WHAT: &str = "prune the audit trail";

impl Ledger {
    /// Removes the entries at the trail's beginning that are older than `before`, and puts a signed
    /// tombstone in their place; that it was done is an entry too. Stops before an entry that is open,
    /// or whose completion stays, and goes no further than what was published. Answers with the
    /// tombstone, `None` where nothing is that old.
    pub async fn prune(
        &self,
        actor: &str,
        before: DateTime<Utc>,
    ) -> Result<Option<SignedStatement>, LedgerError> {
        let Some(signed) = self.bury(before).await? else {
            return Ok(None);
        };
        self.record(Draft {
            actor: clean(actor),
            operation: "audit.prune".into(),
            object: format!("entries 1 to {}", signed.statement.position().0),
            detail: format!("older than {}", before.format("%Y-%m-%dT%H:%M:%SZ")),
            outcome: Some(Outcome::Succeeded),
            ..Draft::new(Kind::Prune)
        })
        .await?;
        Ok(Some(signed))
    }

    async fn bury(&self, before: DateTime<Utc>) -> Result<Option<SignedStatement>, LedgerError> {
        let before = before.timestamp_micros();
        let mut transaction = self.store.write(WHAT).await?;
        let published = self.writer.published.position();
        require_agreement(&mut transaction, published).await?;
        let limit = published.map_or(i64::MAX, |head| head.sequence);
        let Some((sequence, hash)) = find_last(&mut transaction, before, limit).await? else {
            return Ok(None);
        };
        let signed = self.writer.signer.sign(Statement::Tombstone {
            at: self.clock.now().timestamp_micros(),
            before,
            // Sequences have no gaps.
            count: sequence,
            hash,
            sequence,
        });
        // First, because the chain lets go only of what a tombstone stands for.
        store_statement(&mut transaction, &signed).await?;
        remove(&mut transaction, sequence).await?;
        transaction.commit().await.map_err(unavailable(WHAT))?;
        Ok(Some(signed))
    }
}

/// The last entry that may go, and its hash. What was published last stays comparable: the tombstone
/// stands for that entry, `limit`, or an earlier one.
async fn find_last(
    connection: &mut AnyConnection,
    before: i64,
    limit: i64,
) -> Result<Option<(i64, Hash)>, LedgerError> {
    let first_kept = "SELECT min(sequence) FROM (
            SELECT coalesce(min(sequence), (SELECT max(sequence) FROM chain) + 1) AS sequence
                FROM chain WHERE begun_at >= $1
            UNION ALL SELECT min(sequence) FROM open_entry) kept";
    let kept = find_number(connection, first_kept, before).await?;
    let Some(mut last) = kept.map(|kept| (kept - 1).min(limit)) else {
        return Ok(None);
    };
    let straddling = "SELECT min(completes) FROM chain WHERE sequence > $1 AND completes <= $1";
    while let Some(begun) = find_number(connection, straddling, last).await? {
        last = begun - 1;
    }
    let row = sqlx::query("SELECT hash FROM chain WHERE sequence = $1")
        .bind(last)
        .fetch_optional(&mut *connection)
        .await
        .map_err(unavailable(WHAT))?;
    let Some(row) = row else {
        return Ok(None);
    };
    let hash: Vec<u8> = row.try_get("hash").map_err(unavailable(WHAT))?;
    let buried = find_tombstone(connection).await?;
    let buried = buried.map_or(0, |signed| signed.statement.position().0);
    Ok((last > buried).then_some((last, bytes(&hash)?)))
}

async fn find_number(
    connection: &mut AnyConnection,
    select: &'static str,
    parameter: i64,
) -> Result<Option<i64>, LedgerError> {
    let row = sqlx::query(select)
        .bind(parameter)
        .fetch_one(connection)
        .await
        .map_err(unavailable(WHAT))?;
    row.try_get(0).map_err(unavailable(WHAT))
}

async fn remove(connection: &mut AnyConnection, through: i64) -> Result<(), LedgerError> {
    let unused = "DELETE FROM personal WHERE id NOT IN (
            SELECT actor FROM chain WHERE actor IS NOT NULL
            UNION SELECT client FROM chain WHERE client IS NOT NULL)";
    let deletes = [
        "DELETE FROM chain WHERE sequence <= $1",
        "DELETE FROM mention WHERE sequence <= $1",
        "DELETE FROM statement WHERE kind = 'checkpoint' AND sequence <= $1",
        "DELETE FROM statement WHERE kind = 'tombstone' AND sequence < $1",
    ];
    for delete in deletes {
        sqlx::query(delete)
            .bind(through)
            .execute(&mut *connection)
            .await
            .map_err(unavailable(WHAT))?;
    }
    sqlx::query(unused)
        .execute(connection)
        .await
        .map_err(unavailable(WHAT))?;
    Ok(())
}
