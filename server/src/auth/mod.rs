//! Signing in: by a link that the terminal prints, good for one browser once; at a provider by OpenID
//! Connect; or by the word of a trusted proxy. The first two begin a session in an `HttpOnly` cookie.
//! Who can read the terminal or the data directory is the operator; no password exists.
mod config;
mod cookie;
mod flow;
mod gate;
mod grants;
mod html;
mod identity;
mod oidc;
mod pages;
mod provider_pages;
mod proxy;

pub use config::{OidcConfig, ProxyConfig, ProxyKind, SignInConfig, guarded};
pub use gate::{Found, Gate, operator};
pub use grants::Grants;
pub(crate) use html::no_role;
pub use pages::{sign_in, sign_out};
pub use provider_pages::{answer, begin};

use drydock_ledger::Ledger;

pub const SIGN_IN_PATH: &str = drydock_app::paths::SIGN_IN;
pub const SIGN_OUT_PATH: &str = drydock_app::paths::SIGN_OUT;
/// Leads to the provider.
pub const PROVIDER_PATH: &str = "/sign-in/provider";
/// Where the provider sends the browser back to; registered there.
pub const CALLBACK_PATH: &str = "/sign-in/callback";

/// A fresh link to the console at `url`, for the operator of this machine.
pub async fn link(ledger: &Ledger, url: &str) -> anyhow::Result<String> {
    let token = Gate::create_link(ledger).await?;
    Ok(format!("{url}{SIGN_IN_PATH}?token={}", token.expose()))
}
