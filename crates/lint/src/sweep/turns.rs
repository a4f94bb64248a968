//! Work on several threads at once whose results are handed over one at a time, in the order of the work. A thread
//! whose result is not the next one waits, so that no more results are held than there are threads.

use std::io;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Whose turn it is.
struct Turn<F> {
    next: usize,
    /// Nobody waits any longer.
    is_over: bool,
    hand_over: F,
}

/// Does the work for each number below `count` and hands the results over, until told to stop. Each thread has
/// memory of its own, which it keeps from one piece of work to the next; what the work left there is handed over too.
///
/// # Errors
/// The first of the work or of `hand_over`, in the order of the work.
pub(crate) fn in_turn<R, M: Default>(
    count: usize,
    threads: NonZeroUsize,
    work: impl Fn(usize, &mut M) -> io::Result<R> + Sync,
    hand_over: impl FnMut(R, &mut M) -> io::Result<ControlFlow<()>> + Send,
) -> io::Result<()> {
    let begun = AtomicUsize::new(0);
    let turn = Mutex::new(Turn { next: 0, is_over: false, hand_over });
    let moved_on = Condvar::new();
    let run = || -> io::Result<()> {
        let _end = EndOnPanic { turn: &turn, moved_on: &moved_on };
        let mut memory = M::default();
        loop {
            let at = begun.fetch_add(1, Ordering::Relaxed);
            if at >= count || lock(&turn).is_over {
                return Ok(());
            }
            let result = work(at, &mut memory);
            let mut turn = lock(&turn);
            while turn.next != at && !turn.is_over {
                turn = moved_on.wait(turn).unwrap_or_else(PoisonError::into_inner);
            }
            if turn.is_over {
                return Ok(());
            }
            let outcome = result.and_then(|result| (turn.hand_over)(result, &mut memory));
            turn.next += 1;
            turn.is_over = !matches!(outcome, Ok(ControlFlow::Continue(())));
            moved_on.notify_all();
            if outcome?.is_break() {
                return Ok(());
            }
        }
    };
    let helpers = threads.get().min(count).saturating_sub(1);
    if helpers == 0 {
        return run();
    }
    std::thread::scope(|scope| {
        let helpers: Vec<_> = (0..helpers).map(|_| scope.spawn(run)).collect();
        let mut outcome = run();
        for helper in helpers {
            match helper.join() {
                Ok(other) => outcome = outcome.and(other),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        outcome
    })
}

fn lock<F>(turn: &Mutex<Turn<F>>) -> MutexGuard<'_, Turn<F>> {
    turn.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The turn of a thread that panicked never comes: the others do not wait for it.
struct EndOnPanic<'a, F> {
    turn: &'a Mutex<Turn<F>>,
    moved_on: &'a Condvar,
}

impl<F> Drop for EndOnPanic<'_, F> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            lock(self.turn).is_over = true;
            self.moved_on.notify_all();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(threads: usize, stop_at: usize, fails_at: usize) -> (Vec<usize>, io::Result<()>) {
        let mut handed = Vec::new();
        let work = |at: usize, memory: &mut usize| {
            *memory += 1;
            // The first ones take longest, so that others overtake them.
            std::hint::black_box(
                (0..(50 - at) * 1_000).fold(0_usize, |sum, it| sum ^ std::hint::black_box(it)),
            );
            if at == fails_at { Err(io::Error::other("no")) } else { Ok(at) }
        };
        let outcome = in_turn(50, NonZeroUsize::new(threads).unwrap(), work, |at, _| {
            handed.push(at);
            Ok(if at == stop_at { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        });
        (handed, outcome)
    }

    #[test]
    fn results_are_handed_over_in_order_until_the_end_a_stop_or_an_error() {
        for threads in [1, 2, 7, 100] {
            for (stop_at, fails_at, handed, is_whole) in
                [(99, 99, 50, true), (20, 99, 21, true), (99, 20, 20, false)]
            {
                let (order, outcome) = run(threads, stop_at, fails_at);
                assert_eq!(order, (0..handed).collect::<Vec<_>>(), "{threads} threads");
                assert_eq!(outcome.is_ok(), is_whole);
            }
        }
    }

    #[test]
    fn a_panic_ends_the_waiting() {
        let work = |at: usize, (): &mut ()| {
            assert_ne!(at, 3);
            Ok(at)
        };
        let threads = NonZeroUsize::new(4).unwrap();
        let run = || in_turn(1_000, threads, work, |_, ()| Ok(ControlFlow::Continue(())));
        assert!(std::panic::catch_unwind(run).is_err());
    }
}
