//! `drydock sessions`: who is signed in, and ending that, by whoever may read the data directory.
use super::ledger::LedgerArguments;
use super::{Exit, block_on};
use crate::auth;
use crate::data_directory::DataDirectory;
use anyhow::{Result, bail};
use clap::{Args, Subcommand};
use drydock_domain::console::AuditOutcome;
use drydock_ledger::{Ledger, Session};
use std::io::Write as _;
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub enum SessionsCommand {
    /// Print the sessions that go on: id, who, role, where, since when, by what
    List(Place),
    /// End a session, or all of them
    Revoke(Revoke),
}

#[derive(Args, Debug)]
pub struct Place {
    /// The data directory of the console [default: $XDG_DATA_HOME/drydock]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    #[command(flatten)]
    ledger: LedgerArguments,
}

#[derive(Args, Debug)]
pub struct Revoke {
    /// The session's id, as `drydock sessions list` prints it
    #[arg(
        value_name = "ID",
        required_unless_present = "all",
        conflicts_with = "all"
    )]
    id: Option<String>,
    /// End every session
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    place: Place,
}

pub fn run(command: &SessionsCommand) -> Result<Exit> {
    block_on(async {
        match command {
            SessionsCommand::List(place) => list(&open(place).await?).await,
            SessionsCommand::Revoke(arguments) => revoke(arguments).await,
        }
    })?;
    Ok(Exit::Success)
}

async fn open(place: &Place) -> Result<Ledger> {
    let data = DataDirectory::find(place.data.as_deref())?;
    place.ledger.open_existing(&data).await
}

async fn list(ledger: &Ledger) -> Result<()> {
    let mut output = std::io::stdout().lock();
    for session in ledger.list_sessions().await? {
        let reach = match session.scope.is_everything() {
            true => "everything".to_owned(),
            false => session.scope.to_string(),
        };
        let (role, since) = (session.role.as_str(), session.created_at.to_rfc3339());
        let Session {
            id, actor, method, ..
        } = session;
        writeln!(output, "{id}\t{actor}\t{role}\t{reach}\t{since}\t{method}")?;
    }
    Ok(())
}

async fn revoke(arguments: &Revoke) -> Result<()> {
    let ledger = open(&arguments.place).await?;
    let mut sessions = ledger.list_sessions().await?;
    if let Some(id) = &arguments.id {
        sessions.retain(|session| session.id == *id);
        if sessions.is_empty() {
            bail!(
                "there is no session {id} that goes on: `drydock sessions list` prints those that do"
            );
        }
    }
    for session in &sessions {
        let object = format!("session {}", session.id);
        let entry = ledger
            .begin(&auth::operator(), "session.revoke", &object, "")
            .await?;
        ledger.end_session(&session.id).await?;
        let detail = "by the command line".to_owned();
        entry.complete(&AuditOutcome::Succeeded { detail }).await?;
    }
    let count = sessions.len();
    println!(
        "{count} {}",
        if count == 1 {
            "session ended"
        } else {
            "sessions ended"
        }
    );
    Ok(())
}
