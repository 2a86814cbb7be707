//! `drydock sandbox env`: what points other programs at the sandbox that is running.
mod bundle;
mod shell;

use super::Exit;
use crate::data_directory::DataDirectory;
use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use drydock_sandbox::{RunningSandbox, identity::USER_NAME};
use shell::{Script, Shell};
use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

#[derive(Subcommand, Debug)]
pub enum SandboxCommand {
    /// Print what points az, skopeo, docker, oras and curl at the sandbox, for a shell to evaluate
    Env(EnvArguments),
}

#[derive(Args, Debug)]
pub struct EnvArguments {
    /// The data directory of the console [default: $XDG_DATA_HOME/drydock]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// For PowerShell instead of a POSIX shell
    #[arg(long)]
    powershell: bool,
}

pub fn run(command: &SandboxCommand) -> Result<Exit> {
    match command {
        SandboxCommand::Env(arguments) => env(arguments),
    }
}

/// The one command that prints secrets: they are what was asked for.
fn env(arguments: &EnvArguments) -> Result<Exit> {
    let data = DataDirectory::find(arguments.data.as_deref())?;
    // What it prints is used from other folders, too.
    let path = data.path();
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let sandbox = RunningSandbox::find(&path)?;
    let shell = if arguments.powershell {
        Shell::PowerShell
    } else {
        Shell::Posix
    };
    print!("{}", script(&sandbox, shell)?);
    Ok(Exit::Success)
}

fn script(sandbox: &RunningSandbox, shell: Shell) -> Result<String> {
    let bundle = bundle::write(&sandbox.ca_file)?;
    let clients = sandbox.directory.join("clients");
    let (azure, docker) = (clients.join("azure"), clients.join("docker"));
    for folder in [&azure, &docker] {
        private_folder(folder)?;
    }
    let mut script = Script::new(shell);
    script.comment(
        "Points the clients of this shell at Drydock's sandbox. It holds secrets of the sandbox.",
    );
    script.comment(match shell {
        Shell::Posix => "Evaluate it:  eval \"$(drydock sandbox env)\"",
        Shell::PowerShell => {
            "Evaluate it:  drydock sandbox env --powershell | Out-String | Invoke-Expression"
        }
    });
    script.comment("The system's authorities and the sandbox's:");
    for name in ["REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "CURL_CA_BUNDLE"] {
        script.set(name, &bundle.to_string_lossy());
    }
    script.prepend("NO_PROXY", "localhost,127.0.0.1,::1");
    script.prepend("no_proxy", "localhost,127.0.0.1,::1");
    script.comment("Folders of their own, so that no other login is touched. oras of Python keeps its login under HOME.");
    script.set("AZURE_CONFIG_DIR", &azure.to_string_lossy());
    script.set("DOCKER_CONFIG", &docker.to_string_lossy());
    script.set("AZURE_CORE_COLLECT_TELEMETRY", "false");
    identities(&mut script, sandbox);
    script.login_function();
    Ok(script.finish())
}

fn identities(script: &mut Script, sandbox: &RunningSandbox) {
    let (endpoints, identity) = (&sandbox.endpoints, &sandbox.identity);
    script.comment("Where it is:");
    let url = endpoints.arm.as_str().trim_end_matches('/');
    script.set("DRYDOCK_SANDBOX_URL", url);
    script.set("DRYDOCK_LOGIN_SERVER", &endpoints.login_server);
    script.set("DRYDOCK_REGISTRY", &endpoints.registry_name);
    script.set("DRYDOCK_RESOURCE_GROUP", &endpoints.resource_group);
    script.comment("The service principal, under the names that Azure's libraries read:");
    script.set("AZURE_AUTHORITY_HOST", url);
    script.set("AZURE_TENANT_ID", &endpoints.tenant_id);
    script.set("AZURE_SUBSCRIPTION_ID", &endpoints.subscription_id);
    script.set("AZURE_CLIENT_ID", &endpoints.client_id);
    script.set("AZURE_CLIENT_SECRET", endpoints.client_secret.reveal());
    script.comment("One that may only read and pull:");
    script.set(
        "DRYDOCK_READER_CLIENT_ID",
        &identity.reader_client_id.to_string(),
    );
    script.set(
        "DRYDOCK_READER_CLIENT_SECRET",
        identity.reader_secret.reveal(),
    );
    script.comment("A person:");
    script.set("DRYDOCK_USER", USER_NAME);
    script.set("DRYDOCK_USER_PASSWORD", identity.user_password.reveal());
    script.comment("The registry's admin user, for skopeo, docker and oras:");
    script.set("DRYDOCK_REGISTRY_USER", &identity.registry_name);
    script.set(
        "DRYDOCK_REGISTRY_PASSWORD",
        identity.admin_password.reveal(),
    );
}

fn private_folder(path: &Path) -> Result<()> {
    let mut folder = DirBuilder::new();
    folder.recursive(true).mode(0o700);
    folder
        .create(path)
        .with_context(|| format!("cannot make the folder {}", path.display()))
}
