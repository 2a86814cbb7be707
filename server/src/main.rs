//! `drydock`: see `drydock --help`.
use std::process::ExitCode;

fn main() -> ExitCode {
    drydock_server::cli::run()
}
