//! Work that is done once, however many wait for it.
use drydock_domain::lineage::Progress;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// How one piece of work stands.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    pub progress: Progress,
    /// Why it failed; a sentence.
    pub ended: Option<Result<(), String>>,
}

/// The end of the work that does it; dropped before it said how it ended, it has failed.
pub(super) struct Running(watch::Sender<State>);

#[derive(Default)]
pub(super) struct Desk {
    jobs: Mutex<HashMap<String, watch::Receiver<State>>>,
}

impl Desk {
    /// Joins the work of this name, which `start` starts where there is none.
    pub(super) fn join(&self, name: &str, start: impl FnOnce(Running)) -> watch::Receiver<State> {
        match self.lock().entry(name.to_owned()) {
            Entry::Occupied(job) => job.get().clone(),
            Entry::Vacant(place) => {
                let (sender, receiver) = watch::channel(State::default());
                place.insert(receiver.clone());
                start(Running(sender));
                receiver
            }
        }
    }

    /// Its end was told: who asks next begins anew.
    pub(super) fn leave(&self, name: &str) {
        let mut jobs = self.lock();
        if jobs
            .get(name)
            .is_some_and(|job| job.borrow().ended.is_some())
        {
            jobs.remove(name);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, watch::Receiver<State>>> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Running {
    pub(super) fn say(&self, progress: Progress) {
        self.0.send_modify(|state| state.progress = progress);
    }

    pub(super) fn end(self, result: Result<(), String>) {
        self.0.send_modify(|state| state.ended = Some(result));
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.send_if_modified(|state| {
            let broke_off = state.ended.is_none();
            if broke_off {
                state.ended = Some(Err("the work broke off; the server's log says why".into()));
            }
            broke_off
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_is_started_once_until_its_end_was_told() {
        let desk = Desk::default();
        let mut started = Vec::new();
        let first = desk.join("a", |running| started.push(running));
        let second = desk.join("a", |running| started.push(running));
        assert_eq!(started.len(), 1);
        desk.leave("a");
        started.remove(0).end(Ok(()));
        assert_eq!(first.borrow().ended, Some(Ok(())));
        assert_eq!(second.borrow().ended, Some(Ok(())));
        desk.leave("a");
        let again = desk.join("a", |running| started.push(running));
        assert_eq!(started.len(), 1);
        drop(started);
        assert!(matches!(again.borrow().ended, Some(Err(_))));
    }
}
