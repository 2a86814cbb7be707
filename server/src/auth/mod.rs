//! Signing in to the embedded console: a link that the terminal prints, good for one browser once,
//! then a session in an `HttpOnly` cookie. Who can read the terminal or the data directory is the
//! operator; no password exists.
mod cookie;
mod gate;
mod pages;

use drydock_ledger::Ledger;
pub use gate::{Gate, operator};
pub use pages::{sign_in, sign_out};

pub const SIGN_IN_PATH: &str = drydock_app::paths::SIGN_IN;
pub const SIGN_OUT_PATH: &str = drydock_app::paths::SIGN_OUT;

/// A fresh link to the console at `url`, for the operator of this machine.
pub async fn link(ledger: &Ledger, url: &str) -> anyhow::Result<String> {
    let token = Gate::create_link(ledger).await?;
    Ok(format!("{url}{SIGN_IN_PATH}?token={}", token.expose()))
}
