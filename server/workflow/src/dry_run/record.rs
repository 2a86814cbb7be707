//! Dry runs that are kept: what they said, of which content, and that they wrote nothing.
use crate::audit::Intent;
use crate::dry_run::inspect::State;
use crate::registry_room::RegistryRoom;
use crate::{Answer, Caller, PolicyChange, Workflow, WorkflowError};
use drydock_domain::access::Operation;
use drydock_domain::console::{AppliedChange, AuditOutcome, RegistryTags};
use drydock_domain::dry_run::{
    Averages, Depth, DryRunRecord, Found, ImageInside, InspectedImage, KeptDryRun, Price, Row,
    inventory_listing,
};
use drydock_domain::inventory::Inventory;
use drydock_domain::policy;
use drydock_domain::selection::select;
use drydock_domain::verdict::{Evidence, Judgement, judge, weigh};
use drydock_ledger::Entry;
use std::collections::HashMap;
use std::sync::Arc;

/// Tags that are named where they moved.
const NAMED: usize = 5;

impl Workflow {
    /// Tries a policy on the registry as it is now, and keeps the record; answers with its digest.
    /// The registry's tags are read before and after: the receipt says whether any moved. Looking
    /// into images takes its time, unless a page has just done so.
    pub async fn record_dry_run(
        &self,
        caller: &Caller,
        registry: &str,
        policy_text: &str,
        depth: Depth,
    ) -> Answer<String> {
        self.authorise(caller, Operation::DryRun, registry).await?;
        let room = self.whole_room(caller, registry).await?;
        // Not while a change is held up by it.
        let state = self.finish_inspection(&room, policy_text, depth).await?;
        let averages = self.get_averages(caller, registry).await?;
        let record = record(state, policy_text, caller, &averages)?;
        let intent = Intent {
            operation: Operation::DryRun,
            detail: format!("kept, depth {}", depth.as_str()),
        };
        self.change(
            caller,
            room,
            intent,
            move |workflow, entry, room| Box::pin(workflow.keep_record(entry, room, record)),
            |digest: &String| AuditOutcome::Succeeded {
                detail: format!("kept as {digest}"),
            },
        )
        .await
    }

    async fn keep_record(
        &self,
        entry: &Entry,
        room: &RegistryRoom,
        kept: Record,
    ) -> Answer<String> {
        let evidence = &self.inner.evidence;
        evidence
            .keep(kept.record.policy.clone().into_bytes())
            .await?;
        for listing in kept.listings {
            evidence.keep(listing.into_bytes()).await?;
        }
        let record =
            serde_json::to_vec(&kept.record).map_err(|error| unreadable("the record", error))?;
        let digest = evidence.keep(record).await?;
        let (registry, name) = (&room.registry.name, entry.sequence().to_string());
        let shelved = self.inner.dry_runs.add(registry, &name, &digest);
        shelved.map_err(|error| unreadable("the list of dry runs", error))?;
        Ok(digest)
    }

    pub(crate) async fn fresh_tags(&self, room: &RegistryRoom) -> Answer<Arc<RegistryTags>> {
        room.tags.clear();
        self.tags_of(room).await
    }

    /// The dry runs of a registry that are kept, newest first.
    pub async fn list_dry_runs(&self, caller: &Caller, registry: &str) -> Answer<Vec<KeptDryRun>> {
        caller.authorise(Operation::Read)?;
        let room = self.whole_room(caller, registry).await?;
        let shelved = self.inner.dry_runs.runs(&room.registry.name);
        let shelved = shelved.map_err(|error| unreadable("the list of dry runs", error))?;
        let mut names: Vec<(u64, String)> = shelved
            .into_iter()
            .map(|(name, digest)| (name.parse().unwrap_or(0), digest))
            .collect();
        names.sort_unstable_by(|a, b| b.cmp(a));
        names.truncate(LISTED);
        let mut kept = Vec::new();
        for (_, digest) in names {
            let DryRunRecord {
                author, receipt, ..
            } = self.read_record(&digest).await?;
            kept.push(KeptDryRun {
                digest,
                author,
                receipt,
            });
        }
        Ok(kept)
    }

