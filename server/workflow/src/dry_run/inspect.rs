//! Dry runs that look into what a policy picks: once for each text and depth, whoever asks.
use crate::image_facts::Target;
use crate::lineage::find_drift;
use crate::preflight::obstacle;
use crate::registry_room::RegistryRoom;
use crate::{Answer, Caller, Workflow, WorkflowError};
use chrono::TimeDelta;
use drydock_domain::access::Operation;
use drydock_domain::console::{RegistryTags, TagFacts};
use drydock_domain::dry_run::{
    Depth, ImageInside, InspectedImage, Inspection, Receipt, inventory_listing,
};
use drydock_domain::inventory::Inventory;
use drydock_domain::lineage::Progress;
use drydock_domain::policy::Policy;
use drydock_domain::selection::{Selected, Selection, select};
use drydock_domain::verdict::{ImageEvidence, judge};
use futures::{StreamExt, stream};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::watch;

/// How long an answer waits for an inspection that may be quick.
const PATIENCE: Duration = Duration::from_secs(1);
/// One that is over is given out again for so long, while no tag has moved.
const LIFE: TimeDelta = TimeDelta::hours(1);
/// Inspections of one registry that may be under way: each holds what it has found.
const MOST_UNDERWAY: usize = 4;
/// Inspections that are remembered, of all registries.
const MOST_KEPT: usize = 32;
/// Manifests that are compared at a time.
const READERS: usize = 8;

#[derive(Default)]
pub(crate) struct Inspections {
    jobs: Mutex<HashMap<Key, watch::Receiver<State>>>,
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct Key {
    registry: String,
    policy: String,
    depth: Depth,
}

impl Key {
    fn new(room: &RegistryRoom, policy_text: &str, depth: Depth) -> Self {
        Self {
            registry: room.registry.name.to_ascii_lowercase(),
            policy: digest(policy_text.as_bytes()),
            depth,
        }
    }
}

/// An inspection, and what its record needs besides.
#[derive(Clone)]
pub(crate) struct State {
    pub inspection: Inspection,
    pub images: Vec<Arc<InspectedImage>>,
    /// Before and after, once it is over.
    pub tags: Option<(Arc<RegistryTags>, Arc<RegistryTags>)>,
}

impl Workflow {
    /// What a policy picks, looked into as deep as was asked for, or how far that is: started once,
    /// whoever asks. It reads the registry, and writes nothing to it.
    pub async fn inspect_dry_run(
        &self,
        caller: &Caller,
        registry: &str,
        policy_text: &str,
        depth: Depth,
    ) -> Answer<Inspection> {
        caller.authorise(Operation::Read)?;
        let room = self.whole_room(caller, registry).await?;
        let mut job = self.join_inspection(&room, policy_text, depth).await?;
        let over = job.wait_for(|state| state.inspection.is_over());
        let _ = tokio::time::timeout(PATIENCE, over).await;
        let mut inspection = job.borrow().inspection.clone();
        inspection.as_of = self.inner.clock.now();
        Ok(inspection)
    }

    /// What the inspection found in one image so far; `None` where it is not there yet, or was
    /// never begun.
    pub async fn find_inside(
        &self,
        caller: &Caller,
        registry: &str,
        policy_text: &str,
        depth: Depth,
        (repository, tag): (&str, &str),
    ) -> Answer<Option<ImageInside>> {
        caller.authorise(Operation::Read)?;
        let room = self.whole_room(caller, registry).await?;
        let key = Key::new(&room, policy_text, depth);
        let job = self.inner.inspections.lock().get(&key).cloned();
        let is_it = |image: &&Arc<InspectedImage>| image.is(repository, tag);
        Ok(job.and_then(|job| {
            let found = job.borrow().images.iter().find(is_it).cloned();
            found.map(|image| image.inside.clone())
        }))
    }

    /// The same, waited for to its end.
    pub(crate) async fn finish_inspection(
        &self,
        room: &Arc<RegistryRoom>,
        policy_text: &str,
        depth: Depth,
    ) -> Answer<State> {
        let mut job = self.join_inspection(room, policy_text, depth).await?;
        let over = job.wait_for(|state| state.inspection.is_over()).await;
        let broke_off = || WorkflowError::Unavailable {
            why: "the dry run broke off; the server's log says why".into(),
        };
        let state = over.map_err(|_| broke_off())?.clone();
        match state.inspection.failure {
            Some(why) => Err(WorkflowError::Unavailable { why }),
            None => Ok(state),
        }
    }

