//! Appending to the chain, inside a transaction that is alone in doing so.
use crate::LedgerError;
use crate::draft::Draft;
use crate::error::unavailable;
use crate::people::pseudonym;
use crate::vouch::require_agreement;
use crate::writer::Writer;
use chrono::{DateTime, Utc};
use drydock_domain::audit::{Bytes, Hash, Kind, Position, SignedStatement, Statement, chain_hash};
use sqlx::{AnyConnection, Row};

/// A checkpoint is signed after so many entries, or so much time with an entry in it.
const SEAL_ENTRIES: i64 = 1000;
const SEAL_MICROS: i64 = 3_600_000_000;

/// What an append came to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Appended {
    pub sequence: i64,
    pub at: i64,
}

/// The end of the chain, as far as this transaction has written it.
pub(crate) struct Chain<'c> {
    pub connection: &'c mut AnyConnection,
    pub head: Position,
    now: DateTime<Utc>,
    /// The process that begins entries here.
    owner: &'c str,
}

impl<'c> Chain<'c> {
    pub async fn open(
        connection: &'c mut AnyConnection,
        now: DateTime<Utc>,
        owner: &'c str,
    ) -> Result<Self, LedgerError> {
        let head = head(connection).await?;
        Ok(Self {
            connection,
            head,
            now,
            owner,
        })
    }

    /// `None` for the completion of an entry that is complete already.
    pub async fn append(&mut self, draft: &Draft) -> Result<Option<Appended>, LedgerError> {
        if let Some((of, _)) = draft.completes
            && !self.close(of).await?
        {
            return Ok(None);
        }
        let actor = pseudonym(self.connection, &draft.actor, &draft.actor).await?;
        let client = draft.client.as_ref().map(crate::Client::to_data);
        let client = pseudonym(self.connection, &draft.actor, &client.unwrap_or_default()).await?;
        let sequence = self.head.sequence + 1;
        let body = draft.to_body(sequence, self.now.timestamp_micros(), actor, client);
        let at = body.at;
        let text = body.to_canonical();
        let hash = chain_hash(&self.head.hash, &text);
        sqlx::query("INSERT INTO chain (sequence, body, hash) VALUES ($1, $2, $3)")
            .bind(sequence)
            .bind(text)
            .bind(hash.0.to_vec())
            .execute(&mut *self.connection)
            .await
            .map_err(unavailable("append to the audit trail"))?;
        self.head = Position { sequence, hash };
        let (listed, begun_at) = draft.completes.unwrap_or((sequence, at));
        self.mention(draft, listed, begun_at).await?;
        if draft.kind == Kind::Begin {
            self.open_entry(sequence, at).await?;
        }
        Ok(Some(Appended { sequence, at }))
    }

    async fn close(&mut self, sequence: i64) -> Result<bool, LedgerError> {
        let done = sqlx::query("DELETE FROM open_entry WHERE sequence = $1")
            .bind(sequence)
            .execute(&mut *self.connection)
            .await
            .map_err(unavailable("complete an audit entry"))?;
        Ok(done.rows_affected() == 1)
    }

    async fn open_entry(&mut self, sequence: i64, begun_at: i64) -> Result<(), LedgerError> {
        sqlx::query("INSERT INTO open_entry (sequence, begun_at, owner) VALUES ($1, $2, $3)")
            .bind(sequence)
            .bind(begun_at)
            .bind(self.owner)
            .execute(&mut *self.connection)
            .await
            .map_err(unavailable("begin an audit entry"))?;
        Ok(())
    }

    async fn mention(&mut self, draft: &Draft, listed: i64, at: i64) -> Result<(), LedgerError> {
        for term in draft.mentions() {
            let insert = "INSERT INTO mention (term, begun_at, sequence) VALUES ($1, $2, $3)
                          ON CONFLICT DO NOTHING";
            sqlx::query(insert)
                .bind(term)
                .bind(at)
                .bind(listed)
                .execute(&mut *self.connection)
                .await
                .map_err(unavailable("index an audit entry"))?;
        }
        Ok(())
    }

    /// Signs a checkpoint where one is due. What contradicts an earlier one stays unsigned, and what
    /// goes on is entered all the same.
    pub async fn seal_when_due(&mut self, writer: &Writer) -> Result<(), LedgerError> {
        let (sequence, at) = last_checkpoint(self.connection).await?;
        let entries = self.head.sequence - sequence;
        let time = self.now.timestamp_micros() - at;
        let is_due = entries >= SEAL_ENTRIES || (entries > 0 && time >= SEAL_MICROS);
        if !is_due && entries >= 0 {
            return Ok(());
        }
        match self.seal(writer).await {
            Err(error @ (LedgerError::Contradicted(_) | LedgerError::Forged { .. })) => {
                tracing::error!(%error, "no checkpoint is signed");
                Ok(())
            }
            sealed => sealed.map(drop),
        }
    }