    /// What was in one image of a kept dry run; `None` where it was not looked into.
    pub async fn find_kept_inside(
        &self,
        caller: &Caller,
        registry: &str,
        digest: &str,
        (repository, tag): (&str, &str),
    ) -> Answer<Option<ImageInside>> {
        let record = self.get_dry_run(caller, registry, digest).await?;
        let is_it = |image: &InspectedImage| image.is(repository, tag);
        let found = record.images.into_iter().find(is_it);
        Ok(found.map(|image| image.inside))
    }

    /// A kept dry run of the registry, verified against its digest.
    pub async fn get_dry_run(
        &self,
        caller: &Caller,
        registry: &str,
        digest: &str,
    ) -> Answer<DryRunRecord> {
        caller.authorise(Operation::Read)?;
        let room = self.whole_room(caller, registry).await?;
        self.record_of(&room, digest).await
    }

    /// Deploys the policy of a kept dry run, if a run with it would still do exactly what the dry
    /// run says: the same images, the same contents, the same next tags.
    pub async fn apply_dry_run(
        &self,
        caller: &Caller,
        registry: &str,
        digest: &str,
        comment: &str,
    ) -> Answer<AppliedChange> {
        self.authorise(caller, Operation::UpdateWorkflow, registry)
            .await?;
        self.require_no_approval()?;
        let room = self.whole_room(caller, registry).await?;
        let record = self.require_dry_run(&room, digest).await?;
        let deployed = crate::policy::artifact::find(&room.acr).await?;
        let change = PolicyChange {
            text: record.policy,
            based_on: deployed.map(|manifest| manifest.digest),
            comment: comment.to_owned(),
        };
        self.update_workflow(caller, registry, Some(change), None, false)
            .await
    }

    /// The record of a dry run that can be carried out, and of which a run would still do exactly
    /// what it says.
    pub(crate) async fn require_dry_run(
        &self,
        room: &RegistryRoom,
        digest: &str,
    ) -> Answer<DryRunRecord> {
        let record = self.record_of(room, digest).await?;
        if let Some(why) = record.refusal {
            return Err(WorkflowError::Invalid {
                field: "policy".into(),
                why,
            });
        }
        self.require_unmoved(room, &record).await?;
        Ok(record)
    }

    async fn require_unmoved(&self, room: &RegistryRoom, record: &DryRunRecord) -> Answer<()> {
        let tags = self.fresh_tags(room).await?;
        let inventory = Inventory::from(tags.as_ref());
        let policy = read(&record.policy).map_err(|why| WorkflowError::Invalid {
            field: "policy".into(),
            why,
        })?;
        let selection = select(&policy, &inventory);
        let judgements = judge(&policy, &inventory, &selection);
        let now = rows(
            &tags,
            &judgements,
            &Evidence::default(),
            &Averages::default(),
        );
        let moved = moved(&record.rows, &now);
        if moved.is_empty() {
            return Ok(());
        }
        let named: Vec<&str> = moved.iter().take(NAMED).map(String::as_str).collect();
        let more = match moved.len().saturating_sub(NAMED) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        Err(WorkflowError::Conflict {
            why: format!(
                "the registry is not what this dry run saw: {}{more}. Nothing was applied; try \
                 the policy again",
                named.join(", ")
            ),
        })
    }

    async fn record_of(&self, room: &RegistryRoom, digest: &str) -> Answer<DryRunRecord> {
        let shelved = self.inner.dry_runs.runs(&room.registry.name);
        let shelved = shelved.map_err(|error| unreadable("the list of dry runs", error))?;
        // Other evidence, and that of other registries, is not given out as a dry run.
        match shelved.values().any(|kept| kept == digest) {
            true => self.read_record(digest).await,
            false => Err(not_kept(digest)),
        }
    }

    async fn read_record(&self, digest: &str) -> Answer<DryRunRecord> {
        let bytes = self.inner.evidence.read(digest).await?;
        let bytes = bytes.ok_or_else(|| not_kept(digest))?;
        serde_json::from_slice(&bytes).map_err(|error| unreadable("the record", error))
    }
}

/// A record, and the listings of tags whose digests its receipt names.
struct Record {
    record: DryRunRecord,
    listings: [String; 2],
}

