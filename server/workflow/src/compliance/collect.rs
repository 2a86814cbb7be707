//! Scans the newest image of each tag, and keeps what that changes.
use crate::image_facts::Target;
use crate::registry_room::RegistryRoom;
use crate::{Answer, Caller, Workflow, WorkflowError};
use chrono::{DateTime, TimeDelta, Utc};
use drydock_domain::access::{Operation, Role};
use drydock_domain::calendar::TOLERANCE;
use drydock_domain::compliance::{
    Closing, ClosingReason, Finding, FindingKind, Instants, Observation, ScanOutcome, Seen,
    Severity, finding_id, from_report, reconcile,
};
use drydock_domain::console::AuditOutcome;
use drydock_domain::lineage::{ImageLineage, LineageNode};
use drydock_domain::run::{RunStatus, RunTree};
use drydock_ledger::Lease;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

/// An image that did not change is scanned again after this long: archives bring fixes every day.
const SCAN_AGAIN: TimeDelta = TimeDelta::hours(24);
/// One round looks at so many images, those first that were never scanned, or longest ago.
const MOST_IMAGES: usize = 100;
/// How often changed images are looked for; the first time after the start of the process, which has
/// better to do.
const PAUSE: Duration = Duration::from_secs(300);
/// One process looks at a registry at a time, and no longer than this without saying so.
const LEASE: TimeDelta = TimeDelta::minutes(30);

/// How long an answer waits for a scan that may be quick.
const PATIENCE: Duration = Duration::from_secs(10);

const SCANNER: &str = concat!("drydock ", env!("CARGO_PKG_VERSION"));

/// One tag's newest image, and how it came to be.
struct Subject {
    repository: String,
    image: ImageLineage,
    run_id: String,
}

impl Subject {
    /// The newest patch, or the original.
    fn newest(&self) -> Option<&LineageNode> {
        self.image.patches.last().or(self.image.node.as_ref())
    }

    fn name(&self) -> (String, String) {
        (self.repository.clone(), self.image.original.clone())
    }
}

impl Workflow {
    /// Keeps what is found in images, of every registry, for as long as it is polled.
    pub async fn keep_findings(self) {
        loop {
            tokio::time::sleep(PAUSE).await;
            let registries = match self.registries().await {
                Ok(registries) => registries,
                Err(error) => {
                    tracing::warn!(%error, "no registry's images are looked at yet");
                    continue;
                }
            };
            for registry in registries.iter() {
                if let Err(error) = self.collect(&registry.name, SCAN_AGAIN).await {
                    tracing::warn!(registry = registry.name, %error, "images are not looked at yet");
                }
            }
        }
    }

    /// Scans now what a round would scan, however lately that was done; how many images, or `None`
    /// while it goes on: it is not waited for longer than a moment, and nobody need stay.
    ///
    /// # Errors
    /// `Conflict` while somebody else looks at this registry's images.
    pub async fn collect_findings(&self, caller: &Caller, registry: &str) -> Answer<Option<usize>> {
        let room = self.room(caller, registry).await?;
        let (operation, name) = (Operation::StartRun, room.registry.name.clone());
        self.authorise(caller, operation, &name).await?;
        let ledger = &self.inner.ledger;
        let detail = "look for vulnerabilities in every tag's newest image";
        let entry = ledger
            .begin(&caller.actor, operation.as_str(), &name, detail)
            .await?;
        let workflow = self.clone();
        // It changes nothing in Azure, so that no change need wait for it.
        let scanning = tokio::spawn(async move {
            let collected = workflow.collect(&name, TimeDelta::zero()).await;
            let collected = collected.and_then(|n_images| n_images.ok_or_else(under_way));
            let ended = match &collected {
                Ok(n_images) => AuditOutcome::Succeeded {
                    detail: format!("{n_images} images"),
                },
                Err(error) => AuditOutcome::Failed {
                    detail: error.to_string(),
                },
            };
            if let Err(error) = entry.complete(&ended).await {
                tracing::error!(%error, "an audit entry could not be completed");
            }
            collected
        });
        match tokio::time::timeout(PATIENCE, scanning).await {
            Err(_) => Ok(None),
            Ok(Ok(collected)) => collected.map(Some),
            Ok(Err(error)) => Err(WorkflowError::Internal {
                what: "the scan broke off".into(),
                source: Some(Box::new(error)),
            }),
        }
    }