    /// Signs a checkpoint at the head, unless this key has done so.
    ///
    /// # Errors
    /// `Contradicted` or `Forged` where the trail is not what was signed of it before.
    pub async fn seal(&mut self, writer: &Writer) -> Result<SignedStatement, LedgerError> {
        require_agreement(self.connection, writer.published.position()).await?;
        let signed = writer.signer.sign(Statement::Checkpoint {
            at: self.now.timestamp_micros(),
            hash: self.head.hash,
            sequence: self.head.sequence,
        });
        if self.head.sequence > 0 {
            store_statement(self.connection, &signed).await?;
        }
        Ok(signed)
    }
}

/// The last entry, else the last one that was pruned, else nothing.
pub(crate) async fn head(connection: &mut AnyConnection) -> Result<Position, LedgerError> {
    let select = "SELECT sequence, hash FROM chain ORDER BY sequence DESC LIMIT 1";
    let row = sqlx::query(select)
        .fetch_optional(&mut *connection)
        .await
        .map_err(unavailable("read the end of the audit trail"))?;
    if let Some(row) = row {
        let read = unavailable("read the end of the audit trail");
        return Ok(Position {
            sequence: row.try_get("sequence").map_err(&read)?,
            hash: bytes(&row.try_get::<Vec<u8>, _>("hash").map_err(&read)?)?,
        });
    }
    let tombstone = find_tombstone(connection).await?;
    let (sequence, hash) = tombstone.map_or((0, Hash::NONE), |signed| signed.statement.position());
    Ok(Position { sequence, hash })
}

/// Sequence and instant; zeros before the first.
async fn last_checkpoint(connection: &mut AnyConnection) -> Result<(i64, i64), LedgerError> {
    let select = "SELECT sequence, at FROM statement WHERE kind = 'checkpoint'
                  ORDER BY sequence DESC LIMIT 1";
    let read = unavailable("read a checkpoint");
    let row = sqlx::query(select).fetch_optional(connection).await;
    let Some(row) = row.map_err(&read)? else {
        return Ok((0, 0));
    };
    Ok((
        row.try_get("sequence").map_err(&read)?,
        row.try_get("at").map_err(&read)?,
    ))
}

pub(crate) async fn find_tombstone(
    connection: &mut AnyConnection,
) -> Result<Option<SignedStatement>, LedgerError> {
    let select = "SELECT key, body, signature FROM statement WHERE kind = 'tombstone'
                  ORDER BY sequence DESC LIMIT 1";
    let row = sqlx::query(select)
        .fetch_optional(connection)
        .await
        .map_err(unavailable("read a tombstone"))?;
    row.as_ref().map(signed_statement).transpose()
}

pub(crate) fn signed_statement(row: &sqlx::any::AnyRow) -> Result<SignedStatement, LedgerError> {
    let read = unavailable("read a signed statement");
    let body: String = row.try_get("body").map_err(&read)?;
    Ok(SignedStatement {
        key: bytes(&row.try_get::<Vec<u8>, _>("key").map_err(&read)?)?,
        signature: bytes(&row.try_get::<Vec<u8>, _>("signature").map_err(&read)?)?,
        statement: Statement::parse(&body).map_err(|error| LedgerError::Internal {
            what: format!("a signed statement: {error}"),
        })?,
    })
}

pub(crate) async fn store_statement(
    connection: &mut AnyConnection,
    signed: &SignedStatement,
) -> Result<(), LedgerError> {
    let (kind, at) = match signed.statement {
        Statement::Checkpoint { at, .. } => ("checkpoint", at),
        Statement::Tombstone { at, .. } => ("tombstone", at),
    };
    let insert = "INSERT INTO statement (sequence, kind, key, at, body, signature)
                  VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING";
    sqlx::query(insert)
        .bind(signed.statement.position().0)
        .bind(kind)
        .bind(signed.key.0.to_vec())
        .bind(at)
        .bind(signed.statement.to_canonical())
        .bind(signed.signature.0.to_vec())
        .execute(connection)
        .await
        .map_err(unavailable("store a signed statement"))?;
    Ok(())
}

pub(crate) fn bytes<const N: usize>(stored: &[u8]) -> Result<Bytes<N>, LedgerError> {
    let bytes = stored.try_into().map_err(|_| LedgerError::Internal {
        what: format!("{} bytes stand where {N} belong", stored.len()),
    })?;
    Ok(Bytes(bytes))
}
