//! Exceptions as the audit trail recorded them: the table that they are kept in is no chain.
use crate::{Answer, Workflow};
use drydock_domain::access::Operation;
use drydock_domain::compliance::{Exception, KeptException};
use drydock_domain::console::{AuditEntry, AuditOutcome};
use drydock_ledger::EntryFilter;
use sha2::{Digest, Sha256};
use std::collections::HashMap;

/// Entries that are asked for at once.
const PAGE: u32 = 500;

impl Workflow {
    /// Every exception of a registry, with who accepted it. One that is not what its entry says, or that
    /// an entry withdrew, does not count, and says why.
    pub(super) async fn exceptions(&self, registry: &str) -> Answer<Vec<KeptException>> {
        let mut kept = self.inner.ledger.list_exceptions(registry).await?;
        if kept.is_empty() {
            return Ok(kept);
        }
        let entries = self.exception_entries(registry).await?;
        let by_sequence: HashMap<i64, &AuditEntry> = entries
            .iter()
            .map(|entry| (entry.sequence, entry))
            .collect();
        for exception in &mut kept {
            let entry = by_sequence.get(&exception.entry).copied();
            exception.accepted_by = entry.map(|entry| entry.actor.clone()).unwrap_or_default();
            exception.doubt = why_doubted(exception, entry, &entries);
        }
        Ok(kept)
    }

    async fn exception_entries(&self, registry: &str) -> Answer<Vec<AuditEntry>> {
        let mut filter = EntryFilter {
            operation: Some(Operation::ChangeExceptions.as_str().to_owned()),
            object: Some(registry.to_owned()),
            limit: PAGE,
            ..EntryFilter::default()
        };
        let mut entries = Vec::new();
        loop {
            let page = self.inner.ledger.list_entries(&filter).await?;
            let Some(last) = page.last() else {
                return Ok(entries);
            };
            filter.before = Some(last.sequence);
            entries.extend(page);
        }
    }
}

/// What an entry says that is about to be accepted.
pub(super) fn acceptance(exception: &Exception) -> String {
    let package = match exception.package.as_str() {
        "" => "every package",
        package => package,
    };
    let written = serde_json::to_vec(exception).expect("texts and an instant are JSON");
    let sentence = format!(
        "accept {} in {package} of {} until {}; exception sha256:{}",
        exception.cve,
        exception.repositories,
        exception.expires_at.to_rfc3339(),
        hex::encode(Sha256::digest(written))
    );
    // As the ledger writes it.
    sentence.replace('\0', "\u{fffd}")
}

/// What an entry says of the exception that it made.
pub(super) fn named(id: &str) -> String {
    format!("exception {id}")
}

/// What an entry says that is about to be withdrawn.
pub(super) fn withdrawal(kept: &KeptException) -> String {
    format!(
        "withdraw the {} for {}",
        named(&kept.id),
        kept.exception.cve
    )
}

/// Why what is kept is not what was recorded, in a sentence.
fn why_doubted(
    kept: &KeptException,
    entry: Option<&AuditEntry>,
    entries: &[AuditEntry],
) -> Option<String> {
    let sequence = kept.entry;
    let Some(entry) = entry else {
        return Some(format!(
            "Entry {sequence} of the audit trail, which is to have recorded it, is not there or is \
             about something else."
        ));
    };
    let ended = entry.completed_at.unwrap_or(entry.begun_at);
    let is_as_entered = entry.detail == acceptance(&kept.exception)
        && done(entry) == Some(named(&kept.id).as_str())
        && (entry.begun_at..=ended).contains(&kept.created_at);
    if !is_as_entered {
        return Some(format!(
            "It is not what entry {sequence} of the audit trail recorded: it was changed in the database."
        ));
    }
    let said = withdrawal(kept);
    let withdrawn = entries
        .iter()
        .find(|entry| entry.detail == said && done(entry).is_some());
    match (withdrawn, kept.withdrawn_at) {
        (Some(entry), None) => Some(format!(
            "Entry {} of the audit trail withdrew it, and the database says otherwise.",
            entry.sequence
        )),
        (None, Some(_)) => Some(
            "The database says that it was withdrawn, and no entry of the audit trail does."
                .to_owned(),
        ),
        (Some(_), Some(_)) | (None, None) => None,
    }
}

fn done(entry: &AuditEntry) -> Option<&str> {
    match &entry.outcome {
        Some(AuditOutcome::Succeeded { detail }) => Some(detail),
        _ => None,
    }
}