    /// Looks at the images whose last scan is older than `age`, or of another digest; `None` where
    /// somebody else does.
    async fn collect(&self, registry: &str, age: TimeDelta) -> Answer<Option<usize>> {
        let room = self.open_room(registry).await?;
        let ledger = &self.inner.ledger;
        let lease = format!("findings of {}", room.registry.name);
        let Some(lease) = ledger.acquire_lease(&lease, LEASE).await? else {
            return Ok(None);
        };
        let collected = self.collect_alone(&room, age, &lease).await;
        lease.release().await?;
        collected.map(Some)
    }

    async fn collect_alone(
        &self,
        room: &Arc<RegistryRoom>,
        age: TimeDelta,
        lease: &Lease,
    ) -> Answer<usize> {
        let name = &room.registry.name;
        let now = self.inner.clock.now();
        let ledger = &self.inner.ledger;
        let trees = self.trees(room).await?;
        self.keep_failures(room, &trees, now).await?;
        let subjects = self.subjects(room, &trees).await?;
        self.close_gone(room, &subjects, now).await?;
        let scans = ledger.list_latest_scans(name, now).await?;
        let latest: HashMap<_, &Observation> = scans
            .iter()
            .map(|scan| ((scan.repository.clone(), scan.original.clone()), scan))
            .collect();
        let mut due: Vec<(Option<DateTime<Utc>>, &Subject)> = subjects
            .iter()
            .filter_map(|subject| {
                let newest = subject.newest()?;
                let last = latest.get(&subject.name());
                let is_due =
                    last.is_none_or(|last| last.digest != newest.digest || now - last.at >= age);
                is_due.then_some((last.map(|last| last.at), subject))
            })
            .collect();
        due.sort_by_key(|(last, _)| *last);
        due.truncate(MOST_IMAGES);
        for (_, subject) in &due {
            self.scan_subject(room, subject).await?;
            if !lease.renew(LEASE).await? {
                break;
            }
        }
        Ok(due.len())
    }

    async fn subjects(&self, room: &RegistryRoom, trees: &[RunTree]) -> Answer<Vec<Subject>> {
        let reader = Caller::new("drydock", Role::Viewer);
        let mut subjects = Vec::new();
        let (originals, _) = super::originals(&*self.tags_of(room).await?);
        let repositories: std::collections::BTreeSet<_> =
            originals.iter().map(|(repository, _)| repository).collect();
        for repository in repositories {
            let lineage = self.get_lineage(&reader, &room.registry.name, repository);
            for image in lineage.await?.images {
                let is_image = (repository.clone(), image.original.clone());
                if !originals.contains(&is_image) {
                    continue;
                }
                let newest = image.patches.last().map(|patch| patch.tag.as_str());
                let run_id = newest.map_or_else(String::new, |tag| {
                    made_by(trees, repository, tag).unwrap_or_default()
                });
                subjects.push(Subject {
                    repository: repository.clone(),
                    image,
                    run_id,
                });
            }
        }
        Ok(subjects)
    }

