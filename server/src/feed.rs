//! Vulnerability feeds that an operator configured: a file, read at the start, or the address that
//! publishes it, asked now and then. Nothing is fetched that nobody named.
use crate::cli::read_bytes;
use crate::webhook::is_loopback;
use anyhow::{Context, Result, bail, ensure};
use chrono::Utc;
use drydock_domain::compliance::{FeedKind, FeedState};
use drydock_ledger::Ledger;
use drydock_workflow::keep_feed;
use reqwest::redirect::{Attempt, Policy};
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;
use url::Url;

/// EPSS, the most frequent of them, is published once a day.
const PAUSE: Duration = Duration::from_secs(6 * 60 * 60);
/// After a round in which a feed could not be had.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(15 * 60);
/// The whole of a large feed over a slow line.
const PATIENCE: Duration = Duration::from_secs(10 * 60);
const MAX_BYTES: usize = 256 << 20;
const MAX_REDIRECTS: usize = 5;
/// Who is said to have read the configured feeds.
const ACTOR: &str = "drydock";

#[derive(Clone, Debug)]
pub struct Feed {
    pub kind: FeedKind,
    pub source: FeedSource,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FeedSource {
    File(PathBuf),
    Address(Url),
}

impl FeedSource {
    /// # Errors
    /// An address without TLS, or with a password in it: it is shown beside what came from there.
    pub fn parse(text: &str) -> Result<Self> {
        if !text.starts_with("https://") && !text.starts_with("http://") {
            return Ok(Self::File(PathBuf::from(text)));
        }
        let address: Url = text.parse().context("the feed's address cannot be read")?;
        let is_safe = address.scheme() == "https" || is_loopback(&address);
        ensure!(
            is_safe,
            "{address} is not https, so what comes from there could be changed on its way"
        );
        ensure!(
            address.password().is_none() && address.username().is_empty(),
            "the feed's address has a name or a password in it, and it would be shown: fetch the file \
             yourself and name that"
        );
        Ok(Self::Address(address))
    }
}

impl fmt::Display for FeedSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Address(address) => write!(f, "{address}"),
        }
    }
}

/// Fetches feeds from their addresses.
pub struct FeedClient(reqwest::Client);

impl FeedClient {
    pub fn new() -> Result<Self> {
        let client = reqwest::Client::builder()
            .timeout(PATIENCE)
            .redirect(Policy::custom(follow))
            .user_agent(concat!("drydock/", env!("CARGO_PKG_VERSION")))
            .build()
            .context("the client for feeds cannot start")?;
        Ok(Self(client))
    }

    async fn fetch(&self, address: &Url) -> Result<Vec<u8>> {
        let answer = self.0.get(address.clone()).send().await?;
        let mut answer = answer.error_for_status()?;
        let mut file = Vec::new();
        while let Some(chunk) = answer.chunk().await? {
            ensure!(
                file.len() + chunk.len() <= MAX_BYTES,
                "it is longer than {} MiB",
                MAX_BYTES >> 20
            );
            file.extend_from_slice(&chunk);
        }
        Ok(file)
    }
}

/// Nobody is led from TLS to where there is none.
fn follow(attempt: Attempt<'_>) -> reqwest::redirect::Action {
    if attempt.previous().len() > MAX_REDIRECTS {
        return attempt.error("too many redirects");
    }
    match attempt.url().scheme() {
        "https" => attempt.follow(),
        _ => attempt.error("a redirect leads to where there is no TLS"),
    }
}

impl Feed {
    /// Reads it and keeps it; one that is kept already stays as it is.
    ///
    /// # Errors
    /// It cannot be read or fetched, or is not of its kind.
    pub async fn import(
        &self,
        client: &FeedClient,
        ledger: &Ledger,
        actor: &str,
    ) -> Result<FeedState> {
        let name = self.source.to_string();
        let bytes = match &self.source {
            FeedSource::File(path) => read_bytes(path)?,
            FeedSource::Address(address) => {
                let fetched = client.fetch(address).await;
                fetched.with_context(|| format!("cannot fetch {name}"))?
            }
        };
        let kept = keep_feed(ledger, actor, Utc::now(), self.kind, &name, bytes).await;
        kept.with_context(|| format!("cannot import {name}"))
    }

    fn is_remote(&self) -> bool {
        matches!(self.source, FeedSource::Address(_))
    }
}

