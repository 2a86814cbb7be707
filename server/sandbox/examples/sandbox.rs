//! Serves a sandbox alone, without the console: for benchmarks and for trying clients.
//!
//! `cargo run --example sandbox -- DATA_DIR ADDRESS` prints, for a shell to read, where the
//! registry is and its admin user's password, and serves until standard input ends.
use drydock_patcher::ArchiveConfig;
use drydock_sandbox::{Sandbox, SandboxConfig};
use std::io::Read;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(data_dir), Some(listen)) = (arguments.next(), arguments.next()) else {
        return Err("usage: sandbox DATA_DIR ADDRESS".into());
    };
    let sandbox = Sandbox::start(SandboxConfig {
        data_dir: data_dir.into(),
        listen: listen.parse()?,
        archive: ArchiveConfig::default(),
        samples: false,
        faults: false,
    })
    .await?;
    let identity = &sandbox.state().identity;
    println!("SERVER={}", sandbox.endpoints().login_server);
    println!("USER={}", identity.registry_name);
    println!("PASSWORD={}", identity.admin_password.reveal());
    tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new())).await??;
    sandbox.shutdown().await;
    Ok(())
}
