//! Work on several threads at once whose results come back in the order of the work.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError, mpsc};
use std::time::Duration;

/// How long nothing may happen before the caller hears of it.
const HEARTBEAT: Duration = Duration::from_millis(100);

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
    let threads = threads.get().min(pieces.len());
    let queue = Mutex::new(pieces.into_iter().enumerate());
    // The lock is let go before the work begins.
    let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).next();
    std::thread::scope(|scope| {
        let (sender, results) = mpsc::channel();
        for _ in 0..threads {
            let (sender, next, work) = (sender.clone(), &next, &work);
            scope.spawn(move || {
                while let Some((index, piece)) = next() {
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
                Ok((index, result)) => {
                    finished += 1;
                    early.insert(index, result);
                }
                Err(mpsc::RecvTimeoutError::Timeout) => {}
                Err(mpsc::RecvTimeoutError::Disconnected) => return Ok(()),
            }
            listen(Event::Progress(finished))?;
            while let Some(result) = early.remove(&delivered) {
                delivered += 1;
                listen(Event::Result(result))?;
            }
        }
    })
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
    fn no_work_is_no_event() {
        let pieces: Vec<usize> = Vec::new();
        in_order(pieces, NonZeroUsize::MIN, |piece| piece, |event| anyhow::bail!("{event:?}")).unwrap();
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
