//! How people sign in besides the link, and how long they stay.
use crate::auth::{Grants, OidcConfig, ProxyConfig, ProxyKind, SignInConfig, guarded};
use anyhow::{Context, Result, anyhow, ensure};
use chrono::TimeDelta;
use clap::Args;
use drydock_azure::Secret;
use drydock_ledger::SessionLimits;
use ipnet::IpNet;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

/// A command line would show it to everybody on the machine.
const SECRET_VARIABLE: &str = "DRYDOCK_OIDC_CLIENT_SECRET";

/// A working day; then a person proves again who they are.
const LIFE: TimeDelta = TimeDelta::hours(12);
/// A browser left open somewhere is signed out after this.
const IDLE: TimeDelta = TimeDelta::hours(2);
/// A token that somebody copied is of use for this long at most while its owner goes on.
const RENEWAL: TimeDelta = TimeDelta::minutes(15);

#[derive(Args, Clone, Debug, Default)]
pub struct SignInArguments {
    /// Where browsers find the console, such as https://drydock.example; with https, cookies are
    /// for TLS alone [default: the address that it listens on]
    #[arg(long, value_name = "URL")]
    pub public_url: Option<String>,
    /// Let people sign in at this OpenID Connect provider; for Entra ID,
    /// https://login.microsoftonline.com/TENANT/v2.0
    #[arg(
        long,
        value_name = "URL",
        requires = "oidc_client_id",
        requires = "grants"
    )]
    pub oidc_issuer: Option<String>,
    /// The console's own name at the provider. Its secret is read from the environment variable
    /// DRYDOCK_OIDC_CLIENT_SECRET, or from --oidc-client-secret-file; a public client has none
    #[arg(long, value_name = "ID", requires = "oidc_issuer")]
    pub oidc_client_id: Option<String>,
    /// A file that holds the client secret and nothing else
    #[arg(long, value_name = "FILE", requires = "oidc_issuer")]
    pub oidc_client_secret_file: Option<PathBuf>,
    /// What the sign-in page calls the provider [default: its host]
    #[arg(long, value_name = "NAME", requires = "oidc_issuer")]
    pub oidc_name: Option<String>,
    /// A scope to ask the provider for besides openid, profile and email; may be repeated
    #[arg(long = "oidc-scope", value_name = "SCOPE", requires = "oidc_issuer")]
    pub oidc_scopes: Vec<String>,
    /// The claim whose values give roles: `roles` for app roles, `groups`, or a path such as
    /// realm_access.roles [default: roles]
    #[arg(long, value_name = "CLAIM")]
    pub roles_claim: Option<String>,
    /// Give a value of that claim a role, everywhere or in some places: VALUE=ROLE, or
    /// VALUE=ROLE@prod,test/web/*. The first that fits decides; may be repeated
    #[arg(long = "grant", value_name = "VALUE=ROLE")]
    pub grants: Vec<String>,
    /// How long a session goes on at most, such as 30m, 12h or 5d [default: 12h]
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub session_life: Option<TimeDelta>,
    /// How long a session goes on without a request [default: 2h]
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub session_idle: Option<TimeDelta>,
    /// Take whom a proxy in front has signed in from its headers
    #[arg(
        long,
        value_name = "KIND",
        requires = "trusted_proxies",
        requires = "grants"
    )]
    pub proxy_identity: Option<ProxyKind>,
    /// The only address, or network such as 10.1.0.0/16, whose headers count; may be repeated
    #[arg(long = "trusted-proxy", value_name = "ADDRESS", value_parser = network, requires = "proxy_identity")]
    pub trusted_proxies: Vec<IpNet>,
}

impl SignInArguments {
    /// # Errors
    /// What cannot be meant: an address without TLS, a grant that grants nothing, an empty secret.
    pub fn config(&self) -> Result<SignInConfig> {
        let limits = SessionLimits {
            life: self.session_life.unwrap_or(LIFE),
            idle: self.session_idle.unwrap_or(IDLE),
            renewal: RENEWAL,
        };
        let grants = Grants::parse(&self.grants)?;
        let proxy = self.proxy_identity.map(|kind| ProxyConfig {
            kind,
            peers: self.trusted_proxies.clone(),
            roles_claim: self.roles_claim(),
        });
        let public_url = self.public_url.as_deref().map(public_url).transpose()?;
        let oidc = match (&self.oidc_issuer, &self.oidc_client_id) {
            (Some(issuer), Some(client_id)) => Some(self.oidc(issuer, client_id)?),
            _ => None,
        };
        Ok(SignInConfig {
            public_url,
            limits,
            grants,
            oidc,
            proxy,
        })
    }

