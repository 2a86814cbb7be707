//! What a piece of work is given besides its input.
use crate::PatchError;
use crate::printable::printable;
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
    /// Logs a line, [`printable`]: names in it may be an image's.
    pub fn say(&self, line: &str) {
        (self.log)(&printable(line).to_string());
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

#[cfg(test)]
pub(crate) mod testing {
    use super::*;

    /// A day on which the archives of our tests are valid.
    pub fn test_now() -> DateTime<Utc> {
        "2026-11-21T12:00:00Z".parse().expect("a date")
    }

    /// Runs with a job that nobody listens to or cancels.
    pub fn quiet<T>(run: impl FnOnce(&Job) -> T) -> T {
        run(&Job {
            log: &|_| {},
            cancelled: &|| false,
            now: test_now(),
        })
    }
}
