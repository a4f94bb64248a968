//! Time and chance as parameters, so that a test can wait fifteen minutes without waiting.

use std::future::Future;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::pin::Pin;
use std::time::{Duration, Instant, SystemTime};

use chrono::{DateTime, Utc};

/// Time and chance, as the uploader needs them.
pub trait Clock: Send + Sync {
    /// Time since some fixed moment; it never runs backwards.
    fn elapsed(&self) -> Duration;

    /// The time of day, for journal entries and for `Retry-After` as a date.
    fn now(&self) -> SystemTime;

    /// A random number from 0 to 1, so that many clients do not come back at once.
    fn chance(&self) -> f64;

    /// Waits.
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock {
    start: Instant,
}

impl SystemClock {
    /// Starts it.
    #[must_use]
    pub fn start() -> Self {
        Self { start: Instant::now() }
    }
}

impl Clock for SystemClock {
    fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }

    fn now(&self) -> SystemTime {
        SystemTime::now()
    }

    fn chance(&self) -> f64 {
        // The standard library seeds its hash maps from the system; no more is needed to spread retries.
        let random = RandomState::new().build_hasher().finish();
        f64::from(u32::try_from(random >> 32).unwrap_or_default()) / f64::from(u32::MAX)
    }

    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(tokio::time::sleep(duration))
    }
}

/// A time as messages show it: `2024-03-31 09:00 UTC`.
#[must_use]
pub fn shown(time: SystemTime) -> String {
    let seconds = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
    let date: Option<DateTime<Utc>> =
        i64::try_from(seconds).ok().and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    date.map_or_else(|| "?".to_owned(), |date| date.format("%Y-%m-%d %H:%M UTC").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_shown_to_the_minute_in_utc() {
        for (seconds, text) in [(0, "1970-01-01 00:00 UTC"), (1_711_875_659, "2024-03-31 09:00 UTC")] {
            assert_eq!(shown(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)), text);
        }
    }

    #[test]
    fn chance_is_between_nought_and_one_and_differs() {
        let clock = SystemClock::start();
        let numbers: Vec<f64> = (0..100).map(|_| clock.chance()).collect();
        assert!(numbers.iter().all(|number| (0.0..=1.0).contains(number)));
        assert!(numbers.windows(2).any(|pair| pair[0].to_bits() != pair[1].to_bits()));
    }
}
