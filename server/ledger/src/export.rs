use crate::chain::{bytes, find_tombstone, signed_statement};
use crate::error::unavailable;
use crate::{Ledger, LedgerError};
use drydock_domain::audit::{
    FORMAT, Hash, Personal, SignedStatement, Trail, Trust, Verification, Verifier, entry_line,
    personal_line, statement_line, trail_line,
};
use sqlx::Row;
use std::collections::VecDeque;

/// How many entries are read at once.
const PAGE: i64 = 2000;

/// What an exported trail holds.
#[derive(Clone, Debug, Default)]
pub struct ExportOptions {
    /// Leave out the entries up to this sequence; 0 for none.
    pub after: i64,
    /// Say what the pseudonyms stand for.
    pub people: bool,
}

/// Reads the trail in pages of lines, up to where it ended when the reader was made.
pub struct TrailReader {
    ledger: Ledger,
    /// What stands before the first entry.
    opening: Vec<String>,
    checkpoints: VecDeque<SignedStatement>,
    previous: Hash,
    sequence: i64,
    last: i64,
    people: bool,
    unsigned: Option<LedgerError>,
}

impl Ledger {
    /// Signs a checkpoint at the trail's end, so that nothing of the export is uncovered, and begins
    /// to read. A trail that contradicts what was signed of it is read all the same, and not signed.
    pub async fn export(&self, options: &ExportOptions) -> Result<TrailReader, LedgerError> {
        let (last, unsigned) = match self.sign_head().await {
            Ok(signed) => (signed.statement.position().0, None),
            // Whoever reads such a trail has to see it as it is.
            Err(error @ (LedgerError::Contradicted(_) | LedgerError::Forged { .. })) => {
                (self.head().await?.sequence, Some(error))
            }
            Err(error) => return Err(error),
        };
        let read = unavailable("export the audit trail");
        let mut connection = self.store.pool.acquire().await.map_err(&read)?;
        let tombstone = find_tombstone(&mut connection).await?;
        let mut opening = vec![self.header(options)];
        let (mut sequence, mut previous) = (0, Hash::NONE);
        if let Some(tombstone) = tombstone {
            (sequence, previous) = tombstone.statement.position();
            if sequence > options.after {
                opening.push(statement_line(&tombstone));
            }
        }
        if options.after > sequence {
            sequence = options.after;
            let row = sqlx::query("SELECT hash FROM chain WHERE sequence = $1")
                .bind(sequence)
                .fetch_optional(&mut *connection)
                .await
                .map_err(&read)?;
            let row = row.ok_or(LedgerError::NotFound {
                what: "the entry that the export is to begin after",
            })?;
            previous = bytes(&row.try_get::<Vec<u8>, _>("hash").map_err(&read)?)?;
        }
        let checkpoints = "SELECT key, body, signature FROM statement
             WHERE kind = 'checkpoint' AND sequence > $1 ORDER BY sequence";
        let checkpoints = sqlx::query(checkpoints)
            .bind(sequence)
            .fetch_all(&mut *connection)
            .await
            .map_err(&read)?;
        Ok(TrailReader {
            ledger: self.clone(),
            opening,
            checkpoints: checkpoints
                .iter()
                .map(signed_statement)
                .collect::<Result<_, _>>()?,
            previous,
            sequence,
            last,
            people: options.people,
            unsigned,
        })
    }

    fn header(&self, options: &ExportOptions) -> String {
        trail_line(&Trail {
            after: options.after,
            exported_at: self.clock.now().timestamp_micros(),
            format: FORMAT.into(),
            generator: concat!("drydock ", env!("CARGO_PKG_VERSION")).into(),
        })
    }

    /// Is the stored trail whole? Reads all of it.
    pub async fn verify(&self, trust: &Trust) -> Result<Verification, LedgerError> {
        let mut reader = self
            .export(&ExportOptions {
                after: 0,
                people: true,
            })
            .await?;
        let mut verifier = Verifier::new(trust);
        loop {
            let page = reader.next_page().await?;
            if page.is_empty() || !page.iter().all(|line| verifier.read(line)) {
                return Ok(verifier.finish());
            }
        }
    }
}

impl TrailReader {
    /// Why no checkpoint was signed at the trail's end: it contradicts what was signed before.
    pub fn why_unsigned(&self) -> Option<&LedgerError> {
        self.unsigned.as_ref()
    }

    /// The next lines, without line feeds; empty behind the last.
    pub async fn next_page(&mut self) -> Result<Vec<String>, LedgerError> {
        let mut lines = std::mem::take(&mut self.opening);
        let read = unavailable("export the audit trail");
        let select = "SELECT sequence, body, hash FROM chain
             WHERE sequence > $1 AND sequence <= $2 ORDER BY sequence LIMIT $3";
        let rows = sqlx::query(select)
            .bind(self.sequence)
            .bind(self.last)
            .bind(PAGE)
            .fetch_all(&self.ledger.store.pool)
            .await
            .map_err(&read)?;
        for row in &rows {
            let sequence: i64 = row.try_get("sequence").map_err(&read)?;
            let body: String = row.try_get("body").map_err(&read)?;
            let hash = bytes(&row.try_get::<Vec<u8>, _>("hash").map_err(&read)?)?;
            self.put_checkpoints_before(sequence, &mut lines);
            lines.push(entry_line(&body, &hash, &self.previous));
            (self.previous, self.sequence) = (hash, sequence);
        }
        if rows.is_empty() {
            // Those at the end, and those of entries that are not there any more.
            self.put_checkpoints_before(i64::MAX, &mut lines);
            if std::mem::take(&mut self.people) {
                lines.extend(self.people().await?);
            }
        }
        Ok(lines)
    }

    fn put_checkpoints_before(&mut self, sequence: i64, lines: &mut Vec<String>) {
        while let Some(signed) = self
            .checkpoints
            .pop_front_if(|signed| signed.statement.position().0 < sequence)
        {
            lines.push(statement_line(&signed));
        }
    }

    async fn people(&self) -> Result<Vec<String>, LedgerError> {
        let read = unavailable("export what is known of people");
        let rows = sqlx::query("SELECT id, salt, data FROM personal ORDER BY id")
            .fetch_all(&self.ledger.store.pool)
            .await
            .map_err(&read)?;
        let line = |row: &sqlx::any::AnyRow| {
            let (id, data): (String, String) = (
                row.try_get("id").map_err(&read)?,
                row.try_get("data").map_err(&read)?,
            );
            Ok(personal_line(&Personal {
                data: data.into(),
                id: id.into(),
                salt: bytes(&row.try_get::<Vec<u8>, _>("salt").map_err(&read)?)?,
            }))
        };
        rows.iter().map(line).collect()
    }
}
