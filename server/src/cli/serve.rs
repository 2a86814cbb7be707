//! `drydock serve`: the console and the sandbox, until a signal ends them.
use super::Exit;
use super::archive::ArchiveArguments;
use super::azure::AzureArguments;
use super::feeds;
use super::ledger::LedgerArguments;
use super::notify::NotifyArguments;
use super::sign_in::SignInArguments;
use crate::compose::{self, Settings};
use crate::feed::Feed;
use crate::{data_directory::DataDirectory, telemetry};
use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use std::net::SocketAddr;
use std::path::PathBuf;

const REQUIRE_APPROVAL: &str = "DRYDOCK_REQUIRE_APPROVAL";

#[derive(Args, Debug)]
pub struct ServeArguments {
    /// Where the console answers
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:4280")]
    pub listen: SocketAddr,
    /// Where the sandbox's Azure and registry answer
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:5080")]
    pub sandbox_listen: SocketAddr,
    /// Everything that outlives the process [default: $XDG_DATA_HOME/drydock]
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Print a link that signs one browser in, once
    #[arg(long)]
    pub print_link: bool,
    /// Let the console listen beyond this machine; put TLS in front of it
    #[arg(long)]
    pub allow_remote: bool,
    /// A further host name that the console answers to
    #[arg(long = "host", value_name = "NAME")]
    pub hosts: Vec<String>,
    /// Do not assemble sample images
    #[arg(long)]
    pub no_samples: bool,
    /// Let clients ask the sandbox for faults at /sandbox/faults, to try how they bear them
    #[arg(long)]
    pub faults: bool,
    /// A vulnerability feed, kev, epss or vulnrichment: a file is read at the start, an address of
    /// https is asked every six hours; may be repeated
    #[arg(long = "feed", value_name = "KIND=SOURCE", value_parser = feeds::parse_feed)]
    pub feeds: Vec<Feed>,
    /// Have every change of a policy, a schedule or a workflow proposed by one person and approved by
    /// another [default: $DRYDOCK_REQUIRE_APPROVAL, `true` or `false`]
    #[arg(long)]
    pub require_approval: bool,
    #[command(flatten)]
    pub ledger: LedgerArguments,
    /// Publish the audit trail's signed head in this registry, as drydock/audit-witness:head, and
    /// compare with it: what catches an end that was cut off. Needs pull and push there. `off` for
    /// nowhere [default: the sandbox's registry; off for an Azure]
    #[arg(long, value_name = "REGISTRY")]
    pub audit_witness: Option<String>,
    #[command(flatten)]
    pub sign_in: SignInArguments,
    #[command(flatten)]
    pub azure: AzureArguments,
    #[command(flatten)]
    pub notify: NotifyArguments,
    #[command(flatten)]
    pub archive: ArchiveArguments,
}

/// Serves until ctrl-c or SIGTERM.
pub fn run(arguments: ServeArguments) -> Result<Exit> {
    ensure!(
        arguments.listen.ip().is_loopback() || arguments.allow_remote,
        "{} can be reached from other machines, and the console speaks plain HTTP: use a loopback \
         address, or say --allow-remote when something in front of it speaks TLS",
        arguments.listen
    );
    ensure!(
        arguments.sandbox_listen.ip().is_loopback(),
        "{} can be reached from other machines; the sandbox is for this machine only",
        arguments.sandbox_listen
    );
    let named = std::env::var_os(REQUIRE_APPROVAL);
    let named = named.map(|value| value.to_string_lossy().into_owned());
    let require_approval = arguments.require_approval || is_true(named.as_deref())?;
    telemetry::start();
    let data = DataDirectory::find(arguments.data.as_deref())?;
    let _lock = data.lock()?;
    let archive = arguments
        .archive
        .config(Some(data.path().join("toy-archive")))?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("the system gave no threads")?;
    runtime.block_on(compose::serve(Settings {
        listen: arguments.listen,
        sandbox_listen: arguments.sandbox_listen,
        data,
        ledger: arguments.ledger,
        audit_witness: arguments.audit_witness,
        print_link: arguments.print_link,
        hosts: arguments.hosts,
        sign_in: arguments.sign_in,
        notify: arguments.notify,
        azure: arguments.azure,
        archive,
        samples: !arguments.no_samples,
        faults: arguments.faults,
        feeds: arguments.feeds,
        require_approval,
    }))?;
    Ok(Exit::Success)
}

/// A word that is misspelt must not switch a safeguard off.
fn is_true(value: Option<&str>) -> Result<bool> {
    match value {
        Some("true" | "1") => Ok(true),
        None | Some("" | "false" | "0") => Ok(false),
        Some(other) => bail!("{REQUIRE_APPROVAL} is `{other}`: say true or false"),
    }
}

#[cfg(test)]
mod tests {
    use super::is_true;

    #[test]
    fn a_misspelt_word_does_not_switch_approval_off() {
        assert!(is_true(Some("true")).unwrap() && is_true(Some("1")).unwrap());
        for off in [None, Some(""), Some("false"), Some("0")] {
            assert!(!is_true(off).unwrap());
        }
        let error = is_true(Some("ture")).unwrap_err().to_string();
        assert!(
            error.contains("DRYDOCK_REQUIRE_APPROVAL is `ture`"),
            "{error}"
        );
    }
}
