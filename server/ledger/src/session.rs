use crate::error::unavailable;
use crate::{Ledger, LedgerError, Token};
use chrono::{DateTime, TimeDelta, Utc};
use drydock_domain::access::Role;
use sqlx::Row;
use sqlx::any::AnyRow;

/// Who is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    pub actor: String,
    pub role: Role,
    pub expires_at: DateTime<Utc>,
}

impl Ledger {
    /// Makes a link that signs one browser in, once, before `life` is over.
    pub async fn create_link(
        &self,
        actor: &str,
        role: Role,
        life: TimeDelta,
    ) -> Result<Token, LedgerError> {
        let insert = "INSERT INTO sign_in_links (token_sha256, actor, role, created_at, expires_at)
                      VALUES ($1, $2, $3, $4, $5)";
        self.create(insert, actor, role, life).await
    }

    /// Uses a link up: `None` for one that is unknown, used or expired.
    pub async fn redeem_link(&self, token: &Token) -> Result<Option<Session>, LedgerError> {
        // One statement, so that of two browsers with the same link only one gets in.
        let row = sqlx::query(
            "DELETE FROM sign_in_links WHERE token_sha256 = $1 RETURNING actor, role, expires_at",
        )
        .bind(token.sha256())
        .fetch_optional(&self.store.pool)
        .await
        .map_err(unavailable("redeem a sign-in link"))?;
        self.living(row)
    }

    pub async fn create_session(
        &self,
        actor: &str,
        role: Role,
        life: TimeDelta,
    ) -> Result<Token, LedgerError> {
        let insert = "INSERT INTO sessions (token_sha256, actor, role, created_at, expires_at)
                      VALUES ($1, $2, $3, $4, $5)";
        self.create(insert, actor, role, life).await
    }

    /// `None` for a session that is unknown, expired or idle for too long.
    pub async fn find_session(&self, token: &Token) -> Result<Option<Session>, LedgerError> {
        let select = "SELECT actor, role, expires_at FROM sessions
                      WHERE token_sha256 = $1 AND (idle_at IS NULL OR idle_at > $2)";
        let row = sqlx::query(select)
            .bind(token.sha256())
            .bind(self.clock.now().timestamp_micros())
            .fetch_optional(&self.store.pool)
            .await
            .map_err(unavailable("find a session"))?;
        self.living(row)
    }

    /// The session is in use: it goes on for `idle` from now, and never past its end. Writes at most
    /// once a minute, so that reading a page does not cost a write.
    pub async fn extend_session(&self, token: &Token, idle: TimeDelta) -> Result<(), LedgerError> {
        let idle_at = (self.clock.now() + idle).timestamp_micros();
        let update = "UPDATE sessions SET idle_at = $1
                      WHERE token_sha256 = $2 AND (idle_at IS NULL OR idle_at < $3)";
        sqlx::query(update)
            .bind(idle_at)
            .bind(token.sha256())
            .bind(idle_at - 60_000_000)
            .execute(&self.store.pool)
            .await
            .map_err(unavailable("extend a session"))?;
        Ok(())
    }

    /// Signs out; nothing happens for an unknown session.
    pub async fn delete_session(&self, token: &Token) -> Result<(), LedgerError> {
        sqlx::query("DELETE FROM sessions WHERE token_sha256 = $1")
            .bind(token.sha256())
            .execute(&self.store.pool)
            .await
            .map_err(unavailable("delete a session"))?;
        Ok(())
    }

    async fn create(
        &self,
        insert: &'static str,
        actor: &str,
        role: Role,
        life: TimeDelta,
    ) -> Result<Token, LedgerError> {
        self.forget_expired().await?;
        let token = Token::random();
        let now = self.clock.now();
        sqlx::query(insert)
            .bind(token.sha256())
            .bind(actor)
            .bind(role.as_str())
            .bind(now.timestamp_micros())
            .bind((now + life).timestamp_micros())
            .execute(&self.store.pool)
            .await
            .map_err(unavailable("store a session"))?;
        Ok(token)
    }

    async fn forget_expired(&self) -> Result<(), LedgerError> {
        let now = self.clock.now().timestamp_micros();
        for delete in [
            "DELETE FROM sessions WHERE expires_at <= $1",
            "DELETE FROM sign_in_links WHERE expires_at <= $1",
        ] {
            sqlx::query(delete)
                .bind(now)
                .execute(&self.store.pool)
                .await
                .map_err(unavailable("forget expired sessions"))?;
        }
        Ok(())
    }

    fn living(&self, row: Option<AnyRow>) -> Result<Option<Session>, LedgerError> {
        let session = row.as_ref().map(session).transpose()?;
        Ok(session.filter(|session| session.expires_at > self.clock.now()))
    }
}

fn session(row: &AnyRow) -> Result<Session, LedgerError> {
    let read = unavailable("read a session");
    let actor: String = row.try_get("actor").map_err(&read)?;
    let role: String = row.try_get("role").map_err(&read)?;
    let expires_at: i64 = row.try_get("expires_at").map_err(&read)?;
    Ok(Session {
        actor,
        role: Role::find(&role).ok_or_else(|| LedgerError::Internal {
            what: format!("there is no role `{role}`"),
        })?,
        expires_at: crate::list::instant(expires_at)?,
    })
}
