//! Tasks, their timers and their runs.
use crate::{SandboxError, State};
use std::sync::Arc;

/// Spawns what runs in the background on `state.background`; it ends when `state.shutdown` is
/// cancelled.
pub fn start(_state: &Arc<State>) -> Result<(), SandboxError> {
    Ok(())
}

/// Task definitions, runs, their logs and the role assignments, on disk.
pub struct Desk;

impl Desk {
    /// Opens what is under `directory`, or begins there.
    pub fn open(directory: &std::path::Path) -> std::io::Result<Self> {
        std::fs::create_dir_all(directory)?;
        Ok(Self)
    }
}
