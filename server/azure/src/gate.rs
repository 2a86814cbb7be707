//! When a host asks for fewer requests, everybody here asks less: all of them share one bucket.
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// When each host may be asked again. Clones share it.
#[derive(Clone, Default)]
pub(crate) struct Gate(Arc<Mutex<HashMap<String, Instant>>>);

impl Gate {
    /// How long to wait before asking `host`; `None` where it may be asked now.
    pub(crate) fn remaining(&self, host: &str) -> Option<Duration> {
        let mut closed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let until = *closed.get(host)?;
        let remaining = until.saturating_duration_since(Instant::now());
        if remaining.is_zero() {
            closed.remove(host);
            return None;
        }
        Some(remaining)
    }

    /// Nobody asks `host` for this long; an earlier and longer wait stands.
    pub(crate) fn close(&self, host: &str, wait: Duration) {
        let mut closed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let until = Instant::now() + wait;
        let kept = closed.entry(host.to_owned()).or_insert(until);
        *kept = until.max(*kept);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_closed_for_all_and_the_longest_wait_stands() {
        let gate = Gate::default();
        let other = gate.clone();
        gate.close("a", Duration::from_secs(3600));
        gate.close("a", Duration::from_secs(1));
        assert!(other.remaining("a").unwrap() > Duration::from_secs(3000));
        gate.close("b", Duration::ZERO);
        assert_eq!((other.remaining("b"), other.remaining("c")), (None, None));
    }
}
