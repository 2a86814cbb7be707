//! Who of several processes does a thing that only one should do.
use crate::error::unavailable;
use crate::store::Store;
use crate::{Clock, Ledger, LedgerError};
use chrono::TimeDelta;

/// The right to a name until it expires. Processes compare instants by their own clocks: take it for
/// much longer than these may differ, and renew it at a third of its life.
pub struct Lease {
    ledger: Ledger,
    name: String,
    holder: String,
}

impl Ledger {
    /// `None` while somebody else holds the name.
    pub async fn acquire_lease(
        &self,
        name: &str,
        life: TimeDelta,
    ) -> Result<Option<Lease>, LedgerError> {
        let holder = crate::random_id();
        let taken = take(&self.store, &self.writer.clock, name, &holder, life).await?;
        Ok(taken.then(|| Lease {
            ledger: self.clone(),
            name: name.to_owned(),
            holder,
        }))
    }
}

impl Lease {
    /// `false` when it expired and somebody else took the name: stop what it was for.
    pub async fn renew(&self, life: TimeDelta) -> Result<bool, LedgerError> {
        let Self {
            ledger,
            name,
            holder,
        } = self;
        take(&ledger.store, &ledger.writer.clock, name, holder, life).await
    }

    /// The next one need not wait for it to expire.
    pub async fn release(self) -> Result<(), LedgerError> {
        sqlx::query("DELETE FROM lease WHERE name = $1 AND holder = $2")
            .bind(&self.name)
            .bind(&self.holder)
            .execute(&self.ledger.store.pool)
            .await
            .map_err(unavailable("release a lease"))?;
        Ok(())
    }
}

/// One statement, so that of two who ask at once only one gets it.
pub(crate) async fn take(
    store: &Store,
    clock: &Clock,
    name: &str,
    holder: &str,
    life: TimeDelta,
) -> Result<bool, LedgerError> {
    let upsert = "INSERT INTO lease (name, holder, expires_at) VALUES ($1, $2, $3)
         ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at
         WHERE lease.holder = excluded.holder OR lease.expires_at <= $4";
    let now = clock.now();
    let done = sqlx::query(upsert)
        .bind(name)
        .bind(holder)
        .bind((now + life).timestamp_micros())
        .bind(now.timestamp_micros())
        .execute(&store.pool)
        .await
        .map_err(unavailable("take a lease"))?;
    Ok(done.rows_affected() == 1)
}
