//! How long to wait between two questions for a job: short at first, as most files are small, then longer, as
//! a job that takes minutes gains nothing from being asked every second. Pure.

use std::time::Duration;

/// Growing intervals without end. Each is as long as is good for the service, never shorter than a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intervals {
    next: Duration,
    longest: Duration,
}

impl Intervals {
    /// The first pause, and the longest; each pause is twice the one before it until then.
    #[must_use]
    pub fn new(first: Duration, longest: Duration) -> Self {
        Self { next: first.min(longest), longest }
    }
}

impl Default for Intervals {
    /// From a fifth of a second to half a minute: 0.2, 0.4, 0.8 … 25.6, 30, 30 s.
    fn default() -> Self {
        Self::new(Duration::from_millis(200), Duration::from_secs(30))
    }
}

impl Iterator for Intervals {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        let pause = self.next;
        self.next = self.next.saturating_mul(2).min(self.longest);
        Some(pause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_until_the_longest() {
        let seconds: Vec<f64> = Intervals::default().take(10).map(|pause| pause.as_secs_f64()).collect();
        assert_eq!(seconds, [0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 30.0, 30.0]);
        let short = Duration::from_millis(5);
        assert_eq!(Intervals::new(Duration::from_secs(9), short).next(), Some(short));
    }
}
