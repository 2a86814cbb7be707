use crate::registry_room::Rooms;
use drydock_azure::Azure;
use drydock_ledger::{Clock, Ledger};
use std::sync::Arc;

/// Every use case of the console; cheap to clone. Each one takes the [`crate::Caller`] and
/// authorises it; each one that changes something is audited first.
#[derive(Clone)]
pub struct Workflow {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub azure: Azure,
    pub ledger: Ledger,
    pub clock: Clock,
    pub rooms: Rooms,
}

impl Workflow {
    /// `clock` says what the present is for next runs and for the age of what is shown.
    pub fn new(azure: Azure, ledger: Ledger, clock: Clock) -> Self {
        Self {
            inner: Arc::new(Inner {
                azure,
                ledger,
                clock,
                rooms: Rooms::new(),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Caller;

    fn is_send<T: Send>(_: T) {}

    /// Never run: that it compiles is the test. A web server moves these between threads.
    #[allow(dead_code)]
    fn use_cases_can_move_between_threads(workflow: &Workflow, caller: &Caller) {
        is_send(workflow.get_overview(caller, ""));
        is_send(workflow.preview(caller, "", ""));
        is_send(workflow.get_lineage(caller, "", ""));
        is_send(workflow.watch_runs(caller, ""));
        is_send(workflow.delete_workflow(caller, "", ""));
        is_send(workflow.update_workflow(caller, "", None, None, None, false));
        is_send(workflow.cancel_run(caller, "", ""));
        is_send(workflow.follow_log(caller, "", "", 0));
    }
}
