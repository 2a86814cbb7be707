//! The one task of a process that appends to the chain. Whatever waits when a transaction begins
//! goes into it together: under load the disk is asked once for many entries.
use crate::chain::{Appended, Chain};
use crate::draft::Draft;
use crate::error::unavailable;
use crate::published::Published;
use crate::store::{Dialect, Store};
use crate::{Clock, LedgerError, Signer, lease};
use chrono::TimeDelta;
use drydock_domain::audit::{Outcome, SignedStatement};
use sqlx::Row;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

/// So that the first of a batch does not wait long for the last.
const BATCH: usize = 256;
/// How often a process says that it lives, closes what dead ones left, and seals.
const ROUND: Duration = Duration::from_secs(20);
/// A process that did not say so for this long is dead.
const PRESENCE: TimeDelta = TimeDelta::seconds(90);

pub(crate) struct Request {
    pub draft: Draft,
    pub reply: oneshot::Sender<Answer>,
}

/// `None` for the completion of an entry that is complete already.
type Answer = Result<Option<Appended>, LedgerError>;

pub(crate) struct Writer {
    pub store: Store,
    pub clock: Clock,
    pub signer: Signer,
    pub published: Published,
    /// Names this process among those that share the database.
    pub owner: String,
}

impl Writer {
    /// Ends when nobody can ask any more.
    pub async fn run(self: Arc<Self>, mut requests: mpsc::Receiver<Request>) {
        let mut round = Instant::now() + ROUND;
        loop {
            match tokio::time::timeout_at(round, requests.recv()).await {
                Ok(None) => return,
                Ok(Some(first)) => {
                    let mut batch = vec![first];
                    while batch.len() < BATCH
                        && let Ok(next) = requests.try_recv()
                    {
                        batch.push(next);
                    }
                    self.answer(batch).await;
                }
                Err(_elapsed) => {}
            }
            if Instant::now() >= round {
                round = Instant::now() + ROUND;
                self.keep_house().await;
            }
        }
    }

    async fn answer(&self, batch: Vec<Request>) {
        let (drafts, replies): (Vec<_>, Vec<_>) = batch
            .into_iter()
            .map(|request| (request.draft, request.reply))
            .unzip();
        match self.append(&drafts).await {
            Ok(appended) => {
                for (reply, appended) in replies.into_iter().zip(appended) {
                    // Whoever went away while it was written finds the entry open, as after a crash.
                    let _ = reply.send(Ok(appended));
                }
            }
            // One that cannot be written must not take the others with it.
            Err(_) => {
                for (reply, draft) in replies.into_iter().zip(&drafts) {
                    let answer = self.append(std::slice::from_ref(draft)).await;
                    let _ =
                        reply.send(answer.map(|appended| appended.into_iter().next().flatten()));
                }
            }
        }
    }

    /// In one transaction, in their order.
    pub async fn append(&self, drafts: &[Draft]) -> Result<Vec<Option<Appended>>, LedgerError> {
        const WHAT: &str = "append to the audit trail";
        let mut transaction = self.store.write(WHAT).await?;
        let mut chain = Chain::open(&mut transaction, self.clock.now(), &self.owner).await?;
        let mut appended = Vec::with_capacity(drafts.len());
        for draft in drafts {
            appended.push(chain.append(draft).await?);
        }
        chain.seal_when_due(self).await?;
        transaction.commit().await.map_err(unavailable(WHAT))?;
        Ok(appended)
    }

    /// Signs a checkpoint at the head, now.
    pub async fn seal(&self) -> Result<SignedStatement, LedgerError> {
        const WHAT: &str = "sign a checkpoint";
        let mut transaction = self.store.write(WHAT).await?;
        let mut chain = Chain::open(&mut transaction, self.clock.now(), &self.owner).await?;
        let signed = chain.seal(self).await?;
        transaction.commit().await.map_err(unavailable(WHAT))?;
        Ok(signed)
    }

    /// With other processes at the same database, this one has to say that it lives.
    pub async fn say_alive(&self) -> Result<(), LedgerError> {
        if self.store.dialect == Dialect::Postgres {
            let name = presence(&self.owner);
            lease::take(&self.store, &self.clock, &name, &self.owner, PRESENCE).await?;
        }
        Ok(())
    }

    /// Closes what dead processes left open and, when `own`, what this one did. Answers with the
    /// number.
    pub async fn close_abandoned(&self, own: bool) -> Result<u64, LedgerError> {
        const WHAT: &str = "close abandoned audit entries";
        let select = "SELECT sequence, begun_at FROM open_entry o
             WHERE (o.owner <> $1 OR $2 = 1) AND NOT EXISTS (
                 SELECT 1 FROM lease l
                 WHERE l.name = 'process/' || o.owner AND l.holder <> $1 AND l.expires_at > $3)
             ORDER BY sequence";
        let read = unavailable(WHAT);
        let rows = sqlx::query(select)
            .bind(&self.owner)
            .bind(i64::from(own))
            .bind(self.clock.now().timestamp_micros())
            .fetch_all(&self.store.pool)
            .await
            .map_err(&read)?;
        let mut closed = 0;
        for rows in rows.chunks(BATCH) {
            let drafts: Result<Vec<Draft>, LedgerError> = rows
                .iter()
                .map(|row| {
                    let sequence = row.try_get("sequence").map_err(&read)?;
                    let begun_at = row.try_get("begun_at").map_err(&read)?;
                    Ok(Draft::complete(sequence, begun_at, Outcome::Unknown, ""))
                })
                .collect();
            let appended = self.append(&drafts?).await?;
            closed += appended.iter().flatten().count();
        }
        Ok(u64::try_from(closed).unwrap_or(u64::MAX))
    }

    async fn keep_house(&self) {
        if let Err(error) = self.try_keep_house().await {
            tracing::warn!(%error, "the ledger's housekeeping will be tried again");
        }
    }

    async fn try_keep_house(&self) -> Result<(), LedgerError> {
        self.say_alive().await?;
        // Alone at its database, a process closes what others left at its start, and no later:
        // there, none of the others says that it lives.
        if self.store.dialect == Dialect::Postgres {
            self.close_abandoned(false).await?;
        }
        self.append(&[]).await.map(drop)
    }
}

fn presence(owner: &str) -> String {
    format!("process/{owner}")
}
