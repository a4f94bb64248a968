//! Work on several threads at once whose results come back in the order of the work. Nobody works far ahead of the result
//! that is waited for, so few results wait at a time.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError, mpsc};
use std::time::Duration;

/// How long nothing may happen before the caller hears of it.
const HEARTBEAT: Duration = Duration::from_millis(100);

/// How many pieces a thread may be ahead of the one whose result comes next.
const AHEAD: usize = 16;

/// Where so many pieces are left that they must be small, so long the caller's thread sleeps between results. To be woken
/// for each takes longer than to check a small file, and in this time nobody gets as far ahead as they may.
const PAUSE: Duration = Duration::from_micros(100);

/// What the caller's thread hears while the others work.
#[derive(Debug)]
pub(crate) enum Event<R> {
    /// So many pieces are finished; told after each, and again from time to time.
    Progress(usize),
    /// The next result, in the order of the work.
    Result(R),
}

/// As many threads as were asked for, else as the machine has cores.
pub(crate) fn threads(asked: Option<NonZeroUsize>) -> NonZeroUsize {
    asked.or_else(|| std::thread::available_parallelism().ok()).unwrap_or(NonZeroUsize::MIN)
}

/// How many threads are left to each piece while as many pieces are worked on as there can be.
pub(crate) fn left_to_each(threads: NonZeroUsize, pieces: usize) -> NonZeroUsize {
    let at_once = threads.get().min(pieces).max(1);
    NonZeroUsize::new(threads.get() / at_once).unwrap_or(NonZeroUsize::MIN)
}

/// Does the work on up to `threads` threads and hands the events to `listen`, on this thread.
///
/// # Errors
/// That of `listen`; then no further piece is begun.
pub(crate) fn in_order<T: Send, R: Send>(
    pieces: Vec<T>,
    threads: NonZeroUsize,
    work: impl Fn(T) -> R + Sync,
    mut listen: impl FnMut(Event<R>) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let count = pieces.len();
    let threads = threads.get().min(count);
    let queue = Queue::new(pieces, threads * AHEAD);
    std::thread::scope(|scope| {
        let _over = Over(&queue);
        let (sender, results) = mpsc::channel();
        for _ in 0..threads {
            let (sender, queue, work) = (sender.clone(), &queue, &work);
            scope.spawn(move || {
                while let Some((index, piece)) = queue.next() {
                    // Nobody listens any more after an error.
                    if sender.send((index, work(piece))).is_err() {
                        break;
                    }
                }
            });
        }
        // The channel closes with the last thread.
        drop(sender);
        let (mut finished, mut delivered) = (0, 0);
        let mut early = BTreeMap::new();
        loop {
            match results.recv_timeout(HEARTBEAT) {
                Ok(first) => {
                    for (index, result) in std::iter::once(first).chain(results.try_iter()) {
                        finished += 1;
                        early.insert(index, result);
                    }
                }
                Err(mpsc::RecvTimeoutError::Timeout) => {}
                Err(mpsc::RecvTimeoutError::Disconnected) => return Ok(()),
            }
            listen(Event::Progress(finished))?;
            while let Some(result) = early.remove(&delivered) {
                delivered += 1;
                listen(Event::Result(result))?;
                queue.deliver();
            }
            if count - finished > threads * AHEAD {
                std::thread::sleep(PAUSE);
            }
        }
    })
}

/// The pieces that nobody has begun.
struct Queue<T> {
    state: Mutex<State<T>>,
    moved: Condvar,
    /// How many may be begun beside those whose results were delivered.
    ahead: usize,
}

struct State<T> {
    pieces: std::iter::Enumerate<std::vec::IntoIter<T>>,
    begun: usize,
    delivered: usize,
    /// How many threads wait until they may go on.
    waiting: usize,
    is_over: bool,
}

impl<T> Queue<T> {
    fn new(pieces: Vec<T>, ahead: usize) -> Self {
        let pieces = pieces.into_iter().enumerate();
        let state = State { pieces, begun: 0, delivered: 0, waiting: 0, is_over: false };
        Self { state: Mutex::new(state), moved: Condvar::new(), ahead }
    }

    /// The next piece, once it is not too far ahead; the lock is let go before the work begins. Whoever has begun the
    /// piece whose result comes next does not wait here, so somebody always goes on.
    fn next(&self) -> Option<(usize, T)> {
        let mut state = self.state();
        while !state.is_over && state.pieces.len() > 0 && state.begun >= state.delivered + self.ahead {
            state.waiting += 1;
            state = self.moved.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.waiting -= 1;
        }
        if state.is_over {
            return None;
        }
        state.begun += 1;
        state.pieces.next()
    }

