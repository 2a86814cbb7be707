//! One read of a log for all who watch it.
use crate::registry_room::RegistryRoom;
use crate::{Answer, WorkflowError};
use drydock_azure::{AzureError, LogPiece, LogTail};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// The logs that somebody watches, by run. Each has one reader, from the first viewer to the last.
#[derive(Default)]
pub(crate) struct LogHub {
    watched: Mutex<HashMap<String, Watched>>,
}

struct Watched {
    log: Arc<SharedLog>,
    viewers: usize,
}

/// A log as far as it was read.
struct SharedLog {
    bytes: Mutex<Vec<u8>>,
    state: watch::Sender<State>,
}

#[derive(Clone, Debug)]
enum State {
    Open,
    Complete,
    /// It cannot be read on, and why.
    Broken(String),
}

/// One viewer's place in a log. The log is let go when the last viewer is dropped.
pub(crate) struct Follower {
    room: Arc<RegistryRoom>,
    run_id: String,
    log: Arc<SharedLog>,
    state: watch::Receiver<State>,
    offset: usize,
    ended: bool,
}

impl LogHub {
    /// Joins those who watch a run's log, from byte `offset` on; `open` makes the reader for the
    /// first of them, which begins at the log's beginning.
    pub(crate) fn follow(
        room: &Arc<RegistryRoom>,
        run_id: &str,
        offset: u64,
        open: impl FnOnce() -> LogTail,
    ) -> Follower {
        let mut watched = lock(&room.log_hub.watched);
        let entry = watched.entry(run_id.to_owned()).or_insert_with(|| {
            let log = Arc::new(SharedLog {
                bytes: Mutex::default(),
                state: watch::Sender::new(State::Open),
            });
            Watched { log, viewers: 0 }
        });
        entry.viewers += 1;
        let (log, state) = (entry.log.clone(), entry.log.state.subscribe());
        if entry.viewers == 1 {
            tokio::spawn(read(room.clone(), run_id.to_owned(), log.clone(), open()));
        }
        Follower {
            room: room.clone(),
            run_id: run_id.to_owned(),
            log,
            state,
            offset: usize::try_from(offset).unwrap_or(usize::MAX),
            ended: false,
        }
    }
}

/// The log's own entry: by now another of the same run may be there.
fn find<'a>(
    watched: &'a mut HashMap<String, Watched>,
    run_id: &str,
    log: &Arc<SharedLog>,
) -> Option<&'a mut Watched> {
    let found = watched.get_mut(run_id);
    found.filter(|found| Arc::ptr_eq(&found.log, log))
}

impl Drop for Follower {
    fn drop(&mut self) {
        let mut watched = lock(&self.room.log_hub.watched);
        let Some(entry) = find(&mut watched, &self.run_id, &self.log) else {
            return;
        };
        entry.viewers -= 1;
        if entry.viewers == 0 {
            watched.remove(&self.run_id);
        }
    }
}

/// Reads until the end, and stays for those who come late until the last viewer has left.
async fn read(room: Arc<RegistryRoom>, run_id: String, log: Arc<SharedLog>, mut tail: LogTail) {
    let mut is_open = true;
    loop {
        tokio::select! {
            piece = tail.next(), if is_open => match piece {
                Ok(Some(piece)) => {
                    is_open = !piece.complete;
                    log.append(&piece);
                }
                Ok(None) => {
                    is_open = false;
                    log.state.send_replace(State::Complete);
                }
                Err(error) => {
                    // The next viewer begins anew.
                    let mut watched = lock(&room.log_hub.watched);
                    if find(&mut watched, &run_id, &log).is_some() {
                        watched.remove(&run_id);
                    }
                    drop(watched);
                    log.state.send_replace(State::Broken(AzureError::to_string(&error)));
                    return;
                }
            },
            () = log.state.closed() => return,
        }
    }
}

impl SharedLog {
    fn append(&self, piece: &LogPiece) {
        lock(&self.bytes).extend_from_slice(&piece.bytes);
        let state = match piece.complete {
            true => State::Complete,
            false => State::Open,
        };
        self.state.send_replace(state);
    }
}

impl Follower {
    /// Waits for what comes after the place; `None` after the last piece.
    pub(crate) async fn next(&mut self) -> Answer<Option<LogPiece>> {
        while !self.ended {
            let state = self.state.borrow_and_update().clone();
            let complete = matches!(state, State::Complete);
            let new = self.take();
            if complete || !new.is_empty() {
                let offset = self.offset as u64 - new.len() as u64;
                self.ended = complete;
                return Ok(Some(LogPiece {
                    offset,
                    bytes: new.into(),
                    complete,
                }));
            }
            if let State::Broken(why) = state {
                self.ended = true;
                return Err(WorkflowError::Unavailable { why });
            }
            if self.state.changed().await.is_err() {
                self.ended = true;
            }
        }
        Ok(None)
    }

    fn take(&mut self) -> Vec<u8> {
        let bytes = lock(&self.log.bytes);
        let new = bytes.get(self.offset..).unwrap_or_default().to_vec();
        self.offset += new.len();
        new
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