    /// The host of the public address, which the console answers to.
    pub fn host(&self) -> Option<String> {
        let url: url::Url = self.public_url.as_deref()?.parse().ok()?;
        url.host_str().map(str::to_owned)
    }

    fn oidc(&self, issuer: &str, client_id: &str) -> Result<OidcConfig> {
        let url = guarded("--oidc-issuer", issuer)?;
        let host = url.host_str().unwrap_or(issuer).to_owned();
        let basic = ["profile", "email"].map(str::to_owned);
        let scopes = basic.into_iter().chain(self.oidc_scopes.iter().cloned());
        Ok(OidcConfig {
            // Compared with the provider's own words, byte for byte.
            issuer: issuer.to_owned(),
            client_id: client_id.to_owned(),
            client_secret: self.client_secret()?,
            name: self.oidc_name.clone().unwrap_or(host),
            scopes: scopes.collect(),
            roles_claim: self.roles_claim(),
        })
    }

    fn client_secret(&self) -> Result<Option<Secret>> {
        let Some(path) = &self.oidc_client_secret_file else {
            let variable = std::env::var(SECRET_VARIABLE).ok();
            return Ok(variable
                .filter(|secret| !secret.is_empty())
                .map(Secret::new));
        };
        secret_of(path).map(Some)
    }

    fn roles_claim(&self) -> String {
        self.roles_claim
            .clone()
            .unwrap_or_else(|| "roles".to_owned())
    }
}

fn secret_of(path: &Path) -> Result<Secret> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read the client secret in {}", path.display()))?;
    let secret = text.trim();
    ensure!(
        !secret.is_empty(),
        "the client secret in {} is empty",
        path.display()
    );
    Ok(Secret::new(secret))
}

fn public_url(text: &str) -> Result<String> {
    let url = guarded("--public-url", text)?;
    ensure!(
        url.path() == "/" && url.query().is_none() && url.fragment().is_none(),
        "--public-url: {text} has a path; the console stands at the root of its host"
    );
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

fn time(text: &str) -> Result<TimeDelta> {
    let wrong = || anyhow!("write a number and m, h or d, such as 30m, 12h or 5d");
    let unit = text.chars().last().ok_or_else(wrong)?;
    let number: u16 = text[..text.len() - unit.len_utf8()]
        .parse()
        .map_err(|_| wrong())?;
    ensure!(number > 0, wrong());
    match unit {
        'm' => Ok(TimeDelta::minutes(i64::from(number))),
        'h' => Ok(TimeDelta::hours(i64::from(number))),
        'd' => Ok(TimeDelta::days(i64::from(number))),
        _ => Err(wrong()),
    }
}

fn network(text: &str) -> Result<IpNet> {
    let address = text.parse::<IpAddr>().map(IpNet::from);
    address
        .or_else(|_| text.parse())
        .map_err(|_| anyhow!("`{text}` is neither an address nor a network such as 10.1.0.0/16"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_networks_are_read_as_people_write_them() {
        assert_eq!(time("30m").unwrap(), TimeDelta::minutes(30));
        assert_eq!(time("5d").unwrap(), TimeDelta::days(5));
        for text in ["", "h", "0h", "12", "1.5h", "-1h", "3ö"] {
            assert!(time(text).is_err(), "{text}");
        }
        assert_eq!(network("::1").unwrap(), "::1/128".parse().unwrap());
        assert_eq!(
            network("10.1.0.0/16").unwrap(),
            "10.1.0.0/16".parse().unwrap()
        );
        assert!(network("proxy.example").is_err());
    }

    #[test]
    fn a_public_address_has_tls_and_no_path() {
        let url = |text: &str| public_url(text).ok();
        assert_eq!(
            url("https://drydock.example/").as_deref(),
            Some("https://drydock.example")
        );
        assert_eq!(
            url("http://127.0.0.1:4280").as_deref(),
            Some("http://127.0.0.1:4280")
        );
        for text in ["https://a.example/drydock", "http://a.example", "a.example"] {
            assert!(url(text).is_none(), "{text}");
        }
    }
}
