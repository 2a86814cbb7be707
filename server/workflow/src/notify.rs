//! Finds what somebody should hear of without looking, and has it delivered.
use crate::lineage::find_drift;
use crate::overview::matched;
use crate::registry_room::RegistryRoom;
use crate::{Answer, Caller, Workflow, WorkflowError};
use chrono::{DateTime, TimeDelta, Utc};
use drydock_domain::access::{Operation, Reach};
use drydock_domain::console::{AuditOutcome, RegistryTags, TagFacts, WorkflowState};
use drydock_domain::inventory::Inventory;
use drydock_domain::notice::{KeptNotice, Notice, NoticeBoard, notices_of_findings};
use drydock_domain::policy;
use drydock_domain::selection::{Selected, select};
use drydock_domain::verdict::Drift;
use futures::future::BoxFuture;
use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

/// What happened longer ago than this, before anybody was there to hear of it, is no news.
const NEWS: TimeDelta = TimeDelta::hours(24);
/// How long one process of several has the finding and the sending.
const LEASE: TimeDelta = TimeDelta::minutes(3);
const LEASE_NAME: &str = "notices";
const LOOPBACK_PAUSE: Duration = Duration::from_secs(5);
const REMOTE_PAUSE: Duration = Duration::from_secs(60);
/// After each failed attempt, when the next one is made; then none any more.
const RETRIES: [TimeDelta; 6] = [
    TimeDelta::seconds(10),
    TimeDelta::minutes(1),
    TimeDelta::minutes(5),
    TimeDelta::minutes(30),
    TimeDelta::hours(2),
    TimeDelta::hours(8),
];
const BATCH: u32 = 20;
const LISTED: u32 = 200;
/// What notifications are called where somebody may not send any.
const NOTICES: &str = "the notifications";

/// Takes notices away.
pub trait Courier: Send + Sync {
    /// Delivers one, once. The error is a sentence without secrets.
    fn deliver<'a>(&'a self, notice: &'a Notice) -> BoxFuture<'a, Result<(), String>>;
    /// The host that it delivers to.
    fn receiver(&self) -> &str;
}

/// Drift by the two digests that it follows from: neither of them changes its content.
#[derive(Default)]
pub(crate) struct KnownDrift(Mutex<HashMap<(String, String), Option<Drift>>>);

impl Workflow {
    /// Finds and sends for as long as it is polled, in one process of several.
    pub async fn keep_notices(self) {
        let mut lease = None;
        loop {
            let pause = match self.hold_lease(&mut lease, LEASE_NAME, LEASE).await {
                true => self.look_round().await,
                false => REMOTE_PAUSE,
            };
            tokio::time::sleep(pause).await;
        }
    }

    async fn look_round(&self) -> Duration {
        let mut pause = LOOPBACK_PAUSE;
        match self.registries().await {
            Ok(registries) => {
                for registry in registries.iter() {
                    if !registry.sandbox {
                        pause = REMOTE_PAUSE;
                    }
                    if let Err(error) = self.find_notices(&registry.name).await {
                        tracing::warn!(registry = registry.name, %error, "not looked over for notices");
                    }
                }
            }
            Err(error) => tracing::warn!(%error, "no registry is looked over for notices"),
        }
        if let Err(error) = self.deliver_notices().await {
            tracing::warn!(%error, "notices are not sent yet");
        }
        pause
    }

    /// Keeps what is new of one registry; how many notices.
    pub async fn find_notices(&self, registry: &str) -> Answer<usize> {
        let room = self.open_room(registry).await?;
        let (state, tags, trees) =
            tokio::try_join!(self.state(&room), self.tags_aside(&room), self.trees(&room))?;
        let now = self.inner.clock.now();
        let name = room.registry.name.as_str();
        let is_news = |at: DateTime<Utc>| at > now - NEWS;
        let cycles = trees.iter();
        let cycles =
            cycles.filter(|tree| tree.status.is_finished() && is_news(tree.trigger.created_at));
        let mut found: Vec<Notice> = cycles
            .filter_map(|tree| Notice::of_cycle(name, tree, now))
            .collect();
        let missed = self.missed(&room, &state, &trees).await?.into_iter();
        let missed = missed.filter(|occurrence| is_news(*occurrence));
        found.extend(missed.map(|occurrence| Notice::of_missed(name, occurrence, now)));
        let policy = state.policy.as_ref();
        let limit = policy.zip(matched(&state, &tags));
        found.extend(limit.and_then(|(policy, n)| Notice::of_limit(name, &policy.digest, n, now)));
        found.extend(self.drifted(&room, &state, &tags, now).await);
        let (profile, rows) = self.deadlines(name, now).await?;
        found.extend(notices_of_findings(name, &profile, &rows, NEWS, now));
        let is_sent = self.inner.courier.is_some();
        let mut n_new = 0;
        for notice in found {
            n_new += usize::from(self.inner.ledger.add_notice(&notice, is_sent).await?);
        }
        Ok(n_new)
    }

    /// Originals that the policy picks and that were pushed again after their latest patch.
    async fn drifted(
        &self,
        room: &RegistryRoom,
        state: &WorkflowState,
        tags: &RegistryTags,
        now: DateTime<Utc>,
    ) -> Vec<Notice> {
        let mut notices = Vec::new();
        for (row, original, patch) in patched(state, tags) {
            match self.drift(room, &row.repository, original, patch).await {
                Ok(Some(drift)) => notices.push(Notice::of_drift(
                    &room.registry.name,
                    &row.repository,
                    &row.original,
                    &drift,
                    now,
                )),
                Ok(None) => {}
                Err(error) => {
                    tracing::warn!(repository = row.repository, tag = row.original, %error, "its drift is not known");
                }
            }
        }
        notices
    }

