//! Steps of a change, and how each is taken back.
use crate::policy::artifact;
use crate::registry_room::RegistryRoom;
use crate::{Answer, WorkflowError};
use drydock_azure::{ArmClient, Manifest, TimerTrigger};
use drydock_domain::console::PartOutcome;
use drydock_ledger::Entry;
use std::time::Duration;

/// As long as this the way back waits for a host that asks for fewer requests, step by step: half a
/// workflow is worse than a late answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// A change under way: what was done, and how to undo it, last first.
pub(crate) struct Change<'a> {
    pub entry: &'a Entry,
    pub arm: &'a ArmClient,
    pub room: &'a RegistryRoom,
    pub steps: Vec<PartOutcome>,
    undo: Vec<(String, Undo)>,
}

/// The way back from one step.
pub(crate) enum Undo {
    /// The policy that was there before, or none.
    Policy(Option<Manifest>),
    /// A task that was not there before.
    Task(&'static str),
    /// A timer as it was before.
    Timer(&'static str, TimerTrigger),
    Role(String),
    /// A task that was there before and has been written over with this version's definition,
    /// which is what it was to become anyway.
    Kept,
}

impl<'a> Change<'a> {
    pub(crate) fn new(entry: &'a Entry, arm: &'a ArmClient, room: &'a RegistryRoom) -> Self {
        Self {
            entry,
            arm,
            room,
            steps: Vec::new(),
            undo: Vec::new(),
        }
    }

    pub(crate) fn did(&mut self, part: impl Into<String>, detail: impl Into<String>, undo: Undo) {
        let part = part.into();
        self.steps.push(done(&part, detail));
        self.undo.push((part, undo));
    }

    /// Remembers a step that failed, where only its answer may have been lost: then it has
    /// happened, and goes back with the rest.
    pub(crate) fn may_have(&mut self, part: &str, undo: Undo, error: &WorkflowError) {
        if matches!(error, WorkflowError::Unavailable { .. }) {
            self.undo.push((part.to_owned(), undo));
        }
    }

    /// Takes everything back, and makes the error that says so.
    pub(crate) async fn take_back(self, step: &str, cause: WorkflowError) -> WorkflowError {
        let mut undone = Vec::new();
        for (part, undo) in self.undo.iter().rev() {
            undone.push(match self.undo_patiently(undo).await {
                Ok(detail) => done(part, detail),
                Err(error) => PartOutcome {
                    part: part.clone(),
                    done: false,
                    detail: format!("could not be taken back: {error}"),
                },
            });
        }
        WorkflowError::Undone {
            step: step.into(),
            cause: Box::new(cause),
            undone,
        }
    }

    async fn undo_patiently(&self, undo: &Undo) -> Answer<&'static str> {
        match self.undo_one(undo).await {
            Err(WorkflowError::Throttled {
                retry_after: Some(wait),
                ..
            }) if wait <= PATIENCE => {
                tokio::time::sleep(wait).await;
                self.undo_one(undo).await
            }
            answer => answer,
        }
    }

    async fn undo_one(&self, undo: &Undo) -> Answer<&'static str> {
        let id = &self.room.id;
        match undo {
            Undo::Policy(Some(before)) => {
                artifact::restore(self.entry, &self.room.acr, before).await?;
                Ok("the policy before it is back")
            }
            Undo::Policy(None) => {
                let existed = artifact::delete(self.entry, &self.room.acr).await?;
                Ok(deleted(existed))
            }
            Undo::Task(task) => Ok(deleted(self.arm.delete_task(id, task).await?)),
            Undo::Timer(task, before) => {
                self.arm.set_timer(id, task, before).await?;
                Ok("the schedule before it is back")
            }
            Undo::Role(name) => Ok(deleted(self.arm.delete_role_assignment(id, name).await?)),
            Undo::Kept => Ok("stays, as it was there before"),
        }
    }
}

fn deleted(existed: bool) -> &'static str {
    match existed {
        true => "deleted again",
        false => "was not there",
    }
}

pub(crate) fn done(part: &str, detail: impl Into<String>) -> PartOutcome {
    PartOutcome {
        part: part.into(),
        done: true,
        detail: detail.into(),
    }
}
