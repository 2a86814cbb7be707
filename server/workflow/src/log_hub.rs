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
    watched: Mutex<HashMap<String, Arc<SharedLog>>>,
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

/// One viewer's place in a log.
pub(crate) struct Follower {
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
        let log = match watched.get(run_id) {
            Some(log) => log.clone(),
            None => {
                let log = Arc::new(SharedLog {
                    bytes: Mutex::default(),
                    state: watch::Sender::new(State::Open),
                });
                watched.insert(run_id.to_owned(), log.clone());
                tokio::spawn(read(room.clone(), run_id.to_owned(), log.clone(), open()));
                log
            }
        };
        // Under the lock, so that the reader cannot end between the two.
        let state = log.state.subscribe();
        Follower {
            log,
            state,
            offset: usize::try_from(offset).unwrap_or(usize::MAX),
            ended: false,
        }
    }

    fn leave(&self, run_id: &str, log: &Arc<SharedLog>, even_if_watched: bool) -> bool {
        let mut watched = lock(&self.watched);
        let leaves = even_if_watched || log.state.receiver_count() == 0;
        if leaves {
            watched.remove(run_id);
        }
        leaves
    }
}

async fn read(room: Arc<RegistryRoom>, run_id: String, log: Arc<SharedLog>, mut tail: LogTail) {
    let hub = &room.log_hub;
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
                    hub.leave(&run_id, &log, true);
                    log.state.send_replace(State::Broken(AzureError::to_string(&error)));
                    return;
                }
            },
            () = log.state.closed() => if hub.leave(&run_id, &log, false) {
                return;
            },
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
