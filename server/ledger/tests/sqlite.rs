//! What concerns the SQLite file alone: its secrets, its past, and the key beside it.
use chrono::TimeDelta;
use drydock_domain::access::{Role, Scope};
use drydock_domain::audit::Trust;
use drydock_domain::console::AuditOutcome;
use drydock_ledger::{EntryFilter, Ledger, NewSession, SessionLimits, require_own_schema};
use sqlx::migrate::Migrator;
use sqlx::{AnyPool, Executor as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

fn holds(folder: &Path, text: &str) -> bool {
    let files = std::fs::read_dir(folder).unwrap();
    files
        .map(|file| std::fs::read(file.unwrap().path()).unwrap())
        .any(|bytes| {
            bytes
                .windows(text.len())
                .any(|window| window == text.as_bytes())
        })
}

#[tokio::test]
async fn no_token_is_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(&folder.path().join("ledger.db"))
        .await
        .unwrap();
    let life = TimeDelta::hours(1);
    let link = ledger
        .create_link("local", Role::Admin, life)
        .await
        .unwrap();
    let new = NewSession {
        actor: "local",
        subject: "subject",
        role: Role::Admin,
        scope: Scope::everything(),
        method: "link",
        id_token: None,
    };
    let limits = SessionLimits {
        life,
        idle: life,
        renewal: life,
    };
    let (_, session) = ledger.begin_session(&new, &limits).await.unwrap();
    assert!(holds(folder.path(), "local"));
    for token in [link, session] {
        assert!(!holds(folder.path(), token.expose()));
    }
}

#[tokio::test]
async fn the_key_is_made_once_for_its_owner_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    let first = Ledger::open(&path).await.unwrap().public_key();
    assert_eq!(Ledger::open(&path).await.unwrap().public_key(), first);
    let key = folder.path().join("audit.key");
    let mode = std::fs::metadata(&key).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let public = std::fs::read_to_string(folder.path().join("audit.pub")).unwrap();
    assert_eq!(public.trim(), first.to_string());

    std::fs::write(&key, "not a key").unwrap();
    let refused = Ledger::open(&path).await.err().unwrap().to_string();
    assert!(refused.contains("audit.key"), "{refused}");
}

/// As the version before the chain left it: one entry complete, one failed, one open.
async fn old_database(path: &Path) {
    sqlx::any::install_default_drivers();
    let all = sqlx::migrate!("migrations/sqlite");
    let old = all
        .iter()
        .filter(|migration| migration.version <= 3)
        .cloned();
    let url = format!("sqlite://{}?mode=rwc", path.display());
    let pool = AnyPool::connect(&url).await.unwrap();
    Migrator::with_migrations(old.collect())
        .run(&pool)
        .await
        .unwrap();
    pool.execute(
        "INSERT INTO entries (begun_at, actor, operation, object, detail) VALUES
             (1000000, 'ada', 'run.start', 'harbour', ''),
             (2000000, 'bob', 'workflow.update', 'harbour', '1d'),
             (3000000, 'ada', 'run.cancel', 'harbour', 'ca1');
         INSERT INTO outcomes VALUES (1, 1500000, 'succeeded', 'ca1'), (2, 2500000, 'failed', 'why')",
    )
    .await
    .unwrap();
    pool.close().await;
}

#[tokio::test]
async fn entries_from_before_the_chain_are_taken_into_it_and_marked() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    old_database(&path).await;
    require_own_schema(&path).await.unwrap();
    for start in 1..=2 {
        let ledger = Ledger::open(&path).await.unwrap();
        assert_eq!(
            ledger.close_abandoned().await.unwrap(),
            2 - start,
            "start {start}"
        );
    }
    require_own_schema(&path).await.unwrap();
    let ledger = Ledger::open(&path).await.unwrap();
    let found = ledger.verify(&Trust::default()).await.unwrap();
    assert_eq!(
        (found.broken.clone(), found.entries, found.imported),
        (None, 6, 5)
    );
    assert!(found.uncovered()[0].contains("before there was a chain"));
    let filter = EntryFilter {
        limit: 9,
        ..EntryFilter::default()
    };
    let listed = ledger.list_entries(&filter).await.unwrap();
    let seen: Vec<_> = listed
        .iter()
        .map(|entry| {
            (
                entry.actor.as_str(),
                entry.begun_at.timestamp(),
                entry.outcome.clone().unwrap(),
            )
        })
        .collect();
    let detail = |text: &str| text.to_owned();
    assert_eq!(
        seen,
        [
            ("ada", 3, AuditOutcome::Unknown),
            (
                "bob",
                2,
                AuditOutcome::Failed {
                    detail: detail("why")
                }
            ),
            (
                "ada",
                1,
                AuditOutcome::Succeeded {
                    detail: detail("ca1")
                }
            ),
        ]
    );
}
