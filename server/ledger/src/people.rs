//! What pseudonyms stand for, beside the chain.
use crate::draft::{Draft, clean};
use crate::error::unavailable;
use crate::{Ledger, LedgerError};
use drydock_domain::audit::{Bytes, Kind, Outcome, Personal};
use rand::RngCore as _;
use sqlx::{AnyConnection, Row};

/// The pseudonym of something that is known of `subject`: the stored one, else a new one. Nothing
/// has no pseudonym.
pub(crate) async fn pseudonym(
    connection: &mut AnyConnection,
    subject: &str,
    data: &str,
) -> Result<String, LedgerError> {
    if data.is_empty() {
        return Ok(String::new());
    }
    let read = unavailable("find a pseudonym");
    let (subject, data) = (clean(subject), clean(data));
    let row = sqlx::query("SELECT id FROM personal WHERE subject = $1 AND data = $2")
        .bind(&subject)
        .bind(&data)
        .fetch_optional(&mut *connection)
        .await
        .map_err(&read)?;
    if let Some(row) = row {
        return row.try_get("id").map_err(&read);
    }
    let mut salt = Bytes([0; 16]);
    rand::rng().fill_bytes(&mut salt.0);
    let id = Personal::pseudonym(&salt, &data);
    sqlx::query("INSERT INTO personal (id, salt, subject, data) VALUES ($1, $2, $3, $4)")
        .bind(&id)
        .bind(salt.0.to_vec())
        .bind(subject)
        .bind(data)
        .execute(connection)
        .await
        .map_err(unavailable("store a pseudonym"))?;
    Ok(id)
}

impl Ledger {
    /// Erases what is known of a person: name, addresses, user agents, sessions. The entries stay,
    /// under a pseudonym that nobody can resolve any more; that it was done is an entry too.
    /// Answers with the number of pseudonyms that lost their meaning.
    pub async fn erase_person(&self, actor: &str, person: &str) -> Result<u64, LedgerError> {
        let ids = self.forget(person).await?;
        self.record(Draft {
            actor: clean(actor),
            operation: "person.erase".into(),
            object: ids.join(" "),
            outcome: Some(Outcome::Succeeded),
            ..Draft::new(Kind::Erase)
        })
        .await?;
        if self.store.dialect == crate::store::Dialect::Sqlite {
            // The journal holds the rows as they were; this empties it.
            sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)")
                .execute(&self.store.pool)
                .await
                .map_err(unavailable("empty the journal"))?;
        }
        Ok(u64::try_from(ids.len()).unwrap_or(u64::MAX))
    }

    async fn forget(&self, person: &str) -> Result<Vec<String>, LedgerError> {
        const WHAT: &str = "erase a person";
        let mut transaction = self.store.write(WHAT).await?;
        let erased = sqlx::query("DELETE FROM personal WHERE subject = $1 RETURNING id")
            .bind(person)
            .fetch_all(&mut *transaction)
            .await
            .map_err(unavailable(WHAT))?;
        for statement in [
            "DELETE FROM sessions WHERE actor = $1",
            "DELETE FROM sign_in_links WHERE actor = $1",
            // Somebody else may come with the same name, to whom it would look like their own.
            "DELETE FROM notice WHERE id IN (
                 SELECT 'proposal.waiting/' || registry || '/' || id FROM proposal
                 WHERE proposer = $1 AND state = 'waiting')",
            "UPDATE proposal SET state = 'withdrawn' WHERE proposer = $1 AND state = 'waiting'",
            "UPDATE proposal SET proposer = 'an erased person', proposer_mark = '' WHERE proposer = $1",
            "UPDATE proposal SET decided_by = 'an erased person' WHERE decided_by = $1",
            "DELETE FROM embed_session WHERE subject || ' at ' || origin = $1",
        ] {
            sqlx::query(statement)
                .bind(person)
                .execute(&mut *transaction)
                .await
                .map_err(unavailable(WHAT))?;
        }
        transaction.commit().await.map_err(unavailable(WHAT))?;
        erased
            .iter()
            .map(|row| row.try_get("id").map_err(unavailable(WHAT)))
            .collect()
    }
}
