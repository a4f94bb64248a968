//! How far a long run is: one line on a terminal's standard error, from the first second on. Nothing is shown
//! where nobody looks, and nothing of it stays.

use std::io::{IsTerminal as _, Stderr, Write};
use std::time::{Duration, Instant};

/// Work that takes no longer needs no progress.
const PATIENCE: Duration = Duration::from_secs(1);
/// More often than this nobody can read it.
const INTERVAL: Duration = Duration::from_millis(200);

/// The line.
#[derive(Debug)]
pub(crate) struct Progress<W> {
    /// `None` shows nothing.
    out: Option<W>,
    /// What becomes of a file.
    done: &'static str,
    total: usize,
    start: Instant,
    /// When it was shown last, and how wide it was.
    shown: Option<(Duration, usize)>,
}

impl Progress<Stderr> {
    /// The progress of `total` files that are `done` (such as "checked") one by one, shown if standard error is a terminal and `wanted`.
    pub(crate) fn on_terminal(done: &'static str, total: usize, wanted: bool) -> Self {
        let out = std::io::stderr();
        let is_seen = wanted && out.is_terminal();
        Self::new(is_seen.then_some(out), done, total)
    }
}

impl<W: Write> Progress<W> {
    fn new(out: Option<W>, done: &'static str, total: usize) -> Self {
        Self { out, done, total, start: Instant::now(), shown: None }
    }

    /// So many files are finished.
    pub(crate) fn show(&mut self, finished: usize) {
        self.show_at(self.start.elapsed(), finished);
    }

    fn show_at(&mut self, elapsed: Duration, finished: usize) {
        let is_soon = self.shown.is_some_and(|(last, _)| elapsed.saturating_sub(last) < INTERVAL);
        let Some(out) = self.out.as_mut().filter(|_| elapsed >= PATIENCE && !is_soon) else { return };
        // Numbers only grow, so that each line covers the one before it.
        let line = format!("{} {finished} of {} files in {} s", self.done, self.total, elapsed.as_secs());
        // The run goes on whether or not its progress can be shown.
        let _ = write!(out, "\r{line}").and_then(|()| out.flush());
        self.shown = Some((elapsed, line.len()));
    }

    /// Takes the line away, so that something else can be written.
    pub(crate) fn clear(&mut self) {
        if let (Some(out), Some((_, width))) = (&mut self.out, self.shown.take()) {
            let _ = write!(out, "\r{:width$}\r", "").and_then(|()| out.flush());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_shown_after_a_second_now_and_then_and_goes_away() {
        let mut progress = Progress::new(Some(Vec::new()), "checked", 5_000);
        for (milliseconds, finished) in [(0, 1), (999, 90), (1_000, 100), (1_100, 110), (1_200, 120)] {
            progress.show_at(Duration::from_millis(milliseconds), finished);
        }
        progress.clear();
        progress.clear();
        let shown = String::from_utf8(progress.out.unwrap()).unwrap();
        let line = "\rchecked 100 of 5000 files in 1 s\rchecked 120 of 5000 files in 1 s";
        assert_eq!(shown, format!("{line}\r{}\r", " ".repeat(32)));
    }

    #[test]
    fn it_is_not_shown_where_nobody_looks() {
        let mut progress = Progress::<Vec<u8>>::new(None, "checked", 1);
        progress.show_at(Duration::from_secs(9), 1);
        progress.clear();
        assert_eq!(progress.shown, None);
    }
}
