use crate::audit::{Intent, parts_outcome};
use crate::change::done;
use crate::registry_room::RegistryRoom;
use crate::{Answer, Caller, Workflow, WorkflowError};
use chrono::{DateTime, Utc};
use drydock_azure::AzureError;
use drydock_domain::access::Operation;
use drydock_domain::console::{PartOutcome, RegistryTags};
use drydock_domain::run::{ImageRun, ImageStatus, RetryOf, Run, RunTree, TaskName};
use drydock_ledger::Entry;

impl Workflow {
    /// Starts the failed scans and patches of a cycle again, each with the values that the failed
    /// run had, or the scans that it never began, with those that the trigger would have given;
    /// answers with what became of each. An image that another run has taken up since, or whose tag
    /// has moved, is left alone: it would not be the same work.
    pub async fn retry(
        &self,
        caller: &Caller,
        registry: &str,
        run_id: &str,
        of: RetryOf,
    ) -> Answer<Vec<PartOutcome>> {
        self.authorise(caller, Operation::RetryRuns, registry)
            .await?;
        let room = self.room(caller, registry).await?;
        let detail = self.get_run(caller, registry, run_id).await?;
        let tree = detail.tree.filter(|tree| tree.trigger.id == run_id);
        let tree = tree.ok_or_else(|| WorkflowError::Conflict {
            why: format!("run {run_id} is not the beginning of a cycle; choose its trigger's run"),
        })?;
        if !tree.status.is_finished() {
            return Err(WorkflowError::Conflict {
                why: format!("the cycle of run {run_id} is under way; wait or cancel it"),
            });
        }
        if !tree.images.iter().any(|image| of.holds(image)) {
            let why = match of {
                RetryOf::Failed => {
                    format!("no image of run {run_id} has failed; there is nothing to try again")
                }
                RetryOf::NeverBegun => format!(
                    "run {run_id} came to every image that it selected; there is nothing left to begin"
                ),
            };
            return Err(WorkflowError::Conflict { why });
        }
        let which = match of {
            RetryOf::Failed => "failed images",
            RetryOf::NeverBegun => "never begun images",
        };
        let intent = Intent {
            operation: Operation::RetryRuns,
            detail: format!("the {which} of run {run_id}"),
        };
        self.change(
            caller,
            room,
            intent,
            move |workflow, entry, room| Box::pin(workflow.retry_images(entry, room, tree, of)),
            |parts: &Vec<PartOutcome>| parts_outcome(parts),
        )
        .await
    }

    async fn retry_images(
        &self,
        entry: &Entry,
        room: &RegistryRoom,
        tree: RunTree,
        of: RetryOf,
    ) -> Answer<Vec<PartOutcome>> {
        // As they are now: what was read before the lock was taken may have been overtaken.
        room.runs.clear();
        let trees = self.trees(room).await?;
        room.tags.clear();
        let tags = self.tags_of(room).await?;
        let mut parts = Vec::new();
        for image in &tree.images {
            if !of.holds(image) {
                continue;
            }
            let part = format!("{}:{}", image.repository, image.original);
            // Where no run was queued for it, its work was last wanted when the cycle began.
            let last = image.patch.as_ref().or(image.scan.as_ref());
            let since = last.unwrap_or(&tree.trigger).created_at;
            parts.push(match obstacle(image, since, &trees, &tags) {
                Some(detail) => PartOutcome {
                    part,
                    done: false,
                    detail,
                },
                None => self.retry_one(entry, room, image, part).await,
            });
        }
        Ok(parts)
    }

    async fn retry_one(
        &self,
        _entry: &Entry,
        room: &RegistryRoom,
        image: &ImageRun,
        part: String,
    ) -> PartOutcome {
        let task = match image.patch {
            Some(_) => TaskName::Patch,
            None => TaskName::Scan,
        };
        let values = values(image, task);
        let arm = self.inner.azure.arm();
        let started = arm.start_task_with(&room.id, task.as_str(), &values).await;
        let detail = match started {
            Ok(run) => return done(&part, format!("started as run {}", run.id)),
            Err(AzureError::Unavailable { what }) => format!(
                "no answer came, so it may have been started all the same: look at the runs before \
                 you try again ({what})"
            ),
            Err(error) => format!("could not be started: {error}"),
        };
        PartOutcome {
            part,
            done: false,
            detail,
        }
    }
}

/// What the trigger gives a scan, and a scan its patch: a patch always starts from the original.
fn values(image: &ImageRun, task: TaskName) -> [(&'static str, &str); 4] {
    let tag = match task {
        TaskName::Patch => &image.original,
        TaskName::Scan | TaskName::Trigger => &image.scanned,
    };
    [
        ("SOURCE_REPOSITORY", &image.repository),
        ("SOURCE_IMAGE_TAG", tag),
        ("SOURCE_IMAGE_ORIGINAL_TAG", &image.original),
        ("SOURCE_IMAGE_NEWPATCH_TAG", new_patch(image)),
    ]
}

/// `3` of `1.0-3`, `patched` of `1.0-patched`; whole where the log has it so already.
fn new_patch(image: &ImageRun) -> &str {
    let after = image.next.strip_prefix(&image.original);
    after
        .and_then(|rest| rest.strip_prefix('-'))
        .unwrap_or(&image.next)
}

/// Why the same work, last begun at `since`, cannot be done again.
fn obstacle(
    image: &ImageRun,
    since: DateTime<Utc>,
    trees: &[RunTree],
    tags: &RegistryTags,
) -> Option<String> {
    if let Some(later) = taken_up_since(image, since, trees) {
        return Some(format!(
            "left alone: run {} has taken it up since",
            later.id
        ));
    }
    match pushed_at(image, tags) {
        None => Some(format!(
            "left alone: the tag {} is no longer there",
            image.original
        )),
        Some(Some(at)) if at > since => Some(format!(
            "left alone: {} was pushed again after that run; the next cycle looks at it",
            image.original
        )),
        Some(_) => None,
    }
}

/// A later run for the same image that goes on or has succeeded, or one that goes on and does not say
/// yet for which image.
fn taken_up_since<'a>(
    image: &ImageRun,
    since: DateTime<Utc>,
    trees: &'a [RunTree],
) -> Option<&'a Run> {
    let same = |other: &&ImageRun| {
        let is_it = other.repository == image.repository && other.original == image.original;
        let ended_badly = matches!(other.status, ImageStatus::Failed | ImageStatus::Canceled);
        (is_it || other.repository.is_empty()) && !ended_badly
    };
    let others = trees.iter().flat_map(|tree| &tree.images).filter(same);
    others
        .filter_map(|other| other.patch.as_ref().or(other.scan.as_ref()))
        .find(|run| run.created_at > since)
}

/// `None` where the original is gone.
fn pushed_at(image: &ImageRun, tags: &RegistryTags) -> Option<Option<DateTime<Utc>>> {
    let mut repositories = tags.repositories.iter();
    let repository = repositories.find(|one| one.repository == image.repository)?;
    let tag = repository
        .tags
        .iter()
        .find(|tag| tag.tag == image.original)?;
    Some(tag.updated_at)
}
