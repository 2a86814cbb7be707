//! `drydock credentials`: what a registry client signs in to the sandbox with.
use super::Exit;
use crate::data_directory::DataDirectory;
use anyhow::{Context, Result, ensure};
use clap::Args;
use drydock_sandbox::identity::Identity;
use std::path::PathBuf;

#[derive(Args, Debug)]
pub struct CredentialsArguments {
    /// The data directory of the console [default: $XDG_DATA_HOME/drydock]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

/// One line, `NAME:PASSWORD`: the form that `skopeo --creds` and `curl --user` take.
pub fn run(arguments: &CredentialsArguments) -> Result<Exit> {
    let data = DataDirectory::find(arguments.data.as_deref())?;
    let directory = data.path().join("sandbox");
    ensure!(
        directory.is_dir(),
        "{} holds no sandbox yet: start one with `drydock serve`",
        data.path().display()
    );
    let identity = Identity::load_or_create(&directory).with_context(|| {
        format!(
            "cannot read the sandbox's identity in {}",
            directory.display()
        )
    })?;
    println!(
        "{}:{}",
        identity.registry_name,
        identity.admin_password.reveal()
    );
    Ok(Exit::Success)
}
