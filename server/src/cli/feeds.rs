//! `drydock feeds`: what others say of vulnerabilities, out of files that somebody brought here.
use super::ledger::LedgerArguments;
use super::{Exit, read_bytes};
use crate::auth;
use crate::data_directory::DataDirectory;
use anyhow::{Context, Result, anyhow, ensure};
use chrono::Utc;
use clap::{Args, Subcommand};
use drydock_domain::compliance::{FeedKind, FeedState};
use drydock_ledger::{Ledger, Location};
use drydock_workflow::keep_feed;
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub enum FeedsCommand {
    /// Keep a file in place of the one before, with its date and source
    Import(ImportArguments),
}

#[derive(Args, Debug)]
pub struct ImportArguments {
    /// kev (CISA's JSON), epss (FIRST's CSV) or vulnrichment (CVE records); plain or gzipped
    #[arg(value_name = "KIND", value_parser = parse_kind)]
    kind: FeedKind,
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The data directory of the console [default: $XDG_DATA_HOME/drydock]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    #[command(flatten)]
    ledger: LedgerArguments,
}

/// A feed to read out of a file.
#[derive(Clone, Debug)]
pub struct FeedFile {
    kind: FeedKind,
    file: PathBuf,
}

impl FeedFile {
    /// Reads the file and keeps it; one that is kept already stays as it is.
    pub async fn import(&self, ledger: &Ledger, actor: &str) -> Result<FeedState> {
        let name = self.file.display().to_string();
        let bytes = read_bytes(&self.file)?;
        let kept = keep_feed(ledger, actor, Utc::now(), self.kind, &name, bytes).await;
        kept.with_context(|| format!("cannot import {name}"))
    }
}

pub fn run(command: &FeedsCommand) -> Result<Exit> {
    let FeedsCommand::Import(arguments) = command;
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(import(arguments))
}

async fn import(arguments: &ImportArguments) -> Result<Exit> {
    let data = DataDirectory::find(arguments.data.as_deref())?;
    if let Location::Sqlite(path) = arguments.ledger.location(&data) {
        ensure!(
            path.is_file(),
            "{} holds no ledger yet: start one with `drydock serve`",
            data.path().display()
        );
    }
    let ledger = arguments.ledger.open(&data).await?;
    let feed = FeedFile {
        kind: arguments.kind,
        file: arguments.file.clone(),
    };
    let kept = feed.import(&ledger, &auth::operator()).await?;
    let dated = kept
        .dated
        .map_or_else(|| "of no date".to_owned(), |at| format!("of {at}"));
    println!(
        "{}: {} records {dated}, sha256:{}",
        kept.kind.as_str(),
        kept.records,
        kept.sha256
    );
    Ok(Exit::Success)
}

fn parse_kind(text: &str) -> Result<FeedKind> {
    FeedKind::find(text).ok_or_else(|| {
        let known = FeedKind::ALL.map(FeedKind::as_str).join(", ");
        anyhow!("`{text}` is no feed: say one of {known}")
    })
}

/// `kev=known_exploited_vulnerabilities.json`.
pub fn parse_feed(text: &str) -> Result<FeedFile> {
    let (kind, file) = text
        .split_once('=')
        .ok_or_else(|| anyhow!("say KIND=FILE, as in kev=known_exploited_vulnerabilities.json"))?;
    Ok(FeedFile {
        kind: parse_kind(kind)?,
        file: PathBuf::from(file),
    })
}
