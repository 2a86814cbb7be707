//! Who hears of what, and who measures.
use crate::webhook::Webhook;
use anyhow::{Context, Result, ensure};
use clap::Args;
use drydock_azure::Secret;
use std::path::{Path, PathBuf};

/// A command line would show it to everybody on the machine.
const SECRET_VARIABLE: &str = "DRYDOCK_WEBHOOK_SECRET";
/// Shorter ones could be guessed by asking.
const SHORTEST_TOKEN: usize = 16;

#[derive(Args, Clone, Debug, Default)]
pub struct NotifyArguments {
    /// Post a signed message here when a cycle fails, a run is missed, the limit is near, an original
    /// was pushed again after its patch, or the audit trail contradicts its published head. The secret is read from the environment variable
    /// DRYDOCK_WEBHOOK_SECRET, or from --webhook-secret-file
    #[arg(long, value_name = "URL")]
    pub webhook: Option<String>,
    /// A file that holds the secret, `whsec_` and Base64, and nothing else
    #[arg(long, value_name = "FILE", requires = "webhook")]
    pub webhook_secret_file: Option<PathBuf>,
    /// Serve /metrics to whoever sends the token in this file
    #[arg(long, value_name = "FILE")]
    pub metrics_token_file: Option<PathBuf>,
}

impl NotifyArguments {
    /// `console` is the console's own address, for the links in messages.
    ///
    /// # Errors
    /// An address or a secret that is not safe; see [`Webhook::new`].
    pub fn webhook(&self, console: String) -> Result<Option<Webhook>> {
        let Some(address) = &self.webhook else {
            return Ok(None);
        };
        let secret = match &self.webhook_secret_file {
            Some(path) => word(path)?,
            None => std::env::var(SECRET_VARIABLE).map(Secret::new).with_context(|| {
                format!("--webhook needs a secret: set {SECRET_VARIABLE}, or give --webhook-secret-file")
            })?,
        };
        Webhook::new(address, &secret, console).map(Some)
    }

    pub fn metrics_token(&self) -> Result<Option<Secret>> {
        let Some(path) = &self.metrics_token_file else {
            return Ok(None);
        };
        let token = word(path)?;
        ensure!(
            token.expose().len() >= SHORTEST_TOKEN,
            "the token in {} has fewer than {SHORTEST_TOKEN} characters",
            path.display()
        );
        Ok(Some(token))
    }
}

fn word(path: &Path) -> Result<Secret> {
    let text =
        std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let word = text.trim();
    ensure!(!word.is_empty(), "{} is empty", path.display());
    Ok(Secret::new(word.to_owned()))
}
