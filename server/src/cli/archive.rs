//! Where packages come from: the same options for every command that fetches some.
use super::read_text;
use anyhow::{Result, anyhow};
use clap::Args;
use drydock_patcher::ArchiveConfig;
use drydock_patcher::archive::{Rewrite, sources};
use std::path::PathBuf;

#[derive(Args, Clone, Debug, Default)]
pub struct ArchiveArguments {
    /// Fetch what begins with FROM from TO instead; may be given several times
    #[arg(long = "mirror", value_name = "FROM=TO", value_parser = parse_mirror)]
    mirrors: Vec<Rewrite>,
    /// apt sources for images whose own sources, and this machine's, do not fit
    #[arg(long, value_name = "FILE")]
    sources: Option<PathBuf>,
    /// A file of OpenPGP public keys to trust besides Debian's and Ubuntu's
    #[arg(long = "archive-key", value_name = "FILE")]
    keys: Vec<PathBuf>,
    /// Fetch nothing: use what was fetched before
    #[arg(long)]
    offline: bool,
}

impl ArchiveArguments {
    /// `toy_dir` is where a toy archive is, or may be made.
    pub fn config(&self, toy_dir: Option<PathBuf>) -> Result<ArchiveConfig> {
        let sources = match &self.sources {
            Some(file) => sources::parse(&file.to_string_lossy(), &read_text(file)?),
            None => Vec::new(),
        };
        Ok(ArchiveConfig {
            sources,
            rewrites: self.mirrors.clone(),
            key_files: self.keys.clone(),
            offline: self.offline,
            toy_dir,
            ..ArchiveConfig::default()
        })
    }
}

fn parse_mirror(text: &str) -> Result<Rewrite> {
    let (from, to) = text
        .split_once('=')
        .filter(|(from, to)| from.contains("://") && to.contains("://"))
        .ok_or_else(|| {
            anyhow!(
                "write two addresses, http://deb.debian.org/debian=http://mirror.example/debian"
            )
        })?;
    Ok(Rewrite {
        from: from.to_owned(),
        to: to.to_owned(),
    })
}
