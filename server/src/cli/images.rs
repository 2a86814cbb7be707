//! `drydock scan` and `drydock patch`: one image of an OCI layout on disk, without any registry.
use super::Exit;
use super::archive::ArchiveArguments;
use crate::data_directory::archive_cache;
use anyhow::Result;
use chrono::Utc;
use clap::Args;
use drydock_domain::patch_report::PatchReport;
use drydock_patcher::layout::{patch_layout, scan_layout};
use drydock_patcher::printable::printable;
use drydock_patcher::{Engine, EngineConfig, Job, Limits, PatchOutcome};
use std::io::{self, Write};
use std::path::PathBuf;

#[derive(Args, Debug)]
pub struct ScanArguments {
    /// oci:DIR:TAG
    #[arg(value_name = "IMAGE")]
    image: String,
    #[command(flatten)]
    engine: EngineArguments,
}

#[derive(Args, Debug)]
pub struct PatchArguments {
    /// oci:DIR:TAG
    #[arg(value_name = "IMAGE")]
    image: String,
    /// The patched image's tag, in the same layout
    #[arg(long, value_name = "TAG")]
    to: String,
    /// Write what was done, as JSON
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    #[command(flatten)]
    engine: EngineArguments,
}

#[derive(Args, Debug)]
struct EngineArguments {
    /// Fetched indexes and packages [default: $XDG_CACHE_HOME/drydock/archive]
    #[arg(long, value_name = "DIR")]
    cache: Option<PathBuf>,
    #[command(flatten)]
    archive: ArchiveArguments,
}

impl EngineArguments {
    fn start(&self) -> Result<Engine> {
        let cache_dir = self.cache.clone().map_or_else(archive_cache, Ok)?;
        std::fs::create_dir_all(&cache_dir)?;
        let archive = self.archive.config(None)?;
        Ok(Engine::new(EngineConfig {
            cache_dir,
            archive,
            limits: Limits::default(),
        })?)
    }
}

/// Progress on standard error, Trivy's JSON on standard output.
pub fn scan(arguments: &ScanArguments) -> Result<Exit> {
    let report = scan_layout(&arguments.image, &arguments.engine.start()?, &job())?;
    let mut output = io::stdout().lock();
    serde_json::to_writer_pretty(&mut output, &report)?;
    writeln!(output)?;
    Ok(Exit::Success)
}

/// Progress on standard error, what changed on standard output. An image in which
/// nothing can be upgraded is a success, and gets no new tag.
pub fn patch(arguments: &PatchArguments) -> Result<Exit> {
    let PatchArguments { image, to, .. } = arguments;
    match patch_layout(image, to, &arguments.engine.start()?, &job())? {
        PatchOutcome::UpToDate { standing, .. } => {
            println!("{image} {}; {to} was not made", printable(&standing))
        }
        PatchOutcome::Patched { digest, report, .. } => {
            if let Some(file) = &arguments.report {
                std::fs::write(file, serde_json::to_vec_pretty(&report)?)?;
            }
            summarise(&report, to, &digest)?;
        }
    }
    Ok(Exit::Success)
}

fn summarise(report: &PatchReport, tag: &str, digest: &str) -> io::Result<()> {
    let mut output = io::stdout().lock();
    for change in &report.upgraded {
        let fixed = if change.ids.is_empty() {
            String::new()
        } else {
            format!("  {}", change.ids.join(" "))
        };
        writeln!(
            output,
            "{} {} -> {} ({}){fixed}",
            change.package, change.old, change.new, change.suite
        )?;
    }
    for kept in &report.kept_back {
        writeln!(
            output,
            "{} {} is kept back: {}",
            printable(&kept.package),
            printable(&kept.installed),
            printable(&kept.reason)
        )?;
    }
    let (packages, before, after) = (
        report.upgraded.len(),
        report.vulnerabilities_before,
        report.vulnerabilities_after,
    );
    writeln!(
        output,
        "{tag} is {digest}: {packages} packages, {before} -> {after} fixable vulnerabilities"
    )
}

/// A job that nobody cancels but by ending the process, which leaves the layout as it was.
fn job() -> Job<'static> {
    Job {
        log: &|line| eprintln!("{line}"),
        cancelled: &|| false,
        now: Utc::now(),
    }
}
