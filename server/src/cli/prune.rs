//! `drydock audit prune`: lets go of old entries, for whoever may keep them only so long.
use super::Exit;
use super::audit::WitnessArguments;
use super::ledger::LedgerArguments;
use crate::auth;
use crate::data_directory::DataDirectory;
use anyhow::{Context, Result};
use chrono::{TimeDelta, Utc};
use clap::Args;
use drydock_domain::audit::{Position, Trust};
use std::path::PathBuf;

#[derive(Args, Debug)]
pub struct PruneArguments {
    /// Remove the entries that are older than so many days; what is open, was completed later or is
    /// behind the published head stays
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..))]
    older_than: u32,
    /// The data directory of the console, which may run meanwhile [default: $XDG_DATA_HOME/drydock]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    #[command(flatten)]
    ledger: LedgerArguments,
    #[command(flatten)]
    witness: WitnessArguments,
}

pub async fn prune(arguments: &PruneArguments) -> Result<Exit> {
    let data = DataDirectory::find(arguments.data.as_deref())?;
    let before = Utc::now()
        .checked_sub_signed(TimeDelta::days(i64::from(arguments.older_than)))
        .context("there was no calendar yet so many days ago: say fewer with --older-than")?;
    let ledger = arguments.ledger.open_existing(&data).await?;
    arguments.witness.tell(&ledger)?;
    let trust = Trust {
        keys: vec![ledger.public_key()],
        witness: ledger.published_head().as_ref().map(Position::from),
    };
    // What is removed cannot be verified any more, and a break among it would go with it.
    if let Some(broken) = ledger.verify(&trust).await?.broken {
        println!("the audit trail is broken at {broken}; nothing was removed");
        return Ok(Exit::Broken);
    }
    match ledger.prune(&auth::operator(), before).await? {
        Some(tombstone) => println!(
            "entries 1 to {} are removed; a signed tombstone stands for them",
            Position::from(&tombstone).sequence
        ),
        None => println!(
            "no entry is older than {}; nothing was removed",
            before.format("%Y-%m-%d %H:%M UTC")
        ),
    }
    Ok(Exit::Success)
}