/// Reads the files. A console whose configuration names what is not there does not start.
///
/// # Errors
/// A file that cannot be read, or is not of its kind; two sources of one kind.
pub async fn import_files(feeds: &[Feed], ledger: &Ledger) -> Result<()> {
    for (place, feed) in feeds.iter().enumerate() {
        if let Some(other) = feeds[..place].iter().find(|other| other.kind == feed.kind) {
            bail!(
                "--feed names two sources of {}: {} and {}",
                feed.kind.as_str(),
                other.source,
                feed.source
            );
        }
    }
    let client = FeedClient::new()?;
    for feed in feeds.iter().filter(|feed| !feed.is_remote()) {
        feed.import(&client, ledger, ACTOR).await?;
    }
    Ok(())
}

/// Asks the addresses for as long as it is polled. What could not be had is said in the log and stays
/// as old as it is, which every page shows.
pub async fn keep_fetching(feeds: Vec<Feed>, ledger: Ledger) {
    let remote: Vec<Feed> = feeds.into_iter().filter(Feed::is_remote).collect();
    let client = match FeedClient::new() {
        _ if remote.is_empty() => return,
        Ok(client) => client,
        Err(error) => {
            tracing::error!(error = format!("{error:#}"), "no feed is fetched");
            return;
        }
    };
    loop {
        let mut pause = PAUSE;
        for feed in &remote {
            if let Err(error) = feed.import(&client, &ledger, ACTOR).await {
                let kind = feed.kind.as_str();
                tracing::warn!(kind, error = format!("{error:#}"), "a feed is not renewed");
                pause = PAUSE_AFTER_FAILURE;
            }
        }
        tokio::time::sleep(pause).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::Router;
    use axum::http::StatusCode;
    use axum::response::Redirect;
    use axum::routing::get;

    const CATALOGUE: &str = r#"{"catalogVersion": "1",
        "vulnerabilities": [{"cveID": "CVE-2026-1", "dateAdded": "2026-11-20"}]}"#;

    /// A publisher on loopback, and its address.
    async fn publisher() -> String {
        let routes = Router::new()
            .route("/kev.json", get(|| async { CATALOGUE }))
            .route("/gone", get(|| async { StatusCode::GONE }))
            .route("/moved", get(|| async { Redirect::to("/kev.json") }));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(axum::serve(listener, routes).into_future());
        format!("http://{address}")
    }

    fn kev(source: &str) -> Feed {
        Feed {
            kind: FeedKind::Kev,
            source: FeedSource::parse(source).unwrap(),
        }
    }

    #[tokio::test]
    async fn a_feed_is_fetched_from_its_address_and_kept_once() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = Ledger::open(&folder.path().join("ledger.db"))
            .await
            .unwrap();
        let client = FeedClient::new().unwrap();
        let base = publisher().await;
        let feed = kev(&format!("{base}/kev.json"));
        let first = feed.import(&client, &ledger, "ada").await.unwrap();
        assert_eq!(
            (first.records, &first.source),
            (1, &format!("{base}/kev.json"))
        );
        let again = feed.import(&client, &ledger, "ada").await.unwrap();
        assert_eq!(first.imported_at, again.imported_at);

        for (path, why) in [("/gone", "410"), ("/moved", "no TLS")] {
            let feed = kev(&format!("{base}{path}"));
            let error = feed.import(&client, &ledger, "ada").await.unwrap_err();
            let told = format!("{error:#}");
            assert!(told.contains(why), "{told}");
        }
        let kept = ledger.list_vulnerability_feeds().await.unwrap();
        assert!(kept.iter().any(|kept| kept.sha256 == first.sha256));
    }

    #[test]
    fn an_address_has_tls_and_no_password() {
        let file = FeedSource::parse("feeds/kev.json").unwrap();
        assert_eq!(file, FeedSource::File("feeds/kev.json".into()));
        for (text, why) in [
            ("http://feeds.example/kev.json", "not https"),
            ("https://ada:secret@feeds.example/kev.json", "password"),
        ] {
            let told = FeedSource::parse(text).unwrap_err().to_string();
            assert!(told.contains(why), "{told}");
            assert!(!told.contains("secret"), "{told}");
        }
    }

    #[tokio::test]
    async fn one_kind_has_one_source() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = Ledger::open(&folder.path().join("ledger.db"))
            .await
            .unwrap();
        let feeds = [kev("a.json"), kev("b.json")];
        let error = import_files(&feeds, &ledger).await.unwrap_err().to_string();
        assert!(
            error.contains("a.json") && error.contains("b.json"),
            "{error}"
        );
    }
}
