//! What is asked before anything is signed: whether the chain still says what was signed of it before.
use crate::chain::{bytes, find_tombstone, head, signed_statement};
use crate::error::unavailable;
use crate::{Ledger, LedgerError};
use drydock_domain::audit::{Hash, Position, SignedStatement};
use sqlx::{AnyConnection, Row as _};
use std::fmt;

/// How the trail stands to an entry that somebody vouched for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The entry is there with that hash, or is the last one that a tombstone stands for.
    Held,
    /// Pruned, and what it was cannot be told any more.
    Buried { through: i64 },
    Contradicted {
        /// The hash that the entry has; `None` where it is not there.
        now: Option<Hash>,
        /// The trail ends with this entry.
        last: i64,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Voucher {
    /// The head that was published outside of the database.
    Published,
    /// The last checkpoint that the database holds.
    Checkpoint,
}

/// The trail does not say what was signed of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contradiction {
    pub by: Voucher,
    pub said: Position,
    pub now: Option<Hash>,
    pub last: i64,
}

impl fmt::Display for Contradiction {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Position { sequence, hash } = self.said;
        let voucher = match self.by {
            Voucher::Published => "the head that was published",
            Voucher::Checkpoint => "a signed checkpoint",
        };
        write!(
            formatter,
            "{voucher} says that entry {sequence} of the audit trail has the hash {hash}, and "
        )?;
        match self.now {
            Some(now) => write!(
                formatter,
                "now it has {now}: it, or what stands before it, was written anew"
            ),
            None => write!(
                formatter,
                "it is not there: the trail ends with entry {}, so entries were removed",
                self.last
            ),
        }
    }
}

impl Ledger {
    /// How the trail stands to what was published of it.
    pub async fn standing(&self, position: Position) -> Result<Standing, LedgerError> {
        let mut connection = self.store.pool.acquire().await.map_err(unavailable(WHAT))?;
        standing(&mut connection, position).await
    }
}

const WHAT: &str = "compare the audit trail with what was signed of it";

async fn standing(
    connection: &mut AnyConnection,
    position: Position,
) -> Result<Standing, LedgerError> {
    let row = sqlx::query("SELECT hash FROM chain WHERE sequence = $1")
        .bind(position.sequence)
        .fetch_optional(&mut *connection)
        .await
        .map_err(unavailable(WHAT))?;
    let stored = row.map(|row| row.try_get::<Vec<u8>, _>("hash")).transpose();
    let now = stored.map_err(unavailable(WHAT))?;
    let now: Option<Hash> = now.map(|stored| bytes(&stored)).transpose()?;
    if now == Some(position.hash) {
        return Ok(Standing::Held);
    }
    let buried = find_tombstone(connection).await?;
    let buried = buried.as_ref().map(Position::from);
    if now.is_none()
        && let Some(buried) = buried
    {
        if buried == position {
            return Ok(Standing::Held);
        }
        if buried.sequence > position.sequence {
            let through = buried.sequence;
            return Ok(Standing::Buried { through });
        }
    }
    let last = head(connection).await?.sequence;
    Ok(Standing::Contradicted { now, last })
}

/// The trail holds the last checkpoint and the published head as they were signed: else nothing more
/// is signed, which would vouch for what was written over them.
pub(crate) async fn require_agreement(
    connection: &mut AnyConnection,
    published: Option<Position>,
) -> Result<(), LedgerError> {
    let checkpoint = find_checkpoint(connection).await?;
    if let Some(forged) = checkpoint.as_ref().filter(|signed| !signed.is_authentic()) {
        return Err(LedgerError::Forged {
            sequence: Position::from(forged).sequence,
        });
    }
    let published = published.map(|said| (Voucher::Published, said));
    let checkpoint = checkpoint.map(|signed| (Voucher::Checkpoint, Position::from(&signed)));
    for (by, said) in published.into_iter().chain(checkpoint) {
        if let Standing::Contradicted { now, last } = standing(connection, said).await? {
            return Err(LedgerError::Contradicted(Contradiction {
                by,
                said,
                now,
                last,
            }));
        }
    }
    Ok(())
}

async fn find_checkpoint(
    connection: &mut AnyConnection,
) -> Result<Option<SignedStatement>, LedgerError> {
    let select = "SELECT key, body, signature FROM statement WHERE kind = 'checkpoint'
                  ORDER BY sequence DESC LIMIT 1";
    let row = sqlx::query(select).fetch_optional(connection).await;
    let row = row.map_err(unavailable(WHAT))?;
    row.as_ref().map(signed_statement).transpose()
}
