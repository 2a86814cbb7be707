//! Sites that may embed views, their keys, and the embeds.
use crate::error::unavailable;
use crate::list::instant;
use crate::{Entry, Ledger, LedgerError};
use drydock_domain::embed::{Embed, EmbedHost, EmbedKey, EmbedScope, Origin};
use sqlx::Row;
use sqlx::any::AnyRow;

/// A public key to be kept.
#[derive(Clone, Debug)]
pub struct NewKey {
    pub kid: String,
    /// Canonical JSON of RFC 7638.
    pub jwk: String,
    pub algorithm: String,
    pub thumbprint: String,
}

/// A key that a token names, and whose it is.
#[derive(Clone, Debug)]
pub struct VouchingKey {
    pub id: String,
    pub host: String,
    pub jwk: String,
}

impl Ledger {
    /// By name, each with its keys, oldest first.
    pub async fn list_embed_hosts(&self) -> Result<Vec<EmbedHost>, LedgerError> {
        let failed = unavailable("list the sites that may embed");
        let pool = &self.store.pool;
        let hosts = sqlx::query("SELECT id, name, origin FROM embed_host ORDER BY name, id")
            .fetch_all(pool)
            .await
            .map_err(&failed)?;
        let select = "SELECT id, host, kid, algorithm, thumbprint, created_at, revoked_at
                      FROM embed_key ORDER BY created_at, id";
        let keys = sqlx::query(select).fetch_all(pool).await.map_err(&failed)?;
        hosts.iter().map(|row| host(row, &keys)).collect()
    }

    /// The new host's id; `None` where the origin is listed already.
    pub async fn create_embed_host(
        &self,
        _entry: &Entry,
        name: &str,
        origin: &Origin,
    ) -> Result<Option<String>, LedgerError> {
        let id = crate::random_id();
        let insert = "INSERT INTO embed_host (id, name, origin, created_at)
                      VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
        let done = sqlx::query(insert)
            .bind(&id)
            .bind(crate::draft::clean(name))
            .bind(origin.as_str())
            .bind(self.clock.now().timestamp_micros())
            .execute(&self.store.pool)
            .await
            .map_err(unavailable("keep a site that may embed"))?;
        Ok((done.rows_affected() == 1).then_some(id))
    }

    /// Takes the host out of every embed, and ends its visitors' sessions. `false` where there is none.
    pub async fn delete_embed_host(&self, _entry: &Entry, id: &str) -> Result<bool, LedgerError> {
        let done = sqlx::query("DELETE FROM embed_host WHERE id = $1")
            .bind(id)
            .execute(&self.store.pool)
            .await
            .map_err(unavailable("remove a site that may embed"))?;
        Ok(done.rows_affected() == 1)
    }

    /// The new key's id; `None` where the host has a key of that `kid` already.
    pub async fn create_embed_key(
        &self,
        _entry: &Entry,
        host: &str,
        key: &NewKey,
    ) -> Result<Option<String>, LedgerError> {
        let id = crate::random_id();
        let insert = "INSERT INTO embed_key
                          (id, host, kid, jwk, algorithm, thumbprint, created_at)
                      VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING";
        let done = sqlx::query(insert)
            .bind(&id)
            .bind(host)
            .bind(crate::draft::clean(&key.kid))
            .bind(&key.jwk)
            .bind(&key.algorithm)
            .bind(&key.thumbprint)
            .bind(self.clock.now().timestamp_micros())
            .execute(&self.store.pool)
            .await
            .map_err(unavailable("keep a key"))?;
        Ok((done.rows_affected() == 1).then_some(id))
    }

    /// Ends the sessions of all whom the key vouched for. `false` where there is no such key, or it
    /// was revoked before.
    pub async fn revoke_embed_key(&self, _entry: &Entry, id: &str) -> Result<bool, LedgerError> {
        let sessions = "DELETE FROM embed_session WHERE key = $1";
        let update = "UPDATE embed_key SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL";
        self.revoke(update, sessions, id).await
    }

    /// The key by which `origin` vouches under `kid`, unless it is revoked.
    pub async fn find_embed_key(
        &self,
        origin: &str,
        kid: &str,
    ) -> Result<Option<VouchingKey>, LedgerError> {
        let read = unavailable("find a key");
        let select = "SELECT embed_key.id, host, jwk FROM embed_key
                      JOIN embed_host ON embed_host.id = embed_key.host
                      WHERE origin = $1 AND kid = $2 AND revoked_at IS NULL";
        let row = sqlx::query(select)
            .bind(crate::draft::clean(origin))
            .bind(crate::draft::clean(kid))
            .fetch_optional(&self.store.pool)
            .await
            .map_err(&read)?;
        row.map(|row| {
            Ok(VouchingKey {
                id: row.try_get("id").map_err(&read)?,
                host: row.try_get("host").map_err(&read)?,
                jwk: row.try_get("jwk").map_err(&read)?,
            })
        })
        .transpose()
    }

    /// Newest first, the revoked ones too.
    pub async fn list_embeds(&self) -> Result<Vec<Embed>, LedgerError> {
        let failed = unavailable("list embeds");
        let select = "SELECT id, scope, created_at, revoked_at FROM embed
                      ORDER BY created_at DESC, id";
        let rows = sqlx::query(select)
            .fetch_all(&self.store.pool)
            .await
            .map_err(&failed)?;
        let mut embeds = Vec::new();
        for row in &rows {
            embeds.push(self.embed(row).await?);
        }
        Ok(embeds)
    }

