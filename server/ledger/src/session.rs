//! Who is signed in. A session has a name for pages and entries, and a token that only the browser
//! has; the token changes while the session goes on.
use crate::error::unavailable;
use crate::list::instant;
use crate::{Ledger, LedgerError, Token, random_id};
use chrono::{DateTime, TimeDelta, Utc};
use drydock_domain::access::{Role, Scope};
use sqlx::Row;
use sqlx::any::AnyRow;

/// After the new token was presented, requests with the one before may still be on their way.
const OVERLAP: TimeDelta = TimeDelta::minutes(1);
/// Use is written down at most this often, so that reading a page does not cost a write.
const USE_WRITTEN: TimeDelta = TimeDelta::minutes(1);

/// Who is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Names it to people; opens nothing.
    pub id: String,
    pub actor: String,
    /// What vouches for the person, whatever they are called: see [`NewSession::subject`].
    pub subject: String,
    pub role: Role,
    pub scope: Scope,
    /// How the person signed in.
    pub method: String,
    /// The role as which its holder looks at the console for a while.
    pub viewing_as: Option<Role>,
    pub created_at: DateTime<Utc>,
    /// To the minute.
    pub used_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    renewed_at: DateTime<Utc>,
    /// The token before is presented no longer.
    is_confirmed: bool,
    token_sha256: Vec<u8>,
}

/// Somebody who has just proved who they are.
#[derive(Clone, Debug)]
pub struct NewSession<'a> {
    pub actor: &'a str,
    /// Tells people apart: the same for one person at each sign-in, and for nobody else.
    pub subject: &'a str,
    pub role: Role,
    pub scope: Scope,
    pub method: &'a str,
    /// What the provider wants to see when the session is to end there too.
    pub id_token: Option<&'a str>,
}

/// How long a session goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionLimits {
    /// From the sign-in, whatever happens.
    pub life: TimeDelta,
    /// Without a request.
    pub idle: TimeDelta,
    /// The token is changed this often.
    pub renewal: TimeDelta,
}

