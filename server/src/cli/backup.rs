//! `drydock backup` and `drydock restore`: what outlives a process, as one file, and back.
use super::audit::WitnessArguments;
use super::ledger::LedgerArguments;
use super::{Exit, block_on};
use crate::auth;
use crate::backup::{BackupList, LEDGER, pack, unpack};
use crate::data_directory::DataDirectory;
use anyhow::{Context, Result, ensure};
use chrono::Utc;
use clap::Args;
use drydock_domain::audit::{Kind, Outcome, Position, Trust};
use drydock_domain::console::AuditOutcome;
use drydock_ledger::{Clock, Happening, Ledger, Location, require_own_schema};
use std::fs;
use std::path::{Path, PathBuf};

#[derive(Args, Debug)]
pub struct BackupArguments {
    /// The file to write; one that exists is not replaced
    #[arg(value_name = "FILE.tar")]
    file: PathBuf,
    /// The data directory of the console, which may run meanwhile [default: $XDG_DATA_HOME/drydock]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    #[command(flatten)]
    ledger: LedgerArguments,
    #[command(flatten)]
    witness: WitnessArguments,
}

#[derive(Args, Debug)]
pub struct RestoreArguments {
    /// What `drydock backup` wrote
    #[arg(value_name = "FILE.tar")]
    file: PathBuf,
    /// The data directory to fill: an empty one, or none yet [default: $XDG_DATA_HOME/drydock]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

pub fn back_up(arguments: &BackupArguments) -> Result<Exit> {
    block_on(write(arguments))?;
    Ok(Exit::Success)
}

pub fn restore(arguments: &RestoreArguments) -> Result<Exit> {
    block_on(read(arguments))?;
    Ok(Exit::Success)
}

async fn write(arguments: &BackupArguments) -> Result<()> {
    let data = DataDirectory::find(arguments.data.as_deref())?;
    let (place, file) = (data.path().display(), &arguments.file);
    let location = arguments.ledger.location(&data);
    let is_sqlite = matches!(location, Location::Sqlite(_));
    ensure!(
        !file.exists(),
        "{} exists already: a backup replaces nothing; choose another name",
        file.display()
    );
    let ledger = arguments.ledger.open_existing(&data).await?;
    arguments.witness.tell(&ledger)?;
    let published = ledger.published_head();
    require_whole(&ledger, published.as_ref().map(Position::from)).await?;
    // First, so that the copy holds it too: a copy that nobody recorded must not be.
    let actor = auth::operator();
    let happening = Happening {
        kind: Kind::Export,
        actor: &actor,
        client: None,
        operation: "backup.created",
        object: "data directory",
        detail: "",
        outcome: Outcome::Succeeded,
    };
    ledger.note(happening).await?;
    let list = BackupList::new(ledger.sign_head().await?, Utc::now());
    let folder = tempfile::Builder::new()
        .prefix("backup.")
        .tempdir_in(data.path())
        .with_context(|| format!("cannot write to {place}"))?;
    let snapshot = folder.path().join(LEDGER);
    if is_sqlite {
        ledger.copy_to(&snapshot).await?;
    }
    let snapshot = is_sqlite.then_some(snapshot.as_path());
    let list = pack(list, data.path(), snapshot, file)?;
    let head = Position::from(&list.head).sequence;
    println!("{}: {} files", file.display(), list.files.len());
    if list.has_ledger() {
        println!("    the audit trail in it is whole, to entry {head} or later");
    } else {
        println!("    the ledger is in {location}: back that up with pg_dump");
    }
    println!("    it holds the key that signs the trail: keep it as you keep secrets");
    Ok(())
}

async fn read(arguments: &RestoreArguments) -> Result<()> {
    let data = DataDirectory::find(arguments.data.as_deref())?;
    let (place, file) = (data.path().display(), arguments.file.display());
    let is_unused = data.is_unused();
    ensure!(
        is_unused.with_context(|| format!("cannot read {place}"))?,
        "{place} is not empty: a backup is restored into an empty directory, and replaces nothing"
    );
    let _lock = data.lock()?;
    // Beside its place, on the same disk: what does not verify never gets there.
    let staging = tempfile::Builder::new()
        .prefix("restore.")
        .tempdir_in(data.path())?;
    let list = unpack(&arguments.file, staging.path())
        .with_context(|| format!("{file} cannot be restored"))?;
    if list.has_ledger() {
        take_over(&list, staging.path(), &file.to_string())
            .await
            .with_context(|| format!("{file} cannot be restored"))?;
    }
    for entry in fs::read_dir(staging.path())? {
        let entry = entry?;
        fs::rename(entry.path(), data.path().join(entry.file_name()))
            .with_context(|| format!("cannot move what was restored into {place}"))?;
    }
    println!("{place}: restored, as of {}", list.made_at.to_rfc3339());
    match list.has_ledger() {
        true => println!("    the audit trail is whole; every session has ended"),
        false => println!("    the ledger is in PostgreSQL: restore that with pg_restore"),
    }
    Ok(())
}

/// Verifies the restored ledger, and enters that it was restored. Nobody is signed in by a backup:
/// a session in it may have been revoked since.
async fn take_over(list: &BackupList, folder: &Path, file: &str) -> Result<()> {
    // First of all: opening it writes to it.
    require_own_schema(&folder.join(LEDGER)).await?;
    let location = Location::Sqlite(folder.join(LEDGER));
    let ledger = Ledger::connect(&location, folder, Clock::system()).await?;
    ensure!(
        ledger.public_key() == list.key,
        "its key is not the one that signed the trail in it"
    );
    require_whole(&ledger, Some(Position::from(&list.head))).await?;
    ledger.close_abandoned().await?;
    let made_at = list.made_at.to_rfc3339();
    let detail = format!("as of {made_at}");
    let entry = ledger
        .begin(&auth::operator(), "backup.restore", file, &detail)
        .await?;
    ledger.forget_presence(&entry).await?;
    let detail = "every session has ended".to_owned();
    entry.complete(&AuditOutcome::Succeeded { detail }).await?;
    ledger.close().await;
    Ok(())
}

async fn require_whole(ledger: &Ledger, witness: Option<Position>) -> Result<()> {
    let trust = Trust {
        keys: vec![ledger.public_key()],
        witness,
    };
    match ledger.verify(&trust).await?.broken {
        None => Ok(()),
        Some(broken) => anyhow::bail!(
            "the audit trail is broken at {broken}. Keep the data directory as it is, and export the \
             trail with `drydock audit export`"
        ),
    }
}
