//! Visitors of frames: tokens that are used up, and the sessions they were exchanged for.
use crate::embed::scope;
use crate::error::unavailable;
use crate::list::instant;
use crate::{Entry, Ledger, LedgerError, Token};
use chrono::{DateTime, TimeDelta, Utc};
use drydock_domain::embed::EmbedScope;
use sqlx::Row;

/// A session to be kept.
#[derive(Clone, Debug)]
pub struct NewEmbedSession<'s> {
    pub embed: &'s str,
    /// The id of the key that vouched for the visitor.
    pub key: &'s str,
    /// The site around the frame.
    pub origin: &'s str,
    /// The site's own name for the person.
    pub subject: &'s str,
    pub scope: &'s EmbedScope,
}

/// Who looks at a frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmbedSession {
    pub embed: String,
    pub origin: String,
    pub subject: String,
    pub scope: EmbedScope,
    pub expires_at: DateTime<Utc>,
}

impl EmbedSession {
    /// The person's name on an audit entry. A site's `u-1` is not another site's.
    pub fn actor(&self) -> String {
        format!("{} at {}", self.subject, self.origin)
    }
}

impl Ledger {
    /// Uses a token up: `false` for one that was used before. The name is kept until `until`, when the
    /// token itself is over.
    pub async fn consume_embed_token(
        &self,
        host: &str,
        jti: &str,
        until: DateTime<Utc>,
    ) -> Result<bool, LedgerError> {
        let failed = unavailable("use a token up");
        sqlx::query("DELETE FROM embed_token WHERE expires_at <= $1")
            .bind(self.clock.now().timestamp_micros())
            .execute(&self.store.pool)
            .await
            .map_err(&failed)?;
        // One statement, so that of two frames with the same token only one is shown.
        let insert = "INSERT INTO embed_token (host, jti, expires_at) VALUES ($1, $2, $3)
                      ON CONFLICT DO NOTHING";
        let done = sqlx::query(insert)
            .bind(host)
            .bind(crate::draft::clean(jti))
            .bind(until.timestamp_micros())
            .execute(&self.store.pool)
            .await
            .map_err(failed)?;
        Ok(done.rows_affected() == 1)
    }

    /// The token of a new session; `None` where `cap` sessions live already.
    pub async fn create_embed_session(
        &self,
        session: &NewEmbedSession<'_>,
        life: TimeDelta,
        cap: i64,
    ) -> Result<Option<Token>, LedgerError> {
        let failed = unavailable("keep a frame's session");
        let now = self.clock.now();
        sqlx::query("DELETE FROM embed_session WHERE expires_at <= $1")
            .bind(now.timestamp_micros())
            .execute(&self.store.pool)
            .await
            .map_err(&failed)?;
        let scope =
            serde_json::to_string(session.scope).map_err(|error| LedgerError::Internal {
                what: error.to_string(),
            })?;
        let token = Token::random();
        let insert = "INSERT INTO embed_session
                          (token_sha256, embed, key, origin, subject, scope, expires_at)
                      SELECT $1, $2, $3, $4, $5, $6, $7
                      WHERE (SELECT count(*) FROM embed_session) < $8";
        let done = sqlx::query(insert)
            .bind(token.sha256())
            .bind(session.embed)
            .bind(session.key)
            .bind(session.origin)
            .bind(crate::draft::clean(session.subject))
            .bind(scope)
            .bind((now + life).timestamp_micros())
            .bind(cap)
            .execute(&self.store.pool)
            .await
            .map_err(failed)?;
        Ok((done.rows_affected() == 1).then_some(token))
    }

    /// `None` for a session that is unknown, revoked or expired.
    pub async fn find_embed_session(
        &self,
        token: &Token,
    ) -> Result<Option<EmbedSession>, LedgerError> {
        let read = unavailable("find a frame's session");
        let select = "SELECT embed, origin, subject, scope, expires_at FROM embed_session
                      WHERE token_sha256 = $1 AND expires_at > $2";
        let row = sqlx::query(select)
            .bind(token.sha256())
            .bind(self.clock.now().timestamp_micros())
            .fetch_optional(&self.store.pool)
            .await
            .map_err(&read)?;
        row.map(|row| {
            let text: String = row.try_get("scope").map_err(&read)?;
            Ok(EmbedSession {
                embed: row.try_get("embed").map_err(&read)?,
                origin: row.try_get("origin").map_err(&read)?,
                subject: row.try_get("subject").map_err(&read)?,
                scope: scope(&text)?,
                expires_at: instant(row.try_get("expires_at").map_err(&read)?)?,
            })
        })
        .transpose()
    }

    /// Ends every session of a person, as their site names them; says how many.
    pub async fn end_embed_sessions(
        &self,
        _entry: &Entry,
        origin: &str,
        subject: &str,
    ) -> Result<u64, LedgerError> {
        let done = sqlx::query("DELETE FROM embed_session WHERE origin = $1 AND subject = $2")
            .bind(crate::draft::clean(origin))
            .bind(crate::draft::clean(subject))
            .execute(&self.store.pool)
            .await
            .map_err(unavailable("end a person's frames"))?;
        Ok(done.rows_affected())
    }
}