    async fn join_inspection(
        &self,
        room: &Arc<RegistryRoom>,
        policy_text: &str,
        depth: Depth,
    ) -> Answer<watch::Receiver<State>> {
        let key = Key::new(room, policy_text, depth);
        let known = self.inner.inspections.lock().get(&key).cloned();
        if let Some(known) = known
            && !self.is_stale(room, &known).await?
        {
            return Ok(known);
        }
        let inspections = &self.inner.inspections;
        let begun = State {
            inspection: Inspection::begun(depth, self.inner.clock.now()),
            images: Vec::new(),
            tags: None,
        };
        let (sender, receiver) = watch::channel(begun);
        inspections.keep(&key, receiver.clone())?;
        let inspector = Inspector {
            workflow: self.clone(),
            room: room.clone(),
            policy_digest: key.policy,
            depth,
            state: sender,
        };
        let text = policy_text.to_owned();
        tokio::spawn(async move { inspector.run(&text).await });
        Ok(receiver)
    }

    /// Over, and not what would be found now; one that broke off or failed is always begun anew.
    async fn is_stale(&self, room: &RegistryRoom, job: &watch::Receiver<State>) -> Answer<bool> {
        let receipt = {
            let state = job.borrow();
            match &state.inspection.receipt {
                Some(receipt) => receipt.clone(),
                None => return Ok(state.inspection.is_over() || job.has_changed().is_err()),
            }
        };
        if self.inner.clock.now() - receipt.finished_at > LIFE {
            return Ok(true);
        }
        let now = self.tags_of(room).await?;
        Ok(digest(inventory_listing(&now).as_bytes()) != receipt.inventory_after)
    }
}

impl Inspections {
    /// Keeps a new one under its key, and lets go of old ones.
    fn keep(&self, key: &Key, job: watch::Receiver<State>) -> Answer<()> {
        let mut jobs = self.lock();
        let is_underway = |job: &watch::Receiver<State>| !job.borrow().inspection.is_over();
        let underway = jobs
            .iter()
            .filter(|(known, job)| known.registry == key.registry && is_underway(job));
        if underway.count() >= MOST_UNDERWAY {
            return Err(WorkflowError::Conflict {
                why: format!(
                    "{MOST_UNDERWAY} dry runs of {} are under way; try again when one is over",
                    key.registry
                ),
            });
        }
        if jobs.len() >= MOST_KEPT {
            jobs.retain(|_, job| is_underway(job));
        }
        jobs.insert(key.clone(), job);
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, watch::Receiver<State>>> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn digest(bytes: &[u8]) -> String {
    format!("sha256:{}", hex::encode(Sha256::digest(bytes)))
}

/// The work.
struct Inspector {
    workflow: Workflow,
    room: Arc<RegistryRoom>,
    policy_digest: String,
    depth: Depth,
    state: watch::Sender<State>,
}

impl Inspector {
    async fn run(self, text: &str) {
        if let Err(error) = self.inspect(text).await {
            let why = error.to_string();
            self.update(|state| state.inspection.failure = Some(why));
        }
    }

    async fn inspect(&self, text: &str) -> Answer<()> {
        let clock = &self.workflow.inner.clock;
        let started_at = clock.now();
        let before = self.workflow.fresh_tags(&self.room).await?;
        let mut matches = 0;
        // A policy that is refused picks nothing, and the page says why.
        if let Ok(policy) = crate::dry_run::record::read(text) {
            let inventory = Inventory::from(before.as_ref());
            let selection = select(&policy, &inventory);
            matches = selection.matches();
            let tags = by_name(&before);
            self.look_at_registry(&selection).await;
            if !selection.is_over_limit() {
                self.look_for_drift(&selection, &tags).await?;
                self.look_into(&policy, &inventory, &selection, &tags)
                    .await?;
            }
        }
        let after = self.workflow.fresh_tags(&self.room).await?;
        let receipt = Receipt {
            depth: self.depth,
            policy_digest: self.policy_digest.clone(),
            inventory_before: digest(inventory_listing(&before).as_bytes()),
            inventory_after: digest(inventory_listing(&after).as_bytes()),
            started_at,
            finished_at: clock.now(),
            matches,
        };
        self.update(|state| {
            state.tags = Some((before, after));
            state.inspection.receipt = Some(receipt);
        });
        Ok(())
    }

    /// What stops all images, or those of a repository. Where Azure does not tell, the preflight
    /// page says so: here it is not known to be in the way.
    async fn look_at_registry(&self, selection: &Selection) {
        let (arm, id) = (self.workflow.inner.azure.arm(), &self.room.id);
        let (registry, rules) = tokio::join!(arm.get_registry(id), arm.list_cache_rules(id));
        let stopped = registry.ok().and_then(|registry| obstacle(&registry));
        let rules = rules.unwrap_or_default();
        let cached = selection.by_repository().into_iter();
        let cached = cached.map(|(repository, _)| repository.to_owned());
        let cached = cached.filter(|name| rules.iter().any(|rule| rule.covers(name)));
        let cached: Vec<String> = cached.collect();
        self.update(|state| {
            state.inspection.evidence.registry = stopped;
            state.inspection.evidence.cached = cached;
        });
    }

    async fn look_for_drift(&self, selection: &Selection, tags: &Tags<'_>) -> Answer<()> {
        let pairs = selection.selected.iter().filter_map(|row| {
            let original = tags.get(&(row.repository.as_str(), row.original.as_str()))?;
            let patch = tags.get(&(row.repository.as_str(), row.latest.as_deref()?))?;
            Some((row, *original, *patch))
        });
        let reads: Vec<_> = pairs
            .map(|(row, original, patch)| async move {
                let drift = find_drift(&self.room, &row.repository, original, patch).await;
                (row, drift)
            })
            .collect();
        let found: Vec<_> = stream::iter(reads)
            .buffer_unordered(READERS)
            .collect()
            .await;
        for (row, drift) in found {
            if let Some(drift) = drift? {
                self.weigh(row, |image| image.drift = Some(drift));
            }
        }
        Ok(())
    }

    async fn look_into(
        &self,
        policy: &Policy,
        inventory: &Inventory,
        selection: &Selection,
        tags: &Tags<'_>,
    ) -> Answer<()> {
        if self.depth == Depth::Match {
            return Ok(());
        }
        let can = self.workflow.can_look_inside();
        can.map_err(|why| WorkflowError::Unavailable { why })?;
        let judgements = judge(policy, inventory, selection);
        // What is no Linux image of one platform has its verdict already.
        let rows: Vec<&Selected> = judgements
            .iter()
            .filter(|judgement| !judgement.is_stopped_by_its_kind())
            .filter_map(|judgement| judgement.row)
            .collect();
        self.update(|state| state.inspection.total = rows.len());
        for row in rows {
            self.look_into_image(row, tags).await;
            self.update(|state| state.inspection.done += 1);
        }
        self.update(|state| state.inspection.progress = Progress::default());
        Ok(())
    }

    async fn look_into_image(&self, row: &Selected, tags: &Tags<'_>) {
        let digest = |tag: &str| {
            let facts = tags.get(&(row.repository.as_str(), tag));
            facts.map(|facts| facts.digest.as_str())
        };
        // Selection picks from the same tags.
        let Some(scanned) = digest(&row.scan) else {
            return;
        };
        let image = format!("{}:{}", row.repository, row.scan);
        let hear = |progress: Progress| {
            self.update(|state| {
                state.inspection.progress = Progress {
                    doing: format!("{image}: {}", progress.doing),
                    ..progress
                };
            });
        };
        hear(Progress {
            doing: "looking".into(),
            ..Progress::default()
        });
        let wants_plan = self.depth == Depth::ScanAndPlan;
        let target = Target {
            room: &self.room,
            repository: &row.repository,
            scan: &row.scan,
            digest: scanned,
            original: digest(&row.original).filter(|_| wants_plan),
        };
        match self.workflow.look_inside(&target, &hear).await {
            Ok(inside) => {
                self.weigh(row, |image| {
                    let drift = image.drift.take();
                    *image = ImageEvidence {
                        drift,
                        ..inside.evidence
                    };
                });
                let image = InspectedImage {
                    repository: row.repository.clone(),
                    original: row.original.clone(),
                    scan: row.scan.clone(),
                    inside: inside.found,
                };
                self.update(|state| state.images.push(Arc::new(image)));
            }
            Err(why) => self.weigh(row, |image| image.failure = Some(why)),
        }
    }

    fn weigh(&self, row: &Selected, change: impl FnOnce(&mut ImageEvidence)) {
        self.update(|state| {
            let images = &mut state.inspection.evidence.images;
            let images = images.entry(row.repository.clone()).or_default();
            change(images.entry(row.original.clone()).or_default());
        });
    }

    fn update(&self, change: impl FnOnce(&mut State)) {
        self.state.send_modify(change);
    }
}

/// Tags by repository and name.
type Tags<'a> = HashMap<(&'a str, &'a str), &'a TagFacts>;

fn by_name(registry: &RegistryTags) -> Tags<'_> {
    let repositories = registry.repositories.iter();
    let tags = repositories.flat_map(|repository| {
        let name = repository.repository.as_str();
        let tags = repository.tags.iter();
        tags.map(move |tag| ((name, tag.tag.as_str()), tag))
    });
    tags.collect()
}