fn record(state: State, text: &str, caller: &Caller, averages: &Averages) -> Answer<Record> {
    let (Some((before, after)), Some(receipt)) = (state.tags, state.inspection.receipt) else {
        return Err(WorkflowError::Internal {
            what: "the dry run ended without its receipt".into(),
            source: None,
        });
    };
    let (rows, refusal) = match read(text) {
        Err(refusal) => (Vec::new(), Some(refusal)),
        Ok(policy) => {
            let inventory = Inventory::from(before.as_ref());
            let selection = select(&policy, &inventory);
            let mut judgements = judge(&policy, &inventory, &selection);
            let evidence = &state.inspection.evidence;
            weigh(&mut judgements, evidence, receipt.finished_at);
            (rows(&before, &judgements, evidence, averages), None)
        }
    };
    let images = state.images.iter();
    Ok(Record {
        listings: [inventory_listing(&before), inventory_listing(&after)],
        record: DryRunRecord {
            author: caller.actor.clone(),
            receipt,
            policy: text.to_owned(),
            refusal,
            rows,
            images: images.map(|image| InspectedImage::clone(image)).collect(),
        },
    })
}

/// Dry runs that are listed: older ones stay at their addresses.
const LISTED: usize = 20;

pub(crate) fn read(text: &str) -> Result<policy::Policy, String> {
    let policy = policy::parse(text).map_err(|error| error.to_string())?;
    match policy::service_refusal(&policy) {
        None => Ok(policy),
        Some(refusal) => Err(refusal),
    }
}

fn rows(
    tags: &RegistryTags,
    judgements: &[Judgement<'_>],
    evidence: &Evidence,
    averages: &Averages,
) -> Vec<Row> {
    let repositories = tags.repositories.iter();
    let facts: HashMap<(&str, &str), _> = repositories
        .flat_map(|repository| {
            let name = repository.repository.as_str();
            repository
                .tags
                .iter()
                .map(move |tag| ((name, tag.tag.as_str()), tag))
        })
        .collect();
    let row = |judgement: &Judgement<'_>| {
        let facts = facts.get(&(judgement.repository, judgement.tag));
        let selected = judgement.row;
        Row {
            latest: selected.and_then(|row| row.latest.clone()),
            digest: facts.map(|tag| tag.digest.clone()),
            size_bytes: facts.map(|tag| tag.size_bytes),
            estimate: selected
                .and_then(|row| averages.estimate(&row.repository, &row.original, Price::LIST)),
            found: selected
                .and_then(|row| evidence.image(&row.repository, &row.original))
                .and_then(Found::of),
            ..Row::from(judgement.to_tag_verdict())
        }
    };
    judgements.iter().map(row).collect()
}

/// The tags that a run takes part in, before or now, and that are not the same any more: an image's
/// original and every patch of it, by content.
fn moved(before: &[Row], now: &[Row]) -> Vec<String> {
    let taking_part = |rows: &[Row]| -> HashMap<(String, String), Part> {
        let digests: HashMap<(&str, &str), &Option<String>> = rows
            .iter()
            .map(|row| {
                (
                    (row.verdict.repository.as_str(), row.verdict.tag.as_str()),
                    &row.digest,
                )
            })
            .collect();
        let parts = rows.iter().filter_map(|row| {
            let verdict = &row.verdict;
            let scan = verdict.scan.clone()?;
            let scanned = digests.get(&(verdict.repository.as_str(), scan.as_str()));
            let part = Part {
                digest: row.digest.clone(),
                scanned: scanned.and_then(|digest| (*digest).clone()),
                scan,
                next: verdict.next.clone(),
            };
            Some(((verdict.repository.clone(), verdict.tag.clone()), part))
        });
        parts.collect()
    };
    let (before, now) = (taking_part(before), taking_part(now));
    let keys = before.keys().chain(now.keys());
    let mut moved: Vec<String> = keys
        .filter(|key| before.get(*key) != now.get(*key))
        .map(|(repository, tag)| format!("{repository}:{tag}"))
        .collect();
    moved.sort_unstable();
    moved.dedup();
    moved
}

/// What a run works with at one image.
#[derive(PartialEq, Eq)]
struct Part {
    digest: Option<String>,
    scanned: Option<String>,
    scan: String,
    next: Option<String>,
}

fn not_kept(digest: &str) -> WorkflowError {
    WorkflowError::NotFound {
        what: format!("the dry run {digest}"),
    }
}

fn unreadable(what: &str, error: impl std::error::Error + Send + Sync + 'static) -> WorkflowError {
    WorkflowError::Internal {
        what: format!("{what} cannot be written or read: {error}"),
        source: Some(Box::new(error)),
    }
}
