//! Delivers notices to one address by HTTP, signed as the Standard Webhooks specification says
//! (<https://www.standardwebhooks.com>): a receiver checks the signature with a library of its language.
use anyhow::{Context, Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::Utc;
use drydock_azure::Secret;
use drydock_domain::notice::Notice;
use drydock_workflow::Courier;
use futures::future::BoxFuture;
use hmac::{Hmac, Mac};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::time::Duration;
use url::{Host, Url};

/// A receiver that takes longer has most likely lost it; what it got twice has the same id.
const PATIENCE: Duration = Duration::from_secs(10);
/// What the specification asks for at least, and at most.
const SECRET_BYTES: std::ops::RangeInclusive<usize> = 24..=64;
/// Before the Base64 of a secret, by the specification.
const SECRET_PREFIX: &str = "whsec_";

pub struct Webhook {
    address: Url,
    receiver: String,
    key: Key,
    /// Of the console, in front of a notice's path.
    console: String,
    client: reqwest::Client,
}

struct Key(Vec<u8>);

impl Webhook {
    /// `secret` is what the receiver checks signatures with; `console` the console's own address,
    /// without a slash at its end.
    ///
    /// # Errors
    /// An address that is neither https nor on loopback, or has a password; a secret that is no
    /// Base64 of 24 to 64 bytes.
    pub fn new(address: &str, secret: &Secret, console: String) -> Result<Self> {
        let address: Url = address.parse().context("--webhook is not an address")?;
        let is_safe =
            address.scheme() == "https" || address.scheme() == "http" && is_loopback(&address);
        ensure!(
            is_safe,
            "--webhook: {address} is not https, so what is sent there could be read on its way"
        );
        ensure!(
            address.password().is_none() && address.username().is_empty(),
            "--webhook has a name or a password in it, which would be in every log: the signature \
             tells the receiver who sends"
        );
        let receiver = match (address.host_str(), address.port()) {
            (Some(host), Some(port)) => format!("{host}:{port}"),
            (Some(host), None) => host.to_owned(),
            (None, _) => anyhow::bail!("--webhook: {address} names no host"),
        };
        let client = reqwest::Client::builder()
            .timeout(PATIENCE)
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("drydock/", env!("CARGO_PKG_VERSION")))
            .build()
            .context("the webhook's client cannot start")?;
        let key = Key(key(secret.expose())?);
        Ok(Self {
            address,
            receiver,
            key,
            console,
            client,
        })
    }

    /// What is sent. It names no person and no content of an image.
    fn body(&self, notice: &Notice) -> String {
        let body = json!({
            "type": notice.kind.as_str(),
            "timestamp": notice.at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
            "data": {
                "registry": notice.registry,
                "text": notice.text,
                "url": format!("{}{}", self.console, notice.path),
            },
        });
        body.to_string()
    }

    async fn send(&self, notice: &Notice) -> Result<(), String> {
        let (id, body) = (message_id(notice), self.body(notice));
        let seconds = Utc::now().timestamp();
        let sent = self
            .client
            .post(self.address.clone())
            .header("content-type", "application/json")
            .header("webhook-id", &id)
            .header("webhook-timestamp", seconds)
            .header(
                "webhook-signature",
                signature(&self.key.0, &id, seconds, &body),
            )
            .body(body)
            .send()
            .await;
        match sent {
            Ok(answer) if answer.status().is_success() => Ok(()),
            Ok(answer) => Err(format!("it answered {}", answer.status())),
            Err(error) if error.is_timeout() => {
                Err(format!("no answer within {} s", PATIENCE.as_secs()))
            }
            // Without its address, whose path may be a secret of the receiver's.
            Err(error) => Err(cause(&error.without_url())),
        }
    }
}

impl Courier for Webhook {
    fn deliver<'a>(&'a self, notice: &'a Notice) -> BoxFuture<'a, Result<(), String>> {
        Box::pin(self.send(notice))
    }

    fn receiver(&self) -> &str {
        &self.receiver
    }
}

/// A notice's id may be as long as an image's name; a message's is the same for the same notice.
fn message_id(notice: &Notice) -> String {
    let digest = Sha256::digest(notice.id.as_bytes());
    let hex = digest.iter().take(16).map(|byte| format!("{byte:02x}"));
    format!("msg_{}", hex.collect::<String>())
}

/// `v1,` and the Base64 of HMAC-SHA-256 over `id.timestamp.body`.
fn signature(key: &[u8], id: &str, seconds: i64, body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(format!("{id}.{seconds}.{body}").as_bytes());
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

fn key(secret: &str) -> Result<Vec<u8>> {
    let text = secret.trim();
    let text = text.strip_prefix(SECRET_PREFIX).unwrap_or(text);
    let key = STANDARD.decode(text).ok();
    let key = key.filter(|key| SECRET_BYTES.contains(&key.len()));
    key.context(
        "the webhook's secret is not `whsec_` with the Base64 of 24 to 64 random bytes; make one with \
         `echo whsec_$(head -c 32 /dev/urandom | base64)`",
    )
}

pub(crate) fn is_loopback(address: &Url) -> bool {
    match address.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// The last of an error's causes says what happened: `Connection refused`.
fn cause(error: &dyn std::error::Error) -> String {
    let mut last = error;
    while let Some(source) = last.source() {
        last = source;
    }
    last.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    fn refused(address: &str, secret: &str) -> String {
        let made = Webhook::new(address, &Secret::new(secret.to_owned()), String::new());
        made.err().map_or(String::new(), |error| error.to_string())
    }

    /// The specification's own example.
    #[test]
    fn a_signature_is_the_one_that_the_specification_says() {
        let body = "{\"test\": 2432232314}";
        let id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
        let made = signature(&key(SECRET).unwrap(), id, 1_614_265_330, body);
        assert_eq!(made, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn an_address_or_a_secret_that_is_not_safe_is_refused() {
        assert_eq!(refused("https://hooks.example/drydock", SECRET), "");
        assert_eq!(refused("http://127.0.0.1:9000/", SECRET), "");
        assert!(refused("http://hooks.example/", SECRET).contains("not https"));
        assert!(refused("https://me:word@hooks.example/", SECRET).contains("password"));
        assert!(refused("https://hooks.example/", "short").contains("24 to 64"));
    }
}
