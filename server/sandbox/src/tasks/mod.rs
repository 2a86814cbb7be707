//! Tasks, their timers and their runs.
#[cfg(test)]
mod cycle_tests;
mod desk;
mod files;
mod instant;
#[cfg(test)]
mod log_tests;
#[cfg(test)]
mod quick_tests;
mod retention;
mod roles;
mod run;
#[cfg(test)]
mod run_tests;
mod runner;
mod secrets;
mod task;
#[cfg(test)]
pub mod testing;
mod timers;
#[cfg(test)]
mod trigger_tests;
mod workflow;

pub use desk::{Desk, DeskError, QuickRequest, RunRequest, Settings, registry_identity};
pub use files::{FileError, JsonFolder};
pub use instant::zulu;
pub use roles::{RoleAssignment, RoleError, Roles, is_at_or_above};
pub use run::{Order, OutputImage, Run, RunKind, TaskValue};
pub use secrets::View;
pub use task::{Edit, Task};

use crate::{SandboxError, State};
use std::sync::Arc;

/// Spawns what runs in the background on `state.background`; it ends when `state.shutdown` is
/// cancelled.
pub fn start(state: &Arc<State>) -> Result<(), SandboxError> {
    let Some(queue) = state.desk.take_queue() else {
        return Err(SandboxError::Part {
            part: "task runner",
            why: "it runs already".to_owned(),
        });
    };
    state.background.spawn(runner::serve(state.clone(), queue));
    let since = state.clock.now();
    state.background.spawn(timers::watch(state.clone(), since));
    state.background.spawn(retention::watch(state.clone()));
    Ok(())
}
