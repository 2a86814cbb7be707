//! `drydock link`: a fresh sign-in link, by whoever may read the data directory.
use super::ledger::LedgerArguments;
use super::{Exit, block_on};
use crate::auth;
use crate::data_directory::DataDirectory;
use anyhow::{Context, Result};
use clap::Args;
use std::path::PathBuf;

#[derive(Args, Debug)]
pub struct LinkArguments {
    /// The data directory of the console [default: $XDG_DATA_HOME/drydock]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    #[command(flatten)]
    ledger: LedgerArguments,
}

pub fn run(arguments: &LinkArguments) -> Result<Exit> {
    let data = DataDirectory::find(arguments.data.as_deref())?;
    let url = std::fs::read_to_string(data.address()).with_context(|| {
        format!(
            "no Drydock is running on {}: start one with `drydock serve`",
            data.path().display()
        )
    })?;
    let link = block_on(async {
        let ledger = arguments.ledger.open(&data).await?;
        auth::link(&ledger, &url).await
    })?;
    println!("{link}");
    Ok(Exit::Success)
}
