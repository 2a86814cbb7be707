//! What of the registries exists for a caller: the only place where a scope is asked.
use crate::registry_room::RegistryRoom;
use crate::{Answer, Caller, Workflow, WorkflowError};
use drydock_domain::access::{Operation, Reach};
use drydock_domain::console::{Registry, RegistryTags};
use drydock_domain::run::{ImageRun, RunTree};
use std::sync::Arc;

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
