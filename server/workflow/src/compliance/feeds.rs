//! Vulnerability feeds as files: read when somebody imports them, never fetched unasked.
mod parse;

use crate::{Answer, Workflow, WorkflowError};
use chrono::{DateTime, Utc};
use drydock_domain::access::Operation;
use drydock_domain::compliance::{FeedKind, FeedState, Signals};
use drydock_domain::console::AuditOutcome;
use drydock_ledger::Ledger;
use parse::Parsed;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

/// The feeds as they were last parsed, each with the digest of its file.
#[derive(Default)]
pub(crate) struct FeedDesk {
    parsed: Mutex<HashMap<FeedKind, (String, Arc<Parsed>)>>,
}

impl Workflow {
    /// What the feeds say of these vulnerabilities. One that no feed was read for says nothing; a
    /// catalogue that was read and does not list one says that.
    pub(super) async fn signals(
        &self,
        wanted: &BTreeSet<&str>,
    ) -> Answer<BTreeMap<String, Signals>> {
        let mut signals: BTreeMap<String, Signals> = BTreeMap::new();
        for state in self.inner.ledger.list_vulnerability_feeds().await? {
            if state.imported_at.is_none() {
                continue;
            }
            let parsed = self.parsed(&state).await?;
            for cve in wanted {
                let known = parsed.signals.get(*cve);
                let merged = signals.entry((*cve).to_owned()).or_default();
                match state.kind {
                    FeedKind::Kev => {
                        merged.kev = Some(known.and_then(|known| known.kev.clone().flatten()));
                    }
                    FeedKind::Epss => merged.epss = known.and_then(|known| known.epss),
                    FeedKind::Vulnrichment => {
                        let Some(known) = known else { continue };
                        merged.automatable = known.automatable;
                        merged.impact = known.impact;
                        merged.severity = known.severity;
                        merged.published = known.published;
                    }
                }
            }
        }
        Ok(signals)
    }

    async fn parsed(&self, state: &FeedState) -> Answer<Arc<Parsed>> {
        let desk = &self.inner.feeds.parsed;
        let lock = || desk.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((sha256, parsed)) = lock().get(&state.kind)
            && *sha256 == state.sha256
        {
            return Ok(parsed.clone());
        }
        let unreadable = |why: String| WorkflowError::Internal {
            what: format!(
                "the feed {}, kept in the ledger: {why}",
                state.kind.as_str()
            ),
            source: None,
        };
        let file = self
            .inner
            .ledger
            .find_vulnerability_feed(state.kind)
            .await?;
        let file = file.ok_or_else(|| unreadable("its file is missing".into()))?;
        let kind = state.kind;
        let parsed = tokio::task::spawn_blocking(move || parse::parse(kind, &file)).await;
        let parsed = parsed.map_err(|error| unreadable(error.to_string()))?;
        let parsed = Arc::new(parsed.map_err(unreadable)?);
        lock().insert(kind, (state.sha256.clone(), parsed.clone()));
        Ok(parsed)
    }
}

/// Keeps a feed's file in place of the one before, with an audit entry: KEV as JSON, EPSS as CSV, CVE
/// records with CISA's decision points as JSON or NDJSON, each plain or gzipped. `source` is what is
/// shown as its origin. For the command line, which has a ledger and no Azure. A file that is kept
/// already is not kept again.
///
/// # Errors
/// `Invalid` for a file that is not of its kind.
pub async fn keep_feed(
    ledger: &Ledger,
    actor: &str,
    now: DateTime<Utc>,
    kind: FeedKind,
    source: &str,
    file: Vec<u8>,
) -> Answer<FeedState> {
    let sha256 = hex::encode(Sha256::digest(&file));
    let known = ledger.list_vulnerability_feeds().await?;
    let known = known.into_iter().find(|known| known.kind == kind);
    if let Some(known) = known.filter(|known| known.sha256 == sha256) {
        return Ok(known);
    }
    let parsing = tokio::task::spawn_blocking(move || {
        let parsed = parse::parse(kind, &file);
        (file, parsed)
    });
    let (file, parsed) = parsing.await.map_err(|error| WorkflowError::Internal {
        what: "reading the feed broke off".into(),
        source: Some(Box::new(error)),
    })?;
    let parsed = parsed.map_err(|why| WorkflowError::Invalid {
        field: kind.as_str().into(),
        why,
    })?;
    let state = FeedState {
        kind,
        source: source.to_owned(),
        imported_at: Some(now),
        dated: parsed.dated,
        version: parsed.version,
        records: parsed.signals.len() as u64,
        sha256,
    };
    let detail = format!("{} records, sha256:{}", state.records, state.sha256);
    let operation = Operation::ChangeCompliance.as_str();
    let object = format!("feed {}", kind.as_str());
    let entry = ledger.begin(actor, operation, &object, &detail).await?;
    let kept = ledger.keep_vulnerability_feed(&entry, &state, &file).await;
    let outcome = match &kept {
        Ok(()) => AuditOutcome::Succeeded {
            detail: "imported".into(),
        },
        Err(error) => AuditOutcome::Failed {
            detail: error.to_string(),
        },
    };
    entry.complete(&outcome).await?;
    kept?;
    Ok(state)
}
