//! The command line. One file per command; each answers with its exit code.
mod archive;
mod audit;
mod azure;
mod backup;
mod check;
mod credentials;
mod feeds;
mod images;
mod ledger;
mod link;
mod notify;
mod pack;
mod preview;
mod prune;
mod sandbox;
mod schedule;
mod serve;
mod sessions;
mod sign_in;

pub use azure::AzureArguments;
pub use ledger::LedgerArguments;
pub use notify::NotifyArguments;
pub use sign_in::SignInArguments;

use clap::{Parser, Subcommand};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// How the process ends; a shell script may rely on these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    Success = 0,
    /// Something could not be done; standard error says what, to what and why.
    Failure = 1,
    /// Azure's own server-side check refuses the policy.
    RefusedByService = 2,
    /// The service would take the policy; the az extension refuses to send it.
    RefusedByExtension = 3,
    /// An audit trail or an audit pack is not whole.
    Broken = 4,
    /// The command line itself cannot be understood (`EX_USAGE` of sysexits.h).
    Usage = 64,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Continuous patching for Azure Container Registry: a web console, and its rules on the command line.
#[derive(Debug, Parser)]
#[command(name = "drydock", version, args_conflicts_with_subcommands = true, after_help = EXIT_CODES)]
pub struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    /// No command means `serve --print-link`.
    #[command(flatten)]
    serve: serve::ServeArguments,
}

const EXIT_CODES: &str = "Without a command: serve --print-link.

Exit codes:
  0   done
  1   not done; standard error says what, to what, and why
  2   the policy is refused by Azure's own server-side check (check, preview)
  3   the policy is refused by the az extension alone (check)
  4   the audit trail or the audit pack is broken (audit verify, verify-pack, export, prune)
  64  the command line cannot be understood";

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the console, and the sandbox that it talks to
    Serve(Box<serve::ServeArguments>),
    /// Print a fresh sign-in link for the console that is running
    Link(link::LinkArguments),
    /// List who is signed in, and end sessions
    #[command(subcommand)]
    Sessions(sessions::SessionsCommand),
    /// Print the name and password of the sandbox's registry, for skopeo and docker
    Credentials(credentials::CredentialsArguments),
    /// Use the sandbox from other programs
    #[command(subcommand)]
    Sandbox(sandbox::SandboxCommand),
    /// Name every fault of a policy document, and who refuses it
    Check {
        #[arg(value_name = "POLICY.json")]
        policy: PathBuf,
    },
    /// Say what a policy would do to each tag of an inventory
    Preview(preview::PreviewArguments),
    /// Print when a schedule runs, one instant a line
    Schedule(schedule::ScheduleArguments),
    /// Export the audit trail, and verify an export offline
    #[command(subcommand)]
    Audit(audit::AuditCommand),
    /// Write ledger, key and evidence into one file, while the console runs or not
    Backup(backup::BackupArguments),
    /// Fill an empty data directory out of a backup, once all of it verified
    Restore(backup::RestoreArguments),
    /// Read what others say of vulnerabilities out of a file: nothing is fetched
    #[command(subcommand)]
    Feeds(feeds::FeedsCommand),
    /// Find the OS vulnerabilities of an image in an OCI layout; prints Trivy's JSON
    Scan(images::ScanArguments),
    /// Patch an image of an OCI layout and tag the result
    Patch(images::PatchArguments),
}

/// Reads the command line of this process and does what it says.
pub fn run() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Nothing is left to do when the terminal is gone.
            let _ = error.print();
            let exit = if error.use_stderr() {
                Exit::Usage
            } else {
                Exit::Success
            };
            return exit.into();
        }
    };
    let outcome = match arguments.command {
        None => serve::run(serve::ServeArguments {
            print_link: true,
            ..arguments.serve
        }),
        Some(Command::Serve(arguments)) => serve::run(*arguments),
        Some(Command::Link(arguments)) => link::run(&arguments),
        Some(Command::Sessions(command)) => sessions::run(&command),
        Some(Command::Credentials(arguments)) => credentials::run(&arguments),
        Some(Command::Sandbox(command)) => sandbox::run(&command),
        Some(Command::Check { policy }) => check::run(&policy),
        Some(Command::Preview(arguments)) => preview::run(&arguments),
        Some(Command::Schedule(arguments)) => schedule::run(&arguments),
        Some(Command::Audit(command)) => audit::run(&command),
        Some(Command::Backup(arguments)) => backup::back_up(&arguments),
        Some(Command::Restore(arguments)) => backup::restore(&arguments),
        Some(Command::Feeds(command)) => feeds::run(&command),
        Some(Command::Scan(arguments)) => images::scan(&arguments),
        Some(Command::Patch(arguments)) => images::patch(&arguments),
    };
    match outcome {
        Ok(exit) => exit.into(),
        // Whoever read standard output has enough, as `head` does; that is no failure.
        Err(error) if is_closed_pipe(&error) => Exit::Success.into(),
        Err(error) => {
            eprintln!("drydock: {error:#}");
            Exit::Failure.into()
        }
    }
}

/// Only writes to standard output end a command with this: servers and clients keep theirs.
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        let plain = cause.downcast_ref().map(std::io::Error::kind);
        let in_json = cause
            .downcast_ref()
            .and_then(serde_json::Error::io_error_kind);
        plain.or(in_json) == Some(ErrorKind::BrokenPipe)
    })
}

/// Runs what a command waits for, on this thread alone.
fn block_on<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_all().build()?.block_on(work)
}

/// Reads a text file that a person named, with its name in the error.
fn read_text(path: &Path) -> anyhow::Result<String> {
    let name = path.display();
    decode(read_bytes(path)?).map_err(|error| anyhow::anyhow!("cannot read {name}: {error}"))
}

/// JSON is UTF-8 (RFC 8259, section 8.1); what is not is refused with its place.
fn decode(bytes: Vec<u8>) -> Result<String, String> {
    String::from_utf8(bytes).map_err(|error| {
        let offset = error.utf8_error().valid_up_to();
        format!(
            "the byte 0x{:02x} at offset {offset} is not UTF-8; save the file as UTF-8",
            error.as_bytes()[offset]
        )
    })
}

pub(crate) fn read_bytes(path: &Path) -> anyhow::Result<Vec<u8>> {
    /// The registry's own limit for a policy is 10 MiB; an inventory of a million tags is below this.
    const LIMIT_BYTES: u64 = 256 << 20;
    let name = path.display();
    let size = std::fs::metadata(path)
        .map_err(|error| anyhow::anyhow!("cannot read {name}: {error}"))?
        .len();
    anyhow::ensure!(
        size <= LIMIT_BYTES,
        "{name} has {size} bytes; the limit is {LIMIT_BYTES}"
    );
    std::fs::read(path).map_err(|error| anyhow::anyhow!("cannot read {name}: {error}"))
}