    /// Scans one image, and keeps the observation with what it opens and closes.
    async fn scan_subject(&self, room: &Arc<RegistryRoom>, subject: &Subject) -> Answer<()> {
        let Some(newest) = subject.newest() else {
            return Ok(());
        };
        let target = Target {
            room,
            repository: &subject.repository,
            scan: &newest.tag,
            digest: &newest.digest,
            original: None,
        };
        let found = self.look_inside(&target, &|_| {}).await;
        let mut scan = self.observation(room, subject, newest);
        let vulnerabilities = match found {
            Ok(inside) => {
                let evidence = inside.evidence.scan;
                scan.findings = u32::try_from(inside.found.findings.len()).unwrap_or(u32::MAX);
                scan.database_at = inside.found.sources.iter().filter_map(|it| it.date).max();
                scan.os = inside.found.os;
                scan.is_end_of_life = evidence.as_ref().is_some_and(|it| it.end_of_life.is_some());
                if evidence.is_none() {
                    scan.outcome = ScanOutcome::Unreadable;
                    scan.note = inside.evidence.failure.unwrap_or_default();
                }
                inside.found.findings
            }
            Err(why) => {
                scan.outcome = ScanOutcome::Unreadable;
                scan.note = why;
                Vec::new()
            }
        };
        let name = &room.registry.name;
        let ledger = &self.inner.ledger;
        let all = ledger.list_findings(name, scan.at).await?;
        let of_image = |finding: &&Finding| {
            finding.kind == FindingKind::Vulnerability
                && finding.repository == scan.repository
                && finding.original == scan.original
        };
        let known: HashSet<&str> = all.iter().map(|finding| finding.id.as_str()).collect();
        let mut open: Vec<Finding> = all
            .iter()
            .filter(of_image)
            .filter(|finding| finding.closing.is_none())
            .cloned()
            .collect();
        // What earlier patches fixed before anybody looked: their reports are the evidence.
        let reports = subject
            .image
            .patches
            .iter()
            .filter_map(|it| it.report.as_ref());
        let mut from_reports: Vec<Finding> = reports
            .flat_map(|report| from_report(report, &scan))
            .filter(|finding| !known.contains(finding.id.as_str()) && finding.opened_at <= scan.at)
            .collect();
        from_reports.sort_by(|a, b| (&a.id, a.opened_at).cmp(&(&b.id, b.opened_at)));
        from_reports.dedup_by(|a, b| a.id == b.id);
        open.extend(from_reports.iter().cloned());
        let seen = Seen {
            scan: &scan,
            vulnerabilities: &vulnerabilities,
            is_patch: !subject.image.patches.is_empty(),
            pushed_at: newest.created_at.or(newest.updated_at),
            run_id: &subject.run_id,
        };
        let mut changes = from_reports;
        changes.extend(reconcile(&open, &seen));
        ledger.keep_scan(Some(&scan), &changes).await?;
        Ok(())
    }

    fn observation(
        &self,
        room: &RegistryRoom,
        subject: &Subject,
        newest: &LineageNode,
    ) -> Observation {
        let at = self.inner.clock.now();
        let original = subject.image.node.as_ref();
        Observation {
            id: finding_id(
                &room.registry.name,
                &format!("{}:{}", subject.repository, newest.tag),
                &newest.digest,
                "scan",
                &at.to_rfc3339(),
            ),
            registry: room.registry.name.clone(),
            repository: subject.repository.clone(),
            original: subject.image.original.clone(),
            tag: newest.tag.clone(),
            digest: newest.digest.clone(),
            platform: newest.platform.clone(),
            original_digest: original.map_or_else(String::new, |node| node.digest.clone()),
            at,
            outcome: ScanOutcome::Complete,
            scanner: SCANNER.into(),
            database_at: None,
            findings: 0,
            os: String::new(),
            is_end_of_life: false,
            note: String::new(),
        }
    }

    /// Tags that are not there any more take their findings with them.
    async fn close_gone(
        &self,
        room: &RegistryRoom,
        subjects: &[Subject],
        now: DateTime<Utc>,
    ) -> Answer<()> {
        let ledger = &self.inner.ledger;
        let there: HashSet<_> = subjects.iter().map(Subject::name).collect();
        let mut gone = ledger.list_open_findings(&room.registry.name).await?;
        gone.retain(|finding| {
            let name = (finding.repository.clone(), finding.original.clone());
            finding.kind == FindingKind::Vulnerability && !there.contains(&name)
        });
        for finding in &mut gone {
            finding.closing = Some(ended(now, ClosingReason::Gone, ""));
        }
        match gone.is_empty() {
            true => Ok(()),
            false => Ok(ledger.keep_scan(None, &gone).await?),
        }
    }

