//! `drydock preview`: what a policy does to an inventory, decided by the console's own functions.
use super::{Exit, decode, read_bytes, read_text};
use anyhow::{Context, Result};
use clap::{Args, ValueEnum};
use drydock_domain::inventory::Inventory;
use drydock_domain::policy::{self, Policy};
use drydock_domain::selection::{self, NotFound, PolicySource, Selected, Selection};
use drydock_domain::verdict::{TagVerdict, verdicts};
use serde::Serialize;
use std::io::{self, Write};
use std::path::PathBuf;

#[derive(Args, Debug)]
pub struct PreviewArguments {
    #[arg(value_name = "POLICY.json")]
    policy: PathBuf,
    /// The registry's tags: {"repository": ["tag", …], …}
    #[arg(long, value_name = "INV.json")]
    inventory: PathBuf,
    /// json: everything; acr: what Azure's own dry run prints
    #[arg(long, value_enum, default_value_t = Format::Json)]
    format: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Json,
    Acr,
}

/// The answer in JSON; the fields are a promise to scripts.
#[derive(Serialize)]
struct Preview<'a> {
    selected: &'a [Selected],
    not_found: &'a [NotFound],
    /// How many images a run would scan; above 100 it scans none.
    matches: usize,
    verdicts: Vec<TagVerdict>,
}

pub fn run(arguments: &PreviewArguments) -> Result<Exit> {
    let name = arguments.inventory.display();
    let inventory: Inventory = serde_json::from_str(&read_text(&arguments.inventory)?)
        .with_context(|| format!("{name} is not {{\"repository\": [\"tag\", …], …}}"))?;
    let policy = decode(read_bytes(&arguments.policy)?)
        .map_err(|fault| format!("{}: {fault}", arguments.policy.display()))
        .and_then(|text| accepted(&text));
    let policy = match policy {
        Ok(policy) => policy,
        Err(message) => {
            eprintln!("{}", message.trim_end());
            return Ok(Exit::RefusedByService);
        }
    };
    let selection = selection::select(&policy, &inventory);
    let mut output = io::stdout().lock();
    match arguments.format {
        Format::Json => {
            let preview = preview(&policy, &inventory, &selection);
            serde_json::to_writer_pretty(&mut output, &preview)?;
            writeln!(output)?;
        }
        Format::Acr => {
            let text = selection::acr_output(&policy, &selection, PolicySource::File, true);
            output.write_all(text.as_bytes())?;
        }
    }
    Ok(Exit::Success)
}

/// The policy as the service reads it, or the words with which it refuses it.
fn accepted(text: &str) -> Result<Policy, String> {
    let policy = policy::parse(text).map_err(|error| error.acr_message(PolicySource::File))?;
    match policy::service_refusal(&policy) {
        Some(message) => Err(message),
        None => Ok(policy),
    }
}

fn preview<'a>(policy: &Policy, inventory: &Inventory, selection: &'a Selection) -> Preview<'a> {
    Preview {
        selected: &selection.selected,
        not_found: &selection.not_found,
        matches: selection.matches(),
        verdicts: verdicts(policy, inventory, selection),
    }
}
