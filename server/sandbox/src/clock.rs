//! The sandbox's only source of the time.
use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::watch;

/// What time it is, and a way to wait for a time. Timers, token lifetimes and records ask here,
/// so that a test moves the clock and waits for nothing.
#[async_trait::async_trait]
pub trait Clock: Send + Sync {
    fn now(&self) -> DateTime<Utc>;

    /// Returns once `now()` is `instant` or later; at once when it already is.
    async fn sleep_until(&self, instant: DateTime<Utc>);
}

/// The machine's clock.
#[derive(Debug, Default)]
pub struct SystemClock;

/// A suspended laptop stops the monotonic clock that timers run on, so a long wait is cut into
/// pieces of this length and the wall clock is asked again.
const LONGEST_NAP: std::time::Duration = std::time::Duration::from_secs(30);

#[async_trait::async_trait]
impl Clock for SystemClock {
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }

    async fn sleep_until(&self, instant: DateTime<Utc>) {
        while let Ok(left) = (instant - self.now()).to_std() {
            if left.is_zero() {
                return;
            }
            tokio::time::sleep(left.min(LONGEST_NAP)).await;
        }
    }
}

/// A clock that stands still until somebody moves it.
#[derive(Debug)]
pub struct ManualClock {
    now: watch::Sender<DateTime<Utc>>,
}

impl ManualClock {
    pub fn at(now: DateTime<Utc>) -> Self {
        Self {
            now: watch::Sender::new(now),
        }
    }

    /// Moves the clock forward and wakes whoever waits for an instant up to there.
    pub fn advance(&self, by: TimeDelta) {
        self.now.send_modify(|now| *now += by);
    }
}

#[async_trait::async_trait]
impl Clock for ManualClock {
    fn now(&self) -> DateTime<Utc> {
        *self.now.borrow()
    }

    async fn sleep_until(&self, instant: DateTime<Utc>) {
        let mut now = self.now.subscribe();
        // The sender lives in `self`, so the wait cannot end by its being dropped.
        let _ = now.wait_for(|now| *now >= instant).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_manual_clock_wakes_a_sleeper_only_when_its_instant_has_come() {
        let start = DateTime::UNIX_EPOCH;
        let clock = ManualClock::at(start);
        let wake = start + TimeDelta::hours(2);
        let mut sleeper = clock.sleep_until(wake);
        clock.advance(TimeDelta::hours(1));
        assert!(futures::poll!(&mut sleeper).is_pending());
        clock.advance(TimeDelta::hours(1));
        sleeper.await;
        assert_eq!(clock.now(), wake);
    }

    #[tokio::test]
    async fn the_system_clock_does_not_wait_for_the_past() {
        let clock = SystemClock;
        clock.sleep_until(clock.now() - TimeDelta::hours(1)).await;
    }
}
