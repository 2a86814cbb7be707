//! How often one key may vouch.
use chrono::{DateTime, Utc};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// A whole floor that opens its portal at nine.
const BURST: f64 = 1_200.0;
const PER_SECOND: f64 = 20.0;
/// Keys that are remembered; a full bucket is as good as none.
const KEPT: usize = 10_000;

/// A bucket per key, filled steadily, in this process.
#[derive(Default)]
pub struct Limiter(Mutex<HashMap<String, Bucket>>);

struct Bucket {
    tokens: f64,
    at: DateTime<Utc>,
}

impl Limiter {
    /// Takes one of the key's tokens; `false` where there is none.
    pub fn take(&self, key: &str, now: DateTime<Utc>) -> bool {
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= KEPT {
            buckets.retain(|_, bucket| bucket.level(now) < BURST);
        }
        let bucket = buckets.entry(key.to_owned()).or_insert(Bucket {
            tokens: BURST,
            at: now,
        });
        bucket.tokens = bucket.level(now);
        bucket.at = now;
        let has = bucket.tokens >= 1.0;
        if has {
            bucket.tokens -= 1.0;
        }
        has
    }
}

impl Bucket {
    fn level(&self, now: DateTime<Utc>) -> f64 {
        let passed = (now - self.at).num_milliseconds().max(0);
        (self.tokens + passed as f64 / 1_000.0 * PER_SECOND).min(BURST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    #[test]
    fn one_key_that_vouches_too_often_waits_and_the_others_do_not() {
        let limiter = Limiter::default();
        let now = DateTime::UNIX_EPOCH;
        let granted = (0..2_000).filter(|_| limiter.take("one", now)).count();
        assert_eq!(granted as f64, BURST);
        assert!(limiter.take("two", now));
        let later = now + TimeDelta::milliseconds(100);
        let granted = (0..10).filter(|_| limiter.take("one", later)).count();
        assert_eq!(granted, 2);
    }
}
