//! What is deployed now.
use crate::policy::artifact;
use crate::registry_room::RegistryRoom;
use crate::{Answer, Caller, Workflow, WorkflowError, definitions};
use chrono::{DateTime, Utc};
use drydock_azure::{ArmClient, Manifest, Task, TimerTrigger};
use drydock_domain::access::Operation;
use drydock_domain::console::{DeployedPolicy, Registry, TaskState, WorkflowState};
use drydock_domain::cron::Cron;
use drydock_domain::policy;
use drydock_domain::run::TaskName;
use futures::future::try_join_all;

/// The three tasks and the policy, as Azure holds them.
pub(crate) struct Deployed {
    /// In the order of `TaskName::ALL`; `None` where there is no such task.
    pub tasks: Vec<(TaskName, Option<Task>)>,
    pub policy: Option<Manifest>,
}

impl Deployed {
    pub(crate) fn find_task(&self, name: TaskName) -> Option<&Task> {
        let (_, task) = self.tasks.iter().find(|(found, _)| *found == name)?;
        task.as_ref()
    }

    pub(crate) fn is_configured(&self) -> bool {
        self.tasks.iter().all(|(_, task)| task.is_some())
    }

    /// Nothing of the workflow is there.
    pub(crate) fn is_absent(&self) -> bool {
        self.policy.is_none() && self.tasks.iter().all(|(_, task)| task.is_none())
    }

    /// The trigger's cron, and whether its timer is switched on.
    pub(crate) fn timer(&self) -> Option<(&str, bool)> {
        let timers = self.find_task(TaskName::Trigger)?.timers();
        let ours = timers.iter().find(|timer| timer.name == definitions::TIMER);
        let timer = ours.or(timers.first())?;
        Some((&timer.schedule, is_enabled(timer)))
    }

    /// Timers that start the trigger besides [`Self::timer`]: somebody added them with another tool.
    pub(crate) fn other_timers(&self) -> Vec<&TimerTrigger> {
        let timers = match self.find_task(TaskName::Trigger) {
            Some(task) => task.timers(),
            None => return Vec::new(),
        };
        let ours = timers.iter().find(|timer| timer.name == definitions::TIMER);
        let ours = ours.or(timers.first()).map(|timer| timer.name.as_str());
        let others = timers
            .iter()
            .filter(|timer| Some(timer.name.as_str()) != ours);
        others.filter(|timer| is_enabled(timer)).collect()
    }

    /// When one of the timers fires next.
    fn next_run(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let ours = self.timer().filter(|(_, is_enabled)| *is_enabled);
        let others = self.other_timers().into_iter();
        let crons = ours.map(|(cron, _)| cron).into_iter();
        let crons = crons.chain(others.map(|timer| timer.schedule.as_str()));
        crons
            .filter_map(|cron| Cron::parse(cron).ok()?.next_after(now))
            .min()
    }
}

fn is_enabled(timer: &TimerTrigger) -> bool {
    let status = timer.status.as_deref();
    status.is_none_or(|status| status.eq_ignore_ascii_case("Enabled"))
}

impl RegistryRoom {
    pub(crate) async fn deployed(&self, arm: &ArmClient) -> Answer<Deployed> {
        let tasks = try_join_all(TaskName::ALL.map(async |name| {
            let task = arm.find_task(&self.id, name.as_str()).await?;
            Ok::<_, WorkflowError>((name, task))
        }));
        let (tasks, policy) = tokio::try_join!(tasks, artifact::find(&self.acr))?;
        Ok(Deployed { tasks, policy })
    }

    async fn deployed_policy(&self, manifest: &Manifest) -> Answer<DeployedPolicy> {
        let repository = artifact::repository();
        let text = match artifact::read(&self.acr, manifest).await {
            Ok(text) => text,
            // Another one must be pushed to repair it, so its page has to open.
            Err(WorkflowError::Invalid { field, why }) => {
                tracing::warn!(field, why, "the deployed policy cannot be read");
                String::new()
            }
            Err(error) => return Err(error),
        };
        let tags = self.acr.list_tags(&repository).await?;
        let tag = artifact::tag();
        let pushed_at = tags
            .into_iter()
            .find(|record| record.name == tag.as_str())
            .and_then(|record| record.last_update_time);
        Ok(DeployedPolicy {
            convention: policy::parse(&text)
                .ok()
                .and_then(|policy| policy.convention),
            text,
            digest: manifest.digest.clone(),
            pushed_at,
        })
    }
}

impl Workflow {
    /// The registries that the credential sees, by name.
    pub async fn list_registries(&self, caller: &Caller) -> Answer<Vec<Registry>> {
        caller.authorise(Operation::Read)?;
        Ok(caller.reached(&self.registries().await?))
    }

    /// Continuous patching of a registry as deployed, read now.
    pub async fn get_workflow(&self, caller: &Caller, registry: &str) -> Answer<WorkflowState> {
        caller.authorise(Operation::Read)?;
        let room = self.room(caller, registry).await?;
        Ok(caller.reached_state(self.state(&room).await?))
    }

    pub(crate) async fn state(&self, room: &RegistryRoom) -> Answer<WorkflowState> {
        let deployed = room.deployed(self.inner.azure.arm()).await?;
        let policy = match &deployed.policy {
            Some(manifest) => Some(room.deployed_policy(manifest).await?),
            None => None,
        };
        let now = self.inner.clock.now();
        let next_run = deployed.next_run(now);
        Ok(WorkflowState {
            registry: room.registry.clone(),
            tasks: deployed.tasks.iter().map(task_state).collect(),
            policy,
            cron: deployed.timer().map(|(cron, _)| cron.to_owned()),
            next_run,
            as_of: now,
        })
    }
}

fn task_state((name, task): &(TaskName, Option<Task>)) -> TaskState {
    TaskState {
        name: *name,
        exists: task.is_some(),
        created_at: task.as_ref().and_then(|task| task.properties.creation_date),
        current: task
            .as_ref()
            .is_some_and(|task| definitions::is_current(*name, task)),
    }
}