    /// The same as far as it is known: what the last look found, and no question to the registry.
    pub(crate) fn known_drifted(
        &self,
        state: &WorkflowState,
        tags: &RegistryTags,
    ) -> Vec<(String, String)> {
        let known = self.inner.drift.0.lock();
        let known = known.unwrap_or_else(std::sync::PoisonError::into_inner);
        let is_drifted = |original: &TagFacts, patch: &TagFacts| {
            let key = (original.digest.clone(), patch.digest.clone());
            matches!(known.get(&key), Some(Some(_)))
        };
        let rows = patched(state, tags).into_iter();
        rows.filter(|(_, original, patch)| is_drifted(original, patch))
            .map(|(row, ..)| (row.repository, row.original))
            .collect()
    }

    async fn drift(
        &self,
        room: &RegistryRoom,
        repository: &str,
        original: &TagFacts,
        patch: &TagFacts,
    ) -> Answer<Option<Drift>> {
        let known = &self.inner.drift.0;
        let key = (original.digest.clone(), patch.digest.clone());
        let found = known.lock().ok().and_then(|known| known.get(&key).cloned());
        if let Some(drift) = found {
            return Ok(drift);
        }
        let drift = find_drift(room, repository, original, patch).await?;
        if let Ok(mut known) = known.lock() {
            known.insert(key, drift.clone());
        }
        Ok(drift)
    }

    /// Sends what is due; how many arrived.
    pub async fn deliver_notices(&self) -> Answer<usize> {
        let Some(courier) = &self.inner.courier else {
            return Ok(0);
        };
        let ledger = &self.inner.ledger;
        let mut n_delivered = 0;
        for kept in ledger.due_notices(BATCH).await? {
            let KeptNotice {
                notice, n_failures, ..
            } = kept;
            match courier.deliver(&notice).await {
                Ok(()) => {
                    ledger.note_delivery(&notice.id).await?;
                    n_delivered += 1;
                }
                Err(why) => {
                    let pause = RETRIES.get(n_failures as usize);
                    let next = pause.map(|pause| self.inner.clock.now() + *pause);
                    tracing::warn!(
                        notice = notice.id,
                        why,
                        again = next.is_some(),
                        "a notice did not arrive"
                    );
                    ledger.note_failure(&notice.id, &why, next).await?;
                }
            }
        }
        Ok(n_delivered)
    }

    /// What was found of the registries that the caller reaches wholly, and what became of it.
    pub async fn list_notices(&self, caller: &Caller) -> Answer<NoticeBoard> {
        caller.authorise(Operation::Read)?;
        let mut notices = self.inner.ledger.list_notices(LISTED).await?;
        notices.retain(|kept| {
            let registry = &kept.notice.registry;
            registry.is_empty() || caller.scope.reach(registry) == Reach::Whole
        });
        let courier = self.inner.courier.as_ref();
        Ok(NoticeBoard {
            as_of: self.inner.clock.now(),
            receiver: courier.map(|courier| courier.receiver().to_owned()),
            notices,
        })
    }

    /// Sends a notice that says nothing but that it was sent, now and once.
    ///
    /// # Errors
    /// `Conflict` where no receiver is configured, or where it did not arrive, with the reason.
    pub async fn send_test_notice(&self, caller: &Caller) -> Answer<KeptNotice> {
        self.authorise(caller, Operation::ChangeSettings, NOTICES)
            .await?;
        let Some(courier) = &self.inner.courier else {
            return Err(WorkflowError::Conflict {
                why: "no webhook is configured: start Drydock with --webhook".into(),
            });
        };
        let ledger = &self.inner.ledger;
        let now = self.inner.clock.now();
        let entry = ledger
            .begin(&caller.actor, "notice.test", courier.receiver(), "")
            .await?;
        let notice = Notice::test(&entry.sequence().to_string(), now);
        ledger.add_notice(&notice, false).await?;
        let delivered = courier.deliver(&notice).await;
        match &delivered {
            Ok(()) => {
                ledger.note_delivery(&notice.id).await?;
                let detail = String::new();
                entry.complete(&AuditOutcome::Succeeded { detail }).await?;
            }
            Err(why) => {
                ledger.note_failure(&notice.id, why, None).await?;
                let detail = why.clone();
                entry.complete(&AuditOutcome::Failed { detail }).await?;
            }
        }
        delivered.map_err(|why| WorkflowError::Conflict {
            why: format!("the test did not arrive at {}: {why}", courier.receiver()),
        })?;
        Ok(KeptNotice {
            notice,
            n_failures: 0,
            next_at: None,
            delivered_at: Some(now),
            failure: None,
        })
    }
}

/// What the deployed policy picks and has a patch: the row, the original and its latest patch.
fn patched<'t>(
    state: &WorkflowState,
    tags: &'t RegistryTags,
) -> Vec<(Selected, &'t TagFacts, &'t TagFacts)> {
    let text = state.policy.as_ref().map(|policy| policy.text.as_str());
    let Some(Ok(policy)) = text.map(policy::parse) else {
        return Vec::new();
    };
    let rows = select(&policy, &Inventory::from(tags)).selected.into_iter();
    let facts = |row: Selected| {
        let original = find(tags, &row.repository, &row.original)?;
        let patch = find(tags, &row.repository, row.latest.as_deref()?)?;
        Some((row, original, patch))
    };
    rows.filter_map(facts).collect()
}

fn find<'t>(tags: &'t RegistryTags, repository: &str, tag: &str) -> Option<&'t TagFacts> {
    let mut repositories = tags.repositories.iter();
    let found = repositories.find(|one| one.repository == repository)?;
    found.tags.iter().find(|one| one.tag == tag)
}
