//! Changes that wait for a second person: one of a registry at a time. What was proposed is never
//! changed; who decided it is written once, by one statement, so that of two one wins.
use crate::draft::clean;
use crate::error::unavailable;
use crate::list::instant;
use crate::{Entry, Ledger, LedgerError, PersonMark};
use drydock_domain::proposal::{Base, Decision, Proposal, ProposalState, ProposedChange};
use sqlx::Row;
use sqlx::any::AnyRow;

const COLUMNS: &str = "id, registry, change, base_policy, base_cron, proposer, proposer_mark, comment, at, \
                       entry, state, decided_by, decided_at, decision, outcome";

/// A proposal before it is kept.
#[derive(Clone, Debug)]
pub struct NewProposal<'p> {
    pub registry: &'p str,
    pub change: &'p ProposedChange,
    pub base: &'p Base,
    pub proposer: &'p str,
    pub mark: &'p PersonMark,
    pub comment: &'p str,
}

impl Ledger {
    /// Keeps a proposal, which waits from then on; `None` where one of the registry waits already.
    pub async fn create_proposal(
        &self,
        entry: &Entry,
        new: &NewProposal<'_>,
    ) -> Result<Option<Proposal>, LedgerError> {
        let id = crate::random_id();
        let change = serde_json::to_string(new.change).map_err(|error| LedgerError::Internal {
            what: error.to_string(),
        })?;
        let insert = format!(
            "INSERT INTO proposal (id, registry, change, base_policy, base_cron, proposer, comment,
                                   at, entry, state, proposer_mark)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'waiting', $10)
             ON CONFLICT DO NOTHING RETURNING {COLUMNS}"
        );
        let row = sqlx::query(sqlx::AssertSqlSafe(insert))
            .bind(id)
            .bind(new.registry)
            .bind(change)
            .bind(new.base.policy.as_deref())
            .bind(new.base.cron.as_deref())
            .bind(clean(new.proposer))
            .bind(clean(new.comment))
            .bind(self.clock.now().timestamp_micros())
            .bind(entry.sequence())
            .bind(new.mark.to_string())
            .fetch_optional(&self.store.pool)
            .await
            .map_err(unavailable("keep a proposal"))?;
        row.as_ref().map(kept).transpose()
    }

    /// Newest first.
    pub async fn list_proposals(
        &self,
        registry: &str,
        limit: u32,
    ) -> Result<Vec<Proposal>, LedgerError> {
        let select = format!(
            "SELECT {COLUMNS} FROM proposal WHERE registry = $1 ORDER BY at DESC, id LIMIT {limit}"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(select))
            .bind(registry)
            .fetch_all(&self.store.pool)
            .await
            .map_err(unavailable("list proposals"))?;
        rows.iter().map(kept).collect()
    }

    pub async fn find_proposal(
        &self,
        registry: &str,
        id: &str,
    ) -> Result<Option<Proposal>, LedgerError> {
        let select = format!("SELECT {COLUMNS} FROM proposal WHERE registry = $1 AND id = $2");
        let row = sqlx::query(sqlx::AssertSqlSafe(select))
            .bind(registry)
            .bind(id)
            .fetch_optional(&self.store.pool)
            .await
            .map_err(unavailable("find a proposal"))?;
        row.as_ref().map(kept).transpose()
    }

    /// The one of the registry that waits.
    pub async fn find_waiting_proposal(
        &self,
        registry: &str,
    ) -> Result<Option<Proposal>, LedgerError> {
        let select =
            format!("SELECT {COLUMNS} FROM proposal WHERE registry = $1 AND state = 'waiting'");
        let row = sqlx::query(sqlx::AssertSqlSafe(select))
            .bind(registry)
            .fetch_optional(&self.store.pool)
            .await
            .map_err(unavailable("find a proposal"))?;
        row.as_ref().map(kept).transpose()
    }

    /// Ends the waiting of a proposal; `false` where it does not wait any more, and then nothing is
    /// changed. The entry says who decided as well.
    pub async fn decide_proposal(
        &self,
        _entry: &Entry,
        id: &str,
        state: ProposalState,
        by: &str,
        comment: &str,
    ) -> Result<bool, LedgerError> {
        let update =
            "UPDATE proposal SET state = $1, decided_by = $2, decided_at = $3, decision = $4
                      WHERE id = $5 AND state = 'waiting'";
        let done = sqlx::query(update)
            .bind(state.as_str())
            .bind(clean(by))
            .bind(self.clock.now().timestamp_micros())
            .bind(clean(comment))
            .bind(id)
            .execute(&self.store.pool)
            .await
            .map_err(unavailable("decide a proposal"))?;
        Ok(done.rows_affected() == 1)
    }

    /// Says what became of a proposal that was approved: `Approved` still, or `Failed`.
    pub async fn conclude_proposal(
        &self,
        _entry: &Entry,
        id: &str,
        state: ProposalState,
        outcome: &str,
    ) -> Result<(), LedgerError> {
        let update = "UPDATE proposal SET state = $1, outcome = $2
                      WHERE id = $3 AND state = 'approved'";
        sqlx::query(update)
            .bind(state.as_str())
            .bind(clean(outcome))
            .bind(id)
            .execute(&self.store.pool)
            .await
            .map_err(unavailable("conclude a proposal"))?;
        Ok(())
    }
}

fn kept(row: &AnyRow) -> Result<Proposal, LedgerError> {
    let read = unavailable("read a proposal");
    let text = |name: &str| row.try_get::<String, _>(name).map_err(&read);
    let some_text = |name: &str| row.try_get::<Option<String>, _>(name).map_err(&read);
    let internal = |what: String| LedgerError::Internal { what };
    let state = text("state")?;
    let decided_at: Option<i64> = row.try_get("decided_at").map_err(&read)?;
    let decided = some_text("decided_by")?.zip(decided_at);
    let comment = some_text("decision")?.unwrap_or_default();
    let decision = decided.map(|(by, at)| instant(at).map(|at| Decision { by, at, comment }));
    Ok(Proposal {
        id: text("id")?,
        registry: text("registry")?,
        change: serde_json::from_str(&text("change")?)
            .map_err(|error| internal(format!("a proposed change: {error}")))?,
        base: Base {
            policy: some_text("base_policy")?,
            cron: some_text("base_cron")?,
        },
        proposer: text("proposer")?,
        proposer_mark: text("proposer_mark")?,
        comment: text("comment")?,
        at: instant(row.try_get("at").map_err(&read)?)?,
        entry: row.try_get("entry").map_err(&read)?,
        state: ProposalState::find(&state)
            .ok_or_else(|| internal(format!("there is no state `{state}` of a proposal")))?,
        decision: decision.transpose()?,
        outcome: some_text("outcome")?,
    })
}