    pub async fn find_embed(&self, id: &str) -> Result<Option<Embed>, LedgerError> {
        let select = "SELECT id, scope, created_at, revoked_at FROM embed WHERE id = $1";
        let row = sqlx::query(select)
            .bind(crate::draft::clean(id))
            .fetch_optional(&self.store.pool)
            .await
            .map_err(unavailable("find an embed"))?;
        match row {
            Some(row) => Ok(Some(self.embed(&row).await?)),
            None => Ok(None),
        }
    }

    /// Keeps an embed for these hosts; the answer is its id. `None` where one of them is unknown.
    pub async fn create_embed(
        &self,
        _entry: &Entry,
        scope: &EmbedScope,
        hosts: &[String],
    ) -> Result<Option<String>, LedgerError> {
        const WHAT: &str = "keep an embed";
        let id = crate::random_id();
        let text = serde_json::to_string(scope).map_err(|error| LedgerError::Internal {
            what: error.to_string(),
        })?;
        let mut transaction = self.store.pool.begin().await.map_err(unavailable(WHAT))?;
        sqlx::query("INSERT INTO embed (id, scope, created_at) VALUES ($1, $2, $3)")
            .bind(&id)
            .bind(text)
            .bind(self.clock.now().timestamp_micros())
            .execute(&mut *transaction)
            .await
            .map_err(unavailable(WHAT))?;
        for host in hosts {
            let insert = "INSERT INTO embed_place (embed, host)
                          SELECT $1, id FROM embed_host WHERE id = $2";
            let done = sqlx::query(insert)
                .bind(&id)
                .bind(host)
                .execute(&mut *transaction)
                .await
                .map_err(unavailable(WHAT))?;
            if done.rows_affected() == 0 {
                return Ok(None);
            }
        }
        transaction.commit().await.map_err(unavailable(WHAT))?;
        Ok(Some(id))
    }

    /// Ends its visitors' sessions. `false` where there is no such embed, or it was revoked before.
    pub async fn revoke_embed(&self, _entry: &Entry, id: &str) -> Result<bool, LedgerError> {
        let sessions = "DELETE FROM embed_session WHERE embed = $1";
        let update = "UPDATE embed SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL";
        self.revoke(update, sessions, id).await
    }

    async fn revoke(
        &self,
        update: &'static str,
        sessions: &'static str,
        id: &str,
    ) -> Result<bool, LedgerError> {
        const WHAT: &str = "revoke what may be embedded";
        let mut transaction = self.store.pool.begin().await.map_err(unavailable(WHAT))?;
        let done = sqlx::query(update)
            .bind(id)
            .bind(self.clock.now().timestamp_micros())
            .execute(&mut *transaction)
            .await
            .map_err(unavailable(WHAT))?;
        sqlx::query(sessions)
            .bind(id)
            .execute(&mut *transaction)
            .await
            .map_err(unavailable(WHAT))?;
        transaction.commit().await.map_err(unavailable(WHAT))?;
        Ok(done.rows_affected() == 1)
    }

    async fn embed(&self, row: &AnyRow) -> Result<Embed, LedgerError> {
        let read = unavailable("read an embed");
        let id: String = row.try_get("id").map_err(&read)?;
        let select = "SELECT origin FROM embed_place JOIN embed_host ON embed_host.id = host
                      WHERE embed = $1 ORDER BY origin";
        let rows = sqlx::query(select)
            .bind(&id)
            .fetch_all(&self.store.pool)
            .await
            .map_err(&read)?;
        let text: String = row.try_get("scope").map_err(&read)?;
        Ok(Embed {
            scope: scope(&text)?,
            origins: rows.iter().map(origin).collect::<Result<_, _>>()?,
            created_at: instant(row.try_get("created_at").map_err(&read)?)?,
            revoked_at: moment(row, "revoked_at")?,
            id,
        })
    }
}

fn host(row: &AnyRow, keys: &[AnyRow]) -> Result<EmbedHost, LedgerError> {
    let read = unavailable("read a site that may embed");
    let id: String = row.try_get("id").map_err(&read)?;
    let mut own = Vec::new();
    for key in keys {
        let host: String = key.try_get("host").map_err(&read)?;
        if host == id {
            own.push(EmbedKey {
                id: key.try_get("id").map_err(&read)?,
                kid: key.try_get("kid").map_err(&read)?,
                algorithm: key.try_get("algorithm").map_err(&read)?,
                thumbprint: key.try_get("thumbprint").map_err(&read)?,
                created_at: instant(key.try_get("created_at").map_err(&read)?)?,
                revoked_at: moment(key, "revoked_at")?,
            });
        }
    }
    Ok(EmbedHost {
        name: row.try_get("name").map_err(&read)?,
        origin: origin(row)?,
        keys: own,
        id,
    })
}

pub(crate) fn scope(text: &str) -> Result<EmbedScope, LedgerError> {
    serde_json::from_str(text).map_err(|error| LedgerError::Internal {
        what: format!("the scope of an embed: {error}"),
    })
}

fn origin(row: &AnyRow) -> Result<Origin, LedgerError> {
    let text: String = row
        .try_get("origin")
        .map_err(unavailable("read an origin"))?;
    Origin::parse(&text).map_err(|error| LedgerError::Internal {
        what: format!("{text}: {error}"),
    })
}

fn moment(
    row: &AnyRow,
    column: &str,
) -> Result<Option<chrono::DateTime<chrono::Utc>>, LedgerError> {
    let micros: Option<i64> = row
        .try_get(column)
        .map_err(unavailable("read an instant"))?;
    micros.map(instant).transpose()
}
