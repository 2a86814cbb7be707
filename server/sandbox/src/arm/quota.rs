//! How many requests ARM would still take, in the headers that it says so with. The counts are
//! kept, and nobody is refused for them: on loopback there is nothing to protect, and throttling
//! on purpose is a fault that can be switched on.
use crate::Clock;
use chrono::{DateTime, Utc};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use std::sync::{Arc, Mutex, PoisonError};

/// Buckets of the subscription: for reads, writes and deletes.
pub struct Quotas {
    clock: Arc<dyn Clock>,
    buckets: Mutex<[Bucket; 3]>,
}

struct Bucket {
    left: f64,
    counted_at: DateTime<Utc>,
}

/// What a method counts as, with the size of its bucket as recordings of Azure show it, and how
/// many times as large the bucket of all principals together is.
const KINDS: [(&str, f64); 3] = [("reads", 1100.0), ("writes", 800.0), ("deletes", 800.0)];
const ALL_PRINCIPALS: f64 = 15.0;
/// A tenth of a bucket flows back each second.
const REFILL_PER_SECOND: f64 = 0.1;

impl Quotas {
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        let counted_at = clock.now();
        let full = KINDS.map(|(_, size)| Bucket {
            left: size * ALL_PRINCIPALS,
            counted_at,
        });
        Self {
            clock,
            buckets: Mutex::new(full),
        }
    }

    /// Counts one request and says what is left.
    pub fn count(&self, method: &Method, headers: &mut HeaderMap) {
        let index = match *method {
            Method::GET | Method::HEAD => 0,
            Method::DELETE => 2,
            _ => 1,
        };
        let (kind, size) = KINDS[index];
        let (now, most) = (self.clock.now(), size * ALL_PRINCIPALS);
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let bucket = &mut buckets[index];
        let seconds = (now - bucket.counted_at).as_seconds_f64().max(0.0);
        bucket.left = (bucket.left + seconds * REFILL_PER_SECOND * most).min(most);
        bucket.left = (bucket.left - 1.0).max(0.0);
        bucket.counted_at = now;
        let left = bucket.left;
        drop(buckets);
        // Reads are told for all principals only.
        let own = (index > 0).then_some(("", left.min(size - 1.0)));
        for (scope, left) in own.into_iter().chain([("global-", left)]) {
            let name = format!("x-ms-ratelimit-remaining-subscription-{scope}{kind}");
            let name = HeaderName::try_from(name).expect("fixed words make a header's name");
            headers.insert(name, HeaderValue::from(left.floor() as u64));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;
    use chrono::TimeDelta;

    #[test]
    fn what_is_used_flows_back_with_time_and_never_over_the_rim() {
        let clock = Arc::new(ManualClock::at(DateTime::UNIX_EPOCH));
        let quotas = Quotas::new(clock.clone());
        let left = |method: Method| {
            let mut headers = HeaderMap::new();
            quotas.count(&method, &mut headers);
            let mut left: Vec<String> = headers
                .iter()
                .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
                .collect();
            left.sort();
            left
        };
        assert_eq!(
            left(Method::GET),
            ["x-ms-ratelimit-remaining-subscription-global-reads: 16499"]
        );
        assert_eq!(
            left(Method::POST),
            [
                "x-ms-ratelimit-remaining-subscription-global-writes: 11999",
                "x-ms-ratelimit-remaining-subscription-writes: 799"
            ]
        );
        for _ in 0..98 {
            left(Method::GET);
        }
        assert!(left(Method::GET)[0].ends_with(": 16400"));
        clock.advance(TimeDelta::days(1));
        assert!(left(Method::GET)[0].ends_with(": 16499"));
    }
}
