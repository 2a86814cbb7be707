use serde::{Deserialize, Serialize};
use std::fmt;

/// Scheme, host and port of a site, as browsers write it: lower case, no path, no port where it is the
/// scheme's own. Stands in `frame-ancestors` as it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Origin(String);

/// Why a text is no origin that may embed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseOriginError {
    #[error(
        "write the site's exact origin, such as https://portal.example or https://portal.example:8443"
    )]
    Shape,
    #[error("a wildcard would let sites embed that nobody chose; name each origin")]
    Wildcard,
    #[error(
        "only https, or http for localhost: anybody on the way could change another site's page"
    )]
    Plain,
}

impl Origin {
    /// Takes `https` with any host, and `http` for this machine's own names.
    pub fn parse(text: &str) -> Result<Self, ParseOriginError> {
        use ParseOriginError::{Plain, Shape, Wildcard};
        let text = text.trim().to_ascii_lowercase();
        if text.contains('*') {
            return Err(Wildcard);
        }
        let (scheme, rest) = text.split_once("://").ok_or(Shape)?;
        let own_port = match scheme {
            "https" => 443,
            "http" => 80,
            _ => return Err(Shape),
        };
        let (host, port) = split_port(rest.strip_suffix('/').unwrap_or(rest)).ok_or(Shape)?;
        if !is_host(host) {
            return Err(Shape);
        }
        if scheme == "http" && !is_loopback(host) {
            return Err(Plain);
        }
        Ok(Self(match port.filter(|port| *port != own_port) {
            Some(port) => format!("{scheme}://{host}:{port}"),
            None => format!("{scheme}://{host}"),
        }))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A host, and the port where one is written.
fn split_port(authority: &str) -> Option<(&str, Option<u16>)> {
    let bracket = authority.rfind(']').map_or(0, |place| place + 1);
    let (_, rest) = authority.split_at_checked(bracket)?;
    match rest.find(':') {
        None => Some((authority, None)),
        Some(colon) => {
            let (host, port) = authority.split_at_checked(bracket + colon)?;
            let digits = port.strip_prefix(':')?;
            let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
            let port = digits.parse().ok().filter(|port| plain && *port != 0)?;
            Some((host, Some(port)))
        }
    }
}

/// A name in ASCII (an international one in its `xn--` form), an IPv4 address, or IPv6 in brackets.
fn is_host(host: &str) -> bool {
    if let Some(address) = host.strip_prefix('[') {
        let address = address.strip_suffix(']').unwrap_or_default();
        return address.parse::<std::net::Ipv6Addr>().is_ok();
    }
    let is_label = |label: &str| {
        let known = label
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        known && !label.is_empty() && !label.starts_with('-') && !label.ends_with('-')
    };
    host.len() <= 253 && host.split('.').all(is_label)
}

fn is_loopback(host: &str) -> bool {
    matches!(host, "localhost" | "127.0.0.1" | "[::1]") || host.ends_with(".localhost")
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl TryFrom<String> for Origin {
    type Error = ParseOriginError;

    fn try_from(text: String) -> Result<Self, ParseOriginError> {
        Self::parse(&text)
    }
}

impl From<Origin> for String {
    fn from(origin: Origin) -> Self {
        origin.0
    }
}
