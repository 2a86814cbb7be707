//! What of the registries exists for a caller: the only place where a scope is asked.
use crate::registry_room::RegistryRoom;
use crate::{Answer, Caller, Workflow, WorkflowError};
use drydock_domain::access::{Operation, Reach};
use drydock_domain::console::{Registry, RegistryTags, SampleImage, SampleProgress, WorkflowState};
use drydock_domain::proposal::{Proposal, ProposedChange};
use drydock_domain::run::{ImageRun, RunTree};
use serde_json::Value;
use std::sync::Arc;

/// What the service reads of a policy.
const POLICY_MEMBERS: [&str; 3] = ["version", "tag-convention", "repositories"];
const ROW_MEMBERS: [&str; 3] = ["repository", "tags", "enabled"];
/// In the place of free text about a whole registry.
const NOT_TOLD: &str = "(about all of the registry: not shown within your reach)";

impl Workflow {
    /// The room of a registry that the caller reaches, if only in part. What a caller does not reach
    /// is not found, in the words for what is not there.
    pub(crate) async fn room(&self, caller: &Caller, registry: &str) -> Answer<Arc<RegistryRoom>> {
        match caller.scope.reach(registry) {
            Reach::Nothing => Err(Self::no_registry(registry)),
            Reach::Part | Reach::Whole => self.open_room(registry).await,
        }
    }

    /// The same, for what is of all the registry's repositories at once.
    pub(crate) async fn whole_room(
        &self,
        caller: &Caller,
        registry: &str,
    ) -> Answer<Arc<RegistryRoom>> {
        let room = self.room(caller, registry).await?;
        caller.require_whole(&room.registry.name)?;
        Ok(room)
    }

    /// The tags of the repositories that the caller reaches.
    pub(crate) async fn tags_for(
        &self,
        caller: &Caller,
        room: &RegistryRoom,
    ) -> Answer<Arc<RegistryTags>> {
        let registry = &room.registry.name;
        let tags = self.tags_of(room).await?;
        let Some(within) = caller.scope.repositories(registry) else {
            return Ok(tags);
        };
        let mut tags = RegistryTags::clone(&tags);
        tags.within = Some(within);
        let is_reached = |name: &str| caller.scope.has_repository(registry, name);
        tags.repositories.retain(|it| is_reached(&it.repository));
        Ok(Arc::new(tags))
    }

    /// A log tells of every image of its run: of one image, or of all that a trigger scheduled.
    pub(crate) async fn require_log(
        &self,
        caller: &Caller,
        room: &RegistryRoom,
        run_id: &str,
    ) -> Answer<()> {
        let registry = &room.registry.name;
        if caller.scope.reach(registry) == Reach::Whole {
            return Ok(());
        }
        let trees = self.trees(room).await?;
        let is_of_it = |image: &ImageRun| {
            let mut runs = [&image.scan, &image.patch].into_iter().flatten();
            runs.any(|run| run.id == run_id)
        };
        let image = trees
            .iter()
            .flat_map(|tree| &tree.images)
            .find(|image| is_of_it(image));
        match image {
            Some(image) if caller.scope.has_repository(registry, &image.repository) => Ok(()),
            Some(_) => Err(crate::runs::no_run(run_id)),
            None => Err(caller
                .require_whole(registry)
                .err()
                .unwrap_or_else(|| crate::runs::no_run(run_id))),
        }
    }

    pub(crate) fn no_registry(registry: &str) -> WorkflowError {
        WorkflowError::NotFound {
            what: format!("the registry `{registry}`, among those that you can see here,"),
        }
    }
}

impl Caller {
    /// The registries of these that the caller reaches, if only in part.
    pub(crate) fn reached(&self, registries: &[Registry]) -> Vec<Registry> {
        let is_reached = |registry: &&Registry| self.scope.reach(&registry.name) > Reach::Nothing;
        registries.iter().filter(is_reached).cloned().collect()
    }

    /// # Errors
    /// `OutOfScope` for a caller who reaches a part of the registry, or nothing of it.
    pub(crate) fn require_whole(&self, registry: &str) -> Answer<()> {
        match self.scope.reach(registry) {
            Reach::Whole => Ok(()),
            Reach::Part | Reach::Nothing => Err(self.out_of_scope(registry)),
        }
    }

    /// # Errors
    /// `OutOfScope` for whoever does not reach every registry.
    pub(crate) fn require_everything(&self, object: &str) -> Answer<()> {
        match self.scope.is_everything() {
            true => Ok(()),
            false => Err(self.out_of_scope(object)),
        }
    }

    /// # Errors
    /// `NotFound` for a repository that is not the caller's.
    pub(crate) fn require_repository(&self, registry: &str, repository: &str) -> Answer<()> {
        match self.scope.has_repository(registry, repository) {
            true => Ok(()),
            false => Err(WorkflowError::NotFound {
                what: format!("the repository `{}`", repository.escape_debug()),
            }),
        }
    }

