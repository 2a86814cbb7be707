//! Reading the audit trail: its entries, whether it is whole, and all of it as a file.
use crate::cache::Cache;
use crate::{Answer, Caller, Workflow, WorkflowError};
use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use drydock_domain::access::Operation;
use drydock_domain::audit::{
    AuditQuery, Kind, Outcome, Position, TrailCheck, Trust, Verification, Witness,
};
use drydock_domain::console::AuditEntry;
use drydock_ledger::{
    Contradiction, EntryFilter, ExportOptions, Happening, Standing, TrailReader, Voucher,
};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How long a verification is told again: a long trail takes seconds to read.
const CHECK_LIFE: Duration = Duration::from_secs(300);
/// What the trail is called in its own entries.
const TRAIL: &str = "audit trail";
/// Whoever leafs through the trail has looked at it once.
const VISIT: TimeDelta = TimeDelta::hours(1);

/// What is kept about the trail between two requests.
pub(crate) struct TrailRoom {
    checked: Cache<TrailCheck>,
    /// When each person's latest visit was entered.
    visits: Mutex<HashMap<String, DateTime<Utc>>>,
}

impl TrailRoom {
    pub(crate) fn new() -> Self {
        Self {
            checked: Cache::new(CHECK_LIFE),
            visits: Mutex::default(),
        }
    }

    /// The next reader is told anew whether the trail is whole.
    pub(crate) fn forget_check(&self) {
        self.checked.clear();
    }

    /// Whether this look at the trail begins a visit, which is to be entered.
    fn begins_visit(&self, actor: &str, now: DateTime<Utc>) -> bool {
        let mut visits = self.visits.lock().unwrap_or_else(PoisonError::into_inner);
        visits.retain(|_, at| now - *at < VISIT);
        visits.insert(actor.to_owned(), now).is_none()
    }
}

impl Workflow {
    /// At most `limit` entries, newest first. That somebody looks at the trail is an entry too,
    /// one for an hour.
    ///
    /// # Errors
    /// `Invalid` for a day that is none.
    pub async fn list_entries(
        &self,
        caller: &Caller,
        query: &AuditQuery,
        limit: u32,
    ) -> Answer<Vec<AuditEntry>> {
        self.authorise(caller, Operation::ReadAudit, TRAIL).await?;
        let filter = filter(query, limit)?;
        let now = self.inner.clock.now();
        if self.inner.trail.begins_visit(&caller.actor, now) {
            self.note(caller, Kind::View, "audit.view").await?;
        }
        Ok(self.inner.ledger.list_entries(&filter).await?)
    }

    /// Whether the stored trail is whole, as found within the last minutes.
    pub async fn check_trail(&self, caller: &Caller) -> Answer<TrailCheck> {
        self.authorise(caller, Operation::ReadAudit, TRAIL).await?;
        let checked = self.inner.trail.checked.get(async || {
            let ledger = &self.inner.ledger;
            let key = ledger.public_key();
            // First: what is entered after it is behind it.
            let (witness, published) = self.read_witness().await;
            let trust = Trust {
                keys: vec![key],
                witness: published.as_ref().map(Position::from),
            };
            let found = ledger.verify(&trust).await?;
            let mut told = told(&found);
            // With both hashes, for whoever compares them.
            if let (Some(broken), Some(said)) = (&mut told.broken, trust.witness)
                && let Standing::Contradicted { now, last } = ledger.standing(said).await?
            {
                let by = Voucher::Published;
                let contradiction = Contradiction {
                    by,
                    said,
                    now,
                    last,
                };
                broken.push_str(&format!("; {contradiction}"));
            }
            Ok(TrailCheck {
                key: key.to_string(),
                witness,
                as_of: self.inner.clock.now(),
                ..told
            })
        });
        Ok(checked.await?.as_ref().clone())
    }

    /// The whole trail, line by line, without what its pseudonyms stand for. It is entered first,
    /// so that the file holds its own export too. What contradicts its published head is handed out as
    /// it is, and not signed.
    pub async fn export_trail(&self, caller: &Caller) -> Answer<TrailReader> {
        self.authorise(caller, Operation::ReadAudit, TRAIL).await?;
        caller.authorise(Operation::Export)?;
        self.note(caller, Kind::Export, "export.created").await?;
        // The ledger compares with what was read here.
        self.read_witness().await;
        let options = ExportOptions::default();
        Ok(self.inner.ledger.export(&options).await?)
    }

    async fn note(&self, caller: &Caller, kind: Kind, operation: &str) -> Answer<()> {
        let happening = Happening {
            kind,
            actor: &caller.actor,
            client: None,
            operation,
            object: TRAIL,
            detail: "",
            outcome: Outcome::Succeeded,
        };
        self.inner.ledger.note(happening).await?;
        Ok(())
    }
}

fn told(found: &Verification) -> TrailCheck {
    TrailCheck {
        through: found.last.unwrap_or(found.pruned_through),
        signed_through: found.signed_through,
        broken: found.broken.as_ref().map(ToString::to_string),
        uncovered: found.uncovered(),
        key: String::new(),
        witness: Witness::Off,
        as_of: DateTime::UNIX_EPOCH,
    }
}

fn filter(query: &AuditQuery, limit: u32) -> Answer<EntryFilter> {
    let text = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let until = day("until", &query.until)?;
    Ok(EntryFilter {
        actor: text(&query.actor),
        operation: text(&query.operation),
        object: text(&query.object),
        outcome: query.outcome,
        from: day("from", &query.from)?,
        until: until.and_then(|day| day.checked_add_signed(TimeDelta::days(1))),
        mention: text(&query.mention),
        before: query.before,
        limit,
    })
}

/// The beginning of a day in UTC; `None` where none is named.
fn day(field: &str, text: &str) -> Answer<Option<DateTime<Utc>>> {
    if text.is_empty() {
        return Ok(None);
    }
    let day: NaiveDate = text.parse().map_err(|_| WorkflowError::Invalid {
        field: field.into(),
        why: format!("`{text}` is no day; write it as 2026-11-21"),
    })?;
    Ok(Some(day.and_time(NaiveTime::MIN).and_utc()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_days_are_included() {
        let query = AuditQuery {
            from: "2026-11-21".into(),
            until: "2026-11-21".into(),
            ..AuditQuery::default()
        };
        let filter = filter(&query, 1).unwrap();
        let shown = |instant: Option<DateTime<Utc>>| instant.unwrap().to_rfc3339();
        assert_eq!(shown(filter.from), "2026-11-21T00:00:00+00:00");
        assert_eq!(shown(filter.until), "2026-11-22T00:00:00+00:00");
        assert!(matches!(
            day("from", "yesterday"),
            Err(WorkflowError::Invalid { .. })
        ));
    }

    #[test]
    fn leafing_through_the_trail_is_one_visit() {
        let room = TrailRoom::new();
        let now = DateTime::UNIX_EPOCH;
        let later = |minutes| now + TimeDelta::minutes(minutes);
        assert!(room.begins_visit("ada", now));
        assert!(!room.begins_visit("ada", later(59)));
        assert!(room.begins_visit("bob", later(59)));
        assert!(room.begins_visit("ada", later(59 + 60)));
    }
}
