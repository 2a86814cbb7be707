use crate::archive::shelf::Shelf;
use crate::audit_trail::TrailRoom;
use crate::compliance::FeedDesk;
use crate::dry_run::inspect::Inspections;
use crate::evidence::Evidence;
use crate::image_facts::ImageFacts;
use crate::lineage::sightings::Sightings;
use crate::notify::{Courier, KnownDrift};
use crate::registry_room::Rooms;
use drydock_azure::Azure;
use drydock_ledger::{Clock, Ledger};
use drydock_patcher::Engine;
use std::path::PathBuf;
use std::sync::Arc;

/// Every use case of the console; cheap to clone. Each one takes the [`crate::Caller`] and
/// authorises it; each one that changes something is audited first.
#[derive(Clone)]
pub struct Workflow {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub azure: Azure,
    pub ledger: Ledger,
    pub clock: Clock,
    pub rooms: Rooms,
    pub trail: TrailRoom,
    pub evidence: Evidence,
    /// Records of the policies that were applied, by audit entry.
    pub policies: Shelf,
    /// Records of dry runs, by audit entry.
    pub dry_runs: Shelf,
    pub inspections: Inspections,
    pub facts: ImageFacts,
    pub sightings: Sightings,
    pub feeds: FeedDesk,
    pub shelf: Shelf,
    /// Absent where nobody is notified.
    pub courier: Option<Arc<dyn Courier>>,
    pub drift: KnownDrift,
    /// The registry that the audit trail's head is published in; absent where it is not.
    pub witness: Option<String>,
    /// Whether what is deployed changes only by a proposal that a second person approved.
    pub requires_approval: bool,
}

impl Workflow {
    /// `clock` says what the present is for next runs and for the age of what is shown; `evidence`
    /// is the folder for copies of what a delete takes away, made when it is first needed.
    pub fn new(azure: Azure, ledger: Ledger, clock: Clock, evidence: PathBuf) -> Self {
        Self {
            inner: Arc::new(Inner {
                azure,
                ledger,
                clock,
                rooms: Rooms::new(),
                inspections: Inspections::default(),
                facts: ImageFacts::new(evidence.join("images")),
                feeds: FeedDesk::default(),
                sightings: Sightings::new(evidence.join("tags")),
                shelf: Shelf::new(evidence.join("runs")),
                dry_runs: Shelf::new(evidence.join("dry-runs")),
                policies: Shelf::new(evidence.join("policies")),
                courier: None,
                drift: KnownDrift::default(),
                witness: None,
                requires_approval: false,
                trail: TrailRoom::new(),
                evidence: Evidence::new(evidence),
            }),
        }
    }

    /// Looks for vulnerabilities of the images that it compares with this engine. Only for the
    /// one process that owns the evidence's folder.
    ///
    /// # Panics
    /// Where it was cloned before.
    #[must_use]
    pub fn scanning_with(mut self, engine: Arc<Engine>) -> Self {
        let inner = Arc::get_mut(&mut self.inner).expect("told before it is shared");
        inner.facts.scan_with(engine);
        self
    }

    /// Has everything that changes what is deployed proposed by one person and approved by another.
    ///
    /// # Panics
    /// Where it was cloned before.
    #[must_use]
    pub fn requiring_approval(mut self) -> Self {
        let inner = Arc::get_mut(&mut self.inner).expect("told before it is shared");
        inner.requires_approval = true;
        self
    }

    /// Has notices delivered by this courier.
    ///
    /// # Panics
    /// Where it was cloned before.
    #[must_use]
    pub fn notifying_by(mut self, courier: Arc<dyn Courier>) -> Self {
        let inner = Arc::get_mut(&mut self.inner).expect("told before it is shared");
        inner.courier = Some(courier);
        self
    }

    /// Has the audit trail's head published in this registry, and compared.
    ///
    /// # Panics
    /// Where it was cloned before.
    #[must_use]
    pub fn witnessed_in(mut self, registry: String) -> Self {
        let inner = Arc::get_mut(&mut self.inner).expect("told before it is shared");
        inner.witness = Some(registry);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Caller;

    fn is_send<T: Send>(_: T) {}

    /// Never run: that it compiles is the test. A web server moves these between threads.
    #[allow(dead_code)]
    fn use_cases_can_move_between_threads(workflow: &Workflow, caller: &Caller) {
        is_send(workflow.get_overview(caller, ""));
        is_send(workflow.preview(caller, "", ""));
        is_send(workflow.inspect_dry_run(caller, "", "", Default::default()));
        is_send(workflow.record_dry_run(caller, "", "", Default::default()));
        is_send(workflow.get_lineage(caller, "", ""));
        is_send(workflow.draw_lineage(caller, "", ""));
        is_send(workflow.find_archived_run(caller, "", ""));
        is_send(workflow.list_earlier_runs(caller, "", 1));
        is_send(workflow.clone().keep_archive());
        is_send(workflow.clone().keep_findings());
        is_send(workflow.clone().keep_witness());
        is_send(workflow.collect_findings(caller, ""));
        is_send(workflow.get_compliance(caller, "", &Default::default()));
        is_send(workflow.compare_images(caller, "", "", "", ""));
        is_send(workflow.watch_runs(caller, ""));
        is_send(workflow.delete_workflow(caller, "", ""));
        is_send(workflow.update_workflow(caller, "", None, None, false));
        is_send(workflow.approve_proposal(caller, "", "", ""));
        is_send(workflow.cancel_run(caller, "", ""));
        is_send(workflow.follow_log(caller, "", "", 0));
    }
}
