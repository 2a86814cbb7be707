//! One poller per registry, whatever the number of viewers.
use crate::registry_room::RegistryRoom;
use crate::{Answer, Caller, Workflow, WorkflowError};
use drydock_domain::access::Operation;
use drydock_domain::run::RunTree;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{Notify, watch};

/// How often the runs are read while somebody watches.
struct Pace {
    active: Duration,
    idle: Duration,
}

/// Loopback costs nobody anything; on Azure all viewers share one bucket of requests.
const LOOPBACK: Pace = Pace {
    active: Duration::from_secs(1),
    idle: Duration::from_secs(3),
};
const REMOTE: Pace = Pace {
    active: Duration::from_secs(5),
    idle: Duration::from_secs(30),
};
/// After a failed read, where Azure did not say how long to wait.
const AFTER_FAILURE: Duration = Duration::from_secs(15);

#[derive(Default)]
pub(crate) struct RunWatch {
    sender: Mutex<Option<watch::Sender<Vec<RunTree>>>>,
    changed: Notify,
}

impl RunWatch {
    /// Something was changed here: look at once.
    pub(crate) fn nudge(&self) {
        self.changed.notify_one();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<watch::Sender<Vec<RunTree>>>> {
        self.sender
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Ends the poller unless somebody came in the meantime.
    fn end_if_unwatched(&self) -> bool {
        let mut sender = self.lock();
        let is_unwatched = sender
            .as_ref()
            .is_none_or(|sender| sender.receiver_count() == 0);
        if is_unwatched {
            *sender = None;
        }
        is_unwatched
    }

    fn publish(&self, trees: &[RunTree]) {
        if let Some(sender) = self.lock().as_ref() {
            sender.send_if_modified(|kept| {
                let is_new = kept.as_slice() != trees;
                if is_new {
                    *kept = trees.to_vec();
                }
                is_new
            });
        }
    }
}

impl Workflow {
    /// The list of runs, now and whenever it changes. The poller behind it starts with the first
    /// viewer and ends with the last.
    pub async fn watch_runs(
        &self,
        caller: &Caller,
        registry: &str,
    ) -> Answer<watch::Receiver<Vec<RunTree>>> {
        caller.authorise(Operation::Read)?;
        let room = self.room(caller, registry).await?;
        let trees = self.trees(&room).await?;
        let mut sender = room.watch.lock();
        if let Some(sender) = sender.as_ref() {
            return Ok(sender.subscribe());
        }
        let (new, receiver) = watch::channel(trees.to_vec());
        *sender = Some(new);
        tokio::spawn(self.clone().poll(room.clone()));
        Ok(receiver)
    }

    async fn poll(self, room: Arc<RegistryRoom>) {
        let pace = if room.registry.sandbox {
            LOOPBACK
        } else {
            REMOTE
        };
        let mut pause = pace.active;
        while !room.watch.end_if_unwatched() {
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = room.watch.changed.notified() => {}
            }
            pause = match self.trees(&room).await {
                Ok(trees) => {
                    room.watch.publish(&trees);
                    let is_active = trees.iter().any(|tree| !tree.status.is_finished());
                    if is_active { pace.active } else { pace.idle }
                }
                Err(WorkflowError::Throttled {
                    retry_after: Some(wait),
                    ..
                }) => wait,
                Err(error) => {
                    tracing::warn!(registry = room.registry.name, %error, "runs could not be read");
                    AFTER_FAILURE
                }
            };
        }
    }
}
