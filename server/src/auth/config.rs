//! How people sign in, as the operator said.
use super::grants::Grants;
use anyhow::{Result, ensure};
use drydock_azure::Secret;
use drydock_ledger::SessionLimits;
use ipnet::IpNet;
use url::Url;

#[derive(Clone)]
pub struct SignInConfig {
    /// Where browsers find the console, without a slash at the end; its own address where nobody said.
    pub public_url: Option<String>,
    pub limits: SessionLimits,
    pub grants: Grants,
    pub oidc: Option<OidcConfig>,
    pub proxy: Option<ProxyConfig>,
}

#[derive(Clone)]
pub struct OidcConfig {
    pub issuer: String,
    pub client_id: String,
    /// A public client has none: PKCE alone protects its codes.
    pub client_secret: Option<Secret>,
    pub name: String,
    pub scopes: Vec<String>,
    pub roles_claim: String,
}

/// A proxy that has signed people in already.
#[derive(Clone, Debug)]
pub struct ProxyConfig {
    pub kind: ProxyKind,
    /// The only addresses whose headers count.
    pub peers: Vec<IpNet>,
    pub roles_claim: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum ProxyKind {
    /// Azure App Service and Container Apps: `X-MS-CLIENT-PRINCIPAL`
    EasyAuth,
    /// oauth2-proxy: `X-Auth-Request-*`
    Oauth2Proxy,
}

impl SignInConfig {
    /// Browsers come by TLS.
    pub fn is_secure(&self) -> bool {
        let url = self.public_url.as_deref();
        url.is_some_and(|url| url.starts_with("https://"))
    }
}

/// An address that secrets may be sent to: TLS, or this machine.
///
/// # Errors
/// Any other, in a sentence that names the option.
pub fn guarded(option: &str, text: &str) -> Result<Url> {
    let url: Url = text
        .parse()
        .map_err(|error| anyhow::anyhow!("{option}: `{text}` is no address: {error}"))?;
    let host = url.host_str().unwrap_or_default();
    let is_here = matches!(host, "localhost" | "127.0.0.1" | "[::1]");
    ensure!(
        url.scheme() == "https" || url.scheme() == "http" && is_here,
        "{option}: {text} is not https, so anybody on the way could sign in as anybody"
    );
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::guarded;

    #[test]
    fn only_this_machine_may_do_without_tls() {
        for good in [
            "https://login.example/t/v2.0",
            "http://127.0.0.1:4000",
            "http://[::1]:1",
        ] {
            assert!(guarded("--oidc-issuer", good).is_ok(), "{good}");
        }
        for bad in [
            "http://login.example",
            "http://127.0.0.1.evil.example",
            "ftp://localhost",
            "x",
        ] {
            assert!(guarded("--oidc-issuer", bad).is_err(), "{bad}");
        }
    }
}
