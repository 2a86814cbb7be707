//! Links that sign one browser in, once.
use crate::error::unavailable;
use crate::session::role;
use crate::{Ledger, LedgerError, Token};
use chrono::TimeDelta;
use drydock_domain::access::Role;
use sqlx::Row;

/// Whom a link signs in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    pub actor: String,
    pub role: Role,
}

impl Ledger {
    /// Makes a link that signs one browser in, once, before `life` is over.
    pub async fn create_link(
        &self,
        actor: &str,
        role: Role,
        life: TimeDelta,
    ) -> Result<Token, LedgerError> {
        self.forget_expired().await?;
        let token = Token::random();
        let now = self.clock.now();
        let insert = "INSERT INTO sign_in_links (token_sha256, actor, role, created_at, expires_at)
                      VALUES ($1, $2, $3, $4, $5)";
        sqlx::query(insert)
            .bind(token.sha256())
            .bind(actor)
            .bind(role.as_str())
            .bind(now.timestamp_micros())
            .bind((now + life).timestamp_micros())
            .execute(&self.store.pool)
            .await
            .map_err(unavailable("store a sign-in link"))?;
        Ok(token)
    }

    /// Uses a link up: `None` for one that is unknown, used or expired.
    pub async fn redeem_link(&self, token: &Token) -> Result<Option<Link>, LedgerError> {
        // One statement, so that of two browsers with the same link only one gets in.
        let delete = "DELETE FROM sign_in_links WHERE token_sha256 = $1
                      RETURNING actor, role, expires_at";
        let row = sqlx::query(delete)
            .bind(token.sha256())
            .fetch_optional(&self.store.pool)
            .await
            .map_err(unavailable("redeem a sign-in link"))?;
        let Some(row) = row else {
            return Ok(None);
        };
        let read = unavailable("read a sign-in link");
        let expires_at: i64 = row.try_get("expires_at").map_err(&read)?;
        if expires_at <= self.clock.now().timestamp_micros() {
            return Ok(None);
        }
        let name: String = row.try_get("role").map_err(&read)?;
        Ok(Some(Link {
            actor: row.try_get("actor").map_err(&read)?,
            role: role(&name)?,
        }))
    }
}
