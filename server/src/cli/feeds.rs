//! `drydock feeds`: what others say of vulnerabilities, out of files that somebody brought here, or from
//! the addresses that publish them.
use super::ledger::LedgerArguments;
use super::{Exit, block_on};
use crate::auth;
use crate::data_directory::DataDirectory;
use crate::feed::{Feed, FeedClient, FeedSource};
use anyhow::{Result, anyhow};
use clap::{Args, Subcommand};
use drydock_domain::compliance::FeedKind;
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub enum FeedsCommand {
    /// Keep a feed in place of the one before, with its date and source
    Import(ImportArguments),
}

#[derive(Args, Debug)]
pub struct ImportArguments {
    /// kev (CISA's JSON), epss (FIRST's CSV) or vulnrichment (CVE records); plain or gzipped
    #[arg(value_name = "KIND", value_parser = parse_kind)]
    kind: FeedKind,
    /// A file, or an address of https
    #[arg(value_name = "SOURCE", value_parser = FeedSource::parse)]
    source: FeedSource,
    /// The data directory of the console [default: $XDG_DATA_HOME/drydock]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    #[command(flatten)]
    ledger: LedgerArguments,
}

pub fn run(command: &FeedsCommand) -> Result<Exit> {
    let FeedsCommand::Import(arguments) = command;
    block_on(import(arguments))
}

async fn import(arguments: &ImportArguments) -> Result<Exit> {
    let data = DataDirectory::find(arguments.data.as_deref())?;
    let ledger = arguments.ledger.open_existing(&data).await?;
    let feed = Feed {
        kind: arguments.kind,
        source: arguments.source.clone(),
    };
    let client = FeedClient::new()?;
    let kept = feed.import(&client, &ledger, &auth::operator()).await?;
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
pub fn parse_feed(text: &str) -> Result<Feed> {
    let (kind, source) = text.split_once('=').ok_or_else(|| {
        anyhow!("say KIND=SOURCE, as in kev=known_exploited_vulnerabilities.json")
    })?;
    Ok(Feed {
        kind: parse_kind(kind)?,
        source: FeedSource::parse(source)?,
    })
}
