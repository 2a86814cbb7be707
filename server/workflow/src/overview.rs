use crate::preflight::cut_off;
use crate::tags::of_people;
use crate::{Answer, Caller, Workflow};
use drydock_domain::access::Operation;
use drydock_domain::console::{Overview, RegistryTags, WorkflowState};
use drydock_domain::inventory::Inventory;
use drydock_domain::policy;
use drydock_domain::run::{RunTree, TaskName};
use drydock_domain::selection::select;
use drydock_domain::tag::{TagKind, kind};

/// Cycles that the Overview shows.
const RECENT: usize = 5;

impl Workflow {
    /// A registry at a glance.
    pub async fn get_overview(&self, caller: &Caller, registry: &str) -> Answer<Overview> {
        caller.authorise(Operation::Read)?;
        let room = self.room(caller, registry).await?;
        let (state, tags, trees) = tokio::try_join!(
            self.state(&room),
            self.tags_for(caller, &room),
            self.trees(&room)
        )?;
        let last = self.last_change(&room).await?;
        let interruption = last.as_ref().and_then(cut_off);
        let interruption = interruption.map(|(finding, remedy)| format!("{finding} {remedy}"));
        let all = || of_people(&tags).flat_map(|it| &it.tags);
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let patch_tags = all()
            .filter(|tag| kind(&tag.tag) != TagKind::Original)
            .count();
        let missed = self.missed(&room, &state, &trees).await?;
        let ledger = &self.inner.ledger;
        let proposal = ledger.find_waiting_proposal(&room.registry.name).await?;
        Ok(Overview {
            missed,
            proposal: proposal.map(|proposal| caller.reached_proposal(proposal)),
            drifted: self.known_drifted(&state, &tags),
            matched_images: matched(&state, &tags).map(number),
            repositories: number(of_people(&tags).count()),
            tags: number(all().count()),
            patch_tags: number(patch_tags),
            recent: caller.reached_runs(&room.registry.name, &recent(&trees)),
            notice: interruption.or_else(|| notice(&state)),
            state: caller.reached_state(state),
        })
    }
}

/// The newest trees, the newest whole cycle among them.
fn recent(trees: &[RunTree]) -> Vec<RunTree> {
    let is_cycle = |tree: &RunTree| tree.trigger.task == Some(TaskName::Trigger);
    let cycle = trees.iter().position(is_cycle);
    let newest = trees.iter().take(RECENT);
    let cycle = cycle.filter(|at| *at >= RECENT).map(|at| &trees[at]);
    newest.chain(cycle).cloned().collect()
}

/// Images that the deployed policy selects; `None` where there is none, or it is refused.
pub(crate) fn matched(state: &WorkflowState, tags: &RegistryTags) -> Option<usize> {
    let policy = policy::parse(&state.policy.as_ref()?.text).ok()?;
    if policy::service_refusal(&policy).is_some() {
        return None;
    }
    Some(select(&policy, &Inventory::from(tags)).matches())
}

fn notice(state: &WorkflowState) -> Option<String> {
    if state.is_partial() {
        return Some(
            "Continuous patching is only in part there: create it again to complete it, or delete \
             what is left."
                .into(),
        );
    }
    if !state.is_configured() {
        return None;
    }
    let Some(policy) = &state.policy else {
        return Some("The policy has been deleted: every run fails until one is pushed.".into());
    };
    if policy.text.is_empty() {
        return Some("The deployed policy cannot be read: push one again.".into());
    }
    let is_switched_off = state.cron.is_none() || state.next_run.is_none();
    is_switched_off.then(|| "No run is scheduled: the timer is missing or switched off.".into())
}