impl Ledger {
    /// The answer is the session's name, and its token, which is never told again.
    pub async fn begin_session(
        &self,
        new: &NewSession<'_>,
        limits: &SessionLimits,
    ) -> Result<(String, Token), LedgerError> {
        self.forget_expired().await?;
        let (id, token) = (random_id(), Token::random());
        let now = self.clock.now();
        let insert =
            "INSERT INTO sessions (id, token_sha256, renewed_at, confirmed_at, actor, role,
                          scope, method, id_token, created_at, used_at, idle_at, expires_at, subject)
                      VALUES ($1, $2, $3, $3, $4, $5, $6, $7, $8, $3, $3, $9, $10, $11)";
        sqlx::query(insert)
            .bind(&id)
            .bind(token.sha256())
            .bind(now.timestamp_micros())
            .bind(new.actor)
            .bind(new.role.as_str())
            .bind(new.scope.to_string())
            .bind(new.method)
            .bind(new.id_token)
            .bind((now + limits.idle).timestamp_micros())
            .bind((now + limits.life).timestamp_micros())
            .bind(new.subject)
            .execute(&self.store.pool)
            .await
            .map_err(unavailable("store a session"))?;
        Ok((id, token))
    }

    /// `None` for a session that is unknown, expired or idle for too long, and for a token that
    /// another one has replaced.
    pub async fn find_session(&self, token: &Token) -> Result<Option<Session>, LedgerError> {
        let now = self.clock.now();
        let select = "SELECT * FROM sessions
                      WHERE (token_sha256 = $1
                             OR previous_sha256 = $1 AND coalesce(confirmed_at, $2) >= $3)
                        AND (idle_at IS NULL OR idle_at > $2) AND expires_at > $2";
        let row = sqlx::query(select)
            .bind(token.sha256())
            .bind(now.timestamp_micros())
            .bind((now - OVERLAP).timestamp_micros())
            .fetch_optional(&self.store.pool)
            .await
            .map_err(unavailable("find a session"))?;
        row.as_ref().map(session).transpose()
    }

    /// The session is in use: it goes on, and never past its end. The answer is its new token when
    /// the one that was presented has been good for long enough.
    pub async fn keep_session(
        &self,
        session: &Session,
        token: &Token,
        limits: &SessionLimits,
    ) -> Result<Option<Token>, LedgerError> {
        let now = self.clock.now();
        let is_current = session.token_sha256 == token.sha256();
        let is_first = is_current && !session.is_confirmed;
        if is_first || now - session.used_at >= USE_WRITTEN {
            let update = "UPDATE sessions SET used_at = $1, idle_at = $2,
                              confirmed_at = CASE WHEN $3 = 1 THEN coalesce(confirmed_at, $1)
                                             ELSE confirmed_at END
                          WHERE id = $4";
            sqlx::query(update)
                .bind(now.timestamp_micros())
                .bind((now + limits.idle).timestamp_micros())
                .bind(i64::from(is_current))
                .bind(&session.id)
                .execute(&self.store.pool)
                .await
                .map_err(unavailable("extend a session"))?;
        }
        match is_current && now - session.renewed_at >= limits.renewal {
            true => self.renew(session, token).await,
            false => Ok(None),
        }
    }

    /// Of two requests that come with the same token at once, one gets the new one.
    async fn renew(&self, session: &Session, token: &Token) -> Result<Option<Token>, LedgerError> {
        let new = Token::random();
        let update = "UPDATE sessions
                      SET token_sha256 = $1, previous_sha256 = $2, renewed_at = $3, confirmed_at = NULL
                      WHERE id = $4 AND token_sha256 = $2";
        let updated = sqlx::query(update)
            .bind(new.sha256())
            .bind(token.sha256())
            .bind(self.clock.now().timestamp_micros())
            .bind(&session.id)
            .execute(&self.store.pool)
            .await
            .map_err(unavailable("renew a session"))?;
        Ok((updated.rows_affected() == 1).then_some(new))
    }

    /// Every session that goes on, the newest first.
    pub async fn list_sessions(&self) -> Result<Vec<Session>, LedgerError> {
        let select = "SELECT * FROM sessions
                      WHERE expires_at > $1 AND (idle_at IS NULL OR idle_at > $1)
                      ORDER BY created_at DESC, id";
        let rows = sqlx::query(select)
            .bind(self.clock.now().timestamp_micros())
            .fetch_all(&self.store.pool)
            .await
            .map_err(unavailable("list the sessions"))?;
        rows.iter().map(session).collect()
    }

    /// Ends a session. The answer is its ID token, where a provider
    /// gave one.
    pub async fn end_session(&self, id: &str) -> Result<Option<String>, LedgerError> {
        let ended = sqlx::query("DELETE FROM sessions WHERE id = $1 RETURNING id_token")
            .bind(id)
            .fetch_optional(&self.store.pool)
            .await
            .map_err(unavailable("end a session"))?;
        let token = ended.map(|row| row.try_get("id_token")).transpose();
        Ok(token.map_err(unavailable("end a session"))?.flatten())
    }

    /// Its holder looks at the console as another role for a while; `None` ends that.
    pub async fn set_viewing_as(&self, id: &str, role: Option<Role>) -> Result<(), LedgerError> {
        sqlx::query("UPDATE sessions SET viewing_as = $1 WHERE id = $2")
            .bind(role.map(Role::as_str))
            .bind(id)
            .execute(&self.store.pool)
            .await
            .map_err(unavailable("change a session"))?;
        Ok(())
    }

    pub(crate) async fn forget_expired(&self) -> Result<(), LedgerError> {
        let now = self.clock.now().timestamp_micros();
        for delete in [
            "DELETE FROM sessions WHERE expires_at <= $1 OR idle_at <= $1",
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
}

fn session(row: &AnyRow) -> Result<Session, LedgerError> {
    let read = unavailable("read a session");
    let text = |name: &str| row.try_get::<String, _>(name).map_err(&read);
    let at = |name: &str| instant(row.try_get(name).map_err(&read)?);
    let confirmed_at: Option<i64> = row.try_get("confirmed_at").map_err(&read)?;
    let viewing_as: Option<String> = row.try_get("viewing_as").map_err(&read)?;
    let scope = text("scope")?;
    Ok(Session {
        id: text("id")?,
        actor: text("actor")?,
        subject: text("subject")?,
        role: role(&text("role")?)?,
        scope: scope.parse().map_err(|error| LedgerError::Internal {
            what: format!("a session's scope cannot be read: {error}"),
        })?,
        method: text("method")?,
        viewing_as: viewing_as.as_deref().map(role).transpose()?,
        created_at: at("created_at")?,
        used_at: at("used_at")?,
        expires_at: at("expires_at")?,
        renewed_at: at("renewed_at")?,
        is_confirmed: confirmed_at.is_some(),
        token_sha256: row.try_get("token_sha256").map_err(&read)?,
    })
}

pub(crate) fn role(name: &str) -> Result<Role, LedgerError> {
    Role::find(name).ok_or_else(|| LedgerError::Internal {
        what: format!("there is no role `{name}`"),
    })
}
