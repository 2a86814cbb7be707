//! What a piece of work is given besides its input.
use crate::PatchError;
use chrono::{DateTime, Utc};

/// One piece of work: where its log goes, how it is stopped, what time it is.
pub struct Job<'a> {
    /// Takes one line without its line feed, from any thread.
    pub log: &'a (dyn Fn(&str) + Sync),
    /// Asked between steps; once true, it stays true.
    pub cancelled: &'a (dyn Fn() -> bool + Sync),
    pub now: DateTime<Utc>,
}

impl Job<'_> {
    pub fn say(&self, line: &str) {
        (self.log)(line);
    }

    /// Call between steps and in long loops.
    pub fn check(&self) -> Result<(), PatchError> {
        if (self.cancelled)() {
            Err(PatchError::Cancelled)
        } else {
            Ok(())
        }
    }
}