    /// The cycles as far as the caller reaches their images. Whose scope ends within the registry is
    /// told of no other image, not even in a sum.
    #[must_use]
    pub fn reached_runs(&self, registry: &str, trees: &[RunTree]) -> Vec<RunTree> {
        let whole = self.scope.reach(registry) == Reach::Whole;
        let cut = |tree: &RunTree| {
            let mut tree = tree.clone();
            if !whole {
                // What Azure says of the whole cycle may name any image of it.
                tree.trigger.error = None;
                let is_reached = |name: &str| self.scope.has_repository(registry, name);
                tree.images.retain(|image| is_reached(&image.repository));
                tree.summary = match tree.images.len() {
                    1 => "1 image within your reach".to_owned(),
                    count => format!("{count} images within your reach"),
                };
            }
            tree
        };
        trees.iter().map(cut).collect()
    }

    /// The sandbox's samples of repositories that the caller reaches; `registries` are theirs.
    #[must_use]
    pub fn reached_samples(
        &self,
        registries: &[Registry],
        mut progress: SampleProgress,
    ) -> SampleProgress {
        if self.scope.is_everything() {
            return progress;
        }
        let sandbox = registries.iter().find(|registry| registry.sandbox);
        let is_reached = |image: &SampleImage| {
            let repository = image.reference.rsplit_once(':').map(|(name, _)| name);
            sandbox
                .zip(repository)
                .is_some_and(|(registry, repository)| {
                    self.scope.has_repository(&registry.name, repository)
                })
        };
        progress.images.retain(is_reached);
        progress
    }

    /// What is deployed, with the policy as far as it names what the caller reaches.
    pub(crate) fn reached_state(&self, mut state: WorkflowState) -> WorkflowState {
        if let Some(policy) = &mut state.policy {
            policy.text = self.reached_policy(&state.registry.name, &policy.text);
        }
        state
    }

    /// The rows of a policy that are about repositories of the caller's. A text that cannot be read
    /// is told to nobody whose scope ends within the registry.
    pub(crate) fn reached_policy(&self, registry: &str, text: &str) -> String {
        if self.scope.reach(registry) == Reach::Whole {
            return text.to_owned();
        }
        let Ok(Value::Object(mut policy)) = serde_json::from_str(text) else {
            return String::new();
        };
        // Members that Azure passes over may hold anything.
        policy.retain(|name, _| POLICY_MEMBERS.contains(&name.as_str()));
        let rows = policy.get_mut("repositories").map(Value::take);
        if let Some(Value::Array(mut rows)) = rows {
            rows.retain_mut(|row| self.is_reached_row(registry, row));
            policy.insert("repositories".to_owned(), Value::Array(rows));
        }
        format!("{:#}", Value::Object(policy))
    }

    fn is_reached_row(&self, registry: &str, row: &mut Value) -> bool {
        let Value::Object(row) = row else {
            return false;
        };
        row.retain(|name, _| ROW_MEMBERS.contains(&name.as_str()));
        let name = row.get("repository").and_then(Value::as_str);
        name.is_some_and(|name| self.scope.has_repository(registry, name))
    }

    /// A proposal, with its policy cut likewise, and without what people and Azure said of it in their
    /// own words, which may name anything.
    pub(crate) fn reached_proposal(&self, mut proposal: Proposal) -> Proposal {
        let registry = proposal.registry.clone();
        if self.scope.reach(&registry) == Reach::Whole {
            return proposal;
        }
        match &mut proposal.change {
            ProposedChange::Create { policy: text, .. }
            | ProposedChange::Policy { text, .. }
            | ProposedChange::DryRun { policy: text, .. } => {
                *text = self.reached_policy(&registry, text);
            }
            ProposedChange::Schedule { .. } | ProposedChange::Delete { .. } => {}
        }
        proposal.comment = NOT_TOLD.to_owned();
        proposal.outcome = proposal.outcome.map(|_| NOT_TOLD.to_owned());
        if let Some(decision) = &mut proposal.decision {
            decision.comment = NOT_TOLD.to_owned();
        }
        proposal
    }

    /// What somebody said of all of the registry, for whoever reaches all of it.
    pub(crate) fn reached_words(&self, registry: &str, words: String) -> String {
        match self.scope.reach(registry) {
            Reach::Whole => words,
            Reach::Part | Reach::Nothing => NOT_TOLD.to_owned(),
        }
    }

    /// Why not, in the words of the refusal; `None` where the caller may, if not everywhere.
    pub fn why_not(&self, operation: Operation) -> Option<String> {
        let denied = self.authorise(operation).map_err(WorkflowError::from);
        let all = match operation.is_of_the_console() {
            true => self.require_everything("the console"),
            false => Ok(()),
        };
        denied.and(all).err().map(|error| error.to_string())
    }

    fn out_of_scope(&self, object: &str) -> WorkflowError {
        WorkflowError::OutOfScope {
            object: object.to_owned(),
            scope: self.scope.to_string(),
        }
    }
}
