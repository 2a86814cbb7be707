//! What an SQLite file holds besides rows: a backup is data, and a trigger or a view in it would be
//! somebody else's code.
use crate::LedgerError;
use crate::error::unavailable;
use sqlx::any::AnyPoolOptions;
use sqlx::migrate::Migrator;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AnyPool, ConnectOptions as _, Row as _};
use std::collections::BTreeMap;
use std::path::Path;

const WHAT: &str = "be compared with a ledger's own tables";
/// The first start after them drops these, and a copy does without the last.
const OLD_TABLES: [&str; 3] = ["entries", "outcomes", "sqlite_sequence"];

/// Kind and name of an object, and its definition.
type Schema = BTreeMap<(String, String), String>;

/// Whether the file at `path` has the tables, indices and triggers that this version, or the one that
/// wrote it, gives a ledger, and no others. Nothing is changed, and no trigger of it can run.
///
/// # Errors
/// `ForeignSchema` with the first object that is not a ledger's own, is not as it is there, or is missing.
pub async fn require_own_schema(path: &Path) -> Result<(), LedgerError> {
    sqlx::any::install_default_drivers();
    let file = SqliteConnectOptions::new().filename(path);
    let pool = connect(file.to_url_lossy().as_str()).await?;
    let compared = compare(&pool).await;
    pool.close().await;
    compared
}

async fn compare(pool: &AnyPool) -> Result<(), LedgerError> {
    let found = schema(pool).await?;
    if !found.contains_key(&("table".to_owned(), "_sqlx_migrations".to_owned())) {
        return Err(foreign("it is no ledger".to_owned()));
    }
    let version = sqlx::query("SELECT max(version) FROM _sqlx_migrations").fetch_one(pool);
    let version: Option<i64> = version
        .await
        .and_then(|row| row.try_get(0))
        .map_err(unavailable(WHAT))?;
    let own = own_schema(version.unwrap_or_default()).await?;
    for (object @ (kind, name), definition) in &found {
        match own.get(object) {
            Some(expected) if expected == definition => {}
            Some(_) => {
                return Err(foreign(format!(
                    "its {kind} `{name}` is not as a ledger has it"
                )));
            }
            None => return Err(foreign(format!("it holds the {kind} `{name}`"))),
        }
    }
    let is_missing = |object: &&(String, String)| {
        let (_, name) = object;
        !found.contains_key(*object) && !OLD_TABLES.contains(&name.as_str())
    };
    match own.keys().find(is_missing) {
        Some((kind, name)) => Err(foreign(format!("it lacks the {kind} `{name}`"))),
        None => Ok(()),
    }
}

/// That of a new ledger after the migrations up to `version`.
async fn own_schema(version: i64) -> Result<Schema, LedgerError> {
    let all = sqlx::migrate!("migrations/sqlite");
    let known = all.iter().filter(|it| it.version <= version).cloned();
    let pool = connect("sqlite::memory:").await?;
    let migrated = Migrator::with_migrations(known.collect()).run(&pool).await;
    migrated.map_err(|error| unavailable(WHAT)(error.into()))?;
    schema(&pool).await
}

async fn connect(url: &str) -> Result<AnyPool, LedgerError> {
    // A database in memory is its connection's own.
    let options = AnyPoolOptions::new().max_connections(1);
    options.connect(url).await.map_err(unavailable(WHAT))
}

/// But for what SQLite itself makes: indices without a definition, and statistics.
async fn schema(pool: &AnyPool) -> Result<Schema, LedgerError> {
    let select = "SELECT type, name, sql FROM sqlite_master
                  WHERE sql IS NOT NULL AND NOT (type = 'table' AND name LIKE 'sqlite_stat_')";
    let read = unavailable(WHAT);
    let rows = sqlx::query(select).fetch_all(pool).await.map_err(&read)?;
    let object = |row: &sqlx::any::AnyRow| {
        let text = |name: &str| row.try_get::<String, _>(name).map_err(&read);
        Ok(((text("type")?, text("name")?), text("sql")?))
    };
    rows.iter().map(object).collect()
}

fn foreign(what: String) -> LedgerError {
    LedgerError::ForeignSchema { what }
}