    /// A further result was delivered.
    fn deliver(&self) {
        let mut state = self.state();
        state.delivered += 1;
        // A call to the system even if nobody hears it.
        if state.waiting > 0 {
            self.moved.notify_all();
        }
    }

    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Lets nobody begin a further piece, however the work ends.
struct Over<'q, T>(&'q Queue<T>);

impl<T> Drop for Over<'_, T> {
    fn drop(&mut self) {
        self.0.state().is_over = true;
        self.0.moved.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

    use super::*;

    fn squares(threads: usize) -> Vec<usize> {
        let mut results = Vec::new();
        // The first pieces take the longest, so that later ones overtake them.
        let work = |piece: usize| {
            (0..(100 - piece) * 1_000)
                .fold(0_usize, |sum, number| sum.wrapping_add(std::hint::black_box(number)));
            piece * piece
        };
        in_order((0..100).collect(), NonZeroUsize::new(threads).unwrap(), work, |event| {
            match event {
                Event::Progress(finished) => assert!(finished <= 100),
                Event::Result(result) => results.push(result),
            }
            Ok(())
        })
        .unwrap();
        results
    }

    #[test]
    fn results_come_in_order_whatever_the_number_of_threads() {
        let expected: Vec<usize> = (0..100).map(|piece| piece * piece).collect();
        for threads in [1, 2, 7, 200] {
            assert_eq!(squares(threads), expected);
        }
    }

    #[test]
    fn threads_that_no_piece_needs_are_left_to_each() {
        // threads, pieces; what is left to each
        let cases = [(1, 1, 1), (4, 1, 4), (4, 2, 2), (4, 3, 1), (4, 4, 1), (4, 9, 1), (5, 2, 2), (8, 0, 8)];
        for (threads, pieces, left) in cases {
            let of_each = left_to_each(NonZeroUsize::new(threads).unwrap(), pieces);
            assert_eq!(of_each.get(), left, "{threads} threads, {pieces} pieces");
        }
    }

    #[test]
    fn no_work_is_no_event() {
        let pieces: Vec<usize> = Vec::new();
        in_order(pieces, NonZeroUsize::MIN, |piece| piece, |event| anyhow::bail!("{event:?}")).unwrap();
    }

    #[test]
    fn nobody_works_far_ahead_of_the_result_that_comes_next() {
        let (begun, delivered) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let work = |piece: usize| {
            // The first piece takes until the others may not go on.
            begun.fetch_add(1, Ordering::SeqCst);
            while piece == 0 && begun.load(Ordering::SeqCst) < 3 * AHEAD {
                std::thread::yield_now();
            }
            // The queue knows of a delivery as soon as the listener is done with it.
            assert!(piece <= delivered.load(Ordering::SeqCst) + 3 * AHEAD, "{piece}");
        };
        in_order((0..10_000).collect(), NonZeroUsize::new(3).unwrap(), work, |event| {
            match event {
                Event::Progress(finished) => {
                    assert!(finished <= delivered.load(Ordering::SeqCst) + 3 * AHEAD);
                }
                Event::Result(()) => drop(delivered.fetch_add(1, Ordering::SeqCst)),
            }
            Ok(())
        })
        .unwrap();
        assert_eq!(delivered.load(Ordering::SeqCst), 10_000);
    }

    #[test]
    fn an_error_ends_the_work() {
        let (begun, is_refused) = (AtomicUsize::new(0), AtomicBool::new(false));
        let work = |piece: usize| {
            begun.fetch_add(1, Ordering::SeqCst);
            while piece == 1 && !is_refused.load(Ordering::SeqCst) {
                std::thread::yield_now();
            }
        };
        let pieces: Vec<usize> = (0..1_000_000).collect();
        let ended = in_order(pieces, NonZeroUsize::MIN, work, |event| match event {
            Event::Progress(_) => Ok(()),
            Event::Result(()) => {
                is_refused.store(true, Ordering::SeqCst);
                anyhow::bail!("enough")
            }
        });
        assert_eq!(ended.unwrap_err().to_string(), "enough");
        assert!(begun.load(Ordering::SeqCst) < 1_000_000);
    }
}
