//! Takes the rows from before there was a chain into it, once.
use crate::LedgerError;
use crate::chain::Chain;
use crate::draft::{Draft, clean};
use crate::error::unavailable;
use crate::store::Dialect;
use crate::writer::Writer;
use drydock_domain::audit::Outcome;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

const WHAT: &str = "import the audit entries of an older version";

/// Each old row becomes a begun entry and its completion, marked as imported, with the instants that
/// it had; then the old tables go. One that was open stays so, and is closed like any other.
pub(crate) async fn import(writer: &Writer) -> Result<(), LedgerError> {
    if writer.store.dialect != Dialect::Sqlite {
        return Ok(());
    }
    let mut transaction = writer.store.write(WHAT).await?;
    if !has_old_tables(&mut transaction).await? {
        return Ok(());
    }
    let select = "SELECT e.begun_at, e.actor, e.operation, e.object, e.detail,
               o.completed_at, o.outcome, o.detail AS outcome_detail
        FROM entries e LEFT JOIN outcomes o ON o.sequence = e.sequence ORDER BY e.sequence";
    let rows = sqlx::query(select)
        .fetch_all(&mut *transaction)
        .await
        .map_err(unavailable(WHAT))?;
    let mut chain = Chain::open(&mut transaction, writer.clock.now(), &writer.owner).await?;
    for row in &rows {
        import_row(&mut chain, row).await?;
    }
    if !rows.is_empty() {
        chain.seal(writer).await?;
        tracing::info!(
            entries = rows.len(),
            "imported the older audit entries into the chain"
        );
    }
    for drop in ["DROP TABLE outcomes", "DROP TABLE entries"] {
        sqlx::query(drop)
            .execute(&mut *transaction)
            .await
            .map_err(unavailable(WHAT))?;
    }
    transaction.commit().await.map_err(unavailable(WHAT))
}

async fn has_old_tables(connection: &mut AnyConnection) -> Result<bool, LedgerError> {
    let select = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'entries'";
    let row = sqlx::query(select)
        .fetch_optional(connection)
        .await
        .map_err(unavailable(WHAT))?;
    Ok(row.is_some())
}

async fn import_row(chain: &mut Chain<'_>, row: &AnyRow) -> Result<(), LedgerError> {
    let read = unavailable(WHAT);
    let text = |column: &str| -> Result<String, LedgerError> { row.try_get(column).map_err(&read) };
    let begun_at: i64 = row.try_get("begun_at").map_err(&read)?;
    let completed_at: Option<i64> = row.try_get("completed_at").map_err(&read)?;
    let begun = Draft {
        imported_at: Some(begun_at),
        ..Draft::begin(
            &text("actor")?,
            &text("operation")?,
            &text("object")?,
            &text("detail")?,
        )
    };
    let Some(appended) = chain.append(&begun).await? else {
        return Ok(());
    };
    if let Some(completed_at) = completed_at {
        let outcome = match text("outcome")?.as_str() {
            "succeeded" => Outcome::Succeeded,
            "failed" => Outcome::Failed,
            _ => Outcome::Unknown,
        };
        let detail = clean(&text("outcome_detail")?);
        let done = Draft {
            imported_at: Some(completed_at),
            ..Draft::complete(appended.sequence, begun_at, outcome, &detail)
        };
        chain.append(&done).await?;
    }
    Ok(())
}