    /// A missed or failed run is a finding too: a failure of detection. A later run that ended well
    /// makes up for it.
    async fn keep_failures(
        &self,
        room: &RegistryRoom,
        trees: &[RunTree],
        now: DateTime<Utc>,
    ) -> Answer<()> {
        let ledger = &self.inner.ledger;
        let name = &room.registry.name;
        let state = self.state(room).await?;
        let missed = self.missed(room, &state, trees).await?;
        let known = ledger.list_findings(name, now).await?;
        let known: HashMap<&str, &Finding> = known
            .iter()
            .map(|finding| (finding.id.as_str(), finding))
            .collect();
        let missed = missed.into_iter().map(|planned| Failure {
            kind: FindingKind::MissedRun,
            name: format!("MISSED-{}", planned.format("%Y-%m-%dT%H:%MZ")),
            at: planned + TOLERANCE,
            run_id: String::new(),
        });
        let failed = trees.iter().filter(|tree| tree.status.is_finished());
        let failed = failed.filter(|tree| tree.status != RunStatus::Succeeded);
        let failed = failed.map(|tree| Failure {
            kind: FindingKind::FailedRun,
            name: format!("FAILED-{}", tree.trigger.id),
            at: tree.trigger.finished_at.unwrap_or(tree.trigger.created_at),
            run_id: tree.trigger.id.clone(),
        });
        let mut changes: Vec<Finding> = missed
            .chain(failed)
            .map(|failure| failure.finding(name, now))
            .filter(|finding| !known.contains_key(finding.id.as_str()))
            .collect();
        let open = known.values().filter(|it| it.closing.is_none());
        let open = open.filter(|it| it.kind != FindingKind::Vulnerability);
        changes.extend(open.map(|finding| (*finding).clone()));
        for finding in &mut changes {
            let since = finding.instants.first_detected.unwrap_or(now);
            if let Some(made_up) = made_up(trees, since) {
                finding.closing = Some(ended(now, ClosingReason::CaughtUp, made_up));
            }
        }
        changes.retain(|finding| {
            let known = known.get(finding.id.as_str());
            known.is_none_or(|known| *known != finding)
        });
        match changes.is_empty() {
            true => Ok(()),
            false => Ok(ledger.keep_scan(None, &changes).await?),
        }
    }
}

fn under_way() -> WorkflowError {
    WorkflowError::Conflict {
        why: "This registry's images are being scanned already; what is found appears here.".into(),
    }
}

/// The run that pushed this tag.
fn made_by(trees: &[RunTree], repository: &str, tag: &str) -> Option<String> {
    let images = trees.iter().flat_map(|tree| &tree.images);
    let mut made = images.filter(|image| image.repository == repository && image.next == tag);
    made.find_map(|image| Some(image.patch.as_ref()?.id.clone()))
}

/// The trigger run of the first cycle that began after an instant and ended well.
fn made_up(trees: &[RunTree], since: DateTime<Utc>) -> Option<&str> {
    let good = trees
        .iter()
        .filter(|tree| tree.status == RunStatus::Succeeded && tree.trigger.created_at > since);
    let first = good.min_by_key(|tree| tree.trigger.created_at);
    first.map(|tree| tree.trigger.id.as_str())
}

fn ended(at: DateTime<Utc>, reason: ClosingReason, run_id: &str) -> Closing {
    Closing {
        at,
        reason,
        tag: String::new(),
        digest: String::new(),
        scan_id: String::new(),
        run_id: run_id.to_owned(),
    }
}

/// A run that did not happen, or came to nothing.
struct Failure {
    kind: FindingKind,
    name: String,
    at: DateTime<Utc>,
    run_id: String,
}

impl Failure {
    fn finding(&self, registry: &str, now: DateTime<Utc>) -> Finding {
        Finding {
            id: finding_id(registry, "", "", "", &self.name),
            kind: self.kind,
            registry: registry.to_owned(),
            repository: String::new(),
            original: String::new(),
            tag: String::new(),
            digest: String::new(),
            platform: String::new(),
            cve: self.name.clone(),
            package: String::new(),
            purl: String::new(),
            installed: String::new(),
            fixed: String::new(),
            // What was not looked for may be anything: FedRAMP's rule counts it as a vulnerability.
            severity: Severity::High,
            instants: Instants {
                first_detected: Some(self.at),
                evaluated: Some(self.at),
                ..Instants::default()
            },
            scanner: SCANNER.into(),
            database_at: None,
            scan_id: self.run_id.clone(),
            opened_at: now,
            closing: None,
        }
    }
}
