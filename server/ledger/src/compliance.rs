//! Findings over time, the scans that made them, and what people decided about them.
use crate::error::unavailable;
use crate::list::instant;
use crate::vouch::require_agreement;
use crate::{Entry, Ledger, LedgerError};
use chrono::{DateTime, Utc};
use drydock_domain::audit::{Position, PublicKey, Signature};
use drydock_domain::compliance::{
    ComplianceSettings, Exception, FeedKind, FeedState, Finding, KeptException, Observation,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::Row;
use sqlx::any::AnyRow;

impl Ledger {
    /// Keeps a scan, with the findings that it opened, changed or closed: all of it or nothing. A
    /// finding is known by its id and the instant that it was opened at.
    pub async fn keep_scan(
        &self,
        scan: Option<&Observation>,
        findings: &[Finding],
    ) -> Result<(), LedgerError> {
        let write = unavailable("keep a scan");
        let mut transaction = self.store.pool.begin().await.map_err(&write)?;
        if let Some(scan) = scan {
            let insert = "INSERT INTO image_scan (id, registry, image, scanned_at, body)
                          VALUES ($1, $2, $3, $4, $5) ON CONFLICT (id) DO NOTHING";
            sqlx::query(insert)
                .bind(&scan.id)
                .bind(&scan.registry)
                .bind(format!("{}:{}", scan.repository, scan.original))
                .bind(scan.at.timestamp_micros())
                .bind(text(scan))
                .execute(&mut *transaction)
                .await
                .map_err(&write)?;
        }
        let upsert = "INSERT INTO finding (registry, id, opened_at, closed_at, body)
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT (registry, id, opened_at)
             DO UPDATE SET closed_at = excluded.closed_at, body = excluded.body";
        for finding in findings {
            let closed = finding.closing.as_ref().map(|it| it.at.timestamp_micros());
            sqlx::query(upsert)
                .bind(&finding.registry)
                .bind(&finding.id)
                .bind(finding.opened_at.timestamp_micros())
                .bind(closed)
                .bind(text(finding))
                .execute(&mut *transaction)
                .await
                .map_err(&write)?;
        }
        transaction.commit().await.map_err(&write)
    }

    /// Every finding of a registry that was opened until then, closed ones too, the oldest first.
    pub async fn list_findings(
        &self,
        registry: &str,
        until: DateTime<Utc>,
    ) -> Result<Vec<Finding>, LedgerError> {
        let select = "SELECT body FROM finding WHERE registry = $1 AND opened_at <= $2
                      ORDER BY opened_at, id";
        self.bodies(select, registry, until).await
    }

    /// Those that are not closed.
    pub async fn list_open_findings(&self, registry: &str) -> Result<Vec<Finding>, LedgerError> {
        let select = "SELECT body FROM finding WHERE registry = $1 AND opened_at <= $2
                      AND closed_at IS NULL ORDER BY opened_at, id";
        self.bodies(select, registry, DateTime::<Utc>::MAX_UTC)
            .await
    }

    /// The newest scan of each image until then.
    pub async fn list_latest_scans(
        &self,
        registry: &str,
        until: DateTime<Utc>,
    ) -> Result<Vec<Observation>, LedgerError> {
        let select = "SELECT body FROM image_scan AS newest
             WHERE registry = $1 AND scanned_at <= $2 AND NOT EXISTS (
                 SELECT 1 FROM image_scan AS later
                 WHERE later.registry = newest.registry AND later.image = newest.image
                   AND later.scanned_at <= $2
                   AND (later.scanned_at, later.id) > (newest.scanned_at, newest.id))
             ORDER BY image";
        self.bodies(select, registry, until).await
    }

    async fn bodies<T: DeserializeOwned>(
        &self,
        select: &'static str,
        registry: &str,
        until: DateTime<Utc>,
    ) -> Result<Vec<T>, LedgerError> {
        let rows = sqlx::query(select)
            .bind(registry)
            .bind(until.timestamp_micros())
            .fetch_all(&self.store.pool)
            .await
            .map_err(unavailable("list findings and scans"))?;
        rows.iter().map(|row| parsed(row, "body")).collect()
    }

    /// Accepts a finding; the entry says who did.
    pub async fn create_exception(
        &self,
        entry: &Entry,
        registry: &str,
        exception: &Exception,
    ) -> Result<KeptException, LedgerError> {
        let kept = KeptException {
            id: crate::random_id(),
            exception: exception.clone(),
            created_at: self.clock.now(),
            withdrawn_at: None,
            accepted_by: String::new(),
            entry: entry.sequence(),
            doubt: None,
        };
        let insert = "INSERT INTO \"exception\" (id, registry, body, entry, created_at)
                      VALUES ($1, $2, $3, $4, $5)";
        sqlx::query(insert)
            .bind(&kept.id)
            .bind(registry)
            .bind(text(exception))
            .bind(entry.sequence())
            .bind(kept.created_at.timestamp_micros())
            .execute(&self.store.pool)
            .await
            .map_err(unavailable("keep an exception"))?;
        Ok(kept)
    }

    /// Every exception there ever was, the newest first; who accepted one, its entry says.
    pub async fn list_exceptions(&self, registry: &str) -> Result<Vec<KeptException>, LedgerError> {
        let select = "SELECT id, body, entry, created_at, withdrawn_at FROM \"exception\"
                      WHERE registry = $1 ORDER BY created_at DESC, id";
        let rows = sqlx::query(select)
            .bind(registry)
            .fetch_all(&self.store.pool)
            .await
            .map_err(unavailable("list exceptions"))?;
        rows.iter().map(kept_exception).collect()
    }

    /// Ends an exception before its time; `false` where the registry has none in force by that id.
    pub async fn withdraw_exception(
        &self,
        _entry: &Entry,
        registry: &str,
        id: &str,
    ) -> Result<bool, LedgerError> {
        let update = "UPDATE \"exception\" SET withdrawn_at = $3
                      WHERE registry = $1 AND id = $2 AND withdrawn_at IS NULL";
        let done = sqlx::query(update)
            .bind(registry)
            .bind(id)
            .bind(self.clock.now().timestamp_micros())
            .execute(&self.store.pool)
            .await
            .map_err(unavailable("withdraw an exception"))?;
        Ok(done.rows_affected() == 1)
    }

    /// Exposure and deadlines as they were then; the defaults where nobody set any.
    pub async fn find_compliance_settings(
        &self,
        registry: &str,
        at: DateTime<Utc>,
    ) -> Result<ComplianceSettings, LedgerError> {
        let select = "SELECT body FROM compliance_setting WHERE registry = $1 AND changed_at <= $2
                      ORDER BY changed_at DESC, entry DESC LIMIT 1";
        let found: Vec<ComplianceSettings> = self.bodies(select, registry, at).await?;
        Ok(found.into_iter().next().unwrap_or_default())
    }

    pub async fn keep_compliance_settings(
        &self,
        entry: &Entry,
        registry: &str,
        settings: &ComplianceSettings,
    ) -> Result<(), LedgerError> {
        let insert = "INSERT INTO compliance_setting (registry, changed_at, entry, body)
                      VALUES ($1, $2, $3, $4)";
        sqlx::query(insert)
            .bind(registry)
            .bind(self.clock.now().timestamp_micros())
            .bind(entry.sequence())
            .bind(text(settings))
            .execute(&self.store.pool)
            .await
            .map_err(unavailable("keep the deadlines"))?;
        Ok(())
    }

    /// Keeps a feed's file in place of the one before.
    pub async fn keep_vulnerability_feed(
        &self,
        _entry: &Entry,
        state: &FeedState,
        file: &[u8],
    ) -> Result<(), LedgerError> {
        let upsert = "INSERT INTO vulnerability_feed (kind, state, file) VALUES ($1, $2, $3)
             ON CONFLICT (kind) DO UPDATE SET state = excluded.state, file = excluded.file";
        sqlx::query(upsert)
            .bind(state.kind.as_str())
            .bind(text(state))
            .bind(file.to_vec())
            .execute(&self.store.pool)
            .await
            .map_err(unavailable("keep a vulnerability feed"))?;
        Ok(())
    }

    /// What is known of each kind of feed, those that were never read too.
    pub async fn list_vulnerability_feeds(&self) -> Result<Vec<FeedState>, LedgerError> {
        let rows = sqlx::query("SELECT state FROM vulnerability_feed")
            .fetch_all(&self.store.pool)
            .await
            .map_err(unavailable("list the vulnerability feeds"))?;
        let read: Vec<FeedState> = rows
            .iter()
            .map(|row| parsed(row, "state"))
            .collect::<Result<_, _>>()?;
        let of = |kind| {
            let known = read.iter().find(|state| state.kind == kind);
            known.cloned().unwrap_or_else(|| FeedState::absent(kind))
        };
        Ok(FeedKind::ALL.map(of).to_vec())
    }

    /// A feed's file as it was read; `None` where it never was.
    pub async fn find_vulnerability_feed(
        &self,
        kind: FeedKind,
    ) -> Result<Option<Vec<u8>>, LedgerError> {
        let read = unavailable("read a vulnerability feed");
        let row = sqlx::query("SELECT file FROM vulnerability_feed WHERE kind = $1")
            .bind(kind.as_str())
            .fetch_optional(&self.store.pool)
            .await
            .map_err(&read)?;
        row.map(|row| row.try_get("file").map_err(&read))
            .transpose()
    }

    /// Where the audit trail ends now.
    pub async fn head(&self) -> Result<Position, LedgerError> {
        let read = unavailable("read the end of the audit trail");
        let mut connection = self.store.pool.acquire().await.map_err(&read)?;
        crate::chain::head(&mut connection).await
    }

    /// Signs a document with the trail's key. `format` names what is signed, so that no signature of
    /// one kind of document can be taken for another's.
    ///
    /// # Errors
    /// `Contradicted` or `Forged` where the trail is not what was signed of it before.
    pub async fn sign_document(
        &self,
        format: &str,
        document: &[u8],
    ) -> Result<(PublicKey, Signature), LedgerError> {
        let connect = unavailable("sign a document");
        let mut connection = self.store.pool.acquire().await.map_err(connect)?;
        let signer = &self.writer.signer;
        require_agreement(&mut connection, self.writer.published.position()).await?;
        Ok((signer.public_key(), signer.sign_document(format, document)))
    }
}

fn text(value: &impl Serialize) -> String {
    // PostgreSQL keeps no NUL in a text, and JSON spells it `\u0000`.
    serde_json::to_string(value).expect("structs of strings, numbers and lists have their JSON")
}

fn parsed<T: DeserializeOwned>(row: &AnyRow, column: &str) -> Result<T, LedgerError> {
    let body: String = row.try_get(column).map_err(unavailable("read a row"))?;
    serde_json::from_str(&body).map_err(|error| LedgerError::Internal {
        what: error.to_string(),
    })
}

fn kept_exception(row: &AnyRow) -> Result<KeptException, LedgerError> {
    let read = unavailable("read an exception");
    let withdrawn: Option<i64> = row.try_get("withdrawn_at").map_err(&read)?;
    Ok(KeptException {
        id: row.try_get("id").map_err(&read)?,
        exception: parsed(row, "body")?,
        created_at: instant(row.try_get("created_at").map_err(&read)?)?,
        withdrawn_at: withdrawn.map(instant).transpose()?,
        accepted_by: String::new(),
        entry: row.try_get("entry").map_err(&read)?,
        doubt: None,
    })
}
