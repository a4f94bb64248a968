//! How many requests a minute, all files together. It hands out turns; waiting for them is up to the caller.

use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// A limit on requests.
#[derive(Debug)]
pub struct Pace {
    gap: Duration,
    /// When the next request may go, in the clock's elapsed time.
    next: Mutex<Duration>,
}

impl Pace {
    /// As fast as the service answers.
    #[must_use]
    pub fn unlimited() -> Self {
        Self { gap: Duration::ZERO, next: Mutex::default() }
    }

    /// At most this many requests a minute, evenly spread.
    #[must_use]
    pub fn per_minute(requests: NonZeroU32) -> Self {
        Self { gap: Duration::from_secs(60) / requests.get(), next: Mutex::default() }
    }

    /// Takes the next turn: how long to wait for it, counted from `now`.
    #[must_use]
    pub fn turn(&self, now: Duration) -> Duration {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let turn = (*next).max(now);
        *next = turn + self.gap;
        turn.saturating_sub(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_are_a_gap_apart_and_unused_time_is_not_saved_up() {
        let pace = Pace::per_minute(NonZeroU32::new(30).unwrap());
        let seconds = |now| pace.turn(Duration::from_secs(now)).as_secs();
        let cases = [(0, 0), (0, 2), (0, 4), (5, 1), (100, 0), (100, 2), (101, 3)];
        for (now, wait) in cases {
            assert_eq!(seconds(now), wait, "at {now}");
        }
        let unlimited = Pace::unlimited();
        assert!((0..1000).all(|_| unlimited.turn(Duration::ZERO).is_zero()));
    }
}
