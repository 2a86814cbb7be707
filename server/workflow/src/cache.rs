use crate::Answer;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// One value for a short time. Whoever comes while it is being read waits for that one read.
pub(crate) struct Cache<T> {
    life: Duration,
    kept: Mutex<Option<Kept<T>>>,
    /// Raised by `clear`; a value of an earlier generation is not given out any more.
    generation: AtomicU64,
}

struct Kept<T> {
    generation: u64,
    at: Instant,
    value: Arc<T>,
}

impl<T> Cache<T> {
    pub(crate) fn new(life: Duration) -> Self {
        Self {
            life,
            kept: Mutex::new(None),
            generation: AtomicU64::new(0),
        }
    }

    /// The kept value, or what `read` answers; an error is not kept.
    pub(crate) async fn get(&self, read: impl AsyncFnOnce() -> Answer<T>) -> Answer<Arc<T>> {
        let mut kept = self.kept.lock().await;
        // Taken before reading: what `clear` overtakes is old already when it arrives.
        let generation = self.generation.load(Ordering::SeqCst);
        if let Some(kept) = kept.as_ref()
            && kept.generation == generation
            && kept.at.elapsed() < self.life
        {
            return Ok(kept.value.clone());
        }
        let value = Arc::new(read().await?);
        *kept = Some(Kept {
            generation,
            at: Instant::now(),
            value: value.clone(),
        });
        Ok(value)
    }

    /// The kept value, or what `read` answers, which is not kept: for jobs in the background, which
    /// would otherwise make what a person asks for older than they expect.
    pub(crate) async fn glance(&self, read: impl AsyncFnOnce() -> Answer<T>) -> Answer<Arc<T>> {
        let generation = self.generation.load(Ordering::SeqCst);
        let is_fresh =
            |kept: &&Kept<T>| kept.generation == generation && kept.at.elapsed() < self.life;
        let kept = self.kept.lock().await;
        let value = kept
            .as_ref()
            .filter(is_fresh)
            .map(|kept| kept.value.clone());
        drop(kept);
        match value {
            Some(value) => Ok(value),
            None => read().await.map(Arc::new),
        }
    }

    pub(crate) fn clear(&self) {
        self.generation.fetch_add(1, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_glance_takes_what_is_kept_and_keeps_nothing() {
        let cache = Cache::new(Duration::from_secs(3600));
        assert_eq!(*cache.glance(async || Ok(1)).await.unwrap(), 1);
        assert_eq!(*cache.get(async || Ok(2)).await.unwrap(), 2);
        assert_eq!(*cache.glance(async || Ok(3)).await.unwrap(), 2);
    }

    #[tokio::test]
    async fn a_value_is_read_once_until_it_is_cleared() {
        let cache = Cache::new(Duration::from_secs(3600));
        let reads = AtomicU64::new(0);
        let get = || cache.get(async || Ok(reads.fetch_add(1, Ordering::SeqCst)));
        let (first, second) = tokio::join!(get(), get());
        assert_eq!((*first.unwrap(), *second.unwrap()), (0, 0));
        cache.clear();
        assert_eq!(*get().await.unwrap(), 1);
    }

    #[tokio::test]
    async fn what_was_read_before_a_change_is_not_given_out_after_it() {
        let cache = Cache::new(Duration::from_secs(3600));
        let overtaken = cache.get(async || {
            cache.clear();
            Ok("old")
        });
        assert_eq!(*overtaken.await.unwrap(), "old");
        assert_eq!(*cache.get(async || Ok("new")).await.unwrap(), "new");
    }
}
