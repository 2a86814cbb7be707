//! A ledger to work at, on a clock that stands still until it is moved.
mod cluster;

pub use cluster::Cluster;

use chrono::{DateTime, TimeDelta, Utc};
use drydock_domain::access::{Role, Scope};
use drydock_domain::audit::{Break, Hash, Trust, Verification, chain_hash};
use drydock_domain::console::{AuditEntry, AuditOutcome};
use drydock_ledger::{Clock, EntryFilter, Ledger, Location, NewSession, SessionLimits, Token};
use sqlx::{AnyPool, Row as _};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

pub struct Desk {
    pub location: Location,
    folder: Arc<tempfile::TempDir>,
    now: Arc<Mutex<DateTime<Utc>>>,
}

impl Desk {
    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let location = Location::Sqlite(folder.path().join("ledger.db"));
        Self::at(location, folder)
    }

    pub async fn postgres(cluster: &Cluster) -> Self {
        Self::at(
            cluster.create_database().await,
            tempfile::tempdir().unwrap(),
        )
    }

    fn at(location: Location, folder: tempfile::TempDir) -> Self {
        Self {
            location,
            folder: Arc::new(folder),
            now: Arc::new(Mutex::new("2026-11-21T08:00:00Z".parse().unwrap())),
        }
    }

    pub async fn open(&self) -> Ledger {
        let now = self.now.clone();
        let clock = Clock::new(move || *now.lock().unwrap());
        Ledger::connect(&self.location, self.folder.path(), clock)
            .await
            .unwrap()
    }

    /// The same console, key and clock, with its ledger elsewhere.
    pub fn moved_to(&self, location: Location) -> Self {
        Self {
            location,
            folder: self.folder.clone(),
            now: self.now.clone(),
        }
    }

    pub fn pass(&self, time: TimeDelta) {
        *self.now.lock().unwrap() += time;
    }

    pub fn now(&self) -> DateTime<Utc> {
        *self.now.lock().unwrap()
    }

    /// Past the ledger, as somebody who holds the database would.
    pub async fn raw(&self) -> AnyPool {
        let url = match &self.location {
            Location::Sqlite(path) => format!("sqlite://{}", path.display()),
            Location::Postgres(url) => url.to_string(),
        };
        AnyPool::connect(&url).await.unwrap()
    }

    /// What somebody can do who holds the database and lifts its triggers.
    pub async fn tamper(&self, statements: &[&'static str]) {
        let pool = self.raw().await;
        let lift: &[&str] = match self.location {
            Location::Sqlite(_) => &["DROP TRIGGER chain_is_final", "DROP TRIGGER chain_is_kept"],
            Location::Postgres(_) => &["ALTER TABLE chain DISABLE TRIGGER ALL"],
        };
        for statement in lift.iter().chain(statements) {
            let done = sqlx::query(*statement).execute(&pool).await.unwrap();
            assert!(
                done.rows_affected() > 0 || lift.contains(statement),
                "{statement}"
            );
        }
        pool.close().await;
    }

    /// What the host's owner can do: changes a text in an entry, binds all that follows to it, and
    /// has the trail's own key sign the new end.
    pub async fn rewrite(&self, ledger: &Ledger, from: i64, old: &str, new: &str) {
        let pool = self.raw().await;
        let lift: &[&str] = match self.location {
            Location::Sqlite(_) => &["DROP TRIGGER chain_is_final"],
            Location::Postgres(_) => &["ALTER TABLE chain DISABLE TRIGGER ALL"],
        };
        for statement in lift.iter().chain(&["DELETE FROM statement"]) {
            sqlx::query(*statement).execute(&pool).await.unwrap();
        }
        let select = "SELECT sequence, body, hash FROM chain ORDER BY sequence";
        let mut previous = Hash::NONE;
        for row in sqlx::query(select).fetch_all(&pool).await.unwrap() {
            let (sequence, body): (i64, String) = (row.get("sequence"), row.get("body"));
            let body = match sequence == from {
                true => body.replace(old, new),
                false => body,
            };
            previous = chain_hash(&previous, &body);
            sqlx::query("UPDATE chain SET body = $1, hash = $2 WHERE sequence = $3")
                .bind(body)
                .bind(previous.0.to_vec())
                .bind(sequence)
                .execute(&pool)
                .await
                .unwrap();
        }
        pool.close().await;
        let elsewhere = tempfile::tempdir().unwrap();
        let key = self.folder.path().join("audit.key");
        std::fs::copy(key, elsewhere.path().join("audit.key")).unwrap();
        let clock = Clock::new({
            let now = self.now();
            move || now
        });
        let forger = Ledger::connect(&self.location, elsewhere.path(), clock).await;
        let signed = forger.unwrap().sign_head().await.unwrap();
        assert_eq!(signed.key, ledger.public_key());
    }

    /// The one number that a query asks for.
    pub async fn number(&self, query: &'static str) -> i64 {
        let pool = self.raw().await;
        let row = sqlx::query(query).fetch_one(&pool).await.unwrap();
        pool.close().await;
        row.get(0)
    }

    pub fn files(&self) -> Vec<PathBuf> {
        let files = std::fs::read_dir(self.folder.path()).unwrap();
        files.map(|file| file.unwrap().path()).collect()
    }

    /// Is the text in any file of the ledger?
    pub fn holds(&self, text: &str) -> bool {
        let needle = text.as_bytes();
        self.files().iter().any(|file| {
            let bytes = std::fs::read(file).unwrap();
            bytes.windows(needle.len()).any(|window| window == needle)
        })
    }
}

pub async fn list(ledger: &Ledger, filter: EntryFilter) -> Vec<AuditEntry> {
    let limit = if filter.limit == 0 { 100 } else { filter.limit };
    let filter = EntryFilter { limit, ..filter };
    ledger.list_entries(&filter).await.unwrap()
}

pub async fn verify(ledger: &Ledger) -> Verification {
    ledger.verify(&Trust::default()).await.unwrap()
}

pub async fn broken(ledger: &Ledger) -> Break {
    verify(ledger).await.broken.unwrap()
}

pub fn succeeded(detail: &str) -> AuditOutcome {
    AuditOutcome::Succeeded {
        detail: detail.into(),
    }
}

pub fn failed(detail: &str) -> AuditOutcome {
    AuditOutcome::Failed {
        detail: detail.into(),
    }
}

/// Begins and completes an entry.
pub async fn act(ledger: &Ledger, actor: &str, operation: &str, object: &str) {
    let entry = ledger.begin(actor, operation, object, "").await.unwrap();
    entry.complete(&succeeded("")).await.unwrap();
}

/// Twelve hours at most, two without a request, and a new token every quarter of an hour.
pub const LIMITS: SessionLimits = SessionLimits {
    life: TimeDelta::hours(12),
    idle: TimeDelta::hours(2),
    renewal: TimeDelta::minutes(15),
};

/// Signs somebody in.
pub async fn sign_in(ledger: &Ledger, actor: &str, role: Role) -> Token {
    let new = NewSession {
        actor,
        subject: "subject",
        role,
        scope: Scope::everything(),
        method: "link",
        id_token: None,
    };
    ledger.begin_session(&new, &LIMITS).await.unwrap().1
}
